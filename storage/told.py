"""The ledger: which match was told by which monitor, and which matches still wait to be told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from .database import from_unix, to_unix
from .records import Evidence, Level, Precision

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlite_utils import Database

TellingKind = Literal["digest", "alert"]

# The region filter takes codes: "16" holds "16" and "16.71", "16.71" only itself.
_MATCHES = """
    SELECT m.id, m.topic, m.level, m.score, m.matched_at, m.found_later,
        a.id, a.url, a.source, a.title, a.published_at, a.precision, a.first_seen,
        a.region, coalesce(a.province, substr(a.region, 1, 2)), a.copy_group, a.event,
        a.version, (SELECT t.at FROM told t
            WHERE t.monitor = :monitor AND t.match = m.id AND t.kind = 'alert')
    FROM matches m JOIN articles a ON a.id = m.article
    WHERE m.topic IN (SELECT value FROM json_each(:topics))
        AND m.level IN (SELECT value FROM json_each(:levels))
        AND m.id > :after
        AND (:regions = '[]' OR EXISTS (
            SELECT 1 FROM json_each(:regions) r
            WHERE coalesce(a.region, a.province) = r.value
                OR substr(coalesce(a.region, a.province), 1, length(r.value) + 1)
                    = r.value || '.'))
        AND (NOT :untold OR NOT EXISTS (
            SELECT 1 FROM told t
            WHERE t.monitor = :monitor AND t.match = m.id AND t.kind = 'digest'))
        AND (:since IS NULL OR coalesce(a.published_at, a.first_seen) >= :since)
        AND (:until IS NULL OR coalesce(a.published_at, a.first_seen) <= :until)
    ORDER BY m.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRow:
    """A match with what a digest prints of its article; the text is loaded for few of them.

    `alerted_at` is when this monitor told it at once, None where it did not.
    """

    match: int
    topic: str
    level: Level
    score: float
    matched_at: datetime
    found_later: bool
    article: int
    url: str
    source: str
    title: str
    published_at: datetime | None
    precision: Precision | None
    first_seen: datetime
    region: str | None
    province: str | None
    group: int | None
    event: int | None
    version: int
    alerted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One line of the ledger, with the slot of the digest that told it."""

    monitor: str
    match: int
    kind: TellingKind
    digest: int | None
    slot: str | None
    at: datetime


def wanted_matches(
    db: Database,
    monitor: str,
    *,
    topics: Sequence[str],
    levels: Sequence[str],
    regions: Sequence[str] = (),
    after: int = 0,
    untold: bool = True,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[MatchRow]:
    """Give the matches that a monitor asks for, oldest match first.

    `untold` leaves out what a digest of this monitor has told; `after` is the last match that was
    there before the monitor began; `since` and `until` bound the time of publication (of first
    sight where the page gives none).
    """
    rows = db.execute(
        _MATCHES,
        {
            "monitor": monitor,
            "topics": json.dumps(list(topics)),
            "levels": json.dumps(list(levels)),
            "regions": json.dumps(list(regions)),
            "after": after,
            "untold": int(untold),
            "since": to_unix(since),
            "until": to_unix(until),
        },
    ).fetchall()
    return [_match_row(row) for row in rows]


def told_before(db: Database, monitor: str, events: Iterable[int]) -> dict[int, int]:
    """Count, per event, the articles that digests of this monitor have told already."""
    rows = db.execute(
        """
        SELECT a.event, count(DISTINCT a.id) FROM articles a
        JOIN matches m ON m.article = a.id
        JOIN told t ON t.monitor = ? AND t.match = m.id AND t.kind = 'digest'
        WHERE a.event IN (SELECT value FROM json_each(?)) GROUP BY a.event
        """,
        [monitor, json.dumps(list(events))],
    ).fetchall()
    return dict(rows)


def has_told(db: Database, monitor: str) -> bool:
    """Say whether a monitor has told anything yet."""
    row = db.execute("SELECT 1 FROM told WHERE monitor = ? LIMIT 1", [monitor]).fetchone()
    return row is not None


def evidence_of(db: Database, matches: Iterable[int]) -> dict[int, tuple[Evidence, ...]]:
    """Load the evidence of several matches at once, in its own order."""
    found: dict[int, list[Evidence]] = {}
    rows = db.execute(
        """
        SELECT match, concept, phrase, field, paragraph, start, "end", weight, version
        FROM evidence WHERE match IN (SELECT value FROM json_each(?)) ORDER BY match, ordinal
        """,
        [json.dumps(list(matches))],
    ).fetchall()
    for match, concept, phrase, field, paragraph, start, end, weight, version in rows:
        found.setdefault(match, []).append(
            Evidence(
                concept=concept,
                phrase=phrase,
                field=field,
                paragraph=paragraph,
                start=start,
                end=end,
                weight=weight,
                version=version,
            )
        )
    return {match: tuple(lines) for match, lines in found.items()}


def texts_of(db: Database, versions: Mapping[int, int]) -> dict[int, str]:
    """Load articles' texts, each in the version asked for; what is gone is left out."""
    rows = db.execute(
        """
        SELECT w.key, CASE WHEN a.version = w.value THEN t.text ELSE v.text END
        FROM json_each(?) w JOIN articles a ON a.id = w.key
        JOIN article_texts t ON t.article = a.id
        LEFT JOIN article_versions v ON v.article = a.id AND v.version = w.value
        """,
        [json.dumps({str(article): version for article, version in versions.items()})],
    ).fetchall()
    return {int(article): text for article, text in rows if text is not None}


def tell(
    db: Database,
    monitor: str,
    matches: Iterable[int],
    *,
    kind: TellingKind = "digest",
    digest: int | None = None,
    now: datetime,
) -> None:
    """Write into the ledger that this monitor has told these matches; never twice."""
    db.conn.executemany(
        "INSERT INTO told (monitor, match, kind, digest, at) VALUES (?, ?, ?, ?, ?)",
        [(monitor, match, kind, digest, to_unix(now)) for match in matches],
    )


def tellings_of(db: Database, article: int) -> list[Telling]:
    """Give every telling of an article's matches, oldest first."""
    rows = db.execute(
        """
        SELECT t.monitor, t.match, t.kind, t.digest, d.slot, t.at FROM told t
        JOIN matches m ON m.id = t.match LEFT JOIN digests d ON d.id = t.digest
        WHERE m.article = ? ORDER BY t.at, t.monitor
        """,
        [article],
    ).fetchall()
    return [
        Telling(
            monitor=monitor,
            match=match,
            kind=kind,
            digest=digest,
            slot=slot,
            at=_moment(at),
        )
        for monitor, match, kind, digest, slot, at in rows
    ]


def matches_told_in(db: Database, digest: int) -> list[int]:
    """Give the matches that one digest told, in their order."""
    rows = db.execute("SELECT match FROM told WHERE digest = ? ORDER BY match", [digest]).fetchall()
    return [row[0] for row in rows]


def _match_row(row: tuple[Any, ...]) -> MatchRow:
    return MatchRow(
        match=row[0],
        topic=row[1],
        level=row[2],
        score=row[3],
        matched_at=_moment(row[4]),
        found_later=bool(row[5]),
        article=row[6],
        url=row[7],
        source=row[8],
        title=row[9],
        published_at=from_unix(row[10]),
        precision=row[11],
        first_seen=_moment(row[12]),
        region=row[13],
        province=row[14],
        group=row[15],
        event=row[16],
        version=row[17],
        alerted_at=from_unix(row[18]),
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
