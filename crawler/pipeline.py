"""Where results go: each item is one transaction, so a crash loses nothing that was stored.

Items: a page that came (`Fetched`), a link that failed (`Failed`), a poll that is over (`Poll`).
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage import source_state
from storage.database import writing
from storage.links import (
    count_try,
    finish_link,
    hold_links,
    put_off,
    revive_skipped,
    save_links,
)
from storage.pages import save_page

from .pace import empty_queue, host_key, next_due, next_try
from .polls import Poll
from .reasons import FOR_GOOD, NO_ANSWER, NOT_OURS_TO_COUNT
from .seam import work_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from scrapy.crawler import Crawler

    from storage.records import Page

    from .under_way import Fetch
    from .work import FirstContact, Work

log = logging.getLogger(__name__)

MOST_NEW = 1000  # links that one poll may bring: an endless calendar ends here
DAY = timedelta(days=1)
MOMENT = 0.05  # seconds that a result waits for others
LARGEST_PART = 4 * 2**20  # bytes of pages in one commit
HOLD = timedelta(minutes=10)  # for a link that a host holds off without saying until when


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A link that was answered: a page, or word that it has not changed (status 304)."""

    fetch: Fetch
    page: Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A link that failed for `reason`; `page` is its answer without a body, where one came.

    `url` is what was asked last, after redirects; `retry_after` is the seconds that its host asked
    us to wait.
    """

    fetch: Fetch
    reason: str
    url: str
    page: Page | None = None
    retry_after: float | None = None


Item = Fetched | Failed | Poll


class StoringPipeline:
    """The one pipeline: what comes within a moment is committed together.

    A commit waits for the disk (4 ms where it was measured), and the whole crawl with it.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._waiting: list[Item] = []
        self._storing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it."""
        return cls(crawler)

    async def process_item(self, item: Item) -> Item:
        """Store an item; whatever happens, what it stands for is no longer under way then."""
        self._waiting.append(item)
        if self._storing is None:
            self._storing = asyncio.ensure_future(self._store_soon())
        await asyncio.shield(self._storing)
        return item

    async def _store_soon(self) -> None:
        await asyncio.sleep(MOMENT)
        items, self._waiting, self._storing = self._waiting, [], None
        work = work_of(self.crawler)
        if work.closed:
            return  # a forced stop: all of it is still due
        now = datetime.now(UTC)
        try:
            for part in _parts(items):
                full = work.limits.full()
                with writing(work.db):
                    for item in part:
                        if not (full and isinstance(item, Fetched)):
                            store_item(work, item, now)
                    work.flush()
        except sqlite3.OperationalError:
            log.exception("nothing can be stored, the round ends here items=%d", len(items))
            work.limits.over = "storage"
        for item in items:
            if isinstance(item, Poll):
                work.under_way.end_poll(item.source.id, item.reason)
            else:
                work.under_way.end_link(item.fetch.source.id, item.fetch.link.id)
            self._let_go(item, now)

    def _let_go(self, item: Item, now: datetime) -> None:
        """Ask nothing more of a host that has just asked us to wait, or failed."""
        url = item.failed_at if isinstance(item, Poll) else getattr(item, "url", None)
        if url and work_of(self.crawler).hosts.held_until(url, now) is not None:
            empty_queue(self.crawler, "held", host=host_key(url))


def _parts(items: list[Item]) -> Iterator[list[Item]]:
    """Split what is to be stored so that no commit carries much more than LARGEST_PART."""
    part: list[Item] = []
    size = 0
    for item in items:
        part.append(item)
        size += len(item.page.body or b"") if isinstance(item, Fetched) else 0
        if size > LARGEST_PART:
            yield part
            part, size = [], 0
    if part:
        yield part


def store_item(work: Work, item: Item, now: datetime) -> None:
    """Store one item within the caller's transaction; one that cannot be stored harms no other."""
    try:
        with work.db.atomic():
            if isinstance(item, Poll):
                store_poll(work, item, now)
            elif isinstance(item, Failed):
                store_failure(work, item, now)
            else:
                store_page(work, item, now)
    except sqlite3.OperationalError:
        raise  # the disk or the file: nothing else could be stored either
    except Exception:
        log.exception("not stored source=%s", _source_of(item))
        store_defeat(work, item, now)


def store_page(work: Work, item: Fetched, now: datetime) -> None:
    """Store a page with its body and end its link as done."""
    fetch, page = item.fetch, item.page
    save_page(work.db, page, link=fetch.link.id, round_id=work.round_id)
    finish_link(
        work.db, fetch.link.id, state="done", etag=page.etag, last_modified=page.last_modified
    )
    work.pages += 1
    work.hosts.went_well(fetch.link.url)
    work.tally.brought(fetch.crawl, pages=1)
    work.tally.write(work.db, fetch.crawl)


