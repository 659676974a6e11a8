"""Homes and real `scrapy crawl` processes for the crawl's tests."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from storage.database import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlite_utils import Database

SETTINGS = """
[crawl]
first_contact = "all"
idle_seconds = 1
[pace]
delay = 0.02
every = {every}
[sources]
shipped = false
[network]
test_hosts = {{ "*.test" = "127.0.0.1" }}
"""


def write_settings(home: Path, *, every: str = '"1h"', more: str = "") -> None:
    """Write a home's ronda.toml for the test web."""
    (home / "ronda.toml").write_text(SETTINGS.format(every=every) + more)


def write_source(home: Path, name: str, url: str, more: str = "") -> None:
    """Write a source's file into a home."""
    folder = home / "sources" / "sumatera-selatan"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.toml").write_text(f'name = "{name}"\nurl = "{url}"\n{more}')


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """A crawl process that ended."""

    lines: list[dict[str, Any]]
    log: str
    code: int
    seconds: float

    @property
    def reason(self) -> str:
        """Give why its round ended."""
        return str(self.lines[-1]["reason"])


@contextmanager
def start(
    home: Path, environment: dict[str, str], *arguments: str, child: bool = False, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a crawl process; it is killed at the end if it still runs."""
    own = {"RONDA_HOME": str(home), "SCRAPY_SETTINGS_MODULE": "crawler.settings", **more}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "scrapy", "crawl", "news", *arguments],
        env={**environment, **own, **({"RONDA_CHILD": "1"} if child else {})},
        stdin=subprocess.PIPE if child else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def crawl(
    home: Path, environment: dict[str, str], *arguments: str, once: bool = True, **more: str
) -> Crawled:
    """Run a crawl process to its end."""
    begun = time.monotonic()
    if once:
        more["RONDA_ONCE"] = "1"
    with start(home, environment, *arguments, child=False, **more) as process:
        out, err = process.communicate(timeout=40)
        code = process.returncode
    lines = [json.loads(line) for line in out.decode().splitlines() if line.startswith("{")]
    return Crawled(lines=lines, log=err.decode(), code=code, seconds=time.monotonic() - begun)


@contextmanager
def reading(home: Path) -> Iterator[Database]:
    """Open crawl.db to look at what a crawl left."""
    db = open_reader(home, "crawl")
    try:
        yield db
    finally:
        db.close()


def wait_for(what: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait until something has happened in another process."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise AssertionError("it never happened")
        time.sleep(0.05)
