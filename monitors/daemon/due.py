"""What is due: questions to both databases that the daemon asks before it acts."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitors.digests.telling import slot_is_due
from monitors.joining import unheard
from monitors.stages import pending
from storage.database import find_reader
from storage.digests import latest_digests
from storage.links import due_counts
from storage.rounds import wish_outcomes
from storage.source_state import due_now, states
from storage.sources import disabled
from storage.wishes import open_wishes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from sqlite_utils import Database

    from config.settings import Monitor
    from config.source import Source

# After this long a fresh home is shown what there is, even if some source did not answer yet.
FIRST_LOOK_AFTER = timedelta(minutes=15)


def crawl_is_due(home: Path, sources: Mapping[str, Source], now: datetime) -> bool:
    """Say whether a crawl process would find work: a watched source, its links, or a wish."""
    with _readers(home) as (crawl, ronda):
        watched = set(sources) - (disabled(ronda) if ronda else set())
        if crawl is None:
            return bool(watched)
        due = due_now(crawl, now)
        if any(due.get(name, True) for name in watched):  # one that is not known was never polled
            return True
        if watched & set(due_counts(crawl, now)):
            return True
        wishes = {wish.id for wish in open_wishes(ronda) if wish.id} if ronda else set()
        return bool(wishes - set(wish_outcomes(crawl, wishes)))


def poll_is_over(home: Path, wishes: Iterable[int], sources: Iterable[str], now: datetime) -> bool:
    """Say whether what these wishes brought is fetched, read, matched and grouped, or put off."""
    return poll_is_fetched(home, wishes, sources, now) and pending(home) == 0


def poll_is_fetched(
    home: Path, wishes: Iterable[int], sources: Iterable[str], now: datetime
) -> bool:
    """Say whether every page that these wishes brought is fetched, or put off."""
    with _readers(home) as (crawl, ronda):
        if crawl is None or ronda is None:
            return False
        if set(wishes) - set(wish_outcomes(crawl, set(wishes))):
            return False
        watched = set(sources) - disabled(ronda)
        return not watched & set(due_counts(crawl, now))


def parts_are_wished(home: Path, sources: Collection[str]) -> bool:
    """Say whether a story of these sources lacks a part that no crawl has heard of yet."""
    with _readers(home) as (crawl, ronda):
        return crawl is not None and ronda is not None and unheard(crawl, ronda, sources)


def round_is_over(home: Path, sources: Mapping[str, Source], now: datetime) -> bool:
    """Say whether every watched source was polled once, and all of it is fetched and read."""
    with _readers(home) as (crawl, ronda):
        if ronda is None or crawl is None:
            return False
        watched = set(sources) - disabled(ronda)
        polled = {name for name, state in states(crawl).items() if state.polled_at is not None}
        if watched - polled or watched & set(due_counts(crawl, now)):
            return False
    return pending(home) == 0


def first_look_is_due(
    home: Path, sources: Mapping[str, Source], started_at: datetime, now: datetime
) -> bool:
    """Say whether a fresh home's first look can be made: after its first round, or 15 minutes."""
    with _readers(home) as (crawl, ronda):
        if ronda is None or crawl is None or latest_digests(ronda, limit=1):
            return False
    return now - started_at >= FIRST_LOOK_AFTER or round_is_over(home, sources, now)


def telling_is_due(home: Path, monitors: Mapping[str, Monitor], now: datetime) -> bool:
    """Say whether a monitor has a slot to tell, before anything dear is computed for it."""
    with _readers(home) as (_, ronda):
        return ronda is not None and slot_is_due(ronda, monitors, now)


@contextlib.contextmanager
def _readers(home: Path) -> Iterator[tuple[Database | None, Database | None]]:
    """Open `crawl.db` and `ronda.db` read-only for a moment; None for a file not there yet."""
    crawl, ronda = find_reader(home, "crawl"), find_reader(home, "ronda")
    try:
        yield crawl, ronda
    finally:
        for db in (crawl, ronda):
            if db is not None:
                db.close()
