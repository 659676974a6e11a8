"""What each open crawl asked and got since its row was last written."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from storage.rounds import add_counts

if TYPE_CHECKING:
    from sqlite_utils import Database


class Tally:
    """Counts by crawl id; `write` adds them to the crawl's row, in the caller's transaction."""

    def __init__(self) -> None:
        self._counts: dict[int, Counter[str]] = defaultdict(Counter)
        self._reasons: dict[int, Counter[str]] = defaultdict(Counter)

    def asked(self, crawl: int | None) -> None:
        """Count a request that reached the downloader."""
        if crawl is not None:
            self._counts[crawl]["requests"] += 1

    def answered(self, crawl: int | None, *, received: int, not_modified: bool) -> None:
        """Count an answer's bytes as they came, headers included."""
        if crawl is not None:
            self._counts[crawl]["received"] += received
            self._counts[crawl]["not_modified"] += int(not_modified)

    def brought(self, crawl: int, *, links_new: int = 0, pages: int = 0) -> None:
        """Count what was stored."""
        self._counts[crawl]["links_new"] += links_new
        self._counts[crawl]["pages"] += pages

    def failed(self, crawl: int, reason: str) -> None:
        """Count a listing or a link that failed, with its reason."""
        self._counts[crawl]["failed"] += 1
        self._reasons[crawl][reason] += 1

    def write(self, db: Database, crawl: int) -> None:
        """Add what was counted since the last time."""
        counts = self._counts.pop(crawl, None)
        reasons = self._reasons.pop(crawl, None)
        if counts:
            add_counts(db, crawl, **counts, reasons=reasons)
