"""A monitor's cron and time zone -> the slot that is due now, and the next ones.

A slot's key is the local date and time for which the cron fired, so an hour that a clock change
repeats is one slot; missed slots fall together into the newest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Monitor

KEY_FORMAT = "%Y-%m-%dT%H:%M"
DELAYED_AFTER = timedelta(minutes=15)
# How far to look back for the newest slot; the next span is tried where one holds none.
_SPANS = tuple(timedelta(days=days) for days in (1 / 24, 1, 7, 32, 400))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One time at which a monitor tells; `delayed` where that time is well past."""

    key: str
    fires_at: datetime
    delayed: bool = False


def due_slot(
    monitor: Monitor, *, begun_at: datetime, last_slot: str | None, now: datetime
) -> Slot | None:
    """Give the newest slot since the monitor began that it has not told, None where none is due."""
    fired = _newest(monitor, begun_at, now)
    if fired is None:
        return None
    key = fired.strftime(KEY_FORMAT)
    if last_slot is not None and key <= last_slot:
        return None
    fires_at = fired.astimezone(UTC)
    return Slot(key=key, fires_at=fires_at, delayed=now - fires_at > DELAYED_AFTER)


def next_slots(monitor: Monitor, now: datetime, n: int) -> list[datetime]:
    """Give the next `n` times at which the monitor tells, in its own time zone, soonest first."""
    found: list[datetime] = []
    for fired in _fires(monitor, now):
        if len(found) == n:
            break
        if not found or fired.strftime(KEY_FORMAT) > found[-1].strftime(KEY_FORMAT):
            found.append(fired)
    return found


def local_key(monitor: Monitor, now: datetime) -> str:
    """Give the key that a slot firing now would have; no told slot is newer on a sound clock."""
    return now.astimezone(ZoneInfo(monitor.timezone)).strftime(KEY_FORMAT)


def weekdays(monitor: Monitor) -> list[int]:
    """Give the weekdays on which the cron fires (0 is Monday), for a cron bound to no date."""
    monday = datetime(2024, 1, 1, tzinfo=ZoneInfo(monitor.timezone))
    week = takewhile(lambda fired: fired < monday + timedelta(days=7), _fires(monitor, monday))
    return sorted({fired.weekday() for fired in week})


def _newest(monitor: Monitor, begun_at: datetime, now: datetime) -> datetime | None:
    for span in _SPANS:
        newest = None
        for fired in _fires(monitor, max(begun_at, now - span)):
            if fired.astimezone(UTC) > now:
                break
            newest = fired
        if newest is not None or now - span <= begun_at:
            return newest
    return None


def _fires(monitor: Monitor, after: datetime) -> Iterator[datetime]:
    """Yield the fire times later than `after`, the two of a repeated hour both."""
    trigger = CronTrigger.from_crontab(monitor.cron, timezone=ZoneInfo(monitor.timezone))
    while (fired := trigger.get_next_fire_time(None, _next_second(after))) is not None:
        yield fired
        after = fired.astimezone(UTC)


def _next_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0) + timedelta(seconds=1)
