"""`scrapy crawl discovery -a url=...`: one address -> its preview, one JSON line on stdout.

It needs no lock and writes no file; robots, back-off and delays hold for it as for the crawl.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import certifi
import scrapy
from scrapy import Request

from config.errors import ConfigError
from config.family import read_families
from config.settings import load_settings
from crawler.answers import header
from crawler.discovery.preview import Preview, to_json
from crawler.discovery.visitor import Got
from crawler.discovery.walk import discover
from crawler.pace import host_key
from crawler.reading.pool import ReadingPool, prepare
from crawler.reasons import failure_reason
from crawler.settings import user_agent
from crawler.visit import Visit
from crawler.wishes import WishBook, speak

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from config.source import Source
    from storage.records import Article, Page

log = logging.getLogger(__name__)


class DiscoverySpider(scrapy.Spider):
    """Walks over one site and says what watching it would mean."""

    name = "discovery"
    custom_settings = {"ITEM_PIPELINES": {}}  # noqa: RUF012  # Scrapy reads it so
    work: Visit

    def __init__(self, url: str = "", source: str = "", check: str = "", **kwargs: Any) -> None:
        """Take an address, or the id of a source to look at again (`check`: what it uses alone)."""
        super().__init__(**kwargs)
        self.home = _home()
        self.work = Visit(self.home)
        self.source = self.work.config.sources.get(source)
        if source and self.source is None:
            raise SystemExit(f"no such source: {source}")
        self.url = self.source.url if self.source else url
        self.known = known_entry_points(self.home, self.source) if self.source else ()
        self.check = check == "1"
        self.requests = 0
        self._begun = time.monotonic()
        reading = self.work.config.settings.reading
        self._pool = ReadingPool(1, reading.seconds, reading.memory_mb)

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Say who we are, as the crawl does; ask a shaky host once only."""
        super().update_settings(settings)
        try:
            own = load_settings(_home(), secrets=False)
        except ConfigError as error:
            sys.stderr.write(f"{error}\n")
            raise SystemExit(error.exit_code) from None
        settings.set("USER_AGENT", user_agent(own.contact), priority="spider")
        settings.set("MEMUSAGE_LIMIT_MB", own.crawl.memory_mb, priority="spider")
        settings.set("RETRY_TIMES", 0, priority="spider")
        settings.set("DOWNLOAD_TIMEOUT", 15, priority="spider")
        os.environ.setdefault("SSL_CERT_FILE", certifi.where())

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Build it; the fork server of the reader is started here, in the main thread."""
        logging.getLogger("scrapy").setLevel(logging.WARNING)
        prepare()
        return super().from_crawler(crawler, *args, **kwargs)

    async def start(self) -> AsyncIterator[Any]:
        """Walk, speak, end; nothing is scheduled."""
        await self._pool.start()
        try:
            preview = await discover(
                self,
                self.url,
                families=read_families(self.home)[0],
                source=self.source,
                known=self.known,
                only_known=self.check,
                every=self.work.config.settings.pace.every,
            )
        except Exception:
            log.exception("discovery broke url=%s", self.url)
            preview = Preview(given=self.url, url=self.url, refused="error")
        finally:
            await self._pool.close()
        speak(to_json(preview))
        nothing: tuple[Request, ...] = ()  # an asynchronous generator has to yield somewhere
        for request in nothing:
            yield request

    def closed(self, reason: str) -> None:
        """Close what is open."""
        self.work.close()

    async def get(self, url: str) -> Got:
        """Ask for an address through all guards; a failure is an answer with its reason."""
        assert self.crawler.engine is not None
        self.requests += 1
        try:
            request = Request(url, meta={"max_retry_times": 0}, dont_filter=True)
            request.meta["download_slot"] = self.work.slot_of(host_key(url))
            response = await self.crawler.engine.download_async(request)
        except ValueError:
            return Got(url=url, final_url=url, reason="bad_address")
        except Exception as error:
            reason = failure_reason(error)
            self.work.hosts.went_wrong(url, reason, asked=None, now=self.now())
            return Got(url=url, final_url=url, reason=reason)
        return Got(
            url=url,
            final_url=response.url,
            status=response.status,
            body=response.body,
            content_type=header(response, "Content-Type") or "",
        )

    async def read(self, page: Page, source: Source) -> Article:
        """Read a page in a worker that can be killed."""
        return await self._pool.read(page.body or b"", page, source, self.now())

    def robots(self, url: str) -> tuple[str, float | None]:
        """Give what the guard learned of the host's robots.txt."""
        host = self.work.hosts.get(host_key(url))
        return (host.robots or b"").decode("utf-8-sig", "replace"), host.crawl_delay

    def certificate(self, url: str) -> str | None:
        """Say why the host's certificate was refused."""
        return self.work.hosts.get(host_key(url)).certificate

    def now(self) -> datetime:
        """Give the present moment."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Give the seconds since the spider was made."""
        return time.monotonic() - self._begun


def known_entry_points(home: Path, source: Source) -> tuple[tuple[str, str], ...]:
    """Give the addresses and kinds that a source lives by: what its file says, what was learned.

    Only a source that has neither is known by the usual ones of its family.
    """
    book = WishBook(home)
    learned = book.entry_points().get(source.id, [])
    book.close()
    given = [] if learned and source.declared else source.listings
    return (*((url, source.listing or "") for url in given), *learned)


def _home() -> Path:
    home = os.environ.get("RONDA_HOME")
    if not home:
        raise SystemExit("RONDA_HOME is not set: name the home that would watch the site")
    return Path(home)
