"""A poll that goes back in time: a source's posts, pages and sitemaps until a date is reached.

It takes the place of one ordinary poll; what it asks is not remembered as the source's listings.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from config.errors import FeedUnreadable
from crawler.discovery.candidates import sitemap_candidates
from crawler.listings.listing import read_listing
from crawler.reading.urls import belongs_to
from storage.links import FoundLink

from .polls import Ask, Poll
from .reasons import status_reason, whole_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from config.source import Source
    from storage.records import Link

    from .polls import Answer

MOST_ASKS = 80  # listings of one backfill; who wants more asks again with an earlier date
POSTS = "/wp-json/wp/v2/posts?per_page=50&page={page}"
POSTS_PAGE = re.compile(r"(/wp-json/wp/v2/posts\?per_page=50&page=)(\d+)$")
DATED = re.compile(r"/(20\d\d)/(\d\d?)(?:/|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """A listing to ask for, and whether it is one of a chain that goes back in time."""

    url: str
    kind: str | None = None


class Backfill(Poll):
    """Asks every listing of a source, and what continues it, for articles since a date."""

    def __init__(
        self,
        source: Source,
        crawl: int,
        learned: Iterable[tuple[str, str]],
        robots: bytes | None,
        touches: Callable[[str], bool],
        now: datetime,
        since: datetime,
    ) -> None:
        super().__init__(
            source, crawl=crawl, known={}, touches=touches, now=now, first_contact="all"
        )
        self.since = self._since = since
        self._left = MOST_ASKS
        self._answered = False
        self._links: dict[str, FoundLink] = {}
        self._pages = deque(_first_pages(source, list(learned), robots or b""))

    def next_ask(self) -> Ask | None:
        """Give the next listing to ask for, None when the date is reached or nothing is left."""
        while self._pages and self._left > 0:
            page = self._pages.popleft()
            if page.url not in self._asked:
                self._asked.add(page.url)
                self._left -= 1
                return Ask(url=page.url, origin="child", kind=page.kind)
        self.found = list(self._links.values())
        self.reason = None if self._answered else (self._failed_of or "no_listing")
        return None

    def take(self, ask: Ask, answer: Answer) -> None:
        """Take the answer to an ask; one listing that fails leaves the others to be asked."""
        reason = answer.reason
        if reason is None and answer.status != 200:
            reason = status_reason(answer.status or 0)
        if reason is None and not belongs_to(answer.final_url, self.source):
            reason = "redirect_out"
        if reason is not None:
            self._failed_of = self._failed_of or reason
            if whole_host(reason):
                self._failed_of, self.failed_at = reason, answer.final_url or ask.url
                self._pages.clear()
            return
        try:
            listing = read_listing(
                ask.kind, answer.body, answer.final_url, self.source, answer.content_type, self._now
            )
        except FeedUnreadable:
            self._failed_of = self._failed_of or "unreadable"
            return
        self._answered = True
        fresh = [link for link in listing.links if link.url not in self._links]
        wanted = [link for link in fresh if not self._is_older(link)]
        for link in wanted:
            touches = self._touches(f"{link.title}\n{link.text}")
            self._links[link.url] = FoundLink(link=link, listing=ask.url, touches=touches)
        if wanted or not listing.links:
            self._pages.extend(_Page(url=url) for url in self._following(ask, listing.further))

    def _following(self, ask: Ask, further: tuple[str, ...]) -> list[str]:
        posts = POSTS_PAGE.search(ask.url)
        if posts is None:
            return list(further)
        return [POSTS_PAGE.sub(rf"\g<1>{int(posts[2]) + 1}", ask.url)]

    def _is_older(self, link: Link) -> bool:
        """Go by the listing's time, else by a date in the address; what has neither is taken."""
        if link.published_at is not None:
            return link.published_at < self._since
        dated = DATED.search(urlsplit(link.url).path)
        return dated is not None and (int(dated[1]), int(dated[2])) < (
            self._since.year,
            self._since.month,
        )


def _first_pages(source: Source, learned: list[tuple[str, str]], robots: bytes) -> list[_Page]:
    """Give the lists to begin with: posts, sitemaps, then what the source uses, its front page."""
    pages = []
    if source.family == "wordpress" or any(kind == "wordpress" for _, kind in learned):
        pages.append(_Page(url=urljoin(source.url, POSTS.format(page=1)), kind="wordpress"))
    text = robots.decode("utf-8-sig", "replace")
    pages += [
        _Page(url=one.url, kind=one.kind)
        for one in sitemap_candidates(text, source, None, all_pages=True)
    ]
    pages += [_Page(url=url, kind=kind) for url, kind in learned]
    pages += [_Page(url=url, kind=source.listing) for url in source.listings]
    pages.append(_Page(url=source.url, kind="section"))
    return pages
