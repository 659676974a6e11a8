"""Folded phrases -> the stored articles that may hold one, by the full-text index.

Counting comes first and stops early: a phrase that a fifth of the archive holds narrows nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database


def compose_any(phrases: Iterable[str]) -> str:
    """Turn folded phrases into one query for any of them; the last word may go on (-nya, -lah).

    A phrase that begins like a shorter one is left out: the shorter one finds it.
    """
    kept: list[str] = []
    for phrase in sorted(set(phrases)):
        if not kept or not phrase.startswith(kept[-1]):
            kept.append(phrase)
    return "{title text} : (" + " OR ".join(f'"{phrase}" *' for phrase in kept) + ")"


def count_any(db: Database, query: str, up_to: int, stop: int) -> int:
    """Count the articles with ids up to `up_to` that a query finds, at most `stop`."""
    row = db.execute(
        "SELECT count(*) FROM (SELECT 1 FROM articles_fts"
        " WHERE articles_fts MATCH ? AND rowid <= ? LIMIT ?)",
        (query, up_to, stop),
    ).fetchone()
    return int(row[0])


def ids_before(
    db: Database, before: int, limit: int, *, query: str | None = None, topic: str | None = None
) -> list[int]:
    """Give ids below `before`, highest first: all, or what the query finds or matched the topic."""
    if query is None:
        rows = db.execute(
            "SELECT article FROM article_texts WHERE article < ? ORDER BY article DESC LIMIT ?",
            (before, limit),
        ).fetchall()
        return [row[0] for row in rows]
    found = db.execute(
        "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? AND rowid < ?"
        " ORDER BY rowid DESC LIMIT ?",
        (query, before, limit),
    ).fetchall()
    matched = db.execute(
        "SELECT article FROM matches WHERE topic = ? AND article < ? ORDER BY article DESC LIMIT ?",
        (topic, before, limit),
    ).fetchall()
    return sorted({row[0] for row in (*found, *matched)}, reverse=True)[:limit]


def first_since(db: Database, day: int, up_to: int) -> int:
    """Give the lowest id of an article on that day number or later; `up_to` + 1 without any."""
    row = db.execute("SELECT min(id) FROM articles WHERE day >= ?", (day,)).fetchone()
    return up_to + 1 if row[0] is None else int(row[0])
