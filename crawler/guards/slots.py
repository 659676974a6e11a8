"""Every request, redirects and robots.txt included, goes through the slot of its own host.

Scrapy keeps `download_slot` over a redirect: without this the target's host would be asked at the
pace of the host that pointed there. Also where a slot first learns its delay.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.pace import SLOWEST, host_key, set_slot_delay
from crawler.reasons import Refused
from crawler.seam import work_of

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler


class SlotGuard:
    """The middleware at 90, above robots."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Set the slot, its delay, and wait where an earlier round asked the host just now."""
        work = work_of(self.crawler)
        slot = work.slot_of(urlsplit(request.url).hostname or "")
        request.meta["download_slot"] = slot
        now = datetime.now(UTC)
        if work.hosts.held_until(request.url, now) is not None:
            raise Refused("held")
        assert self.crawler.engine is not None
        if slot not in self.crawler.engine.downloader.per_slot_settings:
            host = work.hosts.get(host_key(request.url))
            work.hosts.ask_delay(slot, host.crawl_delay)
            floor = work.floor(slot)
            delay = min(max(host.delay or 0.0, floor), max(SLOWEST, floor))
            set_slot_delay(self.crawler, slot, delay)
            if host.next_at is not None and host.next_at > now:
                await asyncio.sleep(min((host.next_at - now).total_seconds(), SLOWEST))
