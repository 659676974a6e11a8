"""When to ask again: the pure rules."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.pace import back_off, next_delay, next_due, next_try

if TYPE_CHECKING:
    from datetime import datetime

QUARTER = 900.0


def minutes(now: datetime, then: datetime) -> float:
    return (then - now).total_seconds() / 60


def test_a_source_that_answers_is_due_at_its_own_pace(now: datetime) -> None:
    assert minutes(now, next_due(now, every=QUARTER, failures=0)) == 15


def test_failures_double_the_wait_up_to_a_day(now: datetime) -> None:
    waits = [minutes(now, next_due(now, every=QUARTER, failures=n)) for n in (1, 2, 3, 7, 30)]
    assert waits == [30, 60, 120, 24 * 60, 24 * 60]


def test_a_source_slower_than_a_day_is_never_asked_more_often_for_failing(now: datetime) -> None:
    assert next_due(now, every=2 * 86_400, failures=3) == now + timedelta(days=2)


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
        (3.0, 0.1, 304, 2.0, 2.0),
        (2.0, 90.0, 200, 2.0, 30.0),  # never slower than the slowest
        (2.0, 0.1, 200, 60.0, 60.0),  # unless a person asked for it
    ],
)
def test_a_delay_follows_latency_between_its_bounds(
    old: float, latency: float, status: int, floor: float, new: float
) -> None:
    assert next_delay(old, latency=latency, status=status, floor=floor) == pytest.approx(new)


def test_a_host_is_left_alone_longer_each_time_and_as_long_as_it_asks(now: datetime) -> None:
    assert [minutes(now, back_off(now, failures=n)) for n in (1, 2, 3, 50)] == [1, 2, 4, 15]
    assert minutes(now, back_off(now, failures=1, asked=7200)) == 120
    assert minutes(now, back_off(now, failures=1, asked=10**9)) == 24 * 60
    assert minutes(now, back_off(now, failures=3, asked=1)) == 4
