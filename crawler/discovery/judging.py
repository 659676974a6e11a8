"""A listing as it was read -> whether it may be an entry point, and why not.

Judged by what it yields: own articles, fresh ones, and those that the front page shows too.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from .preview import EntryPoint

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from crawler.listings.links import Listing
    from storage.records import Article, Link

    from .preview import Origin, State

STALE = timedelta(days=45)
FEWEST = 3  # own articles, else a listing is none of a site that has more
SLACK = timedelta(hours=1)  # a site's clocks may differ so much
SHOWN = 8  # articles on a front page from which on a listing ought to share some
MISSED = 2  # articles that a listing should hold and does not, until it is partial
ONE_MISSING = "lacks one newer article"
WEEK = timedelta(days=7)


def judge_listing(
    listing: Listing,
    *,
    url: str,
    kind: str,
    origin: Origin,
    front: Collection[str],
    now: datetime,
) -> EntryPoint:
    """Judge a listing that could be read; `front` are the articles that the front page shows."""
    links = listing.links
    times = sorted(link.published_at for link in links if link.published_at is not None)
    shared = sum(link.url in front for link in links)
    foreign = _foreign(listing)
    point = EntryPoint(
        url=url,
        kind=kind,
        origin=origin,
        state="good",
        articles=len(links),
        newest=times[-1] if times else None,
        oldest=times[0] if times else None,
        overlap=shared,
    )
    if not links:
        why = "all its links lead to other hosts" if foreign else "no articles of this site"
        return _spoilt(point, "dropped", why)
    if foreign > len(links):
        return _spoilt(point, "dropped", "most of its links lead to other hosts")
    if times and now - times[-1] > STALE:
        return _spoilt(point, "poor", f"nothing newer than {times[-1]:%Y-%m-%d}")
    if len(links) < FEWEST:
        return _spoilt(point, "poor", f"{len(links)} articles only")
    if not shared and len(front) >= SHOWN:
        return _spoilt(point, "poor", "holds nothing that the front page shows")
    return point


def missing_articles(
    point: EntryPoint, links: Collection[str], articles: Sequence[Article]
) -> list[Article]:
    """Name the articles that are newer than a listing's oldest one and yet not in it."""
    if point.oldest is None:
        return []
    return [
        article
        for article in articles
        if article.published_at is not None
        and article.precision == "minute"
        and article.published_at > point.oldest + SLACK
        and article.url not in links
    ]


def judge_completeness(
    point: EntryPoint, links: Collection[str], articles: Sequence[Article]
) -> EntryPoint:
    """Drop a listing that holds only part of the site's news, going by articles that were read."""
    missing = missing_articles(point, links, articles)
    if not missing:
        return point
    if len(missing) < MISSED:  # it may be pinned, or no news at all: look for something better
        return _spoilt(point, "poor", ONE_MISSING)
    return _spoilt(point, "dropped", f"holds only part: {len(missing)} newer articles are missing")


def estimate_rate(links: Sequence[Link], now: datetime) -> float | None:
    """Estimate the articles a day from a listing's times of the last week; None without times."""
    times = sorted(link.published_at for link in links if link.published_at is not None)
    recent = [moment for moment in times if now - moment <= WEEK]
    if len(recent) < FEWEST:
        return round(len(recent) / 7, 1) if times else None
    span = max((recent[-1] - recent[0]).total_seconds(), 3600.0) / 86_400
    return round((len(recent) - 1) / span, 1)


def _foreign(listing: Listing) -> int:
    for problem in listing.problems:
        if problem.endswith("of another host"):
            return int(problem.split()[0])
    return 0


def _spoilt(point: EntryPoint, state: State, why: str) -> EntryPoint:
    return replace(point, state=state, why=why)
