"""Which slot of a monitor is due: missed ones coalesce, clock changes make no second one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.settings import Monitor
from monitors.digests.slots import Slot, due_slot, local_key, next_slots

NOW = datetime(2026, 3, 3, 23, 0, 30, tzinfo=UTC)  # 4 March, 06.00.30 WIB
LONG_AGO = NOW - timedelta(days=300)


def _monitor(cron: str = "0 6 * * *", timezone: str = "Asia/Jakarta") -> Monitor:
    return Monitor(name="pagi", topics=("rakor",), cron=cron, timezone=timezone)


def _due(
    monitor: Monitor, now: datetime, last: str | None = None, begun: datetime = LONG_AGO
) -> Slot | None:
    return due_slot(monitor, begun_at=begun, last_slot=last, now=now)


def test_a_slot_is_due_from_its_minute_on_and_once() -> None:
    slot = _due(_monitor(), NOW, last="2026-03-03T06:00")
    assert slot == Slot(
        key="2026-03-04T06:00", fires_at=datetime(2026, 3, 3, 23, 0, tzinfo=UTC), delayed=False
    )
    assert _due(_monitor(), NOW, last=slot.key) is None
    assert _due(_monitor(), NOW - timedelta(minutes=1), last="2026-03-03T06:00") is None


def test_a_slot_before_the_monitor_began_is_not_due() -> None:
    assert _due(_monitor(), NOW, begun=NOW - timedelta(seconds=10)) is None
    assert _due(_monitor(), NOW + timedelta(days=1), begun=NOW) is not None


def test_missed_slots_become_the_newest_one_marked_delayed() -> None:
    slot = _due(_monitor(), NOW + timedelta(hours=8), last="2026-02-20T06:00")
    assert slot is not None
    assert (slot.key, slot.delayed) == ("2026-03-04T06:00", True)


@pytest.mark.parametrize("cron", ["0 6 1 1 *", "* * * * *", "0 6 * * mon", "15 3 29 2 *"])
def test_the_newest_slot_is_found_however_rare_or_dense(cron: str) -> None:
    monitor = _monitor(cron, "UTC")
    slot = _due(monitor, NOW, begun=NOW - timedelta(days=390))
    follower = next_slots(monitor, NOW - timedelta(days=390), 1)[0]
    if follower > NOW:
        assert slot is None
    else:
        assert slot is not None
        assert next_slots(monitor, slot.fires_at, 1)[0] > NOW


def test_an_hour_that_a_clock_change_repeats_is_one_slot() -> None:
    """Berlin, 25 October 2026: 02.30 comes twice, an hour apart."""
    monitor = _monitor("30 2 * * *", "Europe/Berlin")
    first = _due(monitor, datetime(2026, 10, 25, 0, 31, tzinfo=UTC), last="2026-10-24T02:30")
    assert first is not None
    again = _due(monitor, datetime(2026, 10, 25, 1, 31, tzinfo=UTC), last=first.key)
    assert (first.key, again) == ("2026-10-25T02:30", None)
    following = next_slots(monitor, datetime(2026, 10, 24, 12, 0, tzinfo=UTC), 2)
    assert [one.strftime("%d %H:%M") for one in following] == ["25 02:30", "26 02:30"]


def test_a_slot_in_the_hour_that_a_clock_change_skips_comes_once() -> None:
    """Berlin, 29 March 2026: there is no 02.30."""
    monitor = _monitor("30 2 * * *", "Europe/Berlin")
    slot = _due(monitor, datetime(2026, 3, 29, 1, 31, tzinfo=UTC), last="2026-03-28T02:30")
    assert slot is not None
    assert _due(monitor, datetime(2026, 3, 29, 3, 0, tzinfo=UTC), last=slot.key) is None


def test_next_slots_are_local_and_soonest_first() -> None:
    found = next_slots(_monitor(timezone="Asia/Jayapura"), NOW, 3)
    assert [one.isoformat() for one in found] == [
        "2026-03-05T06:00:00+09:00",
        "2026-03-06T06:00:00+09:00",
        "2026-03-07T06:00:00+09:00",
    ]


def test_the_key_of_now_is_local() -> None:
    assert local_key(_monitor(timezone="Asia/Jayapura"), NOW) == "2026-03-04T08:00"


@settings(deadline=None, max_examples=60)
@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)),  # noqa: DTZ001  # made aware below
    steps=st.lists(st.integers(1, 5000), min_size=1, max_size=25),
    cron=st.sampled_from(["30 2 * * *", "*/20 * * * *", "0 6 * * mon-fri", "0 0 1 * *"]),
    zone=st.sampled_from(["Asia/Jakarta", "Europe/Berlin", "America/St_Johns"]),
)
def test_however_late_we_look_no_key_is_told_twice_and_the_newest_always(
    start: datetime, steps: list[int], cron: str, zone: str
) -> None:
    monitor = _monitor(cron, zone)
    begun = now = start.replace(tzinfo=UTC)
    told: list[str] = []
    for minutes in steps:
        now += timedelta(minutes=minutes)
        slot = due_slot(monitor, begun_at=begun, last_slot=max(told, default=None), now=now)
        if slot is not None:
            assert slot.fires_at <= now
            assert slot.key not in told
            told.append(slot.key)
        upcoming = next_slots(monitor, now, 1)[0].astimezone(UTC)
        assert upcoming > now
    assert told == sorted(told)
