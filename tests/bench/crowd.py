"""A crowd of small sites on one loopback port, some of which hang; and crawls of it, watched.

`python crowd.py` serves until its stdin ends; control.test/times tells when each host was last
answered, so that times are the sites' own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PARAGRAPH = b"<p>Bupati meresmikan pasar rakyat yang dibangun kembali setelah kebakaran.</p>\n"


def answer(host: str, path: str, port: int, articles: int, page: bytes) -> tuple[int, bytes]:
    """Give status and body of what a site answers."""
    if path == "/robots.txt":
        return 404, b""
    if path == "/feed/":
        items = "".join(
            f"<item><title>Kabar {n} dari {host}</title>"
            f"<link>http://{host}:{port}/berita/kabar-{n}</link></item>"
            for n in range(articles)
        )
        return 200, f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()
    return 200, page


async def serve(articles: int, kilobytes: int) -> None:
    """Serve until stdin ends; hosts whose name begins with "hang" never answer."""
    times: dict[str, tuple[int, float]] = {}
    body = PARAGRAPH * (kilobytes * 1024 // len(PARAGRAPH))
    page = b"<html><head><title>Kabar</title></head><body>" + body + b"</body></html>"
    port = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                path = head.split(" ", 2)[1]
                host = head.lower().split("\nhost:", 1)[1].split("\r", 1)[0].strip().split(":")[0]
                if host == "control.test":
                    status, told = 200, json.dumps(times).encode()
                    times.clear() if path == "/clear" else None
                elif host.startswith("hang"):
                    await asyncio.sleep(3600)
                    continue
                else:
                    status, told = answer(host, path, port, articles, page)
                    times[host] = (times.get(host, (0, 0.0))[0] + 1, time.time())
                tag = f'"{len(told)}"'
                if path == "/feed/" and f"If-None-Match: {tag}" in head:
                    status, told = 304, b""
                lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(told)}", f"ETag: {tag}"]
                lines += ["Content-Type: text/html", "", ""]
                writer.write("\r\n".join(lines).encode() + told)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, backlog=2000)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.buffer.read)
    os._exit(0)


@contextlib.contextmanager
def crowd(*, articles: int, kilobytes: int = 30) -> Iterator[int]:
    """Serve the crowd in a process of its own; gives the port."""
    process = subprocess.Popen(
        [sys.executable, __file__, str(articles), str(kilobytes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def times_of(port: int, path: str = "/times") -> dict[str, list[Any]]:
    """Ask the crowd how often and when each host was answered last."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
    request.add_header("Host", "control.test")
    with urllib.request.urlopen(request, timeout=30) as told:
        found: dict[str, list[Any]] = json.load(told)
    return found


def write_home(home: Path, port: int, hosts: list[str], *, delay: float, every: str) -> None:
    """Write a home that watches these hosts by their feeds."""
    folder = home / "sources" / "nasional"
    folder.mkdir(parents=True)
    for host in hosts:
        name = host.removesuffix(".test")
        base = f"http://{host}:{port}/"
        text = f'name = "{name}"\nurl = "{base}"\nlistings = ["{base}feed/"]\n'
        (folder / f"{name}.toml").write_text(text)
    settings = home / "ronda.toml"
    settings.write_text(
        f'[crawl]\nfirst_contact = "all"\nminutes = 30\npages = 100000\n[pace]\ndelay = {delay}\n'
        f'every = "{every}"\n[sources]\nshipped = false\n[network]\n'
        'test_hosts = { "*.test" = "127.0.0.1" }\n'
    )
    settings.chmod(0o600)


@dataclass(slots=True)
class Watched:
    """A crawl process under watch, and its memory in MB: all (PSS), and what is its own alone.

    The rest is files it shares: their part of the PSS moves with whoever else has them open.
    """

    process: subprocess.Popen[bytes]
    begun: float
    memory: list[float]
    own: list[float]

    def look(self) -> float:
        """Note the memory of this moment; give the CPU seconds used so far."""
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
            sizes = {row[0]: int(row[1]) / 1024 for row in map(str.split, text.splitlines()[1:])}
            self.memory.append(sizes["Pss:"])
            self.own.append(sizes["Pss_Anon:"])
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0


@contextlib.contextmanager
def crawling(home: Path) -> Iterator[Watched]:
    """Run a crawl process over a home for the time of a block."""
    environment = {
        **os.environ,
        "RONDA_HOME": str(home),
        "SCRAPY_SETTINGS_MODULE": "crawler.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "closed"), str(ROOT)]),
    }
    with (home.parent / "crawl.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "scrapy", "crawl", "news"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield Watched(process, time.time(), [], [])
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(15)


@contextlib.contextmanager
def fresh_home() -> Iterator[Path]:
    """Give an empty home for the time of a block."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        yield home


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
