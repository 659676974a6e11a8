"""Serves the sample web on one port of 127.0.0.1, told apart by the Host header.

`python -P -m monitors.demo.server --port 0` prints {"port": …} and ends when its stdin does.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import json
import socket
import sys
import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .pages import Pages
from .routes import Answer, find_answer
from .web import SampleWeb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CONTROL = "control.test"
CACHE_BYTES = 64 << 20
SMALL = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked, with header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def host(self) -> str:
        """The host asked for, without its port."""
        return self.headers.get("host", "").partition(":")[0].lower()


class Server:
    """Answers for one web; counts requests and bytes by host, path and status."""

    def __init__(self, web: SampleWeb, clock: Callable[[], datetime] | None = None) -> None:
        self.web = web
        self.requests: Counter[tuple[str, str, int]] = Counter()
        self.sent: Counter[tuple[str, str, int]] = Counter()
        self._clock = clock or (lambda: datetime.now(UTC))
        self._pages = Pages(web)
        self._cache: OrderedDict[tuple[str, str, int], Answer] = OrderedDict()
        self._cached = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection until it is closed."""
        # cancelled: the server stops; the others: the client left or speaks no HTTP
        with contextlib.suppress(
            asyncio.CancelledError, ConnectionError, EOFError, ValueError, asyncio.LimitOverrunError
        ):
            while (request := await _read_request(reader)) is not None:
                head, body, status = self.respond(request)
                key = (request.host, request.target, status)
                self.requests[key] += 1
                self.sent[key] += len(head) + len(body)
                writer.write(head if request.method == "HEAD" else head + body)
                await writer.drain()
                if request.headers.get("connection", "").lower() == "close":
                    break
        writer.close()

    def respond(self, request: Request) -> tuple[bytes, bytes, int]:
        """Give head, body and status of the answer to a request."""
        site = self.web.hosts.get(request.host)
        if request.host == CONTROL:
            return _pack(self._control(request), {})
        if site is None:
            return _pack(Answer(status=404, body=b"no such site"), {})
        if request.method not in ("GET", "HEAD"):
            return _pack(Answer(status=405), {"Allow": "GET, HEAD"})
        answer = self._answer(request.host, request.target)
        extra: dict[str, str] = {"Vary": "Accept-Encoding"}
        if site.validators and answer.status == 200:
            tag = f'"{blake2b(answer.body, digest_size=8).hexdigest()}"'
            extra["ETag"] = tag
            if answer.changed_at is not None:
                extra["Last-Modified"] = format_datetime(answer.changed_at, usegmt=True)
            if _unchanged(request, tag, answer.changed_at):
                return _pack(Answer(status=304), extra)
        if "gzip" in request.headers.get("accept-encoding", "") and len(answer.body) > SMALL:
            extra["Content-Encoding"] = "gzip"
        return _pack(answer, extra)

    def _answer(self, host: str, target: str) -> Answer:
        site = self.web.hosts[host]
        version = self.web.version[site.id]
        for key in ((host, target, -1), (host, target, version)):
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
        answer = find_answer(self.web, self._pages, site, target)
        self._cache[host, target, -1 if answer.lasting else version] = answer
        self._cached += len(answer.body)
        while self._cached > CACHE_BYTES:
            self._cached -= len(self._cache.popitem(last=False)[1].body)
        return answer

    def _control(self, request: Request) -> Answer:
        match request.method, request.target:
            case "GET", "/_demo/gold":
                return _json([article.gold() for article in self.web.articles])
            case "GET", "/_demo/counts":
                return _json(self.counts())
            case "POST", "/_demo/publish":
                wanted = json.loads(request.body or b"{}")
                site = wanted.get("site")
                if site is not None and site not in self.web.sites:
                    return _json({"error": f"no such site: {site}"}, status=404)
                return _json(self.web.publish_next(self._clock(), site).gold())
            case _:
                return _json({"error": "no such control"}, status=404)

    def counts(self) -> list[dict[str, Any]]:
        """Give what was asked so far, with the bytes that went out (heads included)."""
        return [
            {"host": h, "path": p, "status": s, "requests": n, "bytes": self.sent[h, p, s]}
            for (h, p, s), n in sorted(self.requests.items())
        ]


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    size = int(headers.get("content-length", "0"))
    body = await reader.readexactly(size) if size else b""
    return Request(method=method, target=target, headers=headers, body=body)


def _unchanged(request: Request, tag: str, changed_at: datetime | None) -> bool:
    asked = request.headers.get("if-none-match")
    if asked is not None:
        return tag in asked
    since = request.headers.get("if-modified-since")
    if since is None or changed_at is None:
        return False
    try:
        return changed_at.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False


def _pack(answer: Answer, extra: dict[str, str]) -> tuple[bytes, bytes, int]:
    body = answer.body
    if extra.get("Content-Encoding") == "gzip":
        body = gzip.compress(body, compresslevel=4, mtime=0)
    headers = {"Server": "sample", **extra}
    if answer.location:
        headers["Location"] = answer.location
    if answer.status != HTTPStatus.NOT_MODIFIED:
        headers |= {"Content-Type": answer.content_type, "Content-Length": str(len(body))}
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), body, answer.status


def _json(value: Any, status: int = 200) -> Answer:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status=status, body=body, content_type="application/json")


def open_port(port: int = 0) -> socket.socket:
    """Bind a listening socket on 127.0.0.1; port 0 takes a free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(256)
    return listener


async def serve(server: Server, listener: socket.socket, stop: asyncio.Event) -> None:
    """Serve on the socket until told to stop."""
    running = await asyncio.start_server(server.handle, sock=listener)
    await stop.wait()
    running.close()


@contextlib.contextmanager
def serving(make: Callable[[int], SampleWeb]) -> Iterator[Server]:
    """Serve, in a thread of this process, the web that `make` builds for the port."""
    listener = open_port()
    server = Server(make(listener.getsockname()[1]))
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve(server, listener, stop))
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()

    thread = threading.Thread(target=run, name="sample web")
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def main(arguments: list[str] | None = None) -> None:
    """Serve the sample web in this process until stdin ends."""
    parser = argparse.ArgumentParser(prog="monitors.demo.server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sites", type=int, default=None)
    parser.add_argument("--articles", type=int, default=None)
    parser.add_argument("--now", type=datetime.fromisoformat, default=None)
    given = parser.parse_args(arguments)
    listener = open_port(given.port)
    port = listener.getsockname()[1]
    web = SampleWeb(
        now=given.now or datetime.now(UTC),
        port=port,
        seed=given.seed,
        sites=given.sites,
        articles=given.articles,
    )
    asyncio.run(_until_stdin_ends(Server(web), listener, port))


async def _until_stdin_ends(server: Server, listener: socket.socket, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def watch() -> None:
        while sys.stdin.buffer.read(4096):
            pass
        with contextlib.suppress(RuntimeError):  # the loop may be closed already
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=watch, name="stdin", daemon=True).start()
    sys.stdout.write(json.dumps({"port": port}) + "\n")
    sys.stdout.flush()
    await serve(server, listener, stop)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
