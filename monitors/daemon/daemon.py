"""What the daemon holds open (pen, pool, crawl process) and the ticks that move the work on.

Every tick asks the databases what is due and not done, so a crash, a restart, a clock jump or a
long sleep are the same case. `ronda run` calls the ticks on a schedule, `ronda round` in a loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from config.errors import AlreadyRunning
from crawler.reading.pool import ReadingPool
from monitors.alerts.outbox import send_due, take_over
from monitors.digests.telling import Context, first_look, meet_monitors, tell_due
from monitors.health import source_health
from monitors.joining import join_stories
from monitors.revisits import visit_again
from monitors.stages import load_config, match_new_articles, read_new_pages
from storage.database import find_reader, open_writer
from storage.home import hold_lock
from storage.pen import Pen
from storage.records import Wish
from storage.rounds import wish_outcomes
from storage.sources import disabled
from storage.wishes import add_wish, finish_wish, open_wishes

from .child import CrawlChild
from .due import crawl_is_due, first_look_is_due, telling_is_due

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlite_utils import Database

    from monitors.stages import Loaded

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """Give the present moment, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Counts:
    """What this process has done so far, for the terminal and `/healthz`."""

    read: int = 0
    matched: int = 0
    sent: int = 0
    digests: list[int] = field(default_factory=list)
    news: list[str] = field(default_factory=list)


class Daemon:
    """Holds the home's pen, pool and crawl process; its caller holds `daemon.lock`.

    `config` is replaced whole when files change; an invalid file is named in `config.errors`
    while the old one stays in force.
    """

    def __init__(self, home: Path, config: Loaded) -> None:
        self.home = home
        self.config = config
        self.started_at = utc_now()
        self.counts = Counts()
        self.page_url: str | None = None
        self.first_look = True
        self.pen = Pen(home, "ronda")
        self.child = CrawlChild(home, self._hear)
        reading = config.settings.reading
        self.pool = ReadingPool(reading.workers, reading.seconds, reading.memory_mb)
        self.orders: dict[int, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        """Open the databases (made or migrated here) and start the readers."""
        await asyncio.to_thread(_prepare_crawl_file, self.home)
        await self.pen.open()
        await self.pen(lambda db: meet_monitors(db, self.config.settings.monitors, utc_now()))
        await take_over(self.pen)
        await self.pool.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop crawl, orders, readers and pen; what was begun is taken up by the next daemon."""
        for task in list(self.orders.values()):
            task.cancel()
        await self.child.stop()
        await self.pool.close()
        await self.pen.close()

    async def tick_crawl(self) -> None:
        """Start a crawl process where work is due and none runs."""
        if self.child.running or self.child.resting:
            return
        if await asyncio.to_thread(crawl_is_due, self.home, self.config.sources, utc_now()):
            await self.child.start(once=False)

    async def tick_read(self) -> int:
        """Read new pages, match and group new articles; gives how many were handled."""
        read = await read_new_pages(self.home, self.pen, self.pool, self.config, utc_now())
        read += await join_stories(self.home, self.pen, self.pool, self.config, utc_now())
        matched = await match_new_articles(self.pen, self.config, utc_now())
        self.counts.read += read
        self.counts.matched += matched
        return read + matched

    async def tick_tell(self) -> None:
        """Compose what is due: the first look of a fresh home, then each monitor's slot."""
        now, config = utc_now(), self.config
        monitors, sources = config.settings.monitors, config.sources
        look = self.first_look and await asyncio.to_thread(
            first_look_is_due, self.home, sources, self.started_at, now
        )
        if not look and not await asyncio.to_thread(telling_is_due, self.home, monitors, now):
            return
        network = bool(config.settings.network.test_hosts)
        health = await asyncio.to_thread(
            source_health, self.home, sources, now, test_network=network
        )
        context = Context(
            settings=config.settings,
            health=health,
            sources=sources,
            regions=config.regions,
            topics=config.topics,
            now=now,
            page_url=self.page_url,
        )
        if look:
            self.counts.digests += await self.pen(lambda db: first_look(db, monitors, context))
        self.counts.digests += await self.pen(lambda db: tell_due(db, monitors, context))

    async def tick_send(self) -> None:
        """Send what waits in the outbox."""
        report = await send_due(self.pen, self.home, self.config.settings, utc_now())
        self.counts.sent += report.sent

    async def tick_wishes(self) -> None:
        """Close the wishes whose outcome the crawl has stored; visit matched articles again."""
        outcomes = await asyncio.to_thread(self._outcomes)
        if outcomes:
            await self.pen(lambda db: _finish(db, outcomes))
        await visit_again(self.home, self.pen, utc_now())

    async def tick_config(self) -> None:
        """Take changed settings, sources and topics into force; name what is invalid."""
        fresh = await asyncio.to_thread(load_config, self.home, self.config)
        if fresh.errors and fresh.errors != self.config.errors:
            for error in fresh.errors:
                log.warning("config not taken error=%s", error)
        self.config = fresh
        await self.pen(lambda db: meet_monitors(db, fresh.settings.monitors, utc_now()))

    async def wish_polls(
        self, sources: Iterable[str] | None, first_contact: str | None = None
    ) -> list[int]:
        """Wish a poll of these sources, or of all that are on; gives the wishes' ids."""
        chosen = list(sources) if sources is not None else list(self.config.sources)
        now = utc_now()

        def work(db: Database) -> list[int]:
            off = disabled(db)
            return [
                add_wish(db, Wish(kind="poll", source=name, first_contact=first_contact), now)
                for name in chosen
                if name not in off
            ]

        return await self.pen(work)

    async def wish_backfill(self, source: str, since: datetime) -> int:
        """Wish a source's articles since a date; gives the wish's id."""
        wish = Wish(kind="backfill", source=source, since=since)
        return await self.pen(lambda db: add_wish(db, wish, utc_now()))

    def _outcomes(self) -> dict[int, str]:
        ronda, crawl = find_reader(self.home, "ronda"), find_reader(self.home, "crawl")
        try:
            if ronda is None or crawl is None:
                return {}
            waiting = [wish.id for wish in open_wishes(ronda) if wish.id is not None]
            return wish_outcomes(crawl, waiting) if waiting else {}
        finally:
            for db in (ronda, crawl):
                if db is not None:
                    db.close()

    def _hear(self, message: dict[str, Any]) -> None:
        """Take a nudge of the crawl process: one finished source."""
        if "source" in message:
            line = f"{message['source']}: {message.get('pages', 0)} pages"
            if message.get("reason"):
                line += f" ({message['reason']})"
            self.counts.news = [*self.counts.news[-6:], line]


def _prepare_crawl_file(home: Path) -> None:
    """Make or migrate `crawl.db` for a moment under its own lock; a running crawl has done so."""
    with contextlib.suppress(AlreadyRunning), hold_lock(home, "crawl"):
        open_writer(home, "crawl").close()


def _finish(db: Database, outcomes: dict[int, str]) -> None:
    now = utc_now()
    for wish, text in outcomes.items():
        finish_wish(db, wish, text, now)
