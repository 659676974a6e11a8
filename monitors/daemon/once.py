"""`ronda round` without a daemon: poll, crawl, read, match and group until nothing is due."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from crawler.reading.pool import prepare
from monitors.stages import pending
from storage.home import hold_lock, make_home

from .daemon import Daemon, utc_now
from .due import parts_are_wished, poll_is_fetched

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from monitors.stages import Loaded


def run_round(
    home: Path,
    config: Loaded,
    sources: list[str] | None,
    first_contact: str | None,
    tell: Callable[[Daemon], None],
    since: datetime | None = None,
) -> bool:
    """Poll these sources (None: all that are on) now and take what comes to its end.

    With `since` they are polled back to that date. It tells nothing to anybody; `tell` is called
    about once a second for a progress line.
    Gives False where it was interrupted. Raises AlreadyRunning where a daemon holds the home.
    """
    home = make_home(home)
    with hold_lock(home, "daemon"):
        prepare()
        return asyncio.run(_round(home, config, sources, first_contact, tell, since))


async def _round(
    home: Path,
    config: Loaded,
    sources: list[str] | None,
    first_contact: str | None,
    tell: Callable[[Daemon], None],
    since: datetime | None,
) -> bool:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    chosen = list(sources) if sources is not None else list(config.sources)
    async with Daemon(home, config) as daemon:
        if since is None:
            wishes = await daemon.wish_polls(chosen, first_contact)
        else:
            wishes = [await daemon.wish_backfill(name, since) for name in chosen]
        while not stop.is_set():
            if not daemon.child.running and not daemon.child.resting:
                # Not while pages wait to be read only: each start polls these sources anew.
                if not await asyncio.to_thread(poll_is_fetched, home, wishes, chosen, utc_now()):
                    await daemon.child.start(once=True, sources=chosen, first_contact=first_contact)
                elif await asyncio.to_thread(parts_are_wished, home, chosen):
                    await daemon.child.start(once=True, sources=chosen, anew=False)
                elif await asyncio.to_thread(pending, home, chosen) == 0:
                    return True
            handled = await daemon.tick_read()
            await daemon.tick_wishes()
            tell(daemon)
            if not handled:
                await asyncio.sleep(0.2)
    return False
