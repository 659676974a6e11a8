"""When each source is due, who has it, how its last poll went; and what its listings answered.

Sources are taken by lease, every due source of a slot (network or host) together. Each change of a
taken source is fenced by the lease: who lost it changes nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003  # dataclass fields are read at run time by tests
from typing import TYPE_CHECKING

from .database import from_unix, to_unix

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the crawl knows of a source; `due_at` is None where it is switched off or gone.

    `ok_at` is the last poll that was answered as it should be, `new_link_at` the last that
    brought something new, `failures` counts polls since then that failed, for `reason`.
    """

    source: str
    slot: str
    due_at: datetime | None = None
    lease: str | None = None
    first_contact_at: datetime | None = None
    polled_at: datetime | None = None
    ok_at: datetime | None = None
    new_link_at: datetime | None = None
    failures: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingState:
    """How a listing answered last; `origin` says who named it, `whole_at` its last full answer."""

    source: str
    url: str
    origin: str
    kind: str | None = None
    final_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    status: int | None = None
    fetched_at: datetime | None = None
    whole_at: datetime | None = None
    ok_at: datetime | None = None
    new_link_at: datetime | None = None
    links: int | None = None
    failures: int = 0
    reason: str | None = None


def meet_sources(db: Database, slots: Mapping[str, str], now: datetime) -> int:
    """Make the watched sources known (source -> slot), new ones due at once; give their number.

    A source that is no longer among them keeps its row but is not due any more.
    """
    known = {
        row[0]: (row[1], row[2])
        for row in db.execute("SELECT source, slot, due_at FROM source_state").fetchall()
    }
    new = 0
    for source, slot in slots.items():
        if source not in known:
            new += 1
            db.execute(
                "INSERT INTO source_state (source, slot, due_at) VALUES (?, ?, ?)",
                [source, slot, to_unix(now)],
            )
        elif known[source][0] != slot or known[source][1] is None:
            db.execute(
                "UPDATE source_state SET slot = ?, due_at = coalesce(due_at, ?) WHERE source = ?",
                [slot, to_unix(now), source],
            )
    for source, (_, due_at) in known.items():
        if source not in slots and due_at is not None:
            db.execute("UPDATE source_state SET due_at = NULL WHERE source = ?", [source])
    return new


def take_due(
    db: Database,
    lease: str,
    *,
    now: datetime,
    until: datetime,
    limit: int,
    room: Callable[[str], int] | None = None,
    busy: Collection[str] = (),
    only: Collection[str] | None = None,
) -> list[str]:
    """Take due sources by lease until `until`, except those of a slot that another lease holds.

    What worked last time comes before what failed, then who waits longest. `room` says how many
    may be taken of a slot, `busy` are sources that the caller polls at this moment, `only`
    narrows the choice.
    """
    rows = db.execute(
        "SELECT source, slot FROM source_state WHERE due_at <= :now"
        " AND source NOT IN (SELECT value FROM json_each(:busy))"
        " AND (:only IS NULL OR source IN (SELECT value FROM json_each(:only)))"
        " AND slot NOT IN (SELECT slot FROM source_state WHERE lease IS NOT NULL"
        "   AND lease <> :lease AND lease_until >= :now)"
        " ORDER BY failures > 0, due_at, slot, source",
        {
            "now": to_unix(now),
            "busy": json.dumps(list(busy)),
            "only": None if only is None else json.dumps(list(only)),
            "lease": lease,
        },
    ).fetchall()
    taken: list[str] = []
    left: dict[str, int] = {}
    for source, slot in rows:
        if len(taken) >= limit:
            break
        if room is not None and left.setdefault(slot, room(slot)) <= 0:
            continue
        if room is not None:
            left[slot] -= 1
        taken.append(source)
    for source in taken:
        db.execute(
            "UPDATE source_state SET lease = ?, lease_until = ? WHERE source = ?",
            [lease, to_unix(until), source],
        )
    return taken


def renew_leases(db: Database, lease: str, until: datetime) -> None:
    """Keep everything that this lease holds until `until`."""
    db.execute("UPDATE source_state SET lease_until = ? WHERE lease = ?", [to_unix(until), lease])


def release(db: Database, source: str, lease: str) -> bool:
    """Give a source back; False where the lease was lost."""
    cursor = db.execute(
        "UPDATE source_state SET lease = NULL, lease_until = NULL WHERE source = ? AND lease = ?",
        [source, lease],
    )
    return cursor.rowcount == 1


