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
from scrapy import Request, signals
from scrapy.exceptions import StopDownload
from scrapy.http.request import NO_CALLBACK

from crawler.pace import host_key, set_slot_delay
from crawler.reasons import Refused, failure_reason, whole_host
from crawler.seam import work_of

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from storage.hosts import HostState

PRODUCT = "Ronda"  # what robots.txt calls us
FRESH = timedelta(hours=24)
FRESH_FAILURE = timedelta(minutes=10)  # it answered that it cannot
FRESH_SILENCE = timedelta(minutes=1)  # it did not answer; the host's own back-off counts too
GOOD_FOR = timedelta(days=30)  # a last good copy while the file cannot be had
# Nothing was asked of the host: nothing is noted.
UNASKED = frozenset({"stopped", "held", "blocked_address", "blocked_port", "bad_address"})
LARGEST = 500 * 1024  # bytes that are read, as the standard asks at least


class RobotsGuard:
    """The middleware that asks robots.txt before anything else is asked of a host."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._rules: dict[str, tuple[bytes, Protego]] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to what the downloader receives."""
        guard = cls(crawler)
        crawler.signals.connect(guard.received, signal=signals.bytes_received)
        return guard

    def received(self, data: bytes, request: Request) -> None:
        """Stop a robots.txt where we would read no further; what came is kept."""
        if "robots_bytes" in request.meta:
            request.meta["robots_bytes"] += len(data)
            if request.meta["robots_bytes"] > LARGEST:
                raise StopDownload(fail=False)

    async def process_request(self, request: Request) -> None:
        """Refuse what the host forbids; wait for its robots.txt where it is not known."""
        if request.meta.get("dont_obey_robotstxt"):
            return
        key = host_key(request.url)
        if not is_fresh(self._host(key), datetime.now(UTC)):
            task = self._asking.get(key)
            if task is None:
                task = asyncio.ensure_future(self._ask(request, key))
                self._asking[key] = task
                task.add_done_callback(lambda done: self._asked(key, done))
            await asyncio.shield(task)
        if not self._allowed(key, request.url):
            raise Refused("robots")

    def _asked(self, key: str, done: asyncio.Task[None]) -> None:
        self._asking.pop(key, None)
        if not done.cancelled():
            done.exception()  # seen: whoever waited got it, and on a stop nobody waits any more

    def _host(self, key: str) -> HostState:
        return work_of(self.crawler).hosts.get(key)

    async def _ask(self, request: Request, key: str) -> None:
        """Fetch robots.txt and note what came; raises Refused where there is nothing to go by."""
        assert self.crawler.engine is not None
        parts = urlsplit(request.url)
        robots = Request(
            f"{parts.scheme}://{parts.netloc}/robots.txt",
            priority=1000,
            callback=NO_CALLBACK,
            meta={
                "dont_obey_robotstxt": True,
                "max_retry_times": 0,
                "robots_bytes": 0,
                "crawl": request.meta.get("crawl"),
            },
        )
        hosts = work_of(self.crawler).hosts
        try:
            response = await self.crawler.engine.download_async(robots)
        except Exception as error:
            reason = failure_reason(error)
            now = datetime.now(UTC)
            if reason in UNASKED:
                raise Refused(reason) from error
            if whole_host(reason) or reason in ("error", "blocked"):
                hosts.change(key, robots_status=None, robots_at=now)
                if not has_good_copy(self._host(key), now):
                    raise Refused(reason) from error
            else:
                # Redirects without end, a file too large: an answer, and no rules in it.
                hosts.change(key, robots=None, robots_status=404, robots_at=now, robots_good_at=now)
            return
        now = datetime.now(UTC)
        status = response.status
        if status >= 500 or status == 429:
            hosts.change(key, robots_status=status, robots_at=now)
            return
        body = response.body[:LARGEST] if status == 200 else None
        delay = None if body is None else _parse(body).crawl_delay(PRODUCT)
        hosts.change(
            key,
            robots=body,
            robots_status=status,
            robots_at=now,
            robots_good_at=now,
            crawl_delay=None if delay is None else float(delay),
        )
        self._slow_down(request.meta["download_slot"], None if delay is None else float(delay))

    def _slow_down(self, slot: str, delay: float | None) -> None:
        work = work_of(self.crawler)
        work.hosts.ask_delay(slot, delay)
        floor = work.floor(slot)
        set_slot_delay(self.crawler, slot, max(work.hosts.delay(slot) or 0.0, floor))

    def _allowed(self, key: str, url: str) -> bool:
        host = self._host(key)
        if not _usable(host) and not has_good_copy(host, datetime.now(UTC)):
            raise Refused("robots_unreachable")
        if host.robots is None:
            return True
        cached = self._rules.get(key)
        if cached is None or cached[0] != host.robots:
            cached = (host.robots, _parse(host.robots))
            self._rules[key] = cached
        return bool(cached[1].can_fetch(url, PRODUCT))


def is_fresh(host: HostState, now: datetime) -> bool:
    """Say whether what is known of a host's robots.txt need not be asked again yet."""
    if host.robots_at is None:
        return False
    if _usable(host):
        lasts = FRESH
    else:
        lasts = FRESH_SILENCE if host.robots_status is None else FRESH_FAILURE
    return timedelta(0) <= now - host.robots_at < lasts


def has_good_copy(host: HostState, now: datetime) -> bool:
    """Say whether there is an earlier answer, rules or none, to go by while no new one comes."""
    return host.robots_good_at is not None and now - host.robots_good_at < GOOD_FOR


def _usable(host: HostState) -> bool:
    status = host.robots_status
    return status is not None and status < 500 and status != 429


def _parse(body: bytes) -> Protego:
    return Protego.parse(body.decode("utf-8-sig", "replace"))
