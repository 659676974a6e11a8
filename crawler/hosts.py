"""The rows of `hosts` while a round runs: read when first needed, written back in batches."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from storage.hosts import HostState, SlotState, load_host, load_slot, save_hosts

from .pace import SLOWEST, back_off, host_key
from .reasons import NO_ANSWER

if TYPE_CHECKING:
    from sqlite_utils import Database

ASKED_TO_WAIT = frozenset({"http_429", "http_503", "robots_unreachable"})


class HostBook:
    """What we know of each host; `flush` writes what changed, within the caller's transaction.

    Without a database it begins knowing nothing; only the crawl that holds the lock flushes.
    """

    def __init__(self, db: Database | None) -> None:
        self._db = db
        self._hosts: dict[str, HostState] = {}
        self._changed: set[str] = set()
        self._delays: dict[str, float] = {}
        self._asked: dict[str, float] = {}
        self.answered = False
        self.closed = False  # nothing more is to be asked of anybody
        self.careful_since: datetime | None = None  # somebody died who may just have asked

    def get(self, key: str) -> HostState:
        """Give a host's state, empty where it was never met."""
        if key not in self._hosts:
            known = None if self._db is None else load_host(self._db, key)
            self._hosts[key] = known or HostState(host=key)
        return self._hosts[key]

    def change(self, key: str, **changes: Any) -> HostState:
        """Change some of a host's state."""
        self._hosts[key] = replace(self.get(key), **changes)
        self._changed.add(key)
        return self._hosts[key]

    def delay(self, slot: str) -> float | None:
        """Give the delay that a slot has in this round, None before its first answer."""
        return self._delays.get(slot)

    def set_delay(self, url: str, slot: str, delay: float, now: datetime) -> None:
        """Note an answer: the slot's delay and when its host may be asked again."""
        self.answered = True
        self._delays[slot] = delay
        self.change(
            host_key(url),
            slot=slot,
            delay=delay,
            next_at=now + timedelta(seconds=delay),
            seen_at=now,
        )

    def slot(self, slot: str) -> SlotState:
        """Give what earlier rounds knew of a slot, and let its wishes count in this one."""
        state = SlotState() if self._db is None else load_slot(self._db, slot)
        self.ask_delay(slot, state.crawl_delay)
        return state

    def ask_delay(self, slot: str, crawl_delay: float | None) -> None:
        """Note a Crawl-delay of one of a slot's hosts; the longest counts, up to our slowest."""
        if crawl_delay is not None:
            self._asked[slot] = max(self.asked_delay(slot), min(crawl_delay, SLOWEST))

    def asked_delay(self, slot: str) -> float:
        """Give the delay that a slot's hosts asked for, 0 where they did not."""
        return self._asked.get(slot, 0.0)

    def held_until(self, url: str, now: datetime) -> datetime | None:
        """Say until when an address's host is to be left alone; None if it need not be."""
        until = self.get(host_key(url)).back_off_until
        return until if until is not None and until > now else None

    def went_well(self, url: str) -> None:
        """Forget the failures of a host that gave what was asked."""
        key = host_key(url)
        host = self.get(key)
        if host.failures or host.back_off_until is not None:
            self.change(key, failures=0, back_off_until=None, reason=None)

    def went_wrong(
        self, url: str, reason: str, *, asked: float | None, now: datetime
    ) -> datetime | None:
        """Count a failure of the host itself; give until when it is left alone, if it is.

        `asked` is its Retry-After in seconds. Failures of one page say nothing of the host.
        """
        if reason not in NO_ANSWER and reason not in ASKED_TO_WAIT:
            return None
        return self._failed(url, reason, asked=asked, now=now)

    def challenged(self, url: str, now: datetime) -> datetime:
        """Count a challenge in the place of an answer; give until when the host is left alone."""
        return self._failed(url, "blocked", asked=None, now=now)

    def _failed(self, url: str, reason: str, *, asked: float | None, now: datetime) -> datetime:
        key = host_key(url)
        held = self.held_until(url, now)
        if held is not None:
            # One failure, met by several requests that were under way; only the wish may differ.
            if asked is not None and now + timedelta(seconds=asked) > held:
                held = now + timedelta(seconds=asked)
                self.change(key, back_off_until=held)
            return held
        failures = self.get(key).failures + 1
        busy = reason not in NO_ANSWER  # it answered, if only to be left alone
        until = back_off(now, host=key, failures=failures, busy=busy, asked=asked)
        self.change(key, failures=failures, back_off_until=until, reason=reason)
        return until

    def fails_again(self, url: str) -> bool:
        """Say whether an address's host has failed more than once in a row."""
        return self.get(host_key(url)).failures > 1

    def flush(self) -> None:
        """Write the hosts that changed; the caller has the transaction."""
        if self._changed and self._db is not None:
            save_hosts(self._db, [self._hosts[key] for key in sorted(self._changed)])
            self._changed.clear()

    @property
    def changed(self) -> bool:
        """Say whether there is anything to write."""
        return bool(self._changed)
