"""When to ask again: pure rules for sources, links, hosts and delays, and the one listener.

Scrapy's AutoThrottle is off: its floor is the global delay, so a host's own wish would be lost
after the first quick answer. Chance is drawn from a hash, so a rule gives the same every time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from time import monotonic
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
HOST_BACK_OFF = (60, 300, 1_800)  # seconds, by failures in a row; the last is the longest
HALF_HOUR = timedelta(minutes=30)
SPREAD = 0.1  # of a wait is added by chance: hosts that failed together come back apart


def next_due(
    now: datetime,
    *,
    every: float,
    failures: int,
    ok_at: datetime | None = None,
    answered: bool = True,
) -> datetime:
    """Say when a source is polled next: `every` seconds on, later while it fails, daily at worst.

    One that answered before (`ok_at`) waits a twelfth of the time that it has been failing, half
    an hour at least: it is back soon after its site is. One that never did waits twice as long
    each time. `answered` is False while no host at all has answered in this round: then our own
    line is the likely cause, and the source is asked again soon after the line is back.
    """
    wait = timedelta(seconds=every)
    if failures and answered:
        longest = max(DAY, wait)
        if ok_at is not None:
            wait = min(max(wait, HALF_HOUR, (now - ok_at) / 12), longest)
        else:
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

    A 429 doubles it. Seconds throughout; the result lies between `floor` and the slowest pace
    that we take.
    """
    new = max(latency, (old + latency) / 2)
    if status not in (200, 304):
        new = max(new, old * 2 if status == 429 else old)
    return min(max(new, floor), max(SLOWEST, floor))


def back_off(
    now: datetime, *, host: str, failures: int, busy: bool = False, asked: float | None = None
) -> datetime:
    """Say until when a host is left alone after `failures` in a row, half an hour at most.

    `busy` is a host that answered that it cannot (429, 503): it gets a step more. `asked` is its
    own wish in seconds, obeyed up to a day.
    """
    step = max(failures, 1) - 1 + int(busy)
    wait = HOST_BACK_OFF[min(step, len(HOST_BACK_OFF) - 1)] * (1 + SPREAD * _chance(host, failures))
    if asked is not None:
        wait = max(wait, min(asked, DAY.total_seconds()))
    return now + timedelta(seconds=wait)


def _chance(*of: object) -> float:
    """Give a number from 0 to 1 that is as good as thrown, and the same every time."""
    digest = blake2b(repr(of).encode(), digest_size=4).digest()
    return int.from_bytes(digest) / 0xFFFFFFFF


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
        set_slot_delay(self.crawler, slot, delay, answered=True)


def set_slot_delay(crawler: Crawler, slot: str, delay: float, *, answered: bool = False) -> None:
    """Set a slot's delay where it acts now and where an idle slot is built anew from.

    It counts from the moment of being `answered`, not of asking: a site sees at least this delay
    however slow it is itself.
    """
    assert crawler.engine is not None
    downloader = crawler.engine.downloader
    downloader.per_slot_settings[slot] = {"concurrency": 1, "delay": delay, "jitter": 0.0}
    if slot in downloader.slots:
        downloader.slots[slot].delay = delay
        if answered:
            downloader.slots[slot].lastseen = monotonic()


def empty_queue(crawler: Crawler, reason: str, *, host: str | None = None) -> None:
    """Give back what waits in slot queues, of one host or of all, as refused for a reason."""
    assert crawler.engine is not None
    for slot in list(crawler.engine.downloader.slots.values()):
        waiting = [one for one in slot.queue if host is None or host_key(one[0].url) == host]
        for one in waiting:
            slot.queue.remove(one)
            one[1].errback(Failure(Refused(reason)))  # type: ignore[no-untyped-call]  # Twisted's
