"""robots.txt after RFC 9309, remembered in `hosts` for 24 hours and between rounds.

4xx allows all; 5xx or no answer means the last good copy (30 days), else we hold off. Scrapy's own
middleware allows all in that case, and ignores the slot.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from crawler.hosts import host_key
from crawler.reasons import NO_ANSWER, Refused, failure_reason

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

PRODUCT = "Ronda"  # what robots.txt calls us
FRESH = timedelta(hours=24)
TRY_AGAIN = timedelta(minutes=30)  # after a failure
GOOD_FOR = timedelta(days=30)  # a last good copy while the file cannot be had
LARGEST = 500 * 1024  # bytes that are read, as the standard asks at least


class RobotsGuard:
    """The middleware that asks robots.txt before anything else is asked of a host."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._rules: dict[str, tuple[bytes, Protego]] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Refuse what the host forbids; wait for its robots.txt where it is not known."""
        if request.meta.get("dont_obey_robotstxt"):
            return
        key = host_key(request.url)
        if not self._fresh(key):
            task = self._asking.get(key)
            if task is None:
                task = asyncio.ensure_future(self._ask(request, key))
                self._asking[key] = task
                task.add_done_callback(lambda _: self._asking.pop(key, None))
            await asyncio.shield(task)
        if not self._allowed(key, request.url):
            raise Refused("robots")

    def _fresh(self, key: str) -> bool:
        host = self.crawler.spider.work.hosts.get(key)
        if host.robots_at is None:
            return False
        age = datetime.now(UTC) - host.robots_at
        failed = host.robots_status is None or host.robots_status >= 500
        return age < (TRY_AGAIN if failed or host.robots_status == 429 else FRESH)

    async def _ask(self, request: Request, key: str) -> None:
        """Fetch robots.txt and store what came; never raises for what the network did."""
        hosts = self.crawler.spider.work.hosts
        parts = urlsplit(request.url)
        robots = Request(
            f"{parts.scheme}://{parts.netloc}/robots.txt",
            priority=1000,
            callback=NO_CALLBACK,
            meta={
                "dont_obey_robotstxt": True,
                "max_retry_times": 0,
                "crawl": request.meta.get("crawl"),
            },
        )
        try:
            response = await self.crawler.engine.download_async(robots)
        except Exception as error:
            reason = failure_reason(error)
            now = datetime.now(UTC)
            if reason in ("held", "stopped"):
                raise Refused(reason) from error
            # A redirect without end or a body too large is an answer: no usable file (RFC 2.3.1.2).
            if reason in NO_ANSWER or reason in ("error", "truncated_body"):
                hosts.change(key, robots_status=None, robots_at=now, reason=reason)
                hosts.went_wrong(request.url, reason, asked=None, now=now)
                if not self._last_good(key, now):
                    raise Refused(reason) from error
            else:
                hosts.change(key, robots=None, robots_status=404, robots_at=now, crawl_delay=None)
            return
        now = datetime.now(UTC)
        if response.status == 200:
            body = response.body[:LARGEST]
            delay = _parse(body).crawl_delay(PRODUCT)
            hosts.change(
                key,
                robots=body,
                robots_status=200,
                robots_at=now,
                robots_good_at=now,
                crawl_delay=None if delay is None else float(delay),
            )
        elif response.status >= 500 or response.status == 429:
            hosts.change(key, robots_status=response.status, robots_at=now)
        else:
            hosts.change(
                key, robots=None, robots_status=response.status, robots_at=now, crawl_delay=None
            )

    def _last_good(self, key: str, now: datetime) -> bool:
        host = self.crawler.spider.work.hosts.get(key)
        return host.robots_good_at is not None and now - host.robots_good_at < GOOD_FOR

    def _allowed(self, key: str, url: str) -> bool:
        host = self.crawler.spider.work.hosts.get(key)
        status = host.robots_status
        known = host.robots is not None
        if status is None or status >= 500 or status == 429:
            known = known and self._last_good(key, datetime.now(UTC))
            if not known and not (host.robots is None and self._last_good(key, datetime.now(UTC))):
                raise Refused("robots_unreachable")
        if not known or host.robots is None:
            return True
        cached = self._rules.get(key)
        if cached is None or cached[0] is not host.robots:
            cached = (host.robots, _parse(host.robots))
            self._rules[key] = cached
        return cached[1].can_fetch(url, PRODUCT)


def _parse(body: bytes) -> Protego:
    return Protego.parse(body.decode("utf-8-sig", "replace"))
