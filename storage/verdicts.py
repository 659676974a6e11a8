"""Verdicts -> rows that are only ever added; of one topic, group and kind the last one wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from .database import from_unix, to_unix
from .records import Verdict

if TYPE_CHECKING:
    from sqlite_utils import Database

_SELECT = (
    "SELECT topic, copy_group, verdict, by, at, kind, note FROM verdicts"
    " WHERE copy_group = ? AND topic = ?"
)


def add_verdict(db: Database, verdict: Verdict) -> int:
    """Store a ruling after all earlier ones and give its id."""
    added = db.execute(
        "INSERT INTO verdicts (topic, copy_group, kind, verdict, by, at, note)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            verdict.topic,
            verdict.group,
            verdict.kind,
            verdict.verdict,
            verdict.by,
            to_unix(verdict.at),
            verdict.note,
        ),
    ).lastrowid
    return int(added or 0)


def last_verdict(
    db: Database, topic: str, group: int, kind: Literal["relevance", "grouping"] = "relevance"
) -> Verdict | None:
    """Give the ruling that holds; the order of storing decides, never the clock."""
    row = db.execute(
        f"{_SELECT} AND kind = ? ORDER BY id DESC LIMIT 1", (group, topic, kind)
    ).fetchone()
    return None if row is None else _verdict(row)


def verdicts_of(db: Database, topic: str, group: int) -> list[Verdict]:
    """Give the whole history of rulings on a topic and copy group, oldest first."""
    rows = db.execute(f"{_SELECT} ORDER BY id", (group, topic)).fetchall()
    return [_verdict(row) for row in rows]


def ruled_articles(db: Database, topic: str) -> dict[int, str]:
    """Give, by article, the ruling on relevance that holds for its copy group."""
    rows = db.execute(
        "SELECT a.id, v.verdict FROM verdicts v JOIN articles a ON a.copy_group = v.copy_group"
        " WHERE v.id IN (SELECT max(id) FROM verdicts WHERE topic = ? AND kind = 'relevance'"
        " GROUP BY copy_group) ORDER BY a.id",
        (topic,),
    ).fetchall()
    return dict(rows)


def _verdict(row: tuple[Any, ...]) -> Verdict:
    at = from_unix(row[4])
    assert at is not None
    return Verdict(
        topic=row[0], group=row[1], verdict=row[2], by=row[3], at=at, kind=row[5], note=row[6]
    )
