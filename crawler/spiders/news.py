"""The one spider of all sources: due work -> requests -> items for the pipeline.

It knows two things: `Work.look()` says what to ask for, the pipeline takes what came.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import certifi
import scrapy
from scrapy import Request

from config.errors import AlreadyRunning, ConfigError
from config.settings import load_settings
from crawler.answers import header, judge_answer, retry_after
from crawler.limits import LARGEST_WAL
from crawler.loaded import load
from crawler.memory import hold_memory
from crawler.pace import empty_queue
from crawler.pipeline import Failed
from crawler.polls import DAY, Answer, Poll
from crawler.reading.urls import whole_url
from crawler.reasons import failure_reason
from crawler.settings import user_agent
from crawler.tidy import tidy
from crawler.wishes import speak
from crawler.work import Work
from storage.database import open_writer, shrink_wal, wal_size
from storage.home import find_holder, hold_lock, make_home
from storage.pages import whole_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from crawler.asks import Ask
    from crawler.under_way import Fetch

log = logging.getLogger(__name__)

LOOK = 2.0  # seconds between two looks into the database
SHORTEST_LOOK = 0.2  # also when a slot has run dry
LOCK_WAIT = 15 * 60  # seconds; a crawl typed by hand waits so long for the one that runs
SMALL_ANSWER = 2 * 1024 * 1024  # bytes; larger listings are refused


class NewsSpider(scrapy.Spider):
    """Polls the sources that are due and fetches the links that are due."""

    name = "news"
    work: Work

    def __init__(
        self,
        sources: str | None = None,
        first_contact: str | None = None,
        polls: Literal["anew", "due"] = "anew",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.home = _home()
        self.only = None if sources is None else [one for one in sources.split(",") if one]
        self.anew = polls == "anew"  # poll the named sources though they may not be due
        self.first_contact: int | Literal["all"] | None = None
        if first_contact is not None:
            self.first_contact = "all" if first_contact == "all" else int(first_contact)
        self._locks = contextlib.ExitStack()

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Lay the home's settings over the project's: who we say we are, how much memory."""
        super().update_settings(settings)
        try:
            own = load_settings(_home(), secrets=False)
        except ConfigError as error:
            sys.stderr.write(f"{error}\n")
            raise SystemExit(error.exit_code) from None
        settings.set("USER_AGENT", user_agent(own.contact), priority="spider")
        settings.set("MEMUSAGE_LIMIT_MB", own.crawl.memory_mb, priority="spider")
        os.environ.setdefault("SSL_CERT_FILE", certifi.where())

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Build it, with Scrapy's own talk lowered to warnings."""
        logging.getLogger("scrapy").setLevel(logging.WARNING)
        return super().from_crawler(crawler, *args, **kwargs)

    async def start(self) -> AsyncIterator[Any]:
        """Open the round and give requests for what is due until it is over."""
        await self._open_round()
        while True:
            now = datetime.now(UTC)
            for task in self.work.look(now):
                try:
                    request = self._ask(task) if isinstance(task, Poll) else self._fetch(task)
                except ValueError:
                    # An address that Scrapy cannot take: that source or link alone fails.
                    yield self._malformed(task)
                else:
                    if request is not None:
                        yield request
                    else:
                        yield task
            if self.work.hosts.closed:
                # What still stands in a slow slot may not hold the round: it stays due.
                empty_queue(self.crawler, "stopped")
            if self.work.ended(datetime.now(UTC)) is not None:
                await tidy(self.work)
                return
            await asyncio.sleep(SHORTEST_LOOK)
            await self.work.under_way.wait(LOOK)

    def closed(self, reason: str) -> None:
        """Close the round; a forced stop calls this too."""
        if hasattr(self, "work") and not self.work.closed:
            why = "stopped" if reason in ("shutdown", "stopped") else reason
            self.work.close(why, datetime.now(UTC))
            speak({"round": self.work.round_id, "reason": self.work.reason})
        self._locks.close()

    async def parse_listing(self, response: Response, poll: Poll, ask: Ask) -> AsyncIterator[Any]:
        """Hand a listing's answer to its poll; ask for the next one or end the poll."""
        poll.retry_after = retry_after(response)
        answer = Answer(
            status=response.status,
            body=response.body,
            final_url=response.url,
            etag=header(response, "ETag"),
            last_modified=header(response, "Last-Modified"),
            content_type=header(response, "Content-Type") or "",
            reason="too_large" if len(response.body) > SMALL_ANSWER else None,
        )
        for one in self._take(poll, ask, answer):
            yield one

    async def failed_listing(self, failure: Failure) -> AsyncIterator[Any]:
        """Tell the poll that a listing did not answer."""
        given = failure.request.cb_kwargs  # type: ignore[attr-defined]  # Scrapy sets it
        reason = failure_reason(failure.value)
        answer = Answer(reason=reason, final_url=failure.request.url)  # type: ignore[attr-defined]  # same
        for one in self._take(given["poll"], given["ask"], answer):
            yield one

    async def parse_page(self, response: Response, fetch: Fetch) -> AsyncIterator[Any]:
        """Give a page, or why what came is none."""
        try:
            item = judge_answer(response, fetch, datetime.now(UTC))
        except Exception as error:
            # Whatever it is, the link may not stay under way for ever.
            log.exception("answer not judged source=%s url=%s", fetch.source.id, response.url)
            item = Failed(fetch=fetch, reason=failure_reason(error), url=response.url)
        yield item

    async def failed_page(self, failure: Failure) -> AsyncIterator[Any]:
        """Give the reason why a page did not come."""
        fetch = failure.request.cb_kwargs["fetch"]  # type: ignore[attr-defined]  # Scrapy sets it
        url = failure.request.url  # type: ignore[attr-defined]  # Scrapy sets it
        yield Failed(fetch=fetch, reason=failure_reason(failure.value), url=url)

    async def _open_round(self) -> None:
        home = make_home(self.home)
        waited = 0
        while True:
            try:
                self._locks.enter_context(hold_lock(home, "crawl"))
                break
            except AlreadyRunning as error:
                if waited == 0:
                    holder = find_holder(home, "crawl")
                    log.warning("waiting for the crawl that runs pid=%s", holder)
                if waited >= LOCK_WAIT:
                    log.error("%s", error)  # one line; the holder's name says it all
                    raise SystemExit(error.exit_code) from None
                waited += 1
                await asyncio.sleep(1)
        try:
            config = load(home)
        except ConfigError as error:
            log.error("%s", error)  # one line, no traceback: the user must change it
            raise SystemExit(error.exit_code) from None
        hold_memory(config.settings.crawl.memory_mb)
        db = open_writer(home, "crawl")
        if wal_size(home, "crawl") > LARGEST_WAL and not shrink_wal(db):
            log.error("crawl.db is held open by a reader and cannot take more; nothing is crawled")
            raise SystemExit(1)
        self.work = Work(
            home,
            db,
            config,
            pid=os.getpid(),
            now=datetime.now(UTC),
            only=self.only,
            first_contact=self.first_contact,
            once=os.environ.get("RONDA_ONCE") == "1",
            anew=self.anew,
        )

    def _take(self, poll: Poll, ask: Ask, answer: Answer) -> Iterator[Any]:
        try:
            if answer.body:
                self.work.trial.begin(poll.source.id)
            poll.take(ask, answer)
            request = self._ask(poll)
        except Exception:
            # A listing that breaks its reader: named in the log whole, and the poll has failed.
            log.exception("listing not read source=%s url=%s", poll.source.id, ask.url)
            poll.fail("error")
            request = None
        yield poll if request is None else request

    def _ask(self, poll: Poll) -> Request | None:
        ask = poll.next_ask()
        if ask is None:
            return None
        return self._request(
            ask.url,
            poll.source.slot,
            poll.crawl,
            etag=ask.etag,
            last_modified=ask.last_modified,
            retries=0,
            callback=self.parse_listing,
            errback=self.failed_listing,
            cb_kwargs={"poll": poll, "ask": ask},
            priority=10,
        )

    def _fetch(self, fetch: Fetch) -> Request:
        # Whole where the copy is gone, and once a day: a server may keep a tag over a change.
        kept = (
            whole_at(self.work.db, fetch.link.url)
            if fetch.link.etag or fetch.link.last_modified
            else None
        )
        ask = kept is not None and datetime.now(UTC) - kept < DAY
        return self._request(
            whole_url(fetch.link.url, fetch.source),
            fetch.source.slot,
            fetch.crawl,
            etag=fetch.link.etag if ask else None,
            last_modified=fetch.link.last_modified if ask else None,
            callback=self.parse_page,
            errback=self.failed_page,
            cb_kwargs={"fetch": fetch},
        )

    def _request(
        self,
        url: str,
        slot: str,
        crawl: int,
        *,
        etag: str | None,
        last_modified: str | None,
        retries: int | None = None,
        **kwargs: Any,
    ) -> Request:
        headers = {}
        if etag is not None:
            headers["If-None-Match"] = etag
        if last_modified is not None:
            headers["If-Modified-Since"] = last_modified
        meta: dict[str, Any] = {"download_slot": slot, "crawl": crawl}
        if retries is not None:
            meta["max_retry_times"] = retries
        return Request(url, headers=headers, meta=meta, dont_filter=True, **kwargs)

    def _malformed(self, task: Poll | Fetch) -> Any:
        if isinstance(task, Poll):
            log.warning("malformed address source=%s", task.source.id)
            task.fail("bad_address")
            return task
        return Failed(fetch=task, reason="bad_address", url=task.link.url)


def _home() -> Path:
    home = os.environ.get("RONDA_HOME")
    if not home:
        raise SystemExit("RONDA_HOME is not set: name the home whose sources are to be crawled")
    return Path(home)
