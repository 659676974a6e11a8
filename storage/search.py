"""A reader's words -> hits in the full-text index, newest stored first; no input is an error.

Order is by the index's own rowid: measured at a million articles, ranking a common word costs
seconds, this costs milliseconds. Filters are tokens of the index's third column.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .text import clean_text

if TYPE_CHECKING:
    from sqlite_utils import Database

MOST_WORDS = 32
COUNT_STOPS = 1001
# Controls that no stored text holds: renderers split at them, whatever they write instead.
OPEN_MARK, CLOSE_MARK = "\x02", "\x03"
_SPACES = re.compile(r"[\s\x00]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that holds the words; `snippet` is its text around them, words in marks."""

    article: int
    title: str
    snippet: str


def find_hits(
    db: Database,
    words: str,
    *,
    limit: int = 20,
    before: int | None = None,
    source: str | None = None,
    province: str | None = None,
    region: str | None = None,
    since: int | None = None,
    until: int | None = None,
) -> list[Hit]:
    """Give the newest hits below the id `before`; `since` and `until` are day numbers."""
    query = compose_query(words, source=source, province=province, region=region)
    if query is None or limit < 1:
        return []
    rows = db.execute(
        "SELECT f.rowid, f.title, snippet(articles_fts, 1, ?, ?, ' … ', 24)"
        " FROM articles_fts f WHERE articles_fts MATCH ? AND f.rowid BETWEEN ? AND ?"
        " AND EXISTS (SELECT 1 FROM articles a WHERE a.id = f.rowid AND a.day BETWEEN ? AND ?)"
        " ORDER BY f.rowid DESC LIMIT ?",
        (
            OPEN_MARK,
            CLOSE_MARK,
            query,
            *_bounds(db, before, since, until),
            *_days(since, until),
            limit,
        ),
    ).fetchall()
    return [Hit(article=row[0], title=row[1], snippet=row[2]) for row in rows]


def count_hits(
    db: Database,
    words: str,
    *,
    source: str | None = None,
    province: str | None = None,
    region: str | None = None,
    since: int | None = None,
    until: int | None = None,
) -> int:
    """Count the hits, stopping at 1,001 (shown as "1000+")."""
    query = compose_query(words, source=source, province=province, region=region)
    if query is None:
        return 0
    row = db.execute(
        "SELECT count(*) FROM (SELECT 1 FROM articles_fts f WHERE articles_fts MATCH ?"
        " AND f.rowid BETWEEN ? AND ?"
        " AND EXISTS (SELECT 1 FROM articles a WHERE a.id = f.rowid AND a.day BETWEEN ? AND ?)"
        " LIMIT ?)",
        (query, *_bounds(db, None, since, until), *_days(since, until), COUNT_STOPS),
    ).fetchone()
    return int(row[0])


def compose_query(
    words: str,
    *,
    source: str | None = None,
    province: str | None = None,
    region: str | None = None,
) -> str | None:
    """Turn words into an FTS5 query in which nothing is an operator; None where none is left.

    Every word is a quoted phrase, so `covid-19` and `jum'at` are words and so is `NOT`.
    """
    phrases = [
        '"' + word.replace('"', '""') + '"'
        for word in clean_text(_SPACES.sub(" ", words)).split()
        if any(unicodedata.category(letter)[0] in "LN" for letter in word)
    ][:MOST_WORDS]
    if not phrases:
        return None
    tags = []
    if source is not None:
        tags.append("zs" + source.encode(errors="replace").hex())
    if province is not None:
        tags.append("zp" + _digits(province))
    if region is not None:
        tags.append("zr" + _digits(region))
    query = "{title text} : (" + " AND ".join(phrases) + ")"
    return query + "".join(f' AND tags : "{tag}"' for tag in tags)


def index_article(db: Database, article_id: int) -> None:
    """Put an article's present values into the index, in the caller's transaction."""
    db.execute(
        "INSERT INTO articles_fts (rowid, title, text, tags)"
        " SELECT id, title, text, tags FROM article_search WHERE id = ?",
        (article_id,),
    )


def unindex_article(db: Database, article_id: int) -> None:
    """Take an article out of the index; called before any of its indexed values changes."""
    db.execute(
        "INSERT INTO articles_fts (articles_fts, rowid, title, text, tags)"
        " SELECT 'delete', id, title, text, tags FROM article_search WHERE id = ?",
        (article_id,),
    )


def _digits(code: str) -> str:
    return re.sub(r"[^0-9]", "", code) or "x"


def _days(since: int | None, until: int | None) -> tuple[int, int]:
    return (-(2**62) if since is None else since, 2**62 if until is None else until)


def _bounds(
    db: Database, before: int | None, since: int | None, until: int | None
) -> tuple[int, int]:
    """Turn days into the range of ids that holds them: an id range prunes the index's lists."""
    low, high = 0, 2**62 if before is None else min(max(before, -1), 2**62) - 1
    if since is not None or until is not None:
        first, last = db.execute(
            "SELECT min(id), max(id) FROM articles WHERE day BETWEEN ? AND ?", _days(since, until)
        ).fetchone()
        low, high = first or 0, min(high, last or -1)
    return low, high
