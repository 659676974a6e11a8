"""Whose turn it is in a slot: polls before articles, and every source of a network in its turn.

Only memory: the order of a source's own links stands in the database.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from storage.links import due_links

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from sqlite_utils import Database

    from config.source import Source
    from storage.records import DueLink

    from .under_way import UnderWay

# A slot with more polls than it can take would else never come to its articles.
POLLS_IN_A_ROW = 3
AHEAD = 3.0  # seconds of work that a slot is given in advance
MOST_AHEAD = 40
LINKS = 500  # under way at a time


class Turns:
    """What each slot and source was given in this round, and what it may be given now.

    `delay` gives a slot's delay in seconds.
    """

    def __init__(self, under_way: UnderWay, delay: Callable[[str], float]) -> None:
        self._under_way = under_way
        self._delay = delay
        self._given = 0
        self._last: dict[str, int] = {}
        self._polls: Counter[str] = Counter()

    def polled(self, slot: str) -> None:
        """Note that a slot was given a poll."""
        self._polls[slot] += 1

    def room(self, slot: str) -> int:
        """Say how much a slot may be given now: what waits, waits in the database, seen by all."""
        ahead = int(AHEAD / max(self._delay(slot), 0.01))
        return max(1, min(MOST_AHEAD, ahead)) - self._under_way.load(slot)

    def room_for_polls(self, slot: str, *, articles: bool) -> int:
        """Say how many polls a slot may be given; `articles` wait there and get one of four."""
        room = self.room(slot)
        return min(room, POLLS_IN_A_ROW - self._polls[slot]) if articles else room

    def iter_links(
        self,
        db: Database,
        waiting: Mapping[str, bool],
        watched: Mapping[str, Source],
        *,
        budget: int,
        now: datetime,
    ) -> Iterator[tuple[Source, list[DueLink]]]:
        """Give links to fetch; the caller notes them as under way before it takes the next.

        `waiting` are the sources with due links, and whether one touches a topic: those first,
        then who was longest without. No source takes more than `budget` in a round.
        """
        under_way = self._under_way
        order = [
            watched[name]
            for name in sorted(waiting, key=lambda name: (not waiting[name], self._turn(name)))
            if name in watched and under_way.fetched[name] < budget
        ]
        sharing = Counter(source.slot for source in order)
        for source in order:
            free = self.room(source.slot)
            left = LINKS - under_way.links_in_all
            if free <= 0 or left <= 0:
                continue
            share = -(-free // sharing[source.slot])
            wanted = min(share, left, budget - under_way.fetched[source.id])
            busy = under_way.links(source.id)
            links = due_links(db, source.id, now=now, limit=wanted, busy=busy)
            if links:
                self._polls[source.slot] = 0
                self._given += 1
                self._last[source.id] = self._given
                yield source, links

    def _turn(self, source: str) -> tuple[int, str]:
        return self._last.get(source, 0), source
