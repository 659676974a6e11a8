"""Pages -> articles in workers that can be killed: a stuck, crashed or greedy page fails alone.

Traps met and kept shut here: TimeoutError and ProcessExpired are OSErrors; the fork server needs a
leash of its own and the main thread; the daemon's modules must not be imported into the workers.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import multiprocessing.forkserver
import os
import resource
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pebble import ProcessExpired, ProcessPool

from config.errors import ExpectedError, NotAnArticle

if TYPE_CHECKING:
    from concurrent.futures import Future
    from datetime import datetime

    from config.source import Source
    from storage.records import Article, Page

log = logging.getLogger(__name__)

PRELOAD = ["crawler.reading.leash", "crawler.reading.article"]
PAGES_PER_WORKER = 500
OUT_OF_MEMORY = 12  # exit code of a worker that came near its limit (ENOMEM)
EXITS = {-signal.SIGXCPU: "timeout", OUT_OF_MEMORY: "memory"}


class ReadingFailed(ExpectedError):
    """Raised by the pool; `reason` is timeout, crash, memory or error. The attempt counts."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason


def prepare() -> None:
    """Start the fork server; call it in the main thread, before the event loop.

    The leash fires when the thread that started the fork server ends, hence the main thread.
    """
    main = sys.modules["__main__"]
    if getattr(main, "__spec__", None) is None and hasattr(main, "__file__"):
        del main.__file__  # else each worker imports the starting script and all that it imports
    multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOAD)
    multiprocessing.forkserver.ensure_running()


class ReadingPool:
    """Workers that read pages, each page under a time, processor and memory limit."""

    def __init__(self, workers: int = 2, seconds: float = 10.0, memory_mb: int = 1024) -> None:
        self._workers = workers
        self._seconds = seconds
        self._memory = memory_mb * 1024 * 1024
        self._pool: ProcessPool | None = None
        self._rebuilding = asyncio.Lock()

    async def start(self) -> None:
        """Start the workers; the first task pays for it, in a thread."""
        prepare()
        self._pool = await self._build()

    async def read(self, body: bytes, page: Page, source: Source, now: datetime) -> Article:
        """Read a page in a worker; raises NotAnArticle or ReadingFailed."""
        pool = self._pool
        if pool is None:
            raise RuntimeError("the reading pool is not started")
        try:
            return await self._try(pool, body, page, source, now)
        except _Broken:
            pool = await self._rebuild(pool)
        try:
            return await self._try(pool, body, page, source, now)
        except _Broken as error:
            raise ReadingFailed("error", "the workers cannot be started") from error

    async def close(self) -> None:
        """Stop the workers, the busy ones too."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]  # Pebble leaves it untyped
            await asyncio.to_thread(pool.join, 5)

    async def _build(self) -> ProcessPool:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOAD)
        pool = ProcessPool(
            max_workers=self._workers,
            max_tasks=PAGES_PER_WORKER,
            initializer=_begin,
            initargs=[self._memory],
            context=context,
        )
        future: Future[None] = await asyncio.to_thread(pool.schedule, _warm_up)
        await asyncio.wrap_future(future)
        return pool

    async def _rebuild(self, broken: ProcessPool) -> ProcessPool:
        async with self._rebuilding:
            if self._pool is None:
                raise ReadingFailed("error", "the reading pool is closed")
            if self._pool is broken:
                log.warning("reading pool rebuilt")
                broken.stop()  # type: ignore[no-untyped-call]  # Pebble leaves it untyped
                await asyncio.to_thread(broken.join, 5)
                prepare()
                self._pool = await self._build()
            return self._pool

    async def _try(
        self, pool: ProcessPool, body: bytes, page: Page, source: Source, now: datetime
    ) -> Article:
        try:
            future: Future[Article] = pool.schedule(
                _read, args=[body, page, source, now, self._seconds], timeout=self._seconds
            )
            return await asyncio.wrap_future(future)
        except NotAnArticle:
            raise
        except TimeoutError as error:
            raise ReadingFailed("timeout") from error
        except ProcessExpired as error:
            reason = EXITS.get(error.exitcode, "crash")
            raise ReadingFailed(reason, f"exit code {error.exitcode}") from error
        except MemoryError as error:
            raise ReadingFailed("memory") from error
        except RuntimeError as error:
            raise _Broken from error  # Pebble gives its pool up for good when the fork server dies
        except OSError as error:
            raise _Broken from error


class _Broken(Exception):
    """The pool itself is gone; the page is not to blame."""


def _begin(memory: int) -> None:
    """Prepare a worker: leash, limits, no Ctrl-C of the terminal, no core files."""
    from . import leash  # here and not on top: its import ties the process that imports it

    leash.tie()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _warm_up() -> None:
    """Do nothing: the first task is what starts the processes."""


def _read(body: bytes, page: Page, source: Source, now: datetime, seconds: float) -> Article:
    from .article import read_article  # preloaded in the fork server; the daemon never imports it

    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + seconds) + 2
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))
    try:
        return read_article(body, page, source, now=now)
    except (NotAnArticle, MemoryError):
        raise
    except Exception as error:  # lxml's errors do not survive pickling; the reason is what counts
        raise ReadingFailed("error", f"{type(error).__name__}: {str(error)[:200]}") from None
    finally:
        if _was_short_of_memory():
            os._exit(OUT_OF_MEMORY)


def _was_short_of_memory() -> bool:
    """Tell whether this worker ever came near its limit: libxml2 then cuts a tree silently."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return False
    peak = next((int(x.split()[1]) for x in status.splitlines() if x.startswith("VmPeak:")), 0)
    return limit > 0 and peak * 1024 > limit * 0.9
