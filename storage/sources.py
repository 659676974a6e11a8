"""What people and the reader decided about sources: on and off, entry points learned.

A source without a row is on. The crawl reads these rows and never writes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .database import to_unix

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database


def switch(db: Database, source: str, enabled: bool, now: datetime, by: str) -> bool:
    """Turn a source on or off; gives whether that changed anything."""
    was = source not in disabled(db)
    db.execute(
        "INSERT INTO sources (source, enabled, switched_at, switched_by) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (source) DO UPDATE SET enabled = excluded.enabled,"
        " switched_at = excluded.switched_at, switched_by = excluded.switched_by",
        (source, int(enabled), to_unix(now), by),
    )
    return was != enabled


def disabled(db: Database) -> set[str]:
    """Give the ids of the sources that are off."""
    rows = db.execute("SELECT source FROM sources WHERE enabled = 0").fetchall()
    return {row[0] for row in rows}


def learn_entry_point(db: Database, source: str, url: str, kind: str, now: datetime) -> None:
    """Remember an entry point that was found for a source; one that was dead lives again."""
    db.execute(
        "INSERT INTO entry_points (source, url, kind, learned_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (source, url) DO UPDATE SET kind = excluded.kind, dead_at = NULL",
        (source, url, kind, to_unix(now)),
    )


def bury_entry_point(db: Database, source: str, url: str, now: datetime) -> None:
    """Mark a learned entry point as dead."""
    db.execute(
        "UPDATE entry_points SET dead_at = ? WHERE source = ? AND url = ? AND dead_at IS NULL",
        (to_unix(now), source, url),
    )


def entry_points(db: Database) -> dict[str, list[tuple[str, str]]]:
    """Give each source's living learned entry points as (address, kind), oldest first."""
    rows = db.execute(
        "SELECT source, url, kind FROM entry_points WHERE dead_at IS NULL"
        " ORDER BY source, learned_at, url"
    ).fetchall()
    found: dict[str, list[tuple[str, str]]] = {}
    for source, url, kind in rows:
        found.setdefault(source, []).append((url, kind))
    return found
