"""Wishes, orders and switches: what people and the daemon ask for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage.database import open_reader, open_writer, writing
from storage.orders import add_order, finish_order, load_order, open_orders, start_order
from storage.records import Wish
from storage.sources import (
    bury_entry_point,
    disabled,
    entry_points,
    learn_entry_point,
    switch,
)
from storage.wishes import add_wish, finish_wish, open_wishes, wish_outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database


@pytest.fixture
def db(home: Path) -> Iterator[Database]:
    writer = open_writer(home, "ronda")
    yield writer
    writer.close()


def test_a_wish_is_read_by_the_other_side_and_closed_once(
    db: Database, home: Path, now: datetime
) -> None:
    with writing(db):
        id_ = add_wish(db, Wish(kind="poll", source="a", first_contact="all"), now)
        other = add_wish(db, Wish(kind="refetch", source="a", url="https://a.test/1"), now)
    reader = open_reader(home, "ronda")
    found = open_wishes(reader)
    reader.close()
    assert [wish.id for wish in found] == [id_, other]
    assert found[0] == Wish(kind="poll", source="a", first_contact="all", id=id_, made_at=now)
    with writing(db):
        finish_wish(db, id_, "polled", now)
        finish_wish(db, id_, "late word", now)
    assert wish_outcome(db, id_) == "polled"
    assert wish_outcome(db, other) is None
    assert [wish.id for wish in open_wishes(db)] == [other]


def test_the_same_open_wish_is_not_stored_twice(db: Database, now: datetime) -> None:
    wish = Wish(kind="poll", source="a")
    with writing(db):
        first = add_wish(db, wish, now)
        assert add_wish(db, wish, now) == first
        assert add_wish(db, Wish(kind="poll", source="a", first_contact="all"), now) != first
        finish_wish(db, first, "polled", now)
        assert add_wish(db, wish, now) != first


def test_an_order_is_kept_until_it_is_done(db: Database, now: datetime) -> None:
    later = now + timedelta(minutes=1)
    with writing(db):
        id_ = add_order(db, "sources add", {"url": "https://a.test"}, now)
    assert [order.id for order in open_orders(db)] == [id_]
    with writing(db):
        start_order(db, id_, now)
    assert open_orders(db)[0].state == "running"
    with writing(db):
        finish_order(db, id_, "done", {"source": "a"}, later)
        finish_order(db, id_, "failed", None, later)
    assert open_orders(db) == []
    order = load_order(db, id_)
    assert order is not None
    assert (order.state, order.payload, order.result) == (
        "done",
        {"url": "https://a.test"},
        {"source": "a"},
    )
    assert (order.made_at, order.done_at) == (now, later)
    assert load_order(db, id_ + 1) is None


def test_a_source_is_on_until_somebody_turns_it_off(db: Database, now: datetime) -> None:
    assert disabled(db) == set()
    with writing(db):
        assert switch(db, "a", False, now, "operator") is True
        assert switch(db, "a", False, now, "operator") is False
        assert switch(db, "b", True, now, "operator") is False
    assert disabled(db) == {"a"}
    with writing(db):
        assert switch(db, "a", True, now, "operator") is True
    assert disabled(db) == set()


def test_a_learned_entry_point_dies_and_may_live_again(db: Database, now: datetime) -> None:
    feed = "https://a.test/feed/"
    with writing(db):
        learn_entry_point(db, "a", feed, "feed", now)
        learn_entry_point(db, "a", "https://a.test/", "section", now + timedelta(seconds=1))
    assert entry_points(db) == {"a": [(feed, "feed"), ("https://a.test/", "section")]}
    with writing(db):
        bury_entry_point(db, "a", feed, now)
    assert entry_points(db) == {"a": [("https://a.test/", "section")]}
    with writing(db):
        learn_entry_point(db, "a", feed, "feed", now)
    assert feed in dict(entry_points(db)["a"])
