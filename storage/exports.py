"""Rows as others take them away: documented fields, in chunks, so no read stays open for long.

Fields are added to, never renamed (`README.md`, Export). Times are ISO 8601 in UTC.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .database import from_unix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

CHUNK = 1000

_ARTICLES = """
    SELECT a.id, a.url, a.source, a.title, a.published_at, a.precision, a.published_from,
        a.fetched_at, a.region, a.province, a.kind, a.completeness, a.dateline, a.author,
        a.editor, a.marks, a.doubts, a.version, a.copy_group AS "group", a.event
        , CASE WHEN :text THEN t.text END AS text
    FROM articles a JOIN article_texts t ON t.article = a.id
    WHERE a.id > :after ORDER BY a.id LIMIT :chunk
"""
_MATCHES = """
    SELECT m.id, m.topic, m.level, m.score, m.revision, m.why_not, m.matched_at, m.found_later,
        a.url, a.source, a.title, a.published_at, a.region, a.province,
        a.copy_group AS "group", a.event,
        (SELECT json_group_array(json_object('concept', e.concept, 'phrase', e.phrase, 'field',
            e.field, 'paragraph', e.paragraph, 'start', e.start, 'end', e."end", 'weight',
            e.weight, 'version', e.version)) FROM evidence e WHERE e.match = m.id) AS evidence
    FROM matches m JOIN articles a ON a.id = m.article
    WHERE m.id > :after ORDER BY m.id LIMIT :chunk
"""
_EVENTS = """
    SELECT e.id, e.title, e.province, e.made_at, e.changed_at,
        (SELECT count(*) FROM articles a WHERE a.event = e.id) AS articles,
        (SELECT count(DISTINCT a.copy_group) FROM articles a WHERE a.event = e.id) AS "groups",
        (SELECT json_group_array(a.url) FROM articles a WHERE a.event = e.id) AS urls
    FROM events e WHERE e.id > :after ORDER BY e.id LIMIT :chunk
"""
_LINKS = """
    SELECT l.id, l.url, l.source, l.title, l.first_seen, l.state, l.tries, l.reason, l.due_at,
        l.published_at,
        (SELECT json_group_array(s.source) FROM link_sources s WHERE s.link = l.id) AS listed_by
    FROM links l WHERE l.id > :after ORDER BY l.id LIMIT :chunk
"""
_TIMES = ("published_at", "fetched_at", "matched_at", "made_at", "changed_at", "first_seen")
_LISTS = ("marks", "doubts", "evidence", "urls", "listed_by")


def iter_articles(db: Database, *, text: bool) -> Iterator[dict[str, Any]]:
    """Give every article, oldest stored first; `text` adds the body (the operator's own copy)."""
    for row in _iter(db, _ARTICLES, text=int(text)):
        if not text:
            del row["text"]
        yield row


def iter_matches(db: Database) -> Iterator[dict[str, Any]]:
    """Give every match and near miss with its evidence."""
    yield from _iter(db, _MATCHES)


def iter_events(db: Database) -> Iterator[dict[str, Any]]:
    """Give every event with the addresses of its articles."""
    yield from _iter(db, _EVENTS)


def iter_links(db: Database) -> Iterator[dict[str, Any]]:
    """Give every link of `crawl.db` with its state and reason."""
    yield from _iter(db, _LINKS)


def _iter(db: Database, sql: str, **values: Any) -> Iterator[dict[str, Any]]:
    after = 0
    while True:
        cursor = db.execute(sql, {"after": after, "chunk": CHUNK, **values})
        names = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
        for row in rows:
            yield _readable(dict(zip(names, row, strict=True)))
        if len(rows) < CHUNK:
            return
        after = rows[-1][0]


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    for name in (*_TIMES, "due_at"):
        if row.get(name) is not None:
            moment = from_unix(row[name])
            row[name] = moment.isoformat() if moment else None
    for name in _LISTS:
        if name in row:
            row[name] = json.loads(row[name] or "[]")
    return row
