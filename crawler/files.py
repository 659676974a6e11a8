"""The home's files as the round knows them: looked at every 30 seconds, broken ones not taken."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from storage.source_state import meet_sources

from .loaded import fingerprint, load_again

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from sqlite_utils import Database

    from config.source import Source

    from .loaded import Loaded

log = logging.getLogger(__name__)

LOOK = timedelta(seconds=30)


class Files:
    """The last good state of settings, sources and topics."""

    def __init__(self, home: Path, config: Loaded, now: datetime) -> None:
        self.config = config
        self._home = home
        self._looked_at = now
        self._fingerprint = fingerprint(home)

    def look(self, now: datetime) -> bool:
        """Read again what changed; True where it was time to look, changed or not."""
        if now - self._looked_at < LOOK:
            return False
        self._looked_at = now
        print_now = fingerprint(self._home)
        if print_now != self._fingerprint:
            self._fingerprint = print_now
            self.config = load_again(self._home, self.config)
            log.info("files read again sources=%d", len(self.config.sources))
        return True

    def meet(self, db: Database, off: Collection[str], now: datetime) -> dict[str, Source]:
        """Make the sources that are on known to the database, and forget the others; give them."""
        on = {name: one for name, one in self.config.sources.items() if name not in off}
        new = meet_sources(db, {name: source.slot for name, source in on.items()}, now)
        if new:
            log.info("sources met new=%d watched=%d", new, len(on))
        return on