def record_poll(
    db: Database,
    source: str,
    lease: str,
    *,
    now: datetime,
    due_at: datetime,
    failures: int,
    reason: str | None,
    links_new: int,
) -> bool:
    """Store how a poll went and when the next is due; False where the lease was lost.

    `reason` is None for a poll that was answered as it should be.
    """
    moment = to_unix(now)
    answered = reason is None
    cursor = db.execute(
        "UPDATE source_state SET due_at = CASE WHEN due_at IS NULL THEN NULL ELSE ? END,"
        " polled_at = ?, failures = ?, reason = ?,"
        " ok_at = CASE WHEN ? THEN ? ELSE ok_at END,"
        " new_link_at = CASE WHEN ? THEN ? ELSE new_link_at END,"
        " first_contact_at = CASE WHEN ? THEN coalesce(first_contact_at, ?)"
        "   ELSE first_contact_at END"
        " WHERE source = ? AND lease = ?",
        [
            *(to_unix(due_at), moment, failures, reason),
            *(answered, moment, links_new > 0, moment, answered, moment),
            *(source, lease),
        ],
    )
    return cursor.rowcount == 1


def set_due(db: Database, source: str, due_at: datetime) -> bool:
    """Make a source due at `due_at` (a wish, or a host that holds us off); False if unknown."""
    cursor = db.execute(
        "UPDATE source_state SET due_at = ? WHERE source = ? AND due_at IS NOT NULL",
        [to_unix(due_at), source],
    )
    return cursor.rowcount == 1


def load_state(db: Database, source: str) -> SourceState | None:
    """Give one source's state."""
    return _states(db, source).get(source)


def states(db: Database) -> dict[str, SourceState]:
    """Give every known source's state."""
    return _states(db, None)


def due_now(db: Database, now: datetime) -> dict[str, bool]:
    """Give every known source and whether it is due to be polled; cheap with thousands."""
    rows = db.execute(
        "SELECT source, due_at IS NOT NULL AND due_at <= ? FROM source_state", [to_unix(now)]
    ).fetchall()
    return {row[0]: bool(row[1]) for row in rows}


def next_due(db: Database) -> datetime | None:
    """Say when the crawl has something to do next, a source or a link; None for never.

    A moment in the past means now. Sources that are off, and their links, do not count.
    """
    row = db.execute(
        "SELECT min(due) FROM ("
        " SELECT min(due_at) AS due FROM source_state WHERE due_at IS NOT NULL"
        " UNION ALL SELECT due FROM ("
        "  SELECT l.due_at AS due FROM links l JOIN source_state s ON s.source = l.source"
        "  WHERE l.due_at IS NOT NULL AND s.due_at IS NOT NULL ORDER BY l.due_at LIMIT 1))"
    ).fetchone()
    return from_unix(row[0])


def listings_of(db: Database, source: str) -> dict[str, ListingState]:
    """Give what is known of a source's listings, by address."""
    rows = db.execute(
        "SELECT url, origin, kind, final_url, etag, last_modified, status, fetched_at, whole_at,"
        " ok_at, new_link_at, links, failures, reason FROM listings WHERE source = ?",
        [source],
    ).fetchall()
    return {
        row[0]: ListingState(
            source=source,
            url=row[0],
            origin=row[1],
            kind=row[2],
            final_url=row[3],
            etag=row[4],
            last_modified=row[5],
            status=row[6],
            fetched_at=from_unix(row[7]),
            whole_at=from_unix(row[8]),
            ok_at=from_unix(row[9]),
            new_link_at=from_unix(row[10]),
            links=row[11],
            failures=row[12],
            reason=row[13],
        )
        for row in rows
    }


def save_listing(db: Database, listing: ListingState) -> None:
    """Store how a listing answered, whole, in place of what was known."""
    db.execute(
        "INSERT OR REPLACE INTO listings (source, url, origin, kind, final_url, etag,"
        " last_modified, status, fetched_at, whole_at, ok_at, new_link_at, links, failures,"
        " reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(listing.source, listing.url, listing.origin, listing.kind, listing.final_url),
            *(listing.etag, listing.last_modified, listing.status),
            *(to_unix(listing.fetched_at), to_unix(listing.whole_at), to_unix(listing.ok_at)),
            *(to_unix(listing.new_link_at), listing.links, listing.failures, listing.reason),
        ],
    )


def _states(db: Database, source: str | None) -> dict[str, SourceState]:
    rows = db.execute(
        "SELECT source, slot, due_at, lease, first_contact_at, polled_at, ok_at, new_link_at,"
        " failures, reason FROM source_state WHERE ?1 IS NULL OR source = ?1",
        [source],
    ).fetchall()
    return {
        row[0]: SourceState(
            source=row[0],
            slot=row[1],
            due_at=from_unix(row[2]),
            lease=row[3],
            first_contact_at=from_unix(row[4]),
            polled_at=from_unix(row[5]),
            ok_at=from_unix(row[6]),
            new_link_at=from_unix(row[7]),
            failures=row[8],
            reason=row[9],
        )
        for row in rows
    }
