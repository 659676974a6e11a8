"""Rounds and crawls: counted as they go, closed by the next one when their process died."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage import rounds, source_state
from storage.database import open_writer, writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database


@pytest.fixture
def db(home: Path) -> Iterator[Database]:
    database = open_writer(home, "crawl")
    yield database
    database.close()


def test_a_crawl_counts_as_it_goes(db: Database, now: datetime) -> None:
    with writing(db):
        round_id = rounds.open_round(db, 42, now)
        crawl = rounds.open_crawl(db, round_id, "contoh", now)
        rounds.add_counts(db, crawl, requests=2, received=900, pages=1)
        rounds.add_counts(db, crawl, requests=1, failed=1, reasons={"timeout": 1})
        rounds.add_counts(db, crawl, failed=2, reasons={"timeout": 1, "http_404": 1})
        done = rounds.close_crawl(db, crawl, state="ok", reason=None, now=now)
    assert (done.requests, done.received, done.pages, done.failed) == (3, 900, 1, 3)
    assert done.reasons == {"timeout": 2, "http_404": 1}
    assert rounds.latest_crawls(db) == {"contoh": done}
    assert rounds.crawls_of_round(db, round_id) == [done]


def test_the_next_start_closes_what_a_dead_process_left(db: Database, now: datetime) -> None:
    with writing(db):
        source_state.meet_sources(db, {"contoh": "contoh.test"}, now)
        dead = rounds.open_round(db, 42, now)
        rounds.open_crawl(db, dead, "contoh", now)
        source_state.take_due(db, "mati", now=now, until=now + timedelta(hours=1), limit=5)
        rounds.take_wishes(db, [1], dead, now)
    with writing(db):
        assert rounds.close_dead(db, now + timedelta(minutes=1)) == 1
        assert rounds.close_dead(db, now + timedelta(minutes=1)) == 0
    last = rounds.latest_round(db)
    assert last is not None
    assert (last.reason, last.ended_at) == ("died", now + timedelta(minutes=1))
    assert [crawl.state for crawl in rounds.crawls_of_round(db, dead)] == ["closed"]
    assert source_state.states(db)["contoh"].lease is None
    with writing(db):
        assert rounds.take_wishes(db, [1], 2, now) == [1]


def test_a_wish_is_taken_once_and_has_one_outcome(db: Database, now: datetime) -> None:
    with writing(db):
        assert rounds.take_wishes(db, [1, 2], 7, now) == [1, 2]
        assert rounds.take_wishes(db, [1, 2, 3], 7, now) == [3]
        rounds.set_wish_outcome(db, 2, "ok", now)
    assert rounds.wish_outcomes(db, [1, 2, 3]) == {2: "ok"}
