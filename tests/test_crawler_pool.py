"""The reading pool: a page that is stuck, crashes its worker or eats memory fails alone."""

from __future__ import annotations

import asyncio
import multiprocessing.forkserver
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.errors import NotAnArticle
from config.source import Source
from crawler.reading.pool import ReadingFailed, ReadingPool, prepare
from storage.records import Article, Page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

SOURCE = Source(
    id="contoh",
    name="Kabar Contoh",
    url="https://kabarcontoh.test/",
    province="nasional",
    slot="kabarcontoh.test",
)
SENTENCE = (
    "Bupati menghadiri rapat koordinasi pencegahan korupsi di aula kantor pemerintah daerah. "
)
GOOD = (
    "<html><head><title>Bupati Hadiri Rakor di Aula</title></head><body><article>"
    "<h1>Bupati Hadiri Rakor di Aula</h1>"
    + "".join(f"<p>{SENTENCE * 3}Bagian {n}.</p>" for n in range(4))
    + "</article></body></html>"
).encode()
STUCK = (
    "<html><body>"
    + "".join(f"<div><p><a href='/{n}'>tautan {n}</a> x</p></div>" for n in range(200_000))
).encode()


def page(now: datetime, body: bytes = GOOD) -> Page:
    url = "https://kabarcontoh.test/berita/1"
    return Page(url=url, source="contoh", status=200, fetched_at=now, final_url=url, body=body)


def with_pool(job: Callable[[ReadingPool], Awaitable[None]], **options: float) -> None:
    async def run() -> None:
        pool = ReadingPool(**{"workers": 1, **options})  # type: ignore[arg-type]  # numbers all
        await pool.start()
        try:
            await job(pool)
        finally:
            await pool.close()

    prepare()
    asyncio.run(run())


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def ticks(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11])


def wait_for_work(pid: int, idle: int) -> None:
    while ticks(pid) < idle + 20:  # until the page is surely being read, not only received
        time.sleep(0.01)


def ignored_signals(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1], 16) for line in status if line.startswith("SigIgn"))


def fork_server() -> int:
    pid = multiprocessing.forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]  # no public name
    assert pid
    return int(pid)


def test_a_page_comes_back_as_an_article(now: datetime) -> None:
    async def job(pool: ReadingPool) -> None:
        article = await pool.read(GOOD, page(now), SOURCE, now)
        assert isinstance(article, Article)
        assert article.title == "Bupati Hadiri Rakor di Aula"

    with_pool(job)


def test_a_page_without_a_story_says_why(now: datetime) -> None:
    async def job(pool: ReadingPool) -> None:
        with pytest.raises(NotAnArticle) as caught:
            await pool.read(b"<html><body></body></html>", page(now), SOURCE, now)
        assert caught.value.reason == "empty"

    with_pool(job)


def test_C05_a_page_with_200000_links_is_killed_and_the_next_is_fine(now: datetime) -> None:
    async def job(pool: ReadingPool) -> None:
        began = time.monotonic()
        with pytest.raises(ReadingFailed) as caught:
            await pool.read(STUCK, page(now, STUCK), SOURCE, now)
        assert caught.value.reason == "timeout"
        assert time.monotonic() - began < 2.5
        assert (await pool.read(GOOD, page(now), SOURCE, now)).title

    with_pool(job, seconds=0.5)


def test_C08_a_crash_of_the_worker_fails_that_page_alone(now: datetime) -> None:
    async def job(pool: ReadingPool) -> None:
        (worker,) = children(fork_server())
        stuck = asyncio.ensure_future(pool.read(STUCK, page(now, STUCK), SOURCE, now))
        idle = ticks(worker)
        await asyncio.to_thread(wait_for_work, worker, idle)
        os.kill(worker, signal.SIGSEGV)
        with pytest.raises(ReadingFailed) as caught:
            await stuck
        assert caught.value.reason == "crash"
        assert (await pool.read(GOOD, page(now), SOURCE, now)).title

    with_pool(job)


def test_a_page_over_its_memory_fails_and_the_worker_goes_on(now: datetime) -> None:
    big = b"<html><body>" + b"<p>Kalimat panjang sekali. </p>" * 900_000

    async def job(pool: ReadingPool) -> None:
        with pytest.raises(ReadingFailed) as caught:
            await pool.read(big, page(now, big), SOURCE, now)
        assert caught.value.reason == "memory"
        assert (await pool.read(GOOD, page(now), SOURCE, now)).title

    with_pool(job, memory_mb=300)


def test_the_pool_is_rebuilt_when_its_fork_server_dies(now: datetime) -> None:
    async def job(pool: ReadingPool) -> None:
        os.kill(fork_server(), signal.SIGKILL)
        for worker in children(fork_server()):
            os.kill(worker, signal.SIGKILL)
        pages = [pool.read(GOOD, page(now), SOURCE, now) for _ in range(4)]
        assert [a.title for a in await asyncio.gather(*pages)] == [
            "Bupati Hadiri Rakor di Aula"
        ] * 4

    with_pool(job)


def test_workers_ignore_the_terminals_interrupt() -> None:
    async def job(pool: ReadingPool) -> None:
        (worker,) = children(fork_server())
        assert ignored_signals(worker) & (1 << (signal.SIGINT - 1))

    with_pool(job)


DAEMON = """
import asyncio, multiprocessing.forkserver, sys
print("imported", __name__, flush=True)
from crawler.reading.pool import ReadingPool, prepare

async def main():
    pool = ReadingPool(workers=1)
    await pool.start()
    print("ready", multiprocessing.forkserver._forkserver._forkserver_pid, flush=True)
    await asyncio.sleep(60)

if __name__ == "__main__":
    prepare()
    asyncio.run(main())
"""


def test_nothing_outlives_a_killed_daemon_nor_imports_its_script(
    tmp_path: Path, child_environment: dict[str, str]
) -> None:
    script = tmp_path / "daemon.py"
    script.write_text(DAEMON)
    with subprocess.Popen(
        [sys.executable, str(script)], env=child_environment, stdout=subprocess.PIPE, text=True
    ) as daemon:
        assert daemon.stdout is not None
        lines = [daemon.stdout.readline().split(), daemon.stdout.readline().split()]
        assert lines[0] == ["imported", "__main__"]
        assert lines[1][0] == "ready"  # a worker that imported the script would have spoken before
        server = int(lines[1][1])
        family = [server, *children(server)]
        daemon.kill()
        daemon.wait()
        assert daemon.stdout.read() == ""
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline and any(_alive(pid) for pid in family):
        time.sleep(0.02)  # the kernel's signal, not ours, ends them
    assert [pid for pid in family if _alive(pid)] == []


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
