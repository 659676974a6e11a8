"""Plans who reports which invented event when; the same seed and time give the same plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from .texts import draw_slots, find_place, load_stories, write_story

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from .sites import Site
    from .texts import Draft, Story

FIRST_AGE = timedelta(hours=3)
BETWEEN = timedelta(hours=1.8)
LATE = (6, 11)  # these events are three days old and more: the digest's section "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One site's report of something: the draft, when it is published, and of which event."""

    site: str
    draft: Draft
    at: datetime
    event: str | None = None


def plan_reports(
    sites: Sequence[Site], now: datetime, seed: int, articles: int | None
) -> list[Report]:
    """Plan everything that the sites have published up to `now`."""
    reports = plan_events(sites, now, seed)
    for n, site in enumerate(sites):
        done = sum(report.site == site.id for report in reports)
        total = 26 + n * 3 % 8 if articles is None else articles
        reports += _plan_rest(site, total - done, now, Random(f"{seed}/rest/{site.id}"))
    return reports


def plan_events(sites: Sequence[Site], now: datetime, seed: int) -> list[Report]:
    """Plan the on-topic events: each story once for every 13 sites, one release on six sites."""
    stories = [story for story in load_stories("on_topic") if not story.reserve]
    reports = _plan_release([site for site in sites if site.release], now, seed)
    for turn in range(max(1, len(sites) // 13)):
        for n, story in enumerate(stories):
            home = (n + turn * 13) % len(sites)
            others = [(home + step) % len(sites) for step in (5, 9)][: story.sites - 1]
            where = [sites[i] for i in dict.fromkeys([home, *others])]
            age = FIRST_AGE + BETWEEN * n
            if n in LATE:
                age += timedelta(hours=60)
            reports += plan_event(story, where, now - age, f"{story.id}-{turn + 1}", seed)
    return reports


def plan_event(
    story: Story, sites: Sequence[Site], at: datetime, event: str, seed: int
) -> list[Report]:
    """Plan the reports of one event that the first of the sites prints at `at`."""
    die = Random(f"{seed}/{event}")
    place = find_place(sites[0].province, die)
    held = sites[0].local(at - timedelta(hours=2))
    slots = draw_slots(place, held, die, Random(f"{seed}/{place.name}"))
    return [
        Report(
            site=site.id,
            draft=write_story(
                story,
                slots,
                Random(f"{seed}/{event}/{site.id}"),
                drop=n if n else None,
                words=330 if site.page_style and n % 2 == 0 else 0,
            ),
            at=at + timedelta(minutes=37 * n + die.randrange(20)),
            event=event,
        )
        for n, site in enumerate(sites)
    ]


def _plan_release(sites: Sequence[Site], now: datetime, seed: int) -> list[Report]:
    """All the sites print the first one's text as they got it; only the titles differ."""
    if not sites:
        return []
    story = load_stories("release")[0]
    reports = plan_event(story, sites, now - timedelta(hours=8), f"{story.id}-1", seed)
    text = reports[0].draft.paragraphs
    return [replace(r, draft=replace(r.draft, paragraphs=text)) for r in reports]


def _plan_rest(site: Site, count: int, now: datetime, die: Random) -> list[Report]:
    alike, daily = load_stories("look_alike"), load_stories("ordinary")
    start_alike, start_daily = die.randrange(len(alike)), die.randrange(len(daily))
    reports = []
    for n in range(count):
        story = (
            alike[(start_alike + n // 5) % len(alike)]
            if n % 5 == 0
            else daily[(start_daily + n) % len(daily)]
        )
        at = now - timedelta(minutes=25 + die.randrange(60) + n * 8600 // max(count, 1))
        place = find_place(site.province, die)
        slots = draw_slots(place, site.local(at), die, Random(f"{site.id}/{place.name}"))
        words = 330 if site.page_style and n % 3 == 0 else 0
        draft = write_story(story, slots, die, words=words)
        reports.append(Report(site=site.id, draft=draft, at=at))
    return reports
