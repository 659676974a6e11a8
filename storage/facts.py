"""Facts -> rows, each with the sentence that says it; an article's facts are replaced whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .records import Fact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database


def save_facts(db: Database, article_id: int, facts: Iterable[Fact]) -> None:
    """Store what an article says in place of what was stored of it."""
    db.execute("DELETE FROM facts WHERE article = ?", (article_id,))
    db.conn.executemany(
        "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                article_id,
                ordinal,
                fact.kind,
                fact.value,
                fact.sentence,
                fact.field,
                fact.start,
                fact.end,
            )
            for ordinal, fact in enumerate(facts)
        ],
    )


def facts_of(db: Database, article_id: int) -> list[Fact]:
    """Give what an article says, in the order in which it was stored."""
    rows = db.execute(
        'SELECT kind, value, sentence, field, start, "end" FROM facts WHERE article = ?'
        " ORDER BY ordinal",
        (article_id,),
    ).fetchall()
    return [
        Fact(kind=row[0], value=row[1], sentence=row[2], field=row[3], start=row[4], end=row[5])
        for row in rows
    ]
