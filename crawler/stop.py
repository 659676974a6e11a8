"""Stops the crawl within six seconds: by signal, or because the parent is gone.

Scrapy's own graceful stop waits for every download, and fetches what still stands in slot queues.
Here the queues are emptied, the rest gets four seconds; links that were under way stay due.
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import signal
import stat
from typing import TYPE_CHECKING

from scrapy import signals

from .pace import empty_queue

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

log = logging.getLogger(__name__)

PATIENCE = 4.0  # seconds for what is being fetched
STUCK = 60.0  # seconds without a turn of the loop: something that we called will never return
LAST_RESORT = 3.0  # then for the reactor, which a look-up in a thread can hold


class Stopper:
    """The extension that takes SIGTERM and SIGINT, and for a daemon's child the end of stdin."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.stopping: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the engine's start."""
        stopper = cls(crawler)
        crawler.signals.connect(stopper.started, signal=signals.engine_started)
        return stopper

    def started(self) -> None:
        """Take over the signals once Scrapy has set its own, and watch stdin."""
        loop = asyncio.get_running_loop()
        loop.call_soon(self._take_signals, loop)
        self._keep_alive(loop)
        if os.environ.get("RONDA_CHILD") == "1" and _is_pipe(0):
            loop.add_reader(0, self._read_stdin, loop)

    def _keep_alive(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the process, with its stack in the log, if the loop does not come by here again.

        A parser that never returns can be ended by nothing else: not by a signal, nor by us.
        """
        faulthandler.dump_traceback_later(STUCK, exit=True)
        loop.call_later(STUCK / 4, self._keep_alive, loop)

    def _take_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop, signal.Signals(number).name)

    def _read_stdin(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            text = os.read(0, 4096)
        except OSError:
            text = b""
        if not text:
            loop.remove_reader(0)
            self.stop("parent gone")

    def stop(self, why: str) -> None:
        """Begin to stop; a second call changes nothing."""
        if self.stopping is None:
            self.stopping = asyncio.ensure_future(self._stop(why))

    async def _stop(self, why: str) -> None:
        from twisted.internet import reactor

        crawler = self.crawler
        closing = asyncio.ensure_future(crawler.stop_async())
        await asyncio.sleep(0)
        empty_queue(crawler, "stopped")
        log.info("stopping why=%s", why)
        done, _ = await asyncio.wait([closing], timeout=PATIENCE)
        if done:
            return
        log.info("stopped while fetching")
        close = getattr(crawler.spider, "closed", None)
        if close is not None:
            close("stopped")
        asyncio.get_running_loop().call_later(LAST_RESORT, os._exit, 0)
        reactor.stop()  # type: ignore[misc]  # the reactor is a module to type checkers


def _is_pipe(descriptor: int) -> bool:
    """Say whether it is a FIFO or a socket: a terminal or /dev/null cannot be watched."""
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
