"""Every request, redirects and robots.txt included, goes through the slot of its own host.

Scrapy keeps `download_slot` over a redirect: without this the target's host would be asked at the
pace of the host that pointed there. Also where a slot first learns its delay, and where what only
waits is told apart from what is being fetched.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.core.downloader import Downloader

from crawler.pace import SLOWEST, set_slot_delay
from crawler.reasons import Refused
from crawler.seam import work_of

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.work import Work


class SlotGuard:
    """The middleware at 90, above robots."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._free_at: dict[str, datetime] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Set the slot, its delay, and wait where an earlier round asked the slot just now."""
        work = work_of(self.crawler)
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        if isinstance(downloader, PatientDownloader):
            downloader.waiting.add(request)
        slot = work.slot_of(urlsplit(request.url).hostname or "")
        request.meta["download_slot"] = slot
        now = _let_pass(work, request)
        if slot not in downloader.per_slot_settings:
            self._free_at[slot] = self._meet(work, slot) or now
        wait = (self._free_at.get(slot, now) - now).total_seconds()
        if wait > 0:
            await asyncio.sleep(min(wait, max(SLOWEST, work.floor(slot))))
            _let_pass(work, request)

    def _meet(self, work: Work, slot: str) -> datetime | None:
        """Take up a slot at the pace it had; give when it may be asked first, None for now."""
        known = work.hosts.slot(slot)
        floor = work.floor(slot)
        delay = min(max(known.delay or 0.0, floor), max(SLOWEST, floor))
        set_slot_delay(self.crawler, slot, delay)
        if work.hosts.careful_since is None:
            return known.next_at
        careful = work.hosts.careful_since + timedelta(seconds=delay)
        return careful if known.next_at is None else max(careful, known.next_at)


class PatientDownloader(Downloader):
    """Scrapy's, where what only waits, for its slot or for a robots.txt, takes nobody's place.

    Sixty hosts that hang would otherwise hold 120 of a hundred places: each also the page's.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.waiting: set[Request] = set()

    def needs_backout(self) -> bool:
        """Say whether as many requests as may be are being fetched, or about to be."""
        self.waiting &= self.active
        queued = sum(len(slot.queue) for slot in self.slots.values())
        return len(self.active) - len(self.waiting) - queued >= self.total_concurrency

    async def _enqueue_request(self, request: Request) -> Response:
        self.waiting.discard(request)
        return await super()._enqueue_request(request)


def _let_pass(work: Work, request: Request) -> datetime:
    """Refuse what a host does not want now, and what comes too late for this round."""
    now = datetime.now(UTC)
    if work.hosts.closed:
        raise Refused("stopped")
    if work.hosts.held_until(request.url, now) is not None:
        raise Refused("held")
    return now
