"""What came back for a link -> a row per fetch, the body once by its sha256, compressed.

Pages are handed to the reader in the order of storing; 304, 404 and 410 are rows without a body.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import zstandard

from .database import from_unix, to_unix, url_hash
from .records import Page

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database

# Twice the largest answer that the crawl accepts: more is not what we stored.
LARGEST_BODY = 16 * 1024 * 1024

_PAGE = (
    "p.id, p.url, p.source, p.status, p.fetched_at, p.final_url, p.etag, p.last_modified,"
    " p.content_type, p.sha256, coalesce(l.title, ''), l.published_at, p.marks"
    " FROM pages p LEFT JOIN links l ON l.id = p.link"
)


def save_page(db: Database, page: Page, *, link: int | None, round_id: int | None) -> int:
    """Store one answer with its body, if it has one, and give the page's id."""
    sha256 = None
    size = None
    fetched = to_unix(page.fetched_at)
    if page.body is not None:
        sha256 = hashlib.sha256(page.body).hexdigest()
        size = len(page.body)
        known = db.execute("SELECT 1 FROM bodies WHERE sha256 = ?", [sha256]).fetchone()
        if known is None:
            db.execute(
                "INSERT INTO bodies (sha256, zstd, size, stored_at) VALUES (?, ?, ?, ?)",
                [sha256, zstandard.ZstdCompressor(level=3).compress(page.body), size, fetched],
            )
    row = db.execute(
        "INSERT INTO pages (link, url_hash, url, source, round, fetched_at, status, final_url,"
        " etag, last_modified, content_type, sha256, size, marks)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        [
            *(link, url_hash(page.url), page.url, page.source, round_id, fetched),
            *(page.status, page.final_url, page.etag, page.last_modified),
            *(page.content_type, sha256, size, " ".join(page.marks)),
        ],
    ).fetchone()
    return int(row[0])


def pages_after(db: Database, page_id: int, limit: int) -> list[Page]:
    """Give pages that have a body, stored after `page_id`, in order; bodies are not loaded."""
    rows = db.execute(
        f"SELECT {_PAGE} WHERE p.id > ? AND p.sha256 IS NOT NULL ORDER BY p.id LIMIT ?",
        [page_id, limit],
    ).fetchall()
    return [_page(row) for row in rows]


def load_page(db: Database, url: str) -> Page | None:
    """Give the newest page of a canonical address that has a body, with it."""
    row = db.execute(
        f"SELECT {_PAGE} WHERE p.url_hash = ? AND p.url = ? AND p.sha256 IS NOT NULL"
        " ORDER BY p.id DESC LIMIT 1",
        [url_hash(url), url],
    ).fetchone()
    return None if row is None else _page(row, load_body(db, row[9]))


def latest_answer(db: Database, url: str, since: datetime) -> Page | None:
    """Give an address's newest answer of any status, fetched at or after a moment; no body."""
    row = db.execute(
        f"SELECT {_PAGE} WHERE p.url_hash = ? AND p.url = ? AND p.fetched_at >= ?"
        " ORDER BY p.id DESC LIMIT 1",
        [url_hash(url), url, to_unix(since)],
    ).fetchone()
    return None if row is None else _page(row)


def newest_page_id(db: Database, url: str) -> int | None:
    """Give the id of an address's newest page that has a body."""
    row = db.execute(
        "SELECT max(id) FROM pages WHERE url_hash = ? AND url = ? AND sha256 IS NOT NULL",
        [url_hash(url), url],
    ).fetchone()
    return None if row[0] is None else int(row[0])


def load_body(db: Database, sha256: str) -> bytes | None:
    """Give a stored body, None where it is not kept any more."""
    row = db.execute("SELECT zstd FROM bodies WHERE sha256 = ?", [sha256]).fetchone()
    if row is None:
        return None
    return zstandard.ZstdDecompressor().decompress(row[0], max_output_size=LARGEST_BODY)


def whole_at(db: Database, url: str) -> datetime | None:
    """Say when an address was last fetched whole, None where no such body is kept."""
    row = db.execute(
        "SELECT max(p.fetched_at) FROM pages p JOIN bodies b ON b.sha256 = p.sha256"
        " WHERE p.url_hash = ? AND p.url = ?",
        [url_hash(url), url],
    ).fetchone()
    return from_unix(row[0])


def crawl_file_id(db: Database) -> str:
    """Give the random name of this very `crawl.db`: page ids mean nothing in another file."""
    return str(db.execute("SELECT value FROM meta WHERE key = 'file'").fetchone()[0])


def _page(row: tuple[Any, ...], body: bytes | None = None) -> Page:
    fetched_at = from_unix(row[4])
    assert fetched_at is not None
    return Page(
        id=row[0],
        url=row[1],
        source=row[2],
        status=row[3],
        fetched_at=fetched_at,
        final_url=row[5],
        etag=row[6],
        last_modified=row[7],
        content_type=row[8],
        sha256=row[9],
        listed_title=row[10],
        listed_at=from_unix(row[11]),
        marks=tuple(row[12].split()),
        body=body,
    )
