"""Addresses found in listings -> links, unique by canonical address, with state and tries.

A link is due while `due_at` is set: then its state is "due". The order of fetching is: what
touches a topic's words first, then newest first.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003  # dataclass fields are read at run time by tests
from typing import TYPE_CHECKING, Any

from .database import from_unix, to_unix, url_hash
from .records import DueLink, LinkState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlite_utils import Database

    from .records import Link

FIRST_CONTACT = "first_contact"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A stored link whole; `listed_by` names the sources that listed it."""

    id: int
    url: str
    source: str
    state: LinkState
    tries: int
    first_seen: datetime | None
    due_at: datetime | None = None
    first_try: datetime | None = None
    reason: str | None = None
    touches: bool = False
    title: str = ""
    published_at: datetime | None = None
    listed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLink:
    """A link as a listing gave it: canonical, and judged by whether it touches a topic's words."""

    link: Link
    listing: str
    touches: bool = False


def save_links(
    db: Database,
    source: str,
    found: Iterable[FoundLink],
    *,
    now: datetime,
    round_id: int,
    newest: int | None = None,
    most: int | None = None,
) -> int:
    """Store what a source's listings gave and give the number of links that are new.

    `newest` is for the first contact: only so many of the new ones, newest first, become due;
    the others are skipped for the reason "first_contact". Known links only learn who listed them.
    Of more than `most` new ones the newest are stored, the rest left to the next poll.
    """
    new: list[FoundLink] = []
    seen: set[str] = set()
    for entry in found:
        if entry.link.url in seen:
            continue
        seen.add(entry.link.url)
        known = _find_id(db, entry.link.url)
        if known is None:
            new.append(entry)
        else:
            _note_listing(db, known, source, entry.listing, now)
    # Newest first; a listing's own order decides among those without a time.
    new.sort(
        key=lambda entry: (
            entry.link.published_at is None,
            -(to_unix(entry.link.published_at) or 0),
        )
    )
    new = new[:most]
    for place, entry in enumerate(new):
        due = newest is None or place < newest
        _insert(db, source, entry, now=now, round_id=round_id, due=due)
    return len(new)


def revive_skipped(
    db: Database, source: str, now: datetime, *, since: datetime | None = None
) -> int:
    """Make due what the first contact with a source had skipped; give the number.

    `since` leaves out what is older, or without a time.
    """
    cursor = db.execute(
        "UPDATE links SET state = 'due', due_at = ?, reason = NULL"
        " WHERE source = ? AND state = 'skipped' AND reason = ?"
        " AND (?4 IS NULL OR published_at >= ?4)",
        [to_unix(now), source, FIRST_CONTACT, to_unix(since)],
    )
    return cursor.rowcount


def ask_again(db: Database, source: str, url: str, *, now: datetime, round_id: int) -> int:
    """Make one address due now, known or not, with its tries counted afresh; give the link's id."""
    known = _find_id(db, url)
    if known is None:
        row = db.execute(
            "INSERT INTO links (url_hash, url, source, first_seen, round, state, due_at)"
            " VALUES (?, ?, ?, ?, ?, 'due', ?) RETURNING id",
            [url_hash(url), url, source, to_unix(now), round_id, to_unix(now)],
        ).fetchone()
        return int(row[0])
    db.execute(
        "UPDATE links SET state = 'due', due_at = ?, tries = 0, first_try = NULL, reason = NULL"
        " WHERE id = ?",
        [to_unix(now), known],
    )
    return known


