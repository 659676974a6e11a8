"""What the daemon wants of the crawl: rows in `ronda.db` that the crawl reads and never writes.

The crawl notes each outcome in `crawl.db` (`wish_outcomes`); seeing it, the daemon closes the wish.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from .database import from_unix, to_unix
from .records import Wish

if TYPE_CHECKING:
    from sqlite_utils import Database


def add_wish(db: Database, wish: Wish, now: datetime) -> int:
    """Store a wish and give its id; an open wish for the same thing is given again instead."""
    payload = {} if wish.first_contact is None else {"first_contact": wish.first_contact}
    if wish.since is not None:
        payload["since"] = wish.since.isoformat()
    row = (wish.kind, wish.source, wish.url, json.dumps(payload))
    found = db.execute(
        "SELECT id FROM wishes WHERE done_at IS NULL"
        " AND kind = ? AND source = ? AND url IS ? AND payload = ?",
        row,
    ).fetchone()
    if found is not None:
        return int(found[0])
    added = db.execute(
        "INSERT INTO wishes (kind, source, url, payload, made_at) VALUES (?, ?, ?, ?, ?)",
        (*row, to_unix(now)),
    ).lastrowid
    return int(added or 0)


def open_wishes(db: Database) -> list[Wish]:
    """Give the wishes that nobody has fulfilled yet, oldest first."""
    rows = db.execute(
        "SELECT id, kind, source, url, payload, made_at FROM wishes"
        " WHERE done_at IS NULL ORDER BY id"
    ).fetchall()
    return [
        Wish(
            id=id_,
            kind=kind,
            source=source,
            url=url,
            made_at=from_unix(made_at),
            first_contact=json.loads(payload).get("first_contact"),
            since=_moment(json.loads(payload).get("since")),
        )
        for id_, kind, source, url, payload, made_at in rows
    ]


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def finish_wish(db: Database, wish: int, outcome: str, now: datetime) -> None:
    """Close a wish with what became of it; the first outcome stays."""
    db.execute(
        "UPDATE wishes SET done_at = ?, outcome = ? WHERE id = ? AND done_at IS NULL",
        (to_unix(now), outcome, wish),
    )


def wish_outcome(db: Database, wish: int) -> str | None:
    """Give a closed wish's outcome; None while it is open or unknown."""
    row = db.execute("SELECT outcome FROM wishes WHERE id = ?", (wish,)).fetchone()
    return None if row is None else row[0]
