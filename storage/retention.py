"""How long the crawl keeps what the network said: pages 14 days, some for ever, its own log less.

`ronda.db` says what to keep: pages not read yet, those that could not be read, and every page of an
article that met a topic. Without it nothing is known to be read, and no page goes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from .database import from_unix, to_unix, url_hash, writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlite_utils import Database

PAGES = timedelta(days=14)
CRAWLS = timedelta(days=14)
IDLE_CRAWLS = timedelta(days=2)  # those that brought nothing and failed of nothing
CLOCK_ERROR = timedelta(days=1)  # a page from further ahead was stored by a wrong clock
BATCH = 100  # pages in one transaction
LOG_BATCH = 1_000

_MARK = "kept_up_to"


def iter_expiry(crawl: Database, ronda: Database | None, now: datetime) -> Iterator[int]:
    """Delete what is out of date, a small transaction a step; gives how many rows each deleted.

    The caller may stop after any step; the next call goes on where this one stopped.
    """
    if ronda is not None:
        yield from _expire_pages(crawl, ronda, now)
    yield from _expire_log(crawl, now)


def _expire_pages(crawl: Database, ronda: Database, now: datetime) -> Iterator[int]:
    position = _mark(crawl)
    settled = True  # every page up to here is gone or is kept for ever
    while True:
        rows = crawl.execute(
            "SELECT id, url_hash, sha256, fetched_at FROM pages WHERE id > ? ORDER BY id LIMIT ?",
            [position, BATCH],
        ).fetchall()
        gone: list[tuple[int, str | None]] = []
        young = False
        mark = None
        for page, hash_, sha256, fetched_at in rows:
            moment = from_unix(fetched_at)
            assert moment is not None
            if now - PAGES < moment <= now + CLOCK_ERROR:
                young = True
                break
            position = page
            verdict = "gone" if sha256 is None else _judge(ronda, hash_, sha256)
            if verdict == "gone":
                gone.append((page, sha256))
            settled = settled and verdict != "unread"
            if settled:
                mark = page
        if gone or mark is not None:
            with writing(crawl):
                _delete_pages(crawl, gone)
                if mark is not None:
                    crawl.execute(
                        "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [_MARK, str(mark)]
                    )
        yield len(gone)
        if young or not rows:
            return


def _judge(ronda: Database, hash_: int, sha256: str) -> str:
    row = ronda.execute(
        "SELECT outcome, article FROM readings WHERE url_hash = ? AND sha256 = ?",
        [hash_, sha256],
    ).fetchone()
    if row is None or row[0] in (None, "waiting"):
        return "unread"
    outcome, article = row
    if outcome == "part":
        article = _article_of_part(ronda, hash_)
    if outcome == "set_aside":
        return "kept"
    matched = ronda.execute("SELECT 1 FROM matches WHERE article = ? LIMIT 1", [article]).fetchone()
    return "kept" if matched else "gone"


def _article_of_part(ronda: Database, hash_: int) -> int | None:
    """Give the article of the story that a further page belongs to."""
    part = ronda.execute("SELECT story FROM parts WHERE url_hash = ?", [hash_]).fetchone()
    if part is None:
        return None
    row = ronda.execute(
        "SELECT max(article) FROM readings WHERE url_hash = ?", [url_hash(part[0])]
    ).fetchone()
    return None if row is None else row[0]


def _delete_pages(crawl: Database, gone: list[tuple[int, str | None]]) -> None:
    crawl.conn.executemany("DELETE FROM pages WHERE id = ?", [(page,) for page, _ in gone])
    crawl.conn.executemany(
        "DELETE FROM bodies WHERE sha256 = ?1"
        " AND NOT EXISTS (SELECT 1 FROM pages WHERE sha256 = ?1)",
        [(sha256,) for _, sha256 in gone if sha256 is not None],
    )


def _expire_log(crawl: Database, now: datetime) -> Iterator[int]:
    """Delete old crawls (never a source's last), rounds that have none left, outcomes of wishes."""
    old, idle = to_unix(now - CRAWLS), to_unix(now - IDLE_CRAWLS)
    while True:
        with writing(crawl):
            count = crawl.execute(
                "DELETE FROM crawls WHERE id IN (SELECT c.id FROM crawls c WHERE (ended_at < :old"
                "  OR (ended_at < :idle AND pages = 0 AND links_new = 0 AND failed = 0))"
                " AND EXISTS (SELECT 1 FROM crawls l WHERE l.source = c.source AND l.id > c.id)"
                " ORDER BY c.id LIMIT :limit)",
                {"old": old, "idle": idle, "limit": LOG_BATCH},
            ).rowcount
        if count == 0:
            break
        yield count
    with writing(crawl):
        count = crawl.execute(
            "DELETE FROM rounds WHERE ended_at < ? AND id < (SELECT max(id) FROM rounds)"
            " AND NOT EXISTS (SELECT 1 FROM crawls WHERE round = rounds.id)",
            [idle],
        ).rowcount
        count += crawl.execute("DELETE FROM wish_outcomes WHERE done_at < ?", [old]).rowcount
    yield count


def _mark(crawl: Database) -> int:
    row = crawl.execute("SELECT value FROM meta WHERE key = ?", [_MARK]).fetchone()
    return 0 if row is None else int(row[0])
