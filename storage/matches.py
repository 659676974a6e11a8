"""Matches and their evidence; unique per topic and article.

A match that somebody was told of is never taken away and keeps its id: the ledger names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .database import from_unix, to_unix
from .records import Evidence, Match

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlite_utils import Database

NEAR_MISSES_A_DAY = 5  # kept for review, by topic and the article's local day

_COLUMNS = "id, topic, revision, score, level, why_not, article, matched_at, found_later"


def save_matches(
    db: Database,
    article_id: int,
    matches: Iterable[Match],
    now: datetime,
    found_later: bool = False,
    judged: Collection[str] = (),
) -> list[int]:
    """Store what an article matched, and give the ids.

    `judged` names the topics that were asked: an older match of theirs that is not among
    `matches` is dropped while nobody was told of it. A near miss that rises gets a new id, so
    that monitors begun since then still tell it. Only the five nearest near misses of a day stay.
    """
    before = _counted(db, article_id)
    found = {match.topic: match for match in matches}
    known = {match.topic: match for match in matches_of(db, article_id)}
    for topic, old in known.items():
        assert old.id is not None
        new = found.get(topic)
        gone = topic in judged and new is None
        risen = new is not None and old.level == "near_miss" and new.level != "near_miss"
        if (gone or risen) and not _told(db, old.id):
            db.execute("DELETE FROM matches WHERE id = ?", (old.id,))
    ids = [_save(db, article_id, match, now, found_later) for match in found.values()]
    for match in found.values():
        if match.level == "near_miss":
            _drop_far_misses(db, match.topic, article_id)
    change = _counted(db, article_id) - before
    if change:
        db.execute(
            "INSERT INTO article_counts (source, day, matches)"
            " SELECT source, day, ? FROM articles WHERE id = ?"
            " ON CONFLICT (source, day) DO UPDATE SET matches = matches + excluded.matches",
            (change, article_id),
        )
    return ids


def matches_of(db: Database, article_id: int) -> list[Match]:
    """Give an article's matches with their evidence, by topic."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM matches WHERE article = ? ORDER BY topic",  # noqa: S608  # constant
        (article_id,),
    ).fetchall()
    return [_match(row, evidence_of(db, row[0])) for row in rows]


def load_match(db: Database, match_id: int) -> Match | None:
    """Give one match with its evidence."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM matches WHERE id = ?",  # noqa: S608  # constant
        (match_id,),
    ).fetchone()
    return None if row is None else _match(row, evidence_of(db, match_id))


def matches_by_id(db: Database, ids: Iterable[int]) -> list[Match]:
    """Give the matches of these ids with their evidence, in the order asked for."""
    found = (load_match(db, match_id) for match_id in ids)
    return [match for match in found if match is not None]


def matched_between(db: Database, topic: str, after: int, up_to: int) -> list[int]:
    """Give the articles with an id above `after`, up to `up_to`, that match a topic by now."""
    rows = db.execute(
        "SELECT article FROM matches WHERE topic = ? AND article > ? AND article <= ?",
        (topic, after, up_to),
    ).fetchall()
    return [row[0] for row in rows]


def evidence_of(db: Database, match_id: int) -> tuple[Evidence, ...]:
    """Give the phrases that a match rests on, in their order."""
    rows = db.execute(
        'SELECT concept, phrase, field, paragraph, start, "end", weight, version'
        " FROM evidence WHERE match = ? ORDER BY ordinal",
        (match_id,),
    ).fetchall()
    return tuple(
        Evidence(
            concept=row[0],
            phrase=row[1],
            field=row[2],
            paragraph=row[3],
            start=row[4],
            end=row[5],
            weight=row[6],
            version=row[7],
        )
        for row in rows
    )


def count_matches(db: Database) -> int:
    """Count the matches that are sure or likely."""
    row = db.execute("SELECT count(*) FROM matches WHERE level <> 'near_miss'").fetchone()
    return int(row[0])


def level_counts(db: Database) -> dict[str, int]:
    """Count the matches by level."""
    rows = db.execute("SELECT level, count(*) FROM matches GROUP BY level").fetchall()
    return dict(rows)


def _save(db: Database, article_id: int, match: Match, now: datetime, found_later: bool) -> int:
    match_id = int(
        db.execute(
            "INSERT INTO matches (topic, article, revision, score, level, why_not, matched_at,"
            " found_later) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (topic, article) DO UPDATE"
            " SET revision = excluded.revision, score = excluded.score, level = excluded.level,"
            " why_not = excluded.why_not RETURNING id",
            (
                match.topic,
                article_id,
                match.revision,
                match.score,
                match.level,
                match.why_not,
                to_unix(now),
                int(found_later),
            ),
        ).fetchone()[0]
    )
    db.execute("DELETE FROM evidence WHERE match = ?", (match_id,))
    db.conn.executemany(
        "INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                match_id,
                ordinal,
                part.concept,
                part.phrase,
                part.field,
                part.paragraph,
                part.start,
                part.end,
                part.weight,
                part.version,
            )
            for ordinal, part in enumerate(match.evidence)
        ],
    )
    return match_id


def _drop_far_misses(db: Database, topic: str, article_id: int) -> None:
    """Keep the nearest of the near misses on this article's day that nobody was told of."""
    rows = db.execute(
        "SELECT m.id FROM articles a JOIN matches m ON m.article = a.id AND m.topic = ?"
        " WHERE a.day = (SELECT day FROM articles WHERE id = ?) AND m.level = 'near_miss'"
        " AND NOT EXISTS (SELECT 1 FROM told WHERE told.match = m.id)"
        " ORDER BY m.score DESC, m.id LIMIT -1 OFFSET ?",
        (topic, article_id, NEAR_MISSES_A_DAY),
    ).fetchall()
    db.conn.executemany("DELETE FROM matches WHERE id = ?", rows)


def _told(db: Database, match_id: int) -> bool:
    row = db.execute("SELECT EXISTS (SELECT 1 FROM told WHERE match = ?)", (match_id,)).fetchone()
    return bool(row[0])


def _counted(db: Database, article_id: int) -> int:
    """Say whether the daily counts hold this article as matched: near misses do not count."""
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM matches WHERE article = ? AND level <> 'near_miss')",
        (article_id,),
    ).fetchone()
    return int(row[0])


def _match(row: tuple[Any, ...], evidence: tuple[Evidence, ...]) -> Match:
    return Match(
        id=row[0],
        topic=row[1],
        revision=row[2],
        score=row[3],
        level=row[4],
        why_not=row[5],
        article=row[6],
        matched_at=from_unix(row[7]),
        found_later=bool(row[8]),
        evidence=evidence,
    )
