"""Texts that a site shows under many addresses -> its furniture, which no article has.

An article made of furniture is taken back, unless somebody was told of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .database import to_unix
from .search import unindex_article

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlite_utils import Database


def is_furniture(db: Database, source: str, text_hash: str) -> bool:
    """Say whether a source is known to show this text under many addresses."""
    row = db.execute(
        "SELECT 1 FROM furniture WHERE source = ? AND text_hash = ?", (source, text_hash)
    ).fetchone()
    return row is not None


def add_furniture(db: Database, source: str, text_hash: str, now: datetime) -> None:
    """Remember a text as furniture of a source."""
    db.execute(
        "INSERT OR IGNORE INTO furniture VALUES (?, ?, ?)", (source, text_hash, to_unix(now))
    )


def addresses_of_text(
    db: Database, source: str, text_hash: str
) -> list[tuple[int, str, str | None]]:
    """Give a source's articles of one text: id, address, and where their time was found."""
    return db.execute(
        "SELECT id, url, published_from FROM articles"
        " WHERE text_hash = ? AND source = ? ORDER BY id",
        (text_hash, source),
    ).fetchall()


def withdraw_articles(db: Database, articles: Iterable[int], reason: str) -> list[int]:
    """Take back what was stored as articles and is none; gives those taken back.

    Their readings say why. What somebody was told of, or ruled on, stays.
    """
    gone = []
    for article in articles:
        row = db.execute(
            "SELECT source, day, event FROM articles a WHERE id = ? AND NOT EXISTS"
            " (SELECT 1 FROM told t JOIN matches m ON m.id = t.match WHERE m.article = a.id)"
            " AND NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.copy_group = a.copy_group)",
            (article,),
        ).fetchone()
        if row is None:
            continue
        matched = db.execute(
            "SELECT EXISTS (SELECT 1 FROM matches WHERE article = ? AND level <> 'near_miss')",
            (article,),
        ).fetchone()[0]
        unindex_article(db, article)
        db.execute(
            "UPDATE readings SET outcome = 'not_article', reason = ?, article = NULL"
            " WHERE article = ? AND sha256 = (SELECT page_sha256 FROM articles WHERE id = ?)",
            (reason, article, article),
        )
        db.execute("DELETE FROM articles WHERE id = ?", (article,))
        db.execute(
            "UPDATE article_counts SET articles = articles - 1, matches = matches - ?"
            " WHERE source = ? AND day = ?",
            (matched, row[0], row[1]),
        )
        db.execute(
            "DELETE FROM events WHERE id = ? AND NOT EXISTS"
            " (SELECT 1 FROM articles WHERE event = events.id)",
            (row[2],),
        )
        gone.append(article)
    return gone
