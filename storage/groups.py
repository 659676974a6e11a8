"""Copy groups (articles that are one text) and events (groups about one happening) -> rows.

What belongs together is decided in `monitors/grouping`; here is only where it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .database import to_unix

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """What grouping needs to know of an article: its text's hash, place and day, its groups."""

    article: int
    text_hash: str
    title: str
    province: str | None
    day: int
    group: int | None
    event: int | None


def find_grouped(db: Database, article_id: int) -> Grouped | None:
    """Give an article as grouping sees it."""
    row = db.execute(
        "SELECT text_hash, title, province, day, copy_group, event FROM articles WHERE id = ?",
        (article_id,),
    ).fetchone()
    if row is None:
        return None
    return Grouped(
        article=article_id,
        text_hash=row[0],
        title=row[1],
        province=row[2],
        day=row[3],
        group=row[4],
        event=row[5],
    )


def find_group(db: Database, text_hash: str) -> int | None:
    """Give the first copy group made for a text."""
    row = db.execute("SELECT min(id) FROM groups WHERE text_hash = ?", (text_hash,)).fetchone()
    return None if row[0] is None else int(row[0])


def add_group(db: Database, text_hash: str, first_article: int, now: datetime) -> int:
    """Make a copy group and give its id."""
    added = db.execute(
        "INSERT INTO groups (text_hash, first_article, made_at) VALUES (?, ?, ?)",
        (text_hash, first_article, to_unix(now)),
    ).lastrowid
    return int(added or 0)


def find_event(db: Database, group: int) -> int | None:
    """Give the event that a copy group's articles stand under."""
    row = db.execute(
        "SELECT event FROM articles WHERE copy_group = ? AND event IS NOT NULL ORDER BY id LIMIT 1",
        (group,),
    ).fetchone()
    return None if row is None else int(row[0])


def add_event(db: Database, first: Grouped, now: datetime) -> int:
    """Make an event that begins with an article, and give its id."""
    added = db.execute(
        "INSERT INTO events (first_article, province, day, title, made_at, changed_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (first.article, first.province, first.day, first.title, to_unix(now), to_unix(now)),
    ).lastrowid
    return int(added or 0)


def touch_event(db: Database, event: int, now: datetime) -> None:
    """Note that an event grew, for whoever waits until it has settled."""
    db.execute("UPDATE events SET changed_at = ? WHERE id = ?", (to_unix(now), event))


def set_groups(db: Database, article_id: int, group: int, event: int) -> None:
    """Put an article into a copy group and under an event."""
    db.execute(
        "UPDATE articles SET copy_group = ?, event = ? WHERE id = ?", (group, event, article_id)
    )


def articles_of_group(db: Database, group: int) -> list[int]:
    """Give the ids of a copy group's articles, first stored first."""
    rows = db.execute("SELECT id FROM articles WHERE copy_group = ? ORDER BY id", (group,))
    return [row[0] for row in rows.fetchall()]


def articles_of_event(db: Database, event: int) -> list[int]:
    """Give the ids of an event's articles, first stored first."""
    rows = db.execute("SELECT id FROM articles WHERE event = ? ORDER BY id", (event,))
    return [row[0] for row in rows.fetchall()]