def due_counts(db: Database, now: datetime) -> dict[str, int]:
    """Count the links that are due now, by source."""
    rows = db.execute(
        "SELECT source, count(*) FROM links INDEXED BY links_source_due"
        " WHERE due_at IS NOT NULL AND due_at <= ? GROUP BY source",
        [to_unix(now)],
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def due_sources(db: Database, now: datetime) -> dict[str, bool]:
    """Give the sources that have links due now, and whether one of them touches a topic."""
    rows = db.execute(
        "SELECT source, max(touches) FROM links INDEXED BY links_source_due"
        " WHERE due_at IS NOT NULL AND due_at <= ? GROUP BY source",
        [to_unix(now)],
    ).fetchall()
    return {row[0]: bool(row[1]) for row in rows}


def due_links(
    db: Database, source: str, *, now: datetime, limit: int, busy: Collection[int] = ()
) -> list[DueLink]:
    """Give a source's due links in the order of fetching, without those in `busy`."""
    rows = db.execute(
        "SELECT id, url, source, tries, title, published_at, etag, last_modified FROM links"
        " WHERE source = ? AND due_at IS NOT NULL AND due_at <= ?"
        " AND id NOT IN (SELECT value FROM json_each(?))"
        " ORDER BY touches DESC, published_at DESC, id LIMIT ?",
        [source, to_unix(now), json.dumps(list(busy)), limit],
    ).fetchall()
    return [
        DueLink(
            id=row[0],
            url=row[1],
            source=row[2],
            tries=row[3],
            title=row[4] or "",
            published_at=from_unix(row[5]),
            etag=row[6],
            last_modified=row[7],
        )
        for row in rows
    ]


def finish_link(
    db: Database,
    link: int,
    *,
    state: LinkState,
    reason: str | None = None,
    etag: str | None = None,
    last_modified: str | None = None,
) -> None:
    """End a link as done, failed or skipped; validators that came with the answer are kept."""
    db.execute(
        "UPDATE links SET state = ?, due_at = NULL, reason = ?, etag = coalesce(?, etag),"
        " last_modified = coalesce(?, last_modified) WHERE id = ?",
        [state, reason, etag, last_modified, link],
    )


def count_try(db: Database, link: int, now: datetime) -> tuple[int, datetime]:
    """Count a try that failed; give the number of tries and the moment of the first."""
    row = db.execute(
        "UPDATE links SET tries = tries + 1, first_try = coalesce(first_try, ?) WHERE id = ?"
        " RETURNING tries, first_try",
        [to_unix(now), link],
    ).fetchone()
    first = from_unix(row[1])
    assert first is not None
    return row[0], first


def put_off(db: Database, link: int, due_at: datetime, reason: str) -> None:
    """Leave a link due, at a later time, for a reason."""
    db.execute(
        "UPDATE links SET state = 'due', due_at = ?, reason = ? WHERE id = ?",
        [to_unix(due_at), reason, link],
    )


def hold_links(db: Database, source: str, until: datetime) -> int:
    """Put off all of a source's due links to `until` at the earliest; no try is counted."""
    cursor = db.execute(
        "UPDATE links SET due_at = ? WHERE source = ? AND due_at IS NOT NULL AND due_at < ?",
        [to_unix(until), source, to_unix(until)],
    )
    return cursor.rowcount


def link_counts(db: Database) -> dict[str, int]:
    """Count all links by state."""
    rows = db.execute("SELECT state, count(*) FROM links GROUP BY state").fetchall()
    return {row[0]: row[1] for row in rows}


def waiting_links(db: Database, source: str, limit: int = 1000) -> list[LinkRow]:
    """Give a source's links that are still to be fetched, those due first ahead."""
    rows = db.execute(
        f"SELECT {_ROW} FROM links WHERE source = ? AND due_at IS NOT NULL"  # noqa: S608  # a constant list of columns
        " ORDER BY due_at, touches DESC, published_at DESC, id LIMIT ?",
        [source, limit],
    ).fetchall()
    return [_row(db, row) for row in rows]


def find_link(db: Database, url: str) -> LinkRow | None:
    """Give the link of a canonical address."""
    row = db.execute(
        f"SELECT {_ROW} FROM links WHERE url_hash = ? AND url = ?",  # noqa: S608  # a constant list of columns
        [url_hash(url), url],
    ).fetchone()
    return None if row is None else _row(db, row)


_ROW = (
    "id, url, source, state, tries, first_seen, due_at, first_try, reason, touches, title,"
    " published_at"
)


def _row(db: Database, row: tuple[Any, ...]) -> LinkRow:
    listed = db.execute(
        "SELECT source FROM link_sources WHERE link = ? ORDER BY first_seen, source", [row[0]]
    ).fetchall()
    return LinkRow(
        id=row[0],
        url=row[1],
        source=row[2],
        state=row[3],
        tries=row[4],
        first_seen=from_unix(row[5]),
        due_at=from_unix(row[6]),
        first_try=from_unix(row[7]),
        reason=row[8],
        touches=bool(row[9]),
        title=row[10] or "",
        published_at=from_unix(row[11]),
        listed_by=tuple(entry[0] for entry in listed),
    )


def _find_id(db: Database, url: str) -> int | None:
    row = db.execute(
        "SELECT id FROM links WHERE url_hash = ? AND url = ?", [url_hash(url), url]
    ).fetchone()
    return None if row is None else row[0]


def _insert(
    db: Database, source: str, entry: FoundLink, *, now: datetime, round_id: int, due: bool
) -> None:
    link = entry.link
    row = db.execute(
        "INSERT INTO links (url_hash, url, source, first_seen, round, state, due_at, touches,"
        " reason, title, published_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        [
            *(url_hash(link.url), link.url, source, to_unix(now), round_id),
            *("due" if due else "skipped", to_unix(now) if due else None, int(entry.touches)),
            *(None if due else FIRST_CONTACT, link.title, to_unix(link.published_at)),
        ],
    ).fetchone()
    _note_listing(db, row[0], source, entry.listing, now)


def _note_listing(db: Database, link: int, source: str, listing: str, now: datetime) -> None:
    db.execute(
        "INSERT OR IGNORE INTO link_sources (link, source, listing, first_seen)"
        " VALUES (?, ?, ?, ?)",
        [link, source, listing, to_unix(now)],
    )
