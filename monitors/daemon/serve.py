"""`ronda run`: lock, sockets, schedule, page, and a stop that is over within 30 seconds."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from crawler.reading.pool import prepare
from storage.home import hold_lock, make_home

from .daemon import Daemon
from .door import bind_door, close_door
from .orders import carry_out_orders

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator
    from pathlib import Path

    from starlette.applications import Starlette

    from config.settings import PageSettings
    from monitors.stages import Loaded

    Beside = Callable[[Daemon, asyncio.Event], Awaitable[None]]

log = logging.getLogger(__name__)

# Seconds between two calls of each tick; a tick that finds nothing due costs one small query.
EVERY = {"crawl": 2, "read": 1, "orders": 1, "wishes": 2, "tell": 5, "send": 2, "config": 30}
# Work that waits is taken up at once after a start, all else at its turn.
AT_ONCE = ("crawl", "read")
HEARTBEAT = 20
# How long a send under way may take to finish when the daemon is told to stop.
SENDING = 20
# How many further ports are tried where the page's own is taken.
PORTS_TRIED = 50


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to us: uvicorn would take them over and raise them again."""
        yield


def run_daemon(
    home: Path,
    config: Loaded,
    make_app: Callable[[Daemon], Starlette],
    beside: Beside | None = None,
    *,
    first_look: bool = True,
) -> None:
    """Run the daemon of this home until SIGTERM, Ctrl-C or the end of `beside`.

    `beside` runs on the same loop (terminal view, demo script); when it returns, the daemon stops.
    `first_look` makes the digest of a fresh home's last seven days.
    Called in the main thread. Raises AlreadyRunning where another daemon holds the home.
    """
    home = make_home(home)
    with hold_lock(home, "daemon"):
        prepare()
        asyncio.run(_serve(home, config, make_app, beside, first_look))


async def _serve(
    home: Path,
    config: Loaded,
    make_app: Callable[[Daemon], Starlette],
    beside: Beside | None,
    first_look: bool,
) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    page, door = bind_page(config.settings.page), bind_door(home)
    try:
        async with Daemon(home, config) as daemon:
            daemon.first_look = first_look
            host, port = page.getsockname()[:2]
            daemon.page_url = f"http://{host}:{port}/"
            _note_page(home, daemon.page_url)
            log.info("daemon started home=%s page=%s", home, daemon.page_url)
            server = _Server(
                uvicorn.Config(
                    make_app(daemon),
                    lifespan="off",
                    log_config=None,
                    access_log=False,
                    timeout_graceful_shutdown=3,
                )
            )
            web = asyncio.create_task(server.serve(sockets=[page, door]))
            running: dict[str, asyncio.Task[object]] = {}
            scheduler = schedule_ticks(daemon, running)
            extra = asyncio.create_task(_beside(beside, daemon, stop)) if beside else None
            heart = asyncio.create_task(_beat(scheduler))
            await stop.wait()
            log.info("daemon stopping")
            scheduler.shutdown(wait=False)
            heart.cancel()
            await _finish(running)
            server.should_exit = True
            await web
            if extra is not None:
                await extra
        log.info("daemon stopped")
    finally:
        page.close()
        door.close()
        close_door(home)
        (home / "page.url").unlink(missing_ok=True)


def schedule_ticks(daemon: Daemon, running: dict[str, asyncio.Task[object]]) -> AsyncIOScheduler:
    """Put every tick on the schedule; a missed tick is made up once, never dropped (P12)."""
    scheduler = AsyncIOScheduler(
        timezone="UTC",
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    # A tick that is still at work when its next turn comes is usual here, and worth no line.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    ticks: dict[str, Callable[[], Coroutine[Any, Any, object]]] = {
        "crawl": daemon.tick_crawl,
        "read": daemon.tick_read,
        "orders": lambda: carry_out_orders(daemon),
        "wishes": daemon.tick_wishes,
        "tell": daemon.tick_tell,
        "send": daemon.tick_send,
        "config": daemon.tick_config,
    }
    for name, tick in ticks.items():
        at_once = {"next_run_time": datetime.now(UTC)} if name in AT_ONCE else {}
        seconds = EVERY[name]
        scheduler.add_job(
            _guarded, "interval", [name, tick, running], seconds=seconds, id=name, **at_once
        )
    scheduler.start()
    return scheduler


async def _guarded(
    name: str,
    tick: Callable[[], Coroutine[Any, Any, object]],
    running: dict[str, asyncio.Task[object]],
) -> None:
    """Run a tick in a task of its own; one that fails is logged and tried again at its turn."""
    task: asyncio.Task[object] = asyncio.create_task(tick())
    running[name] = task
    try:
        await asyncio.shield(task)
    except Exception:
        log.exception("tick failed name=%s", name)


async def _finish(running: dict[str, asyncio.Task[object]]) -> None:
    """End the ticks under way: what is being sent may finish, all else is given back at once."""
    for name, task in running.items():
        if name != "send":
            task.cancel()
    if running:
        await asyncio.wait(running.values(), timeout=SENDING)


async def _beat(scheduler: AsyncIOScheduler) -> None:
    """Wake the scheduler regularly: after a sleep of the machine its timer may be far off."""
    while True:
        await asyncio.sleep(HEARTBEAT)
        scheduler.wakeup()


async def _beside(work: Beside, daemon: Daemon, stop: asyncio.Event) -> None:
    try:
        await work(daemon, stop)
    finally:
        stop.set()


def bind_page(settings: PageSettings) -> socket.socket:
    """Bind the page's socket: the port asked for, else the next free one; 0 leaves it to the OS.

    Raises OSError where no port in reach is free.
    """
    last: OSError | None = None
    ports = [0] if settings.port == 0 else range(settings.port, settings.port + PORTS_TRIED)
    for port in ports:
        page = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
        page.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            page.bind((settings.host, port))
            page.listen(128)
        except OSError as error:
            page.close()
            last = error
            continue
        page.setblocking(False)
        return page
    assert last is not None  # the loop ran at least once
    raise last


def _note_page(home: Path, url: str) -> None:
    """Leave the page's address in the home, for `ronda status`."""
    descriptor = os.open(home / "page.url", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(url)


def snapshot(daemon: Daemon) -> dict[str, Any]:
    """Give what the page and `/healthz` show of this process."""
    return {
        "started_at": daemon.started_at.isoformat(),
        "crawl_pid": daemon.child.pid,
        "read": daemon.counts.read,
        "matched": daemon.counts.matched,
        "sent": daemon.counts.sent,
        "page": daemon.page_url,
        "errors": [str(error) for error in daemon.config.errors],
    }
