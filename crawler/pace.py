"""When to ask again: pure rules for sources, links, hosts and delays, and the one listener.

Scrapy's AutoThrottle is off: its floor is the global delay, so a host's own wish would be lost
after the first quick answer.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import signals
from twisted.python.failure import Failure

from .reasons import Refused
from .seam import work_of

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

SLOWEST = 30.0  # seconds between two requests, whatever a host asks or however slow it is
DAY = timedelta(days=1)
USUAL_PORTS = {"http": 80, "https": 443}
# Eight tries: the first and these, five minutes to forty hours apart, three days in all.
TRY_AGAIN = (300, 900, 3_600, 10_800, 28_800, 72_000, 143_000)
HOST_BACK_OFF = (60, 900)  # seconds: the first, the longest that we impose ourselves


def next_due(now: datetime, *, every: float, failures: int, answered: bool = True) -> datetime:
    """Say when a source is polled next: `every` seconds on, doubled per failure up to a day.

    `answered` is False while no host at all has answered in this round: then our own line is the
    likely cause, and the source is asked again soon after the line is back.
    """
    wait = timedelta(seconds=every)
    if failures and answered:
        longest = max(DAY, wait)
        for _ in range(min(failures, 40)):
            wait = min(wait * 2, longest)
    return now + wait


def next_try(now: datetime, *, tries: int, first_try: datetime) -> datetime | None:
    """Say when a link that failed `tries` times is fetched again; None when it is given up."""
    if tries > len(TRY_AGAIN) or now - first_try >= 3 * DAY:
        return None
    return now + timedelta(seconds=TRY_AGAIN[tries - 1])


def next_delay(old: float, *, latency: float, status: int, floor: float) -> float:
    """Move a slot's delay towards its latency; it never falls on an answer that is not 200.

    Seconds throughout; the result lies between `floor` and the slowest pace that we take.
    """
    new = max(latency, (old + latency) / 2)
    if status not in (200, 304):
        new = max(new, old)
    return min(max(new, floor), max(SLOWEST, floor))


def back_off(now: datetime, *, failures: int, asked: float | None = None) -> datetime:
    """Say until when a host is left alone after `failures` in a row; `asked` is its own wish."""
    shortest, longest = HOST_BACK_OFF
    wait = min(shortest * 2 ** min(max(failures, 1) - 1, 20), longest)
    if asked is not None:
        wait = min(max(wait, asked), DAY.total_seconds())
    return now + timedelta(seconds=wait)


def host_key(url: str) -> str:
    """Give the host of an address, with its port where that is not the usual one."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if parts.port is None or parts.port == USUAL_PORTS.get(parts.scheme):
        return host
    return f"{host}:{parts.port}"


class PaceKeeper:
    """The listener: counts each request and moves its slot's delay after each answer."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to what the downloader tells."""
        keeper = cls(crawler)
        crawler.signals.connect(keeper.asked, signal=signals.request_reached_downloader)
        crawler.signals.connect(keeper.answered, signal=signals.response_downloaded)
        return keeper

    def asked(self, request: Request) -> None:
        """Count a request, also one that will never be answered."""
        work_of(self.crawler).tally.asked(request.meta.get("crawl"))

    def answered(self, response: Response, request: Request) -> None:
        """Count an answer's bytes, note that its host lives, and move its slot's delay."""
        work = work_of(self.crawler)
        headers = sum(
            len(name) + len(value) + 4
            for name, values in response.headers.items()
            for value in values
        )
        work.tally.answered(
            request.meta.get("crawl"),
            received=len(response.body) + headers,
            not_modified=response.status == 304,
        )
        slot = request.meta.get("download_slot")
        latency = request.meta.get("download_latency")
        if slot is None or latency is None:
            return
        now = datetime.now(UTC)
        floor = work.floor(slot)
        delay = next_delay(
            work.hosts.delay(slot) or floor, latency=latency, status=response.status, floor=floor
        )
        work.hosts.set_delay(request.url, slot, delay, now)
        set_slot_delay(self.crawler, slot, delay)


def set_slot_delay(crawler: Crawler, slot: str, delay: float) -> None:
    """Set a slot's delay where it acts now and where an idle slot is built anew from."""
    assert crawler.engine is not None
    downloader = crawler.engine.downloader
    downloader.per_slot_settings[slot] = {"concurrency": 1, "delay": delay, "jitter": 0.0}
    if slot in downloader.slots:
        downloader.slots[slot].delay = delay


def empty_queue(crawler: Crawler, reason: str, *, host: str | None = None) -> None:
    """Give back what waits in slot queues, of one host or of all, as refused for a reason."""
    assert crawler.engine is not None
    for slot in list(crawler.engine.downloader.slots.values()):
        waiting = [one for one in slot.queue if host is None or host_key(one[0].url) == host]
        for one in waiting:
            slot.queue.remove(one)
            one[1].errback(Failure(Refused(reason)))  # type: ignore[no-untyped-call]  # Twisted's
