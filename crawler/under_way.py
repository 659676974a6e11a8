"""What this process has under way: open crawls, their polls and links, how much each slot carries.

Only memory: whatever is lost here is still due in the database.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.source import Source
    from storage.records import DueLink


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """A due link to fetch, on account of an open crawl."""

    link: DueLink
    source: Source
    crawl: int


class OpenCrawl:
    """A source's crawl while it is open: its row's id, its slot, what of it is under way."""

    def __init__(self, crawl: int, slot: str) -> None:
        self.id = crawl
        self.slot = slot
        self.polling = False
        self.links: set[int] = set()
        self.reason: str | None = None

    @property
    def resting(self) -> bool:
        """Say whether nothing of it is under way."""
        return not self.polling and not self.links


class UnderWay:
    """The open crawls of a round, by source."""

    def __init__(self) -> None:
        self.crawls: dict[str, OpenCrawl] = {}
        self.fetched: Counter[str] = Counter()
        self.links_in_all = 0
        self._load: Counter[str] = Counter()
        self._dry = asyncio.Event()

    def begin_poll(self, source: str) -> None:
        """Note that a source is being polled."""
        crawl = self.crawls[source]
        crawl.polling = True
        self._load[crawl.slot] += 1

    def begin_link(self, source: str, link: int) -> None:
        """Note that a link is being fetched; it counts towards its source's budget."""
        crawl = self.crawls[source]
        crawl.links.add(link)
        self._load[crawl.slot] += 1
        self.fetched[source] += 1
        self.links_in_all += 1

    def end_poll(self, source: str, reason: str | None) -> None:
        """Note that a source's poll is over, and what it failed of."""
        crawl = self.crawls.get(source)
        if crawl is not None and crawl.polling:
            crawl.polling = False
            crawl.reason = reason
            self._free(crawl.slot)

    def end_link(self, source: str, link: int) -> None:
        """Note that a link is not being fetched any more."""
        crawl = self.crawls.get(source)
        if crawl is not None and link in crawl.links:
            crawl.links.discard(link)
            self.links_in_all -= 1
            self._free(crawl.slot)

    def load(self, slot: str) -> int:
        """Count the polls and links of a slot that are under way."""
        return self._load[slot]

    def polls(self) -> set[str]:
        """Give the sources that are being polled."""
        return {source for source, crawl in self.crawls.items() if crawl.polling}

    def links(self, source: str) -> set[int]:
        """Give the links of a source that are being fetched."""
        return self.crawls[source].links if source in self.crawls else set()

    def looked(self) -> None:
        """Note that every slot was given what there is."""
        self._dry.clear()

    async def wait(self, longest: float) -> None:
        """Wait until a slot has nothing left to do, or `longest` seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._dry.wait(), longest)

    def _free(self, slot: str) -> None:
        self._load[slot] -= 1
        if self._load[slot] <= 0:
            del self._load[slot]
            self._dry.set()
