"""Monitors as the daemon met them, and digests, stored whole: one per monitor and slot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from .database import from_unix, to_unix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

DigestKind = Literal["digest", "first_look"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDigest:
    """A digest as it was frozen; the three bodies are empty in listings."""

    id: int
    monitor: str
    slot: str
    kind: DigestKind
    since: datetime | None
    until: datetime | None
    made_at: datetime
    subject: str
    events: int
    articles: int
    html: str = ""
    txt: str = ""
    json: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetMonitor:
    """When the daemon first met a monitor's name, and the last match that was there before."""

    monitor: str
    begun_at: datetime
    after_match: int


def meet(db: Database, monitors: Iterable[str], now: datetime) -> list[str]:
    """Note monitors met for the first time; what was matched before is not theirs to tell."""
    known = {row[0] for row in db.execute("SELECT monitor FROM monitors").fetchall()}
    fresh = [name for name in dict.fromkeys(monitors) if name not in known]
    last = db.execute("SELECT coalesce(max(id), 0) FROM matches").fetchone()[0]
    db.conn.executemany(
        "INSERT INTO monitors (monitor, begun_at, after_match) VALUES (?, ?, ?)",
        [(name, to_unix(now), last) for name in fresh],
    )
    return fresh


def find_monitor(db: Database, monitor: str) -> MetMonitor | None:
    """Give what is known of a monitor's beginning, None where the daemon has not met it."""
    row = db.execute(
        "SELECT begun_at, after_match FROM monitors WHERE monitor = ?", [monitor]
    ).fetchone()
    if row is None:
        return None
    return MetMonitor(
        monitor=monitor, begun_at=datetime.fromtimestamp(row[0], UTC), after_match=row[1]
    )


def last_slot(db: Database, monitor: str, *, up_to: str) -> str | None:
    """Give the newest slot told by a monitor that is not later than `up_to`."""
    found: str | None = db.execute(
        "SELECT max(slot) FROM digests WHERE monitor = ? AND kind = 'digest' AND slot <= ?",
        [monitor, up_to],
    ).fetchone()[0]
    return found


def last_until(db: Database, monitor: str, *, now: datetime) -> datetime | None:
    """Give the moment up to which a monitor's digests reach, None before its first."""
    return from_unix(
        db.execute(
            "SELECT max(until) FROM digests WHERE monitor = ? AND until <= ?",
            [monitor, to_unix(now)],
        ).fetchone()[0]
    )


def next_digest(db: Database) -> int:
    """Give the id that the next digest will have; true within one writing transaction."""
    number: int = db.execute("SELECT coalesce(max(id), 0) + 1 FROM digests").fetchone()[0]
    return number


def save_digest(db: Database, digest: StoredDigest) -> None:
    """Store a digest whole; fails where this monitor has told this slot already."""
    db.execute(
        "INSERT INTO digests (id, monitor, slot, kind, since, until, made_at, subject, events,"
        " articles, html, txt, json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            digest.id,
            digest.monitor,
            digest.slot,
            digest.kind,
            to_unix(digest.since),
            to_unix(digest.until),
            to_unix(digest.made_at),
            digest.subject,
            digest.events,
            digest.articles,
            digest.html,
            digest.txt,
            digest.json,
        ],
    )


def load_digest(db: Database, digest: int) -> StoredDigest | None:
    """Give one digest with its bodies."""
    row = db.execute(
        "SELECT id, monitor, slot, kind, since, until, made_at, subject, events, articles,"
        " html, txt, json FROM digests WHERE id = ?",
        [digest],
    ).fetchone()
    return None if row is None else _stored(row)


def find_digest(db: Database, monitor: str, slot: str) -> StoredDigest | None:
    """Give a monitor's digest of one slot, with its bodies."""
    row = db.execute(
        "SELECT id FROM digests WHERE monitor = ? AND slot = ?", [monitor, slot]
    ).fetchone()
    return None if row is None else load_digest(db, row[0])


def latest_digests(
    db: Database, *, limit: int = 50, before: int | None = None
) -> list[StoredDigest]:
    """List digests newest first, without their bodies; `before` is an id to page on from."""
    rows = db.execute(
        "SELECT id, monitor, slot, kind, since, until, made_at, subject, events, articles"
        " FROM digests WHERE ? IS NULL OR id < ? ORDER BY id DESC LIMIT ?",
        [before, before, limit],
    ).fetchall()
    return [_stored(row) for row in rows]


def digest_kinds(db: Database, monitor: str) -> dict[DigestKind, int]:
    """Give, per kind, the id of the newest digest of a monitor."""
    rows = db.execute(
        "SELECT kind, max(id) FROM digests WHERE monitor = ? GROUP BY kind", [monitor]
    ).fetchall()
    return dict(rows)


def _stored(row: tuple[Any, ...]) -> StoredDigest:
    html, txt, json = row[10:13] if len(row) > 10 else ("", "", "")
    return StoredDigest(
        id=row[0],
        monitor=row[1],
        slot=row[2],
        kind=row[3],
        since=from_unix(row[4]),
        until=from_unix(row[5]),
        made_at=datetime.fromtimestamp(row[6], UTC),
        subject=row[7],
        events=row[8],
        articles=row[9],
        html=html,
        txt=txt,
        json=json,
    )
