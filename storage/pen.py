"""The one thread that writes `ronda.db`: work is handed in as functions, each one transaction."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import threading
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from .database import open_writer, writing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from sqlite_utils import Database

    from .database import FileName

T = TypeVar("T")
log = logging.getLogger(__name__)


class Pen:
    """Owns the only writing connection to one file; `await pen(work)` runs `work(db)` in it.

    Each call is one transaction (BEGIN IMMEDIATE); an exception rolls it back and reaches the
    caller. The caller of `open_pen` holds the file's lock.
    """

    def __init__(self, home: Path, name: FileName) -> None:
        self._queue: SimpleQueue[tuple[Callable[[Database], Any], Future[Any]] | None]
        self._queue = SimpleQueue()
        self._ready: Future[None] = Future()
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._write, args=(home, name), name="pen", daemon=True
        )

    async def __call__(self, work: Callable[[Database], T]) -> T:
        """Run `work(db)` as one transaction in the writing thread; give back what it returns."""
        future: Future[T] = Future()
        self._queue.put((work, future))
        return await asyncio.wrap_future(future)

    async def open(self) -> None:
        """Start the thread; raises StorageError where the file cannot be used."""
        self._thread.start()
        await asyncio.wrap_future(self._ready)

    async def close(self) -> None:
        """Finish the work handed in so far and close the connection."""
        self._closing.set()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _write(self, home: Path, name: FileName) -> None:
        try:
            db = open_writer(home, name)
        except BaseException as error:
            self._ready.set_exception(error)
            return
        self._ready.set_result(None)
        while (item := self._queue.get()) is not None:
            work, future = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = self._carry_out(db, work)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)
        db.close()

    def _carry_out(self, db: Database, work: Callable[[Database], T]) -> T:
        """Run the work as one transaction; while another program holds the file, try again."""
        while True:
            begun = False
            try:
                with writing(db):
                    begun = True
                    return work(db)
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
                if begun or not busy or self._closing.is_set():
                    raise
                log.warning("database locked by another program, trying again")


@contextlib.asynccontextmanager
async def open_pen(home: Path, name: FileName = "ronda") -> AsyncIterator[Pen]:
    """Hold a pen for the time of a `async with` block."""
    pen = Pen(home, name)
    await pen.open()
    try:
        yield pen
    finally:
        await pen.close()
