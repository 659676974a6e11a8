"""Links: unique by address, fetched in the right order, kept through failures."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage import links
from storage.database import open_writer, writing
from storage.links import FoundLink
from storage.records import Link

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlite_utils import Database

LISTING = "https://contoh.test/feed/"


@pytest.fixture
def db(home: Path) -> Iterator[Database]:
    database = open_writer(home, "crawl")
    yield database
    database.close()


def found(
    name: str, hour: int | None = None, *, touches: bool = False, title: str = ""
) -> FoundLink:
    moment = None if hour is None else datetime.fromisoformat(f"2026-03-04T{hour:02}:00:00+00:00")
    link = Link(url=f"https://contoh.test/{name}", title=title, published_at=moment)
    return FoundLink(link=link, listing=LISTING, touches=touches)


def names(db: Database, now: datetime, limit: int = 100) -> list[str]:
    return [
        row.url.rsplit("/", 1)[1] for row in links.due_links(db, "contoh", now=now, limit=limit)
    ]


def test_what_touches_a_topic_is_fetched_first_then_the_newest(db: Database, now: datetime) -> None:
    with writing(db):
        links.save_links(
            db,
            "contoh",
            [
                found("tua", 1),
                found("baru", 2),
                found("menyentuh-tua", 0, touches=True),
                found("menyentuh-baru", 1, touches=True),
                found("tanpa-waktu"),
            ],
            now=now,
            round_id=1,
        )
    assert names(db, now) == ["menyentuh-baru", "menyentuh-tua", "baru", "tua", "tanpa-waktu"]
    assert names(db, now, limit=2) == ["menyentuh-baru", "menyentuh-tua"]


def test_the_same_address_from_two_sources_is_one_link_listed_by_both(
    db: Database, now: datetime
) -> None:
    with writing(db):
        assert links.save_links(db, "contoh", [found("a"), found("a")], now=now, round_id=1) == 1
        assert links.save_links(db, "lain", [found("a")], now=now, round_id=1) == 0
    row = links.find_link(db, "https://contoh.test/a")
    assert row is not None
    assert row.source == "contoh"
    assert row.listed_by == ("contoh", "lain")
    assert links.link_counts(db) == {"due": 1}


def test_two_addresses_with_one_hash_are_two_links(
    db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "url_hash", lambda _: 7)
    with writing(db):
        assert links.save_links(db, "contoh", [found("a"), found("b")], now=now, round_id=1) == 2
        assert links.save_links(db, "contoh", [found("b")], now=now, round_id=1) == 0
    assert sorted(names(db, now)) == ["a", "b"]


def test_first_contact_takes_the_newest_and_skips_the_others_until_they_are_revived(
    db: Database, now: datetime
) -> None:
    entries = [found(str(hour), hour) for hour in range(5)]
    with writing(db):
        links.save_links(db, "contoh", entries, now=now, round_id=1, newest=2)
    assert names(db, now) == ["4", "3"]
    skipped = links.find_link(db, "https://contoh.test/0")
    assert skipped is not None
    assert (skipped.state, skipped.reason) == ("skipped", "first_contact")
    with writing(db):
        assert links.revive_skipped(db, "contoh", now) == 3
    assert names(db, now) == ["4", "3", "2", "1", "0"]


def test_first_contact_without_times_keeps_the_order_of_the_listing(
    db: Database, now: datetime
) -> None:
    with writing(db):
        links.save_links(
            db, "contoh", [found("x"), found("y"), found("z")], now=now, round_id=1, newest=2
        )
    assert set(names(db, now)) == {"x", "y"}


def test_a_try_is_counted_and_the_link_waits(db: Database, now: datetime) -> None:
    with writing(db):
        links.save_links(db, "contoh", [found("a")], now=now, round_id=1)
    link = links.due_links(db, "contoh", now=now, limit=1)[0]
    with writing(db):
        assert links.count_try(db, link.id, now) == (1, now)
        links.put_off(db, link.id, now + timedelta(minutes=5), "timeout")
    assert names(db, now) == []
    assert names(db, now + timedelta(minutes=5)) == ["a"]
    with writing(db):
        assert links.count_try(db, link.id, now + timedelta(minutes=5)) == (2, now)
    [waiting] = links.waiting_links(db, "contoh")
    assert (waiting.tries, waiting.reason) == (2, "timeout")


def test_a_finished_link_keeps_its_validators_and_can_be_asked_again(
    db: Database, now: datetime
) -> None:
    with writing(db):
        links.save_links(db, "contoh", [found("a")], now=now, round_id=1)
        link = links.due_links(db, "contoh", now=now, limit=1)[0]
        links.finish_link(db, link.id, state="done", etag='"1"', last_modified="kemarin")
    assert names(db, now) == []
    with writing(db):
        assert links.ask_again(db, "contoh", link.url, now=now, round_id=2) == link.id
        links.ask_again(db, "contoh", "https://contoh.test/lain", now=now, round_id=2)
    again = {row.url: row for row in links.due_links(db, "contoh", now=now, limit=5)}
    assert len(again) == 2
    assert (again[link.url].etag, again[link.url].last_modified) == ('"1"', "kemarin")


def test_a_host_that_holds_us_off_delays_its_links_without_counting_tries(
    db: Database, now: datetime
) -> None:
    with writing(db):
        links.save_links(db, "contoh", [found("a"), found("b")], now=now, round_id=1)
        assert links.hold_links(db, "contoh", now + timedelta(hours=1)) == 2
    assert links.due_counts(db, now) == {}
    assert links.due_counts(db, now + timedelta(hours=1)) == {"contoh": 2}
    assert all(row.tries == 0 for row in links.waiting_links(db, "contoh"))


def test_links_in_flight_are_not_given_twice(db: Database, now: datetime) -> None:
    with writing(db):
        links.save_links(db, "contoh", [found("a", 1), found("b", 2)], now=now, round_id=1)
    first = links.due_links(db, "contoh", now=now, limit=1)[0]
    rest = links.due_links(db, "contoh", now=now, limit=5, busy=[first.id])
    assert [row.url for row in rest] == ["https://contoh.test/a"]
