"""Every try to read a page -> a row per (address, body): attempts, failures, outcome.

An attempt is counted in its own transaction before the try, so that a page which takes its reader
down is known at the next start. A page without an outcome here is "not read yet".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003  # dataclass fields are read at run time by tests
from typing import TYPE_CHECKING, Any, Literal

from .database import from_unix, to_unix, url_hash

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

    from .records import Page

# "waiting": the first page of a story whose further pages are being fetched; "part": one of those.
Outcome = Literal["article", "not_article", "set_aside", "waiting", "part"]
# Failures that the pool reported (time, memory, crash): after so many the page is set aside.
MOST_FAILURES = 2
# Tries of which nothing is known, because whoever counted them was killed. Pages are parsed in
# processes of their own, so such a death is rarely the page's fault: more patience.
MOST_LOST = 5

_COLUMNS = (
    "url, sha256, source, attempts, failures, outcome, reason, reader, tried_at, article, page"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What became of reading one page; `outcome` is None while it may be tried again."""

    url: str
    sha256: str
    source: str
    attempts: int
    failures: int
    tried_at: datetime
    outcome: Outcome | None = None
    reason: str | None = None
    reader: int | None = None
    article: int | None = None
    page: int | None = None

    @property
    def hopeless(self) -> bool:
        """Say whether the page has failed often enough to be set aside."""
        return self.failures >= MOST_FAILURES or self.attempts >= MOST_LOST


def start_reading(db: Database, page: Page, now: datetime) -> None:
    """Count an attempt; to be committed before the page is handed to the reader."""
    db.execute(
        "INSERT INTO readings (url_hash, sha256, url, page, source, attempts, tried_at)"
        " VALUES (?, ?, ?, ?, ?, 1, ?) ON CONFLICT (url_hash, sha256) DO UPDATE SET"
        " attempts = attempts + 1, page = excluded.page, tried_at = excluded.tried_at",
        (*_key(page), page.url, page.id, page.source, to_unix(now)),
    )


def give_back(db: Database, page: Page) -> None:
    """Take back an attempt that was stopped from outside before it could end."""
    db.execute(
        "UPDATE readings SET attempts = attempts - 1"
        " WHERE url_hash = ? AND sha256 = ? AND attempts > 0 AND outcome IS NULL",
        _key(page),
    )


def fail_reading(db: Database, page: Page, reason: str) -> None:
    """Record that the reader failed on a page; at `MOST_FAILURES` the page is set aside."""
    db.execute(
        "UPDATE readings SET failures = failures + 1, reason = ?,"
        " outcome = CASE WHEN failures + 1 >= ? THEN 'set_aside' END"
        " WHERE url_hash = ? AND sha256 = ? AND outcome IS NULL",
        (reason, MOST_FAILURES, *_key(page)),
    )


def finish_reading(
    db: Database,
    page: Page,
    outcome: Outcome,
    *,
    reader: int,
    now: datetime,
    reason: str | None = None,
    article: int | None = None,
) -> None:
    """Record the outcome of a page; it is not read again unless a person asks."""
    db.execute(
        "INSERT INTO readings (url_hash, sha256, url, page, source, outcome, reason, reader,"
        " tried_at, article) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (url_hash, sha256) DO UPDATE SET outcome = excluded.outcome,"
        " reason = excluded.reason, reader = excluded.reader, article = excluded.article",
        (
            *_key(page),
            page.url,
            page.id,
            page.source,
            outcome,
            reason,
            reader,
            to_unix(now),
            article,
        ),
    )


def find_reading(db: Database, page: Page) -> Reading | None:
    """Give what is known of reading a page, None where it was never tried."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM readings WHERE url_hash = ? AND sha256 = ?",  # noqa: S608  # constant
        _key(page),
    ).fetchone()
    return None if row is None else _reading(row)


def readings_of(db: Database, url: str) -> list[Reading]:
    """Give every reading of an address, the latest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM readings WHERE url_hash = ? AND url = ?"  # noqa: S608  # constant
        " ORDER BY tried_at DESC, page DESC",
        (url_hash(url), url),
    ).fetchall()
    return [_reading(row) for row in rows]


def unfinished(db: Database, pages: Iterable[Page]) -> list[Page]:
    """Keep the pages that have no outcome; those tried before come last."""
    fresh, tried = [], []
    for page in pages:
        reading = find_reading(db, page)
        if reading is None:
            fresh.append(page)
        elif reading.outcome is None:
            tried.append(page)
    return fresh + tried


def outcome_counts(db: Database) -> dict[tuple[str, str], int]:
    """Count the readings by (outcome, reason); the reason of an article is empty."""
    rows = db.execute(
        "SELECT outcome, coalesce(reason, ''), count(*) FROM readings"
        " WHERE outcome IS NOT NULL GROUP BY 1, 2"
    ).fetchall()
    return {(outcome, reason): count for outcome, reason, count in rows}


def read_up_to(db: Database, crawl_file: str) -> int:
    """Give the page id up to which every page of this very `crawl.db` has its outcome."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (f"read:{crawl_file}",)).fetchone()
    return 0 if row is None else int(row[0])


def set_read_up_to(db: Database, crawl_file: str, page_id: int) -> None:
    """Move that mark forward, never back."""
    db.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE"
        " SET value = max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))",
        (f"read:{crawl_file}", str(page_id)),
    )


def _key(page: Page) -> tuple[int, str]:
    if page.sha256 is None:
        raise ValueError(f"a page without a body cannot be read: {page.url}")
    return url_hash(page.url), page.sha256


def _reading(row: tuple[Any, ...]) -> Reading:
    tried_at = from_unix(row[8])
    assert tried_at is not None
    return Reading(
        url=row[0],
        sha256=row[1],
        source=row[2],
        attempts=row[3],
        failures=row[4],
        outcome=row[5],
        reason=row[6],
        reader=row[7],
        tried_at=tried_at,
        article=row[9],
        page=row[10],
    )
