"""How far each topic has come through the articles, and which articles changed since.

One row per topic (revision, up to article id) instead of one per article and topic.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from .database import to_unix

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlite_utils import Database

# An article on which the matcher failed waits so long in the queue before it is tried again.
RETRY_AFTER = timedelta(hours=1)


def begin_topics(db: Database, revisions: Mapping[str, str], now: datetime) -> dict[str, int]:
    """Make topics (id -> revision) known and give the article id that each has come to.

    On a fresh home a topic begins with the first article; a topic added later begins with what
    is stored after it. A new revision goes on where the old one stood: nothing is left out.
    """
    rows = db.execute("SELECT topic, revision, up_to FROM topic_progress").fetchall()
    known = {topic: (revision, up_to) for topic, revision, up_to in rows}
    start = 0
    if known:
        start = int(db.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()[0])
    for topic, revision in revisions.items():
        if topic in known and known[topic][0] == revision:
            continue
        db.execute(
            "INSERT INTO topics VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (topic, revision, to_unix(now)),
        )
        db.execute(
            "INSERT INTO topic_progress VALUES (?, ?, ?)"
            " ON CONFLICT (topic) DO UPDATE SET revision = excluded.revision",
            (topic, revision, start),
        )
    db.execute(
        "INSERT INTO meta VALUES ('topics', :topics) ON CONFLICT (key) DO UPDATE"
        " SET value = excluded.value WHERE value <> excluded.value",
        {"topics": json.dumps(sorted(revisions))},
    )
    return {topic: known[topic][1] if topic in known else start for topic in revisions}


def progress_of(db: Database) -> dict[str, tuple[str, int]]:
    """Give each known topic's revision and the article id up to which it was matched."""
    rows = db.execute("SELECT topic, revision, up_to FROM topic_progress").fetchall()
    return {topic: (revision, up_to) for topic, revision, up_to in rows}


def advance_topics(db: Database, topics: Iterable[str], up_to: int) -> None:
    """Note that topics have met every article up to this id; the mark never goes back."""
    db.conn.executemany(
        "UPDATE topic_progress SET up_to = max(up_to, ?) WHERE topic = ?",
        [(up_to, topic) for topic in topics],
    )


def queued_articles(db: Database, now: datetime, limit: int) -> list[int]:
    """Give articles that changed (or failed) and are to be matched anew, longest waiting first."""
    rows = db.execute(
        "SELECT article FROM topic_queue WHERE changed_at <= ? OR failed = 0"
        " ORDER BY changed_at, article LIMIT ?",
        (to_unix(now), limit),
    ).fetchall()
    return [row[0] for row in rows]


def queue_article(db: Database, article_id: int, now: datetime, *, found_later: bool) -> None:
    """Queue a changed article; once queued as news it stays news."""
    db.execute(
        "INSERT INTO topic_queue (article, changed_at, found_later) VALUES (?, ?, ?)"
        " ON CONFLICT (article) DO UPDATE SET changed_at = excluded.changed_at, failed = 0,"
        " found_later = min(found_later, excluded.found_later)",
        (article_id, to_unix(now), int(found_later)),
    )


def is_found_later(db: Database, article_id: int) -> bool:
    """Say whether an article waits in the queue because of a second reading, which is no news."""
    row = db.execute("SELECT found_later FROM topic_queue WHERE article = ?", (article_id,))
    found = row.fetchone()
    return found is not None and bool(found[0])


def leave_queue(db: Database, article_id: int) -> None:
    """Take an article out of the queue: it has been matched as it is now."""
    db.execute("DELETE FROM topic_queue WHERE article = ?", (article_id,))


def queue_again(db: Database, article_id: int, now: datetime) -> None:
    """Queue an article on which the matcher failed, to be tried again after `RETRY_AFTER`."""
    db.execute(
        "INSERT INTO topic_queue (article, changed_at, failed) VALUES (?, ?, 1)"
        " ON CONFLICT (article) DO UPDATE SET changed_at = excluded.changed_at, failed = 1",
        (article_id, to_unix(now + RETRY_AFTER)),
    )


def count_unmatched(db: Database) -> int:
    """Count the articles that a topic in use has yet to meet; those put off are not among them.

    Before the first `begin_topics` every article is.
    """
    row = db.execute("SELECT value FROM meta WHERE key = 'topics'").fetchone()
    low: int | None = 0
    if row is not None:
        low = db.execute(
            "SELECT min(up_to) FROM topic_progress WHERE topic IN (SELECT value FROM json_each(?))",
            (row[0],),
        ).fetchone()[0]
    if low is None:
        return 0
    waiting = db.execute(
        "SELECT (SELECT count(*) FROM articles WHERE id > :low)"
        " + (SELECT count(*) FROM topic_queue WHERE failed = 0 AND article <= :low)",
        {"low": low},
    ).fetchone()
    return int(waiting[0])
