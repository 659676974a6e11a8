"""Sources are taken by lease, whole slots at a time, and remembered through failures."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage import links, source_state
from storage.database import open_writer, writing
from storage.links import FoundLink
from storage.records import Link
from storage.source_state import ListingState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlite_utils import Database

MINUTE = timedelta(minutes=1)


@pytest.fixture
def db(home: Path) -> Iterator[Database]:
    database = open_writer(home, "crawl")
    yield database
    database.close()


def meet(db: Database, now: datetime, **slots: str) -> int:
    with writing(db):
        return source_state.meet_sources(db, slots, now)


def take(db: Database, lease: str, now: datetime, limit: int = 10, **more: list[str]) -> list[str]:
    with writing(db):
        return source_state.take_due(
            db, lease, now=now, until=now + 10 * MINUTE, limit=limit, **more
        )


def test_new_sources_are_due_at_once_and_those_gone_never(db: Database, now: datetime) -> None:
    assert meet(db, now, a="a.test", b="b.test") == 2
    assert meet(db, now + MINUTE, a="a.test") == 0
    assert take(db, "satu", now + MINUTE) == ["a"]
    assert source_state.states(db)["b"].due_at is None
    meet(db, now + 2 * MINUTE, a="a.test", b="b.test")
    assert source_state.states(db)["b"].due_at == now + 2 * MINUTE


def test_a_network_is_taken_whole_and_left_alone_while_another_holds_it(
    db: Database, now: datetime
) -> None:
    meet(db, now, a="jaringan", b="jaringan", c="c.test")
    assert take(db, "satu", now, only=["a"]) == ["a"]
    assert take(db, "dua", now) == ["c"]
    assert take(db, "satu", now, busy=["a"]) == ["b"]


def test_a_lease_that_ran_out_can_be_taken_and_its_old_holder_changes_nothing(
    db: Database, now: datetime
) -> None:
    meet(db, now, a="a.test")
    assert take(db, "satu", now) == ["a"]
    later = now + 11 * MINUTE
    assert take(db, "dua", later) == ["a"]
    with writing(db):
        stored = source_state.record_poll(
            db, "a", "satu", now=later, due_at=later, failures=9, reason="dns", links_new=0
        )
        assert not stored
        assert not source_state.release(db, "a", "satu")
        assert source_state.release(db, "a", "dua")
    assert source_state.states(db)["a"].failures == 0


def test_a_renewed_lease_lasts(db: Database, now: datetime) -> None:
    meet(db, now, a="a.test")
    take(db, "satu", now)
    with writing(db):
        source_state.renew_leases(db, "satu", now + 20 * MINUTE)
    assert take(db, "dua", now + 11 * MINUTE) == []


def test_a_poll_is_remembered_with_the_next_one(db: Database, now: datetime) -> None:
    meet(db, now, a="a.test")
    take(db, "satu", now)
    with writing(db):
        source_state.record_poll(
            db, "a", "satu", now=now, due_at=now + MINUTE, failures=0, reason=None, links_new=3
        )
    take(db, "satu", now + MINUTE)
    with writing(db):
        source_state.record_poll(
            db,
            "a",
            "satu",
            now=now + MINUTE,
            due_at=now + 3 * MINUTE,
            failures=1,
            reason="dns",
            links_new=0,
        )
    state = source_state.load_state(db, "a")
    assert state is not None
    assert (state.ok_at, state.new_link_at, state.polled_at) == (now, now, now + MINUTE)
    assert (state.failures, state.reason, state.due_at) == (1, "dns", now + 3 * MINUTE)
    assert state.first_contact_at == now


def test_the_next_thing_due_is_a_source_or_a_link_but_never_of_a_source_that_is_off(
    db: Database, now: datetime
) -> None:
    assert source_state.next_due(db) is None
    meet(db, now, a="a.test", b="b.test")
    with writing(db):
        source_state.set_due(db, "a", now + 5 * MINUTE)
        source_state.set_due(db, "b", now + 9 * MINUTE)
        for source in ("a", "b"):
            link = FoundLink(link=Link(url=f"https://{source}.test/1"), listing="x")
            links.save_links(db, source, [link], now=now, round_id=1)
        links.hold_links(db, "b", now + 2 * MINUTE)
    assert source_state.next_due(db) == now
    meet(db, now, b="b.test")
    assert source_state.next_due(db) == now + 2 * MINUTE


def test_a_listing_is_stored_whole(db: Database, now: datetime) -> None:
    listing = ListingState(
        source="a", url="https://a.test/feed/", origin="family", etag='"x"', status=200,
        fetched_at=now, whole_at=now, ok_at=now, links=12,
    )  # fmt: skip
    with writing(db):
        source_state.save_listing(db, listing)
        source_state.save_listing(db, listing)
    assert source_state.listings_of(db, "a") == {listing.url: listing}
