"""A preview -> its grade from A to F, with a reason for every step down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from .preview import Grade, Preview

GRADES: tuple[Grade, ...] = ("A", "B", "C", "D", "E", "F")
QUIET = timedelta(days=14)
WORDS = 60  # of an article; fewer are a teaser or a caption
ENOUGH = 3  # articles read


def grade_preview(preview: Preview, now: datetime) -> Preview:
    """Grade a preview; each thing that is missing costs a step, or two where it is grave."""
    costs = [*_listing_costs(preview, now), *_article_costs(preview, now), *_site_costs(preview)]
    steps = min(sum(cost for cost, _ in costs), len(GRADES) - 1)
    return replace(preview, grade=GRADES[steps], reasons=tuple(reason for _, reason in costs))


def _listing_costs(preview: Preview, now: datetime) -> list[tuple[int, str]]:
    costs: list[tuple[int, str]] = []
    for point in preview.entry_points[:1]:
        if point.kind == "section":
            costs.append((1, "no feed or sitemap: an index page is read"))
        if point.state == "poor":
            costs.append((1, f"its best entry point {point.why}"))
    newest = _newest(preview)
    if newest is None:
        costs.append((1, "no article carries a time"))
    elif now - newest > QUIET:
        costs.append((1, f"nothing new since {newest:%Y-%m-%d}"))
    return costs


def _article_costs(preview: Preview, now: datetime) -> list[tuple[int, str]]:
    articles = [one.article for one in preview.samples if one.article is not None]
    failed = [one for one in preview.samples if one.article is None]
    costs: list[tuple[int, str]] = []
    if len(articles) < ENOUGH:
        costs.append((1, f"only {len(articles)} of {len(preview.samples)} articles could be read"))
    elif len(failed) > 1:
        reasons = ", ".join(sorted({one.reason or "?" for one in failed}))
        costs.append((1, f"{len(failed)} of {len(preview.samples)} pages hold none ({reasons})"))
    short = [one for one in articles if len(one.text.split()) < WORDS]
    if len(short) * 2 > len(articles):
        costs.append((2, "most texts are very short"))
    timeless = [one for one in articles if one.published_at is None]
    if articles and len(timeless) * 2 > len(articles) and _newest(preview) is not None:
        costs.append((1, "most articles print no time"))
    titles = {one.title for one in articles}
    if len(articles) > 1 and len(titles) == 1:
        costs.append((2, "all articles have one title"))
    return costs


def _site_costs(preview: Preview) -> list[tuple[int, str]]:
    costs: list[tuple[int, str]] = []
    if preview.region is None:
        costs.append((1, "no province recognised: say it with --region"))
    if preview.language not in (None, "id"):
        costs.append((1, f"not in Indonesian ({preview.language})"))
    if preview.certificate:
        costs.append((1, preview.certificate))
    return costs


def _newest(preview: Preview) -> datetime | None:
    times = [point.newest for point in preview.entry_points if point.newest is not None]
    times += [
        one.article.published_at
        for one in preview.samples
        if one.article is not None and one.article.published_at is not None
    ]
    return max(times, default=None)
