"""Further pages of a story -> rows until the story is joined.

The address of a part belongs to its story: what comes under it is never an article of its own.
A part is wished of the crawl; it is "waiting", then "joined" into the story or "missing" from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003  # dataclass fields are read at run time by tests
from typing import TYPE_CHECKING, Literal

from .database import from_unix, to_unix, url_hash
from .records import Wish
from .wishes import add_wish, finish_wish

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlite_utils import Database

PartState = Literal["waiting", "joined", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One further page of the story at `story`, as the crawl was asked for it by `wish`."""

    url: str
    story: str
    source: str
    ordinal: int
    wish: int
    wished_at: datetime
    state: PartState


def wish_parts(
    db: Database, story: str, source: str, urls: Sequence[str], now: datetime
) -> list[int]:
    """Wish for a story's further pages, in their order, in place of those known before."""
    db.execute("DELETE FROM parts WHERE story = ?", (story,))
    wishes = []
    for ordinal, url in enumerate(urls, 1):
        wish = add_wish(db, Wish(kind="refetch", source=source, url=url), now)
        wishes.append(wish)
        db.execute(
            "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting')",
            (url_hash(url), url, story, source, ordinal, wish, to_unix(now)),
        )
    return wishes


def find_part(db: Database, url: str) -> Part | None:
    """Give the part that an address is, None where it is none."""
    found = _parts(db, "url_hash = ? AND url = ?", url_hash(url), url)
    return found[0] if found else None


def parts_of(db: Database, story: str) -> list[Part]:
    """Give a story's further pages in their order."""
    return _parts(db, "story = ?", story)


def waiting_stories(db: Database) -> dict[str, list[Part]]:
    """Give the stories that wait for a part, each with all its parts in their order."""
    rows = db.execute("SELECT DISTINCT story FROM parts WHERE state = 'waiting'").fetchall()
    return {story: parts_of(db, story) for (story,) in rows}


def settle_parts(db: Database, story: str, missing: Iterable[str], now: datetime) -> None:
    """Note that a story was joined, and which of its parts were not there."""
    for part in parts_of(db, story):
        finish_wish(db, part.wish, "joined", now)  # an open one would be given again
    db.execute("UPDATE parts SET state = 'joined' WHERE story = ?", (story,))
    db.conn.executemany(
        "UPDATE parts SET state = 'missing' WHERE url_hash = ? AND url = ?",
        [(url_hash(url), url) for url in missing],
    )


def reopen_part(db: Database, part: Part) -> None:
    """Let a part that came late be joined after all."""
    if part.state == "missing":
        db.execute("UPDATE parts SET state = 'waiting' WHERE story = ?", (part.story,))


def _parts(db: Database, where: str, *values: str | int) -> list[Part]:
    rows = db.execute(
        "SELECT url, story, source, ordinal, wish, wished_at, state FROM parts"  # noqa: S608  # constants
        f" WHERE {where} ORDER BY ordinal",
        values,
    ).fetchall()
    found = []
    for url, story, source, ordinal, wish, wished, state in rows:
        wished_at = from_unix(wished)
        assert wished_at is not None
        found.append(
            Part(
                url=url,
                story=story,
                source=source,
                ordinal=ordinal,
                wish=wish,
                wished_at=wished_at,
                state=state,
            )
        )
    return found
