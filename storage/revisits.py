"""Matched articles -> when their page is asked for again: 1 hour, 24 hours and 7 days later.

A row holds the next visit (`due_at`) or the wish under way; neither: all visits are made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from .database import from_unix, to_unix
from .records import Wish
from .wishes import add_wish, finish_wish

if TYPE_CHECKING:
    from sqlite_utils import Database

AFTER = (timedelta(hours=1), timedelta(hours=24), timedelta(days=7))
RevisitOutcome = Literal["changed", "unchanged", "gone", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisit:
    """A visit under way: the article in `version` is asked for anew at `url` by `wish`."""

    article: int
    url: str
    wish: int
    wished_at: datetime
    version: int


def schedule_revisits(db: Database, article_id: int, now: datetime) -> None:
    """Have a matched article visited again; once scheduled it stays so."""
    row = db.execute(
        "SELECT r.url FROM articles a JOIN readings r ON r.sha256 = a.page_sha256"
        " AND r.article = a.id WHERE a.id = ? ORDER BY r.page DESC LIMIT 1",
        (article_id,),
    ).fetchone()
    if row is not None:
        db.execute(
            "INSERT INTO revisits (article, url, matched_at, due_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (article) DO NOTHING",
            (article_id, row[0], to_unix(now), to_unix(now + AFTER[0])),
        )


def next_revisit(db: Database) -> datetime | None:
    """Give when the next visit is due."""
    return from_unix(db.execute("SELECT min(due_at) FROM revisits").fetchone()[0])


def wish_revisits(db: Database, now: datetime, limit: int = 200) -> int:
    """Wish for the pages of the articles whose visit is due; gives their number."""
    rows = db.execute(
        "SELECT r.article, r.url, a.source, a.version FROM revisits r"
        " JOIN articles a ON a.id = r.article WHERE r.due_at <= ? ORDER BY r.due_at LIMIT ?",
        (to_unix(now), limit),
    ).fetchall()
    for article, url, source, version in rows:
        wish = add_wish(db, Wish(kind="refetch", source=source, url=url), now)
        db.execute(
            "UPDATE revisits SET due_at = NULL, wish = ?, wished_at = ?, version = ?"
            " WHERE article = ?",
            (wish, to_unix(now), version, article),
        )
    return len(rows)


def open_revisits(db: Database) -> list[Revisit]:
    """Give the visits under way."""
    rows = db.execute(
        "SELECT article, url, wish, wished_at, version FROM revisits WHERE wish IS NOT NULL"
    ).fetchall()
    found = []
    for article, url, wish, wished, version in rows:
        wished_at = from_unix(wished)
        assert wished_at is not None
        found.append(
            Revisit(article=article, url=url, wish=wish, wished_at=wished_at, version=version)
        )
    return found


def end_revisit(db: Database, article_id: int, outcome: RevisitOutcome, now: datetime) -> None:
    """Note what a visit found and when the next is due; visits missed meanwhile are not made up."""
    row = db.execute(
        "SELECT matched_at, wish FROM revisits WHERE article = ?", (article_id,)
    ).fetchone()
    matched_at = from_unix(row[0])
    assert matched_at is not None
    if row[1] is not None:
        finish_wish(db, row[1], outcome, now)  # an open one would be given again
    later = [matched_at + after for after in AFTER if matched_at + after > now]
    due_at = later[0] if later else None
    db.execute(
        "UPDATE revisits SET wish = NULL, wished_at = NULL, outcome = ?, due_at = ?"
        " WHERE article = ?",
        (outcome, to_unix(due_at), article_id),
    )


def last_outcome(db: Database, article_id: int) -> RevisitOutcome | None:
    """Give what the last visit of an article found, None before the first."""
    row = db.execute("SELECT outcome FROM revisits WHERE article = ?", (article_id,)).fetchone()
    return None if row is None else row[0]
