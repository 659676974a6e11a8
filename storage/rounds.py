"""Rounds, the crawls within them, and what became of wishes -> rows of `crawl.db`.

A round is one crawl process; a crawl is one source's part of it. What a dead process left open is
closed by the next one to start.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from .database import from_unix, to_unix
from .records import Crawl, Round

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlite_utils import Database

_CRAWL = (
    "id, round, source, started_at, ended_at, state, reason, requests, not_modified, received,"
    " links_new, pages, failed, reasons"
)


def open_round(db: Database, pid: int, now: datetime) -> int:
    """Begin a round of process `pid` and give its id."""
    return _last_id(db, "INSERT INTO rounds (pid, started_at) VALUES (?, ?)", [pid, to_unix(now)])


def close_round(db: Database, round_id: int, reason: str, now: datetime) -> None:
    """End a round and whatever crawl is still open in it, saying why."""
    db.execute(
        "UPDATE crawls SET ended_at = ?, state = 'closed', reason = coalesce(reason, ?)"
        " WHERE round = ? AND ended_at IS NULL",
        [to_unix(now), reason, round_id],
    )
    db.execute(
        "UPDATE rounds SET ended_at = ?, reason = ? WHERE id = ? AND ended_at IS NULL",
        [to_unix(now), reason, round_id],
    )


def close_dead(db: Database, now: datetime) -> int:
    """Close rounds that a dead process left open, free its leases and wishes; give their number.

    The caller holds `crawl.lock`, so no open round can belong to a living process.
    """
    dead = [row[0] for row in db.execute("SELECT id FROM rounds WHERE ended_at IS NULL").fetchall()]
    for round_id in dead:
        close_round(db, round_id, "died", now)
    db.execute("UPDATE source_state SET lease = NULL, lease_until = NULL WHERE lease IS NOT NULL")
    db.execute("DELETE FROM wish_outcomes WHERE done_at IS NULL")
    return len(dead)


def latest_round(db: Database) -> Round | None:
    """Give the round that was begun last."""
    row = db.execute(
        "SELECT id, pid, started_at, ended_at, reason FROM rounds ORDER BY id DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    return Round(
        id=row[0],
        pid=row[1],
        started_at=_moment(row[2]),
        ended_at=from_unix(row[3]),
        reason=row[4],
    )


def open_crawl(db: Database, round_id: int, source: str, now: datetime) -> int:
    """Begin a source's crawl within a round and give its id."""
    return _last_id(
        db,
        "INSERT INTO crawls (round, source, started_at) VALUES (?, ?, ?)",
        [round_id, source, to_unix(now)],
    )


def add_counts(
    db: Database,
    crawl: int,
    *,
    requests: int = 0,
    not_modified: int = 0,
    received: int = 0,
    links_new: int = 0,
    pages: int = 0,
    failed: int = 0,
    reasons: Mapping[str, int] | None = None,
) -> None:
    """Add to an open crawl's counts; `reasons` counts failures by reason, `received` bytes."""
    db.execute(
        "UPDATE crawls SET requests = requests + ?, not_modified = not_modified + ?,"
        " received = received + ?, links_new = links_new + ?, pages = pages + ?,"
        " failed = failed + ? WHERE id = ?",
        [requests, not_modified, received, links_new, pages, failed, crawl],
    )
    if reasons:
        row = db.execute("SELECT reasons FROM crawls WHERE id = ?", [crawl]).fetchone()
        total: dict[str, int] = json.loads(row[0]) if row else {}
        for reason, count in reasons.items():
            total[reason] = total.get(reason, 0) + count
        db.execute(
            "UPDATE crawls SET reasons = ? WHERE id = ?", [json.dumps(total, sort_keys=True), crawl]
        )


def close_crawl(
    db: Database,
    crawl: int,
    *,
    state: Literal["ok", "failed", "closed"],
    reason: str | None,
    now: datetime,
) -> Crawl:
    """End a source's crawl and give it with its final counts."""
    db.execute(
        "UPDATE crawls SET ended_at = ?, state = ?, reason = ? WHERE id = ?",
        [to_unix(now), state, reason, crawl],
    )
    row = db.execute(f"SELECT {_CRAWL} FROM crawls WHERE id = ?", [crawl]).fetchone()  # noqa: S608  # a constant list of columns
    return _crawl(row)


def crawls_of_round(db: Database, round_id: int) -> list[Crawl]:
    """Give a round's crawls in the order in which they began."""
    rows = db.execute(
        f"SELECT {_CRAWL} FROM crawls WHERE round = ? ORDER BY id",  # noqa: S608  # a constant list of columns
        [round_id],
    ).fetchall()
    return [_crawl(row) for row in rows]


def crawls_since(db: Database, since: datetime) -> list[Crawl]:
    """Give the crawls begun at or after a moment (to the second), oldest first."""
    rows = db.execute(
        f"SELECT {_CRAWL} FROM crawls WHERE started_at >= ? ORDER BY id",  # noqa: S608  # a constant list of columns
        [to_unix(since)],
    ).fetchall()
    return [_crawl(row) for row in rows]


def latest_crawls(db: Database) -> dict[str, Crawl]:
    """Give each source's last crawl."""
    rows = db.execute(
        f"SELECT {_CRAWL} FROM crawls WHERE id IN (SELECT max(id) FROM crawls GROUP BY source)"  # noqa: S608  # a constant list of columns
    ).fetchall()
    return {row[2]: _crawl(row) for row in rows}


def take_wishes(db: Database, wishes: Iterable[int], round_id: int, now: datetime) -> list[int]:
    """Note wishes as taken by this round; give those that nobody had taken before."""
    taken = []
    for wish in wishes:
        cursor = db.execute(
            "INSERT OR IGNORE INTO wish_outcomes (wish, round, taken_at) VALUES (?, ?, ?)",
            [wish, round_id, to_unix(now)],
        )
        if cursor.rowcount == 1:
            taken.append(wish)
    return taken


def wish_was_taken(db: Database, wish: int) -> bool:
    """Say whether a crawl has heard a wish."""
    row = db.execute("SELECT 1 FROM wish_outcomes WHERE wish = ?", [wish]).fetchone()
    return row is not None


def set_wish_outcome(db: Database, wish: int, outcome: str, now: datetime) -> None:
    """Say what became of a wish; the daemon then closes it."""
    db.execute(
        "UPDATE wish_outcomes SET done_at = ?, outcome = ? WHERE wish = ?",
        [to_unix(now), outcome, wish],
    )


def wish_outcomes(db: Database, wishes: Iterable[int]) -> dict[int, str]:
    """Give the outcomes of those wishes that are done."""
    rows = db.execute(
        "SELECT wish, outcome FROM wish_outcomes"
        " WHERE done_at IS NOT NULL AND wish IN (SELECT value FROM json_each(?))",
        [json.dumps(list(wishes))],
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def _crawl(row: tuple[Any, ...]) -> Crawl:
    return Crawl(
        id=row[0],
        round=row[1],
        source=row[2],
        started_at=_moment(row[3]),
        ended_at=from_unix(row[4]),
        state=row[5],
        reason=row[6],
        requests=row[7],
        not_modified=row[8],
        received=row[9],
        links_new=row[10],
        pages=row[11],
        failed=row[12],
        reasons=json.loads(row[13]),
    )


def _moment(seconds: int) -> datetime:
    moment = from_unix(seconds)
    assert moment is not None
    return moment


def _last_id(db: Database, sql: str, values: list[Any]) -> int:
    identifier = db.execute(sql, values).lastrowid
    assert identifier is not None
    return identifier
