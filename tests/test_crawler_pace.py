"""When to ask again: the pure rules."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from scrapy.http import Response

from crawler.answers import retry_after
from crawler.pace import back_off, next_delay, next_due, next_try

if TYPE_CHECKING:
    from datetime import datetime

QUARTER = 900.0


def minutes(now: datetime, then: datetime) -> float:
    return (then - now).total_seconds() / 60


def test_a_source_that_answers_is_due_at_its_own_pace(now: datetime) -> None:
    assert minutes(now, next_due(now, every=QUARTER, failures=0)) == 15


def test_a_source_that_never_answered_waits_twice_as_long_each_time(now: datetime) -> None:
    waits = [minutes(now, next_due(now, every=QUARTER, failures=n)) for n in (1, 2, 3, 7, 30)]
    assert waits == [30, 60, 120, 24 * 60, 24 * 60]


def test_a_source_that_answered_before_is_asked_in_step_with_how_long_it_fails(
    now: datetime,
) -> None:
    failing = [timedelta(minutes=5), timedelta(hours=6), timedelta(days=2), timedelta(days=90)]
    waits = [
        minutes(now, next_due(now, every=QUARTER, failures=3, ok_at=now - long)) for long in failing
    ]
    assert waits == [30, 30, 240, 24 * 60]
    slow = next_due(now, every=7200, failures=1, ok_at=now - timedelta(hours=1))
    assert slow == now + timedelta(hours=2)


def test_a_source_slower_than_a_day_is_never_asked_more_often_for_failing(now: datetime) -> None:
    assert next_due(now, every=2 * 86_400, failures=3) == now + timedelta(days=2)
    later = next_due(now, every=2 * 86_400, failures=3, ok_at=now - timedelta(days=40))
    assert later == now + timedelta(days=2)


def test_while_no_host_answers_sources_are_not_punished(now: datetime) -> None:
    assert minutes(now, next_due(now, every=QUARTER, failures=9, answered=False)) == 15


def test_a_link_is_tried_eight_times_within_about_three_days(now: datetime) -> None:
    moment, tries = now, 1
    waits = []
    while (again := next_try(moment, tries=tries, first_try=now)) is not None:
        waits.append(again - moment)
        moment, tries = again, tries + 1
    assert tries == 8
    assert waits == sorted(waits)
    assert timedelta(days=2.5) < moment - now < timedelta(days=3.2)


def test_a_link_first_tried_three_days_ago_is_given_up(now: datetime) -> None:
    assert next_try(now, tries=2, first_try=now - timedelta(days=3)) is None


@pytest.mark.parametrize(
    ("old", "latency", "status", "floor", "new"),
    [
        (2.0, 0.1, 200, 2.0, 2.0),  # a quick host is still asked no faster than the floor
        (1.0, 0.1, 200, 0.05, 0.55),  # falls half way
        (1.0, 4.0, 200, 0.05, 4.0),  # a slow answer counts whole
        (3.0, 0.1, 503, 2.0, 3.0),  # errors come quickly and mean nothing
        (3.0, 0.1, 429, 2.0, 6.0),  # too quick for it: half as often
        (20.0, 0.1, 429, 2.0, 30.0),
        (3.0, 0.1, 304, 2.0, 2.0),
        (2.0, 90.0, 200, 2.0, 30.0),  # never slower than the slowest
        (2.0, 0.1, 200, 60.0, 60.0),  # unless a person asked for it
    ],
)
def test_a_delay_follows_latency_between_its_bounds(
    old: float, latency: float, status: int, floor: float, new: float
) -> None:
    assert next_delay(old, latency=latency, status=status, floor=floor) == pytest.approx(new)


def test_a_host_is_left_alone_longer_each_time_half_an_hour_at_most(now: datetime) -> None:
    for name in ("a.test", "b.test"):
        waits = [minutes(now, back_off(now, host=name, failures=n)) for n in (1, 2, 3, 4, 50)]
        for wait, shortest in zip(waits, (1, 5, 30, 30, 30), strict=True):
            assert shortest <= wait <= shortest * 1.1
    busy = [minutes(now, back_off(now, host="a.test", failures=n, busy=True)) for n in (1, 2, 3)]
    for wait, shortest in zip(busy, (5, 30, 30), strict=True):
        assert shortest <= wait <= shortest * 1.1


def test_hosts_that_failed_together_do_not_come_back_together(now: datetime) -> None:
    moments = {back_off(now, host=f"s{n}.test", failures=3) for n in range(20)}
    assert len(moments) == 20
    assert max(moments) - min(moments) > timedelta(minutes=1)


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [(0.0, 300, 330), (1.0, 300, 330), (7200.0, 7200, 7200), (1e9, 86_400, 86_400)],
)
def test_N25_a_host_s_own_wish_counts_between_ours_and_a_day(
    now: datetime, asked: float, least: float, most: float
) -> None:
    wait = (back_off(now, host="a.test", failures=1, busy=True, asked=asked) - now).total_seconds()
    assert least <= wait <= most


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 1.0),
        ("315360000", 86_400.0),  # ten years
        ("9" * 400, 86_400.0),
        ("Wed, 04 Mar 2026 02:10:00 GMT", 600.0),
        ("Wed, 04 Mar 2026 02:10:00", 600.0),
        ("Wed, 04 Mar 2036 02:00:00 GMT", 86_400.0),
        ("Tue, 03 Mar 2026 02:00:00 GMT", 1.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
        ("-5", None),
        ("\xb2", None),  # a digit to Python, no number to anybody
        ("soon", None),
        ("1.5", None),
        ("", None),
        ("Wed, 99 Foo 2026 99:99:99 GMT", None),
        ("1e9", None),
    ],
)
def test_N25_retry_after_is_read_in_every_form_and_clamped(
    now: datetime, value: str | None, seconds: float | None
) -> None:
    headers = {} if value is None else {"Retry-After": value.encode("latin-1")}
    response = Response("http://a.test/", status=429, headers=headers)
    assert retry_after(response, now) == seconds
