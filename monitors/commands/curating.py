"""What a change of a topic would do: rulings it would lose, what-if over the archive, as labels."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from config.errors import ConfigError
from config.region import load_regions
from config.topic import Topic, read_topic
from monitors.matching.comparing import compare_archive, find_lost
from monitors.matching.matcher import compile_topics
from storage.articles import load_article, newest_article
from storage.database import find_reader
from storage.days import day_number
from storage.matches import matches_of
from storage.narrowing import first_since
from storage.verdicts import ruled_articles

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from storage.records import Article

LABELS = {"relevant": "positive", "irrelevant": "hard-negative", "unsure": "borderline"}


def lost_rulings(home: Path, topic: Topic) -> list[dict[str, Any]]:
    """List the stored matches ruled relevant that a topic would not match any more."""
    db = find_reader(home, "ronda")
    if db is None:
        return []
    try:
        ruled = ruled_articles(db, topic.id)
        relevant = [number for number, what in ruled.items() if what == "relevant"]
        articles = _load(db, [one for one in relevant if _is_held(db, topic.id, one)])
    finally:
        db.close()
    matcher = compile_topics([topic], load_regions())
    return [
        {"article": one.id, "title": one.title, "url": one.url}
        for one in find_lost(matcher, topic.id, articles)
    ]


def ruled_rows(home: Path, topic: str) -> list[dict[str, Any]]:
    """Give the articles that were ruled on as labelled rows, one of each wording."""
    db = find_reader(home, "ronda")
    if db is None:
        return []
    try:
        ruled = ruled_articles(db, topic)
        articles = _load(db, sorted(ruled))
    finally:
        db.close()
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    for one in articles:
        label = LABELS[ruled[one.id or 0]]
        row = {"id": one.url, "title": one.title, "text": one.text, "label": label}
        seen.setdefault((one.title, one.text), row)
    return list(seen.values())


def what_if(home: Path, path: Path, days: int, now: datetime) -> dict[str, Any]:
    """Tell what a changed topic file would find and lose among the last `days` days."""
    path = path.absolute()
    read_topic(path)
    db = find_reader(home, "ronda")
    if db is None:
        raise ConfigError(f"{home}: nothing is stored yet; run `ronda round --wait` first")
    try:
        up_to = newest_article(db)
        above = first_since(db, day_number((now - timedelta(days=days)).date()), up_to) - 1
        ruled = ruled_articles(db, path.stem)
    finally:
        db.close()
    begun = time.monotonic()
    told = compare_archive(home, path, above, up_to)
    lost = [_row(one, ruled) for one in told.lost]
    return {
        "topic": path.stem,
        "days": days,
        "articles": told.seen,
        "matches_now": told.before,
        "matches_then": told.after,
        "newly_matched": [_row(one, ruled) for one in told.found],
        "no_longer_matched": lost,
        "lost_relevant": sum(one["ruled"] == "relevant" for one in lost),
        "per_day_now": round(told.before / days, 2),
        "per_day_then": round(told.after / days, 2),
        "seconds": round(time.monotonic() - begun, 1),
    }


def _row(change: Any, ruled: dict[int, str]) -> dict[str, Any]:
    return {
        "title": change.title,
        "url": change.url,
        "level": change.level,
        "score": change.score,
        "ruled": ruled.get(change.article),
    }


def _is_held(db: Database, topic: str, article: int) -> bool:
    return any(
        match.topic == topic and match.level != "near_miss" for match in matches_of(db, article)
    )


def _load(db: Database, ids: Iterable[int]) -> list[Article]:
    loaded = (load_article(db, number) for number in ids)
    return [one for one in loaded if one is not None]
