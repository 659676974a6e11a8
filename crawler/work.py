"""Where work comes from: due sources and due links of `crawl.db`, and what the daemon wishes.

The spider asks `look()` every other second and sees nothing else of the database; results go
through `crawler.pipeline`. All that is held here may be lost: the rows say what is to be done.
"""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from storage import parsing, rounds, source_state
from storage.database import writing
from storage.links import ask_again, due_sources, hold_links

from .backfill import Backfill
from .files import Files
from .hosts import HostBook
from .limits import Limits
from .pace import host_key
from .polls import Poll
from .tally import Tally
from .trial import Trial
from .turns import Turns
from .under_way import Fetch, OpenCrawl, UnderWay
from .wishes import WishBook, tell

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from sqlite_utils import Database

    from config.source import Source
    from storage.records import Crawl

    from .loaded import Loaded

log = logging.getLogger(__name__)

FirstContact = int | Literal["all"] | None
LEASE = timedelta(minutes=15)
POLLS = 200  # under way at a time


class Work:
    """One round: opened with the lock held, closed once."""

    def __init__(
        self,
        home: Path,
        db: Database,
        config: Loaded,
        *,
        pid: int,
        now: datetime,
        only: Collection[str] | None = None,
        first_contact: FirstContact = None,
        once: bool = False,
        anew: bool = True,
    ) -> None:
        self.home = home
        self.db = db
        self.config = config
        self.hosts = HostBook(db)
        self.tally = Tally()
        self.once = once
        self.closed = False
        self.pages = 0
        self.reason: str | None = None
        self.lease = secrets.token_hex(8)
        self._only = None if only is None else frozenset(only)
        self._first_contact: FirstContact = first_contact
        self.wishes = WishBook(home)
        self.under_way = UnderWay()
        self._polled: set[str] = set()
        self.trial = Trial(db)
        self._turns = Turns(
            self.under_way, lambda slot: max(self.hosts.delay(slot) or 0.0, self.floor(slot))
        )
        self.limits = Limits(home, db, now)
        self._renewed_at = now
        self._files = Files(home, config, now)
        self._watched: dict[str, Source] = {}
        with writing(db):
            deadly = parsing.put_off_deadly(db, now)
            died = rounds.close_dead(db, now)
            self.round_id = rounds.open_round(db, pid, now)
            self._watch(now)
            for source in (self._only or ()) if anew else ():
                source_state.set_due(db, source, now)
        if died:
            log.warning("closed rounds of dead processes rounds=%d", died)
            self.hosts.careful_since = now
        for source in deadly:
            log.warning("listing put off, the crawl died of it twice source=%s", source)

    def slot_of(self, host: str) -> str:
        """Give the slot of a host."""
        return self.config.slot_of(host)

    def floor(self, slot: str) -> float:
        """Give the shortest delay of a slot: what files say or its hosts ask for, in seconds."""
        return max(self.config.floor(slot), self.hosts.asked_delay(slot))

    def look(self, now: datetime) -> list[Poll | Fetch]:
        """Take what is due now and give it; closes the crawls that have nothing left."""
        self.under_way.looked()
        if self._files.look(now):
            self.config = self._files.config
            with writing(self.db):
                self._watch(now)
        taking = not self.late(now)
        with writing(self.db):
            self._hear_wishes(now)
            if now - self._renewed_at > LEASE / 5:
                source_state.renew_leases(self.db, self.lease, now + LEASE)
                self._renewed_at = now
            closed = self._close_crawls(now)
            found: list[Poll | Fetch] = []
            if taking:
                waiting = due_sources(self.db, now)
                found += self._due_polls(waiting, now)
                found += self._due_fetches(waiting, now)
            self.flush()
        if found or self.under_way.crawls:
            self.limits.busy_at = now
        for crawl in closed:
            tell(crawl)
        return found

    def ended(self, now: datetime) -> str | None:
        """Say why the round is over, None while it is not."""
        late = self.late(now)
        if self.under_way.crawls and not (late and self.limits.unbearable(now)):
            return None
        crawl = self.config.settings.crawl
        self.reason = self.limits.over or self.limits.idle(crawl, now, once=self.once)
        return self.reason

    @property
    def deadline(self) -> datetime:
        """The moment from which on nothing new is asked for."""
        return self.limits.deadline(self.config.settings.crawl)

    def late(self, now: datetime) -> bool:
        """Say whether the round takes nothing more."""
        self.hosts.closed = self.limits.late(self.config.settings.crawl, self.pages, now)
        return self.hosts.closed

    def flush(self) -> None:
        """Write what is only noted so far, within the caller's transaction."""
        self.hosts.flush()
        self.trial.survive()

    def close(self, reason: str, now: datetime) -> None:
        """End the round: what is under way stays due."""
        self.reason = self.reason or reason
        with writing(self.db):
            for crawl in self.under_way.crawls.values():
                self.tally.write(self.db, crawl.id)
            self.hosts.flush()
            for source in self.under_way.crawls:
                source_state.release(self.db, source, self.lease)
            rounds.close_round(self.db, self.round_id, self.reason, now)
        self.under_way.crawls.clear()
        self.wishes.close()
        self.db.close()
        self.closed = True

    def _watch(self, now: datetime) -> None:
        on = self._files.meet(self.db, self.wishes.disabled(), now)
        self._watched = on
        if self._only is not None:
            self._watched = {name: one for name, one in on.items() if name in self._only}

    def _hear_wishes(self, now: datetime) -> None:
        wishes = {
            wish.id: wish
            for wish in self.wishes.fresh()
            if wish.id is not None and (self._only is None or wish.source in self._only)
        }
        for number in rounds.take_wishes(self.db, wishes, self.round_id, now):
            wish = wishes[number]
            if wish.source not in self._watched:
                rounds.set_wish_outcome(self.db, number, "no_such_source", now)
                continue
            self.wishes.take(wish)
            if wish.kind == "refetch" and wish.url:
                ask_again(self.db, wish.source, wish.url, now=now, round_id=self.round_id)
                self._crawl_of(wish.source, now)
            else:
                source_state.set_due(self.db, wish.source, now)
                self._polled.discard(wish.source)

    def _due_polls(self, waiting: Mapping[str, bool], now: datetime) -> list[Poll | Fetch]:
        polling = self.under_way.polls()
        articles = {self._watched[name].slot for name in waiting if name in self._watched}

        names = source_state.take_due(
            self.db,
            self.lease,
            now=now,
            until=now + LEASE,
            limit=max(0, POLLS - len(polling)),
            room=lambda slot: self._turns.room_for_polls(slot, articles=slot in articles),
            busy=polling | self._polled if self.once else polling,
            only=list(self._watched),
        )
        learned = self.wishes.entry_points() if names else {}
        found: list[Poll | Fetch] = []
        for name in names:
            source = self._watched[name]
            held = self.hosts.held_until(source.url, now)
            self._polled.add(name)
            crawl = self._crawl_of(name, now)
            if held is not None:
                source_state.set_due(self.db, name, held)
                hold_links(self.db, name, held)
                crawl.reason = "held"
                continue
            try:
                found.append(self._poll(source, crawl.id, learned.get(name, ()), now))
            except Exception:
                # One source's odd address or row may not cost the others their poll.
                log.exception("source left out source=%s", name)
                source_state.set_due(self.db, name, now + timedelta(days=1))
                crawl.reason = "error"
                self.tally.failed(crawl.id, "error")
                continue
            self.under_way.begin_poll(name)
            self._turns.polled(source.slot)
        return found

    def _poll(
        self, source: Source, crawl: int, learned: Iterable[tuple[str, str]], now: datetime
    ) -> Poll:
        since = self.wishes.take_since(source.id)
        if since is not None:
            robots = self.hosts.get(host_key(source.url)).robots
            return Backfill(source, crawl, learned, robots, self.config.touches, now, since)
        return Poll(
            source,
            crawl=crawl,
            known=source_state.listings_of(self.db, source.id),
            learned=learned,
            touches=self.config.touches,
            now=now,
            first_contact=self.wishes.first_contact(source.id) or self._first_contact,
        )

    def _due_fetches(self, waiting: Mapping[str, bool], now: datetime) -> list[Poll | Fetch]:
        found: list[Poll | Fetch] = []
        budget = self.config.settings.crawl.source_pages
        turns = self._turns.iter_links(self.db, waiting, self._watched, budget=budget, now=now)
        for source, links in turns:
            crawl = self._crawl_of(source.id, now)
            for link in links:
                self.under_way.begin_link(source.id, link.id)
                found.append(Fetch(link=link, source=source, crawl=crawl.id))
        return found

    def _crawl_of(self, source: str, now: datetime) -> OpenCrawl:
        crawls = self.under_way.crawls
        if source not in crawls:
            row = rounds.open_crawl(self.db, self.round_id, source, now)
            crawls[source] = OpenCrawl(row, self._watched[source].slot)
        return crawls[source]

    def _close_crawls(self, now: datetime) -> list[Crawl]:
        crawls = self.under_way.crawls
        idle = [name for name, crawl in crawls.items() if crawl.resting]
        if not idle:
            return []
        waiting = {} if self.late(now) else due_sources(self.db, now)
        settings = self.config.settings.crawl
        closed = []
        for name in idle:
            budget = self.under_way.fetched[name] < settings.source_pages
            if name in waiting and budget and name in self._watched:
                continue
            crawl = crawls.pop(name)
            self.tally.write(self.db, crawl.id)
            source_state.release(self.db, name, self.lease)
            state: Literal["ok", "failed"] = "ok" if crawl.reason is None else "failed"
            closed.append(
                rounds.close_crawl(self.db, crawl.id, state=state, reason=crawl.reason, now=now)
            )
            for wish in self.wishes.done_with(name):
                rounds.set_wish_outcome(self.db, wish, crawl.reason or "ok", now)
        return closed
