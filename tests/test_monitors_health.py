"""How the sources do, from what the crawl noted; and whether it is they or we."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from config.source import Source
from monitors.health import judge_sources, source_health
from storage.database import open_writer, writing
from storage.source_state import SourceState, meet_sources, record_poll, take_due
from storage.sources import switch

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


def a_source(name: str, **changes: str) -> Source:
    values = {
        "id": name,
        "name": name.title(),
        "url": f"https://{name}.test/",
        "province": "sumatera-selatan",
        "province_code": "16",
        "slot": f"{name}.test",
    }
    return Source(**(values | changes))  # type: ignore[arg-type]  # texts all


def sources(*names: str) -> dict[str, Source]:
    return {name: a_source(name) for name in names}


def polled(name: str, now: datetime, reason: str | None = None) -> SourceState:
    return SourceState(
        source=name,
        slot=f"{name}.test",
        polled_at=now,
        ok_at=None if reason else now,
        new_link_at=None if reason else now,
        failures=1 if reason else 0,
        reason=reason,
    )


def test_a_fresh_home_has_reached_nobody(home: Path, now: datetime) -> None:
    report = source_health(home, sources("a", "b"), now)
    assert (report.checked, report.ok, len(report.never), report.offline) == (0, 0, 2, False)


def test_a_home_without_databases_is_a_fresh_home(tmp_path: Path, now: datetime) -> None:
    assert len(source_health(tmp_path, sources("a"), now).never) == 1


def test_both_databases_make_the_report(home: Path, now: datetime) -> None:
    crawl, ronda = open_writer(home, "crawl"), open_writer(home, "ronda")
    later = now + timedelta(minutes=15)
    with writing(crawl):
        meet_sources(crawl, {name: f"{name}.test" for name in "abc"}, now)
        take_due(crawl, "round-1", now=now, until=later, limit=10)
        for name, reason in (("a", None), ("b", "http_403"), ("c", "timeout")):
            record_poll(
                crawl,
                name,
                "round-1",
                now=now,
                due_at=later,
                failures=1 if reason else 0,
                reason=reason,
                links_new=0 if reason else 3,
            )
    with writing(ronda):
        switch(ronda, "c", False, now, "operator")
        switch(ronda, "stranger", False, now, "operator")
    crawl.close()
    ronda.close()
    report = source_health(home, sources("a", "b", "c", "d"), now, test_network=True)
    assert (report.checked, report.ok, report.disabled, report.test_network) == (2, 1, 1, True)
    [line] = report.failing
    assert (line.source, line.name, line.province, line.reason, line.since) == (
        "b",
        "B",
        "Sumatera Selatan",
        "http_403",
        None,
    )
    assert [line.source for line in report.never] == ["d"]


def test_a_source_that_brings_nothing_new_for_days_is_quiet(now: datetime) -> None:
    known = {
        "busy": polled("busy", now),
        "silent": replace(polled("silent", now), new_link_at=now - timedelta(days=3, minutes=1)),
        "young": replace(
            polled("young", now), new_link_at=None, first_contact_at=now - timedelta(days=2)
        ),
        "empty": replace(
            polled("empty", now), new_link_at=None, first_contact_at=now - timedelta(days=4)
        ),
    }
    report = judge_sources(sources("busy", "silent", "young", "empty"), known, now)
    assert [line.source for line in report.quiet] == ["silent", "empty"]
    assert report.quiet[0].since == now - timedelta(days=3, minutes=1)
    assert report.quiet[1].since == now - timedelta(days=4)
    assert (report.checked, report.ok) == (4, 2)


def test_a_national_source_has_no_province(now: datetime) -> None:
    national = replace(a_source("kpk"), province="nasional", province_code=None)
    report = judge_sources({"kpk": national}, {"kpk": polled("kpk", now, "dns")}, now)
    assert report.failing[0].province is None


@pytest.mark.parametrize(
    ("reasons", "offline"),
    [
        (["dns"] * 5, True),
        (["dns", "timeout", "unreachable", "refused", None], True),
        (["dns", "dns", "dns", None, None], False),
        (["http_503"] * 5, False),
        (["certificate"] * 5, False),
        (["dns", "dns"], False),
        ([None] * 5, False),
    ],
)
def test_it_is_us_when_nearly_every_host_is_out_of_reach(
    now: datetime, reasons: list[str | None], offline: bool
) -> None:
    names = [f"s{number}" for number in range(len(reasons))]
    known = {name: polled(name, now, why) for name, why in zip(names, reasons, strict=True)}
    report = judge_sources(sources(*names), known, now)
    assert report.offline is offline
    assert len(report.failing) == sum(reason is not None for reason in reasons)


def test_hosts_that_share_a_slot_are_one_voice(now: datetime) -> None:
    names = [f"s{number}" for number in range(10)]
    known = {name: replace(polled(name, now, "timeout"), slot="tribun") for name in names[:8]} | {
        name: polled(name, now) for name in names[8:]
    }
    assert not judge_sources(sources(*names), known, now).offline


def test_failures_of_another_hour_say_nothing_of_our_uplink_now(now: datetime) -> None:
    names = [f"s{number}" for number in range(9)]
    earlier = now - timedelta(hours=2)
    known = {name: polled(name, earlier, "timeout") for name in names[:6]} | {
        name: polled(name, now) for name in names[6:]
    }
    assert not judge_sources(sources(*names), known, now).offline


def test_sources_that_are_not_watched_are_not_asked(now: datetime) -> None:
    known = {f"s{number}": polled(f"s{number}", now, "dns") for number in range(9)}
    report = judge_sources(sources("a"), known, now)
    assert not report.offline
    assert len(report.never) == 1
