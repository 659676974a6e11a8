"""When a round is over: its time, its pages, nothing to do, or a log that cannot shrink."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from storage.database import shrink_wal, wal_size

if TYPE_CHECKING:
    from pathlib import Path

    from sqlite_utils import Database

    from config.settings import CrawlSettings

log = logging.getLogger(__name__)

GRACE = timedelta(minutes=1)  # for what is being fetched when the round is over
LARGEST_WAL = 40 * 2**20  # bytes; no new work beyond
FULL_WAL = 52 * 2**20  # bytes; nor any page that is still under way, and 64 MiB is the promise


class Limits:
    """A round's own end; `over` is why it takes nothing more, and stays so."""

    def __init__(self, home: Path, db: Database, now: datetime) -> None:
        self.begun_at = now
        self.busy_at = now
        self.over: str | None = None
        self._home = home
        self._db = db
        self._over_at = now

    def deadline(self, settings: CrawlSettings) -> datetime:
        """Give the moment from which on nothing new is asked for."""
        return self.begun_at + timedelta(minutes=settings.minutes)

    def late(self, settings: CrawlSettings, pages: int, now: datetime) -> bool:
        """Say whether the round takes nothing more."""
        if self.over is None:
            if now >= self.deadline(settings):
                self.over = "deadline"
            elif pages >= settings.pages:
                self.over = "pages"
            elif wal_size(self._home, "crawl") > LARGEST_WAL and not shrink_wal(self._db):
                self.over = "stuck_reader"
                log.warning("crawl.db is held open by a reader; the round ends here")
            self._over_at = now
        return self.over is not None

    def full(self) -> bool:
        """Say whether the log has no room for another page."""
        return wal_size(self._home, "crawl") > FULL_WAL and not shrink_wal(self._db)

    def unbearable(self, now: datetime) -> bool:
        """Say whether what was under way at the end has had time enough."""
        return now >= self._over_at + GRACE

    def idle(self, settings: CrawlSettings, now: datetime, *, once: bool) -> str | None:
        """Say "idle" where nothing has been due for as long as the round waits."""
        waited = now - self.busy_at >= timedelta(seconds=settings.idle_seconds)
        return "idle" if once or waited else None
