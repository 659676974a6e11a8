"""Listings that take their reader down: every try is counted before it, in `source_state`.

Listings are read in the crawl process itself; one that kills it may not kill every later one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from .database import to_unix

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database

# A listing that took its process down is asked again at once (somebody may have killed us), then
# ever later: it may not end every round for ever.
REASON = "crashed"
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
)


def begin_parsing(db: Database, source: str) -> None:
    """Count a try to read a source's listing; to be committed before the try."""
    db.execute("UPDATE source_state SET parsing = parsing + 1 WHERE source = ?", [source])


def end_parsing(db: Database, source: str) -> None:
    """Note that a source's listing was read and we are still here."""
    db.execute("UPDATE source_state SET parsing = 0 WHERE source = ?", [source])


def put_off_deadly(db: Database, now: datetime) -> list[str]:
    """Put off the sources whose listings a process died of twice in a row; give them.

    To be called before a dead round is closed: its leases tell what it was at.
    """
    rows = db.execute(
        "SELECT source, parsing FROM source_state WHERE parsing > 1 AND lease IS NOT NULL"
        " AND due_at IS NOT NULL"
    ).fetchall()
    for source, tries in rows:
        wait = WAITS[min(tries - 2, len(WAITS) - 1)]
        db.execute(
            "UPDATE source_state SET due_at = ?, failures = failures + 1, reason = ?"
            " WHERE source = ?",
            [to_unix(now + wait), REASON, source],
        )
    return [row[0] for row in rows]
