"""One poll of one source: which listing to ask next, and what the answers amount to.

Knows nothing of Scrapy: `next_ask()` gives what to ask, `take()` takes the answer. A source that
works costs one request: its working listing, by its validators. The others are looked at when that
one dies, the better ones also once a day.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from config.errors import FeedUnreadable
from crawler.listings.intake import open_body
from crawler.listings.listing import declared_feeds, read_listing
from crawler.reading.urls import bare_host, belongs_to
from storage.links import FoundLink
from storage.source_state import ListingState

from .asks import Answer as Answer  # callers take it from here
from .asks import Ask as Ask
from .asks import Origin
from .reasons import status_reason, whole_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from config.source import Source
    from crawler.listings.listing import Listing

DAY = timedelta(days=1)
CHILDREN = 3  # sitemaps of an index that one poll reads
INDEX = "index"  # the kind of a listing that only names others


class Poll:
    """A poll under way; afterwards `listings`, `found` and `reason` say how it went."""

    def __init__(
        self,
        source: Source,
        *,
        crawl: int,
        known: Mapping[str, ListingState],
        learned: Iterable[tuple[str, str]] = (),
        touches: Callable[[str], bool],
        now: datetime,
        first_contact: int | Literal["all"] | None = None,
    ) -> None:
        self.source = source
        self.crawl = crawl
        self.first_contact = first_contact
        self.since: datetime | None = None
        self.listings: dict[str, ListingState] = {}
        self.found: list[FoundLink] = []
        self.reason: str | None = None
        self.retry_after: float | None = None
        self.failed_at: str | None = None
        self._known = known
        self._touches = touches
        self._now = now
        self._alternatives = source.declared
        self._works = False
        self._quiet = False
        self._failed_of: str | None = None
        self._front_links: list[FoundLink] = []
        self._plan: deque[Ask] = deque(self._choose(list(learned)))
        self._asked: set[str] = set()

    def next_ask(self) -> Ask | None:
        """Give the next listing to ask for, None when the poll is over."""
        while self._plan:
            ask = self._plan.popleft()
            if ask.url not in self._asked:
                self._asked.add(ask.url)
                return ask
        if not self._works and self._front_links:
            self.found = self._front_links
            self._works = True
        well = self._works or self._quiet
        self.reason = None if well else (self._failed_of or "no_listing")
        return None

    def take(self, ask: Ask, answer: Answer) -> None:
        """Take the answer to an ask."""
        if answer.status == 304 and ask.url in self._known:
            self._take_unchanged(ask)
            return
        if answer.reason is not None:
            self._fail(ask, answer, answer.reason)
        elif answer.status != 200:
            self._fail(ask, answer, status_reason(answer.status or 0))
        elif not (
            belongs_to(answer.final_url, self.source)
            or bare_host(answer.final_url) == bare_host(ask.url)
        ):
            self._fail(ask, answer, "redirect_out")
        else:
            self._take_whole(ask, answer)

    def fail(self, reason: str) -> None:
        """End the poll as failed, for what is no answer of a listing."""
        self._plan.clear()
        self._works = False
        self.found = []
        self.reason = reason

    def _choose(self, learned: list[tuple[str, str]]) -> list[Ask]:
        source = self.source
        if not self._alternatives:
            # The file names them, and means each: all are asked, dead ones once a day. What was
            # learned besides took the place of one that died.
            asks = [self._ask(url, "file", source.listing) for url in source.listings]
            asks += [self._ask(url, "learned", kind) for url, kind in learned]
            return [ask for ask in asks if not self._lately_dead(ask.url)] or asks
        order = [self._ask(url, "learned", kind) for url, kind in learned]
        order += [self._ask(url, "family", None) for url in source.listings if url != source.url]
        order += [
            self._ask(url, "declared", state.kind)
            for url, state in self._known.items()
            if state.origin == "declared"
        ]
        order += [self._ask(source.url, "family", None)]
        working = next((ask for ask in order if self._is_working(ask.url)), None) or next(
            (ask for ask in order if self._is_working(ask.url, quiet=True)), None
        )
        if working is None:
            return order
        better = [
            ask for ask in order[: order.index(working)] if not self._asked_within_a_day(ask.url)
        ]
        return [*better, working, *[ask for ask in order if ask not in better and ask != working]]

    def _ask(self, url: str, origin: Origin, kind: str | None) -> Ask:
        known = self._known.get(url)
        if known is None:
            return Ask(url=url, origin=origin, kind=kind)
        kind = kind or known.kind
        whole = known.whole_at is not None and self._now - known.whole_at < DAY
        if not whole or known.failures:
            return Ask(url=url, origin=origin, kind=kind)
        return Ask(
            url=url,
            origin=origin,
            kind=kind,
            etag=known.etag,
            last_modified=known.last_modified,
        )

    def _is_working(self, url: str, *, quiet: bool = False) -> bool:
        known = self._known.get(url)
        if known is None or known.ok_at is None or known.failures:
            return False
        return quiet or known.links != 0 or known.kind == INDEX

    def _asked_within_a_day(self, url: str) -> bool:
        known = self._known.get(url)
        return (
            known is not None
            and known.fetched_at is not None
            and self._now - known.fetched_at < DAY
        )

    def _lately_dead(self, url: str) -> bool:
        known = self._known.get(url)
        return known is not None and known.failures >= 3 and self._asked_within_a_day(url)

    def _take_unchanged(self, ask: Ask) -> None:
        known = self._known[ask.url]
        self.listings[ask.url] = replace(
            known, status=304, fetched_at=self._now, ok_at=self._now, failures=0, reason=None
        )
        if known.kind == INDEX:
            # An index may stay the same while what it names goes on growing.
            children = [
                state
                for state in self._known.values()
                if state.origin == "child" and state.ok_at is not None
            ]
            children.sort(key=lambda state: state.new_link_at or known.ok_at or self._now)
            self._follow([state.url for state in children[-CHILDREN:]])
        if known.links == 0 and known.kind != INDEX:
            self._be_quiet()
        else:
            self._succeed(ask)

    def _take_whole(self, ask: Ask, answer: Answer) -> None:
        base = answer.final_url
        front = self._alternatives and ask.url == self.source.url
        kind = None if ask.kind == INDEX else ask.kind
        try:
            listing = read_listing(
                kind, answer.body, base, self.source, answer.content_type, self._now
            )
        except FeedUnreadable:
            self._fail(ask, answer, "unreadable")
            return
        found = self._own_links(listing, ask.url)
        if not found and listing.further and ask.origin != "child" and _is_index(answer.body):
            self._note(ask, answer, kind=INDEX, links=0)
            self._follow(listing.further[:CHILDREN])
            return
        if front:
            for url in reversed(declared_feeds(answer.body, base)):
                if not self._asked_within_a_day(url):
                    self._plan.appendleft(self._ask(url, "declared", None))
                    self._front_links = found
        if not found:
            self._take_empty(ask, answer, listing)
            return
        self._note(ask, answer, kind=ask.kind, links=len(found))
        if front and self._front_links:
            return  # a feed that the front page declares is cheaper, if it works
        self.found += found
        self._succeed(ask)

    def _take_empty(self, ask: Ask, answer: Answer, listing: Listing) -> None:
        """A list that never held a link is a quiet site's; one that is empty now is not well."""
        known = self._known.get(ask.url)
        held = known is not None and bool(known.links)
        if listing.is_page or listing.further or listing.problems or held:
            self._fail(ask, answer, "empty")
        else:
            self._note(ask, answer, kind=ask.kind, links=0)
            self._be_quiet()

    def _be_quiet(self) -> None:
        """Go on with what was not looked at for a day: the site may list its news elsewhere."""
        self._quiet = True
        if self._alternatives:
            self._plan = deque(one for one in self._plan if not self._asked_within_a_day(one.url))

    def _follow(self, urls: Iterable[str]) -> None:
        for url in reversed(list(urls)):
            self._plan.appendleft(self._ask(url, "child", None))

    def _own_links(self, listing: Listing, listed_in: str) -> list[FoundLink]:
        return [
            FoundLink(
                link=link, listing=listed_in, touches=self._touches(f"{link.title}\n{link.text}")
            )
            for link in listing.links
        ]

    def _note(self, ask: Ask, answer: Answer, *, kind: str | None, links: int) -> None:
        known = self._known.get(ask.url)
        self.listings[ask.url] = ListingState(
            source=self.source.id,
            url=ask.url,
            origin=ask.origin,
            kind=kind,
            final_url=answer.final_url,
            etag=answer.etag,
            last_modified=answer.last_modified,
            status=answer.status,
            fetched_at=self._now,
            whole_at=self._now,
            ok_at=self._now,
            new_link_at=known.new_link_at if known else None,
            links=links,
        )

    def _succeed(self, ask: Ask) -> None:
        self._works = True
        if self._alternatives:
            children = [one for one in self._plan if one.origin == "child"]
            self._plan = deque(children)

    def _fail(self, ask: Ask, answer: Answer, reason: str) -> None:
        known = self._known.get(ask.url) or ListingState(
            source=self.source.id, url=ask.url, origin=ask.origin, kind=ask.kind
        )
        self.listings[ask.url] = replace(
            known,
            status=answer.status,
            fetched_at=self._now,
            final_url=answer.final_url or known.final_url,
            failures=known.failures + 1,
            reason=reason,
        )
        if self._failed_of is None or (whole_host(reason) and reason != "held"):
            self._failed_of = reason
            self.failed_at = answer.final_url or ask.url
        if whole_host(reason):
            # The host is not well: its other listings would fare no better.
            self._plan.clear()


def _is_index(body: bytes) -> bool:
    return b"<sitemapindex" in open_body(body)[0][:4096]