def store_failure(work: Work, item: Failed, now: datetime) -> None:
    """Put a link off, or give it up for good; a try that was not ours to count is not counted."""
    fetch, reason = item.fetch, item.reason
    if reason == "stopped":
        return
    link = fetch.link.id
    if item.page is not None:
        save_page(work.db, item.page, link=link, round_id=work.round_id)
    until = work.hosts.went_wrong(item.url, reason, asked=item.retry_after, now=now)
    if reason in NOT_OURS_TO_COUNT:
        held = work.hosts.held_until(item.url, now) or now + HOLD
        put_off(work.db, link, held, reason)
    elif reason == "robots":
        finish_link(work.db, link, state="skipped", reason=reason)
    elif reason in FOR_GOOD:
        finish_link(work.db, link, state="failed", reason=reason)
    elif until is not None and work.hosts.fails_again(item.url):
        # The whole host is down, which says nothing of this page.
        put_off(work.db, link, until, reason)
    else:
        _count_try(work, link, reason, until or now, now)
    if until is not None and host_key(item.url) == host_key(fetch.link.url):
        hold_links(work.db, fetch.source.id, until)
    work.tally.failed(fetch.crawl, reason)
    work.tally.write(work.db, fetch.crawl)


def store_defeat(work: Work, item: Item, now: datetime) -> None:
    """Store that a result could not be stored: asking for it for ever would help nobody."""
    if isinstance(item, Poll):
        source_state.set_due(work.db, item.source.id, now + DAY)
        work.tally.failed(item.crawl, "error")
        item.reason = "error"
    else:
        _count_try(work, item.fetch.link.id, "error", now, now)
        work.tally.failed(item.fetch.crawl, "error")


def _count_try(work: Work, link: int, reason: str, until: datetime, now: datetime) -> None:
    """Count a try of a link and put it off to another round, or give it up."""
    tries, first_try = count_try(work.db, link, now)
    again = next_try(now, tries=tries, first_try=first_try)
    if again is None:
        finish_link(work.db, link, state="failed", reason=reason)
    else:
        put_off(work.db, link, max(again, until, work.deadline), reason)


def store_poll(work: Work, poll: Poll, now: datetime) -> None:
    """Store a poll: how its listings answered, the links it brought, when the next is due."""
    source = poll.source
    if poll.reason == "stopped":
        return
    state = source_state.load_state(work.db, source.id)
    if state is None:
        return
    new = save_links(
        work.db,
        source.id,
        poll.found,
        now=now,
        round_id=work.round_id,
        most=MOST_NEW,
        newest=_newest(work, poll.first_contact, first=state.first_contact_at is None),
    )
    if poll.first_contact == "all":
        new += revive_skipped(work.db, source.id, now, since=poll.since)
    listed = {entry.listing for entry in poll.found}
    for listing in poll.listings.values():
        brought = new > 0 and listing.url in listed
        source_state.save_listing(
            work.db, replace(listing, new_link_at=now) if brought else listing
        )
    failures = 0 if poll.reason is None else state.failures + 1
    every = work.config.settings.pace.every if source.every is None else source.every
    due_at = next_due(
        now,
        every=every,
        failures=failures,
        ok_at=state.ok_at,
        answered=work.hosts.answered or poll.reason not in NO_ANSWER,
    )
    if poll.reason is None:
        work.hosts.went_well(source.url)
    else:
        url = poll.failed_at or source.url
        until = work.hosts.went_wrong(url, poll.reason, asked=poll.retry_after, now=now)
        if until is not None and host_key(url) == host_key(source.url):
            due_at = max(due_at, until)
            hold_links(work.db, source.id, until)
        work.tally.failed(poll.crawl, poll.reason)
    stored = source_state.record_poll(
        work.db,
        source.id,
        work.lease,
        now=now,
        due_at=due_at,
        failures=failures,
        reason=poll.reason,
        links_new=new,
    )
    if not stored:
        log.warning("lease lost source=%s", source.id)
    work.tally.brought(poll.crawl, links_new=new)
    work.tally.write(work.db, poll.crawl)


def _source_of(item: Item) -> str:
    return item.source.id if isinstance(item, Poll) else item.fetch.source.id


def _newest(work: Work, wished: FirstContact, *, first: bool) -> int | None:
    if not first:
        return None
    wanted = wished or work.config.settings.crawl.first_contact
    return None if wanted == "all" else wanted
