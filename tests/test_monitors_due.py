"""What is due: the questions that start a crawl, end a round, and open a first look."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from monitors.daemon.due import crawl_is_due, first_look_is_due, poll_is_fetched, poll_is_over
from storage import links, rounds, source_state
from storage.articles import save_article
from storage.database import open_writer, writing
from storage.digests import StoredDigest, save_digest
from storage.links import FoundLink
from storage.records import Link, Wish
from storage.sources import switch
from storage.wishes import add_wish
from tests.digest_world import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from storage.records import Article

ONE = {"kabar-musi": SOURCES["kabar-musi"]}


@pytest.fixture
def crawl(home: Path) -> Iterator[Database]:
    db = open_writer(home, "crawl")
    yield db
    db.close()


@pytest.fixture
def ronda(home: Path) -> Iterator[Database]:
    db = open_writer(home, "ronda")
    yield db
    db.close()


def _meet(crawl: Database, now: datetime) -> None:
    with writing(crawl):
        source_state.meet_sources(crawl, {"kabar-musi": "kabarmusi.test"}, now)


def _link(crawl: Database, now: datetime) -> None:
    link = Link(url="https://kabarmusi.test/1", title="Satu")
    found = FoundLink(link=link, listing="https://kabarmusi.test/feed/", touches=False)
    with writing(crawl):
        links.save_links(crawl, "kabar-musi", [found], now=now, round_id=1)


def test_a_source_never_met_or_due_starts_a_crawl(
    home: Path, crawl: Database, now: datetime
) -> None:
    assert crawl_is_due(home, ONE, now)
    _meet(crawl, now)
    assert crawl_is_due(home, ONE, now)
    with writing(crawl):
        source_state.set_due(crawl, "kabar-musi", now + timedelta(minutes=5))
    assert not crawl_is_due(home, ONE, now)
    assert crawl_is_due(home, ONE, now + timedelta(minutes=5))


def test_a_due_link_or_an_open_wish_starts_a_crawl_and_a_source_that_is_off_does_not(
    home: Path, crawl: Database, ronda: Database, now: datetime
) -> None:
    _meet(crawl, now)
    with writing(crawl):
        source_state.set_due(crawl, "kabar-musi", now + timedelta(minutes=5))
    _link(crawl, now)
    assert crawl_is_due(home, ONE, now)
    with writing(ronda):
        switch(ronda, "kabar-musi", False, now, "cli")
    assert not crawl_is_due(home, ONE, now)
    with writing(ronda):
        wish = add_wish(ronda, Wish(kind="poll", source="kabar-musi"), now)
    assert crawl_is_due(home, ONE, now)
    with writing(crawl):
        rounds.take_wishes(crawl, [wish], 1, now)
        rounds.set_wish_outcome(crawl, wish, "ok", now)
    assert not crawl_is_due(home, ONE, now)


def test_a_poll_is_fetched_when_its_wishes_are_answered_and_no_link_is_due(
    home: Path, crawl: Database, ronda: Database, now: datetime
) -> None:
    with writing(ronda):
        wish = add_wish(ronda, Wish(kind="poll", source="kabar-musi"), now)
    assert not poll_is_fetched(home, [wish], ONE, now)
    with writing(crawl):
        rounds.take_wishes(crawl, [wish], 1, now)
        rounds.set_wish_outcome(crawl, wish, "ok", now)
    assert poll_is_fetched(home, [wish], ONE, now)
    _link(crawl, now)
    assert not poll_is_fetched(home, [wish], ONE, now)
    assert poll_is_fetched(home, [wish], ["another"], now)


def test_a_round_does_not_wait_for_the_links_of_a_source_that_is_off(
    home: Path, crawl: Database, ronda: Database, now: datetime
) -> None:
    _link(crawl, now)
    assert not poll_is_over(home, [], ONE, now)
    with writing(ronda):
        switch(ronda, "kabar-musi", False, now, "cli")
    assert poll_is_over(home, [], ONE, now)


def test_a_poll_is_over_only_when_what_it_brought_is_matched(
    home: Path, ronda: Database, now: datetime, make_article: Callable[..., Article]
) -> None:
    assert poll_is_over(home, [], ONE, now)
    with writing(ronda):
        save_article(ronda, make_article(), now=now, region=None, province=None, timezone="WIB")
    assert poll_is_fetched(home, [], ONE, now)
    assert not poll_is_over(home, [], ONE, now)


def test_the_first_look_waits_for_every_source_but_not_for_ever_and_comes_once(
    home: Path, crawl: Database, ronda: Database, now: datetime
) -> None:
    _meet(crawl, now)
    assert not first_look_is_due(home, ONE, now, now)
    assert not first_look_is_due(home, ONE, now, now + timedelta(minutes=14))
    assert first_look_is_due(home, ONE, now, now + timedelta(minutes=15))
    digest = StoredDigest(
        id=1, monitor="pagi", slot="first-look", kind="first_look", since=now, until=now,
        made_at=now, subject="", events=0, articles=0,
    )  # fmt: skip
    with writing(ronda):
        save_digest(ronda, digest)
    assert not first_look_is_due(home, ONE, now, now + timedelta(minutes=15))
