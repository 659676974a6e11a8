"""Every try to read a page is counted before it, and ends with an outcome."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage.database import open_writer, writing
from storage.readings import (
    MOST_LOST,
    fail_reading,
    find_reading,
    finish_reading,
    give_back,
    outcome_counts,
    read_up_to,
    readings_of,
    set_read_up_to,
    start_reading,
    unfinished,
)
from storage.records import Page

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


@pytest.fixture
def page(now: datetime) -> Page:
    return Page(
        url="https://contoh.test/1",
        source="contoh",
        status=200,
        fetched_at=now,
        final_url="https://contoh.test/1",
        sha256="ab" * 32,
        id=7,
    )


def test_a_page_is_set_aside_after_two_failures(db: Database, page: Page, now: datetime) -> None:
    for expected in (None, "set_aside"):
        with writing(db):
            start_reading(db, page, now)
        with writing(db):
            fail_reading(db, page, "timeout")
        reading = find_reading(db, page)
        assert reading is not None
        assert reading.outcome == expected
    reading = find_reading(db, page)
    assert reading is not None
    assert (reading.attempts, reading.failures, reading.reason) == (2, 2, "timeout")
    assert unfinished(db, [page]) == []
    assert outcome_counts(db) == {("set_aside", "timeout"): 1}


def test_an_attempt_that_was_cut_off_counts_without_being_a_failure(
    db: Database, page: Page, now: datetime
) -> None:
    for attempt in range(1, MOST_LOST + 1):
        with writing(db):
            start_reading(db, page, now)
        reading = find_reading(db, page)
        assert reading is not None
        assert (reading.attempts, reading.failures) == (attempt, 0)
        assert reading.hopeless is (attempt == MOST_LOST)


def test_a_stopped_attempt_is_given_back(db: Database, page: Page, now: datetime) -> None:
    with writing(db):
        start_reading(db, page, now)
        give_back(db, page)
    reading = find_reading(db, page)
    assert reading is not None
    assert reading.attempts == 0


def test_pages_tried_before_come_after_the_fresh_ones(
    db: Database, page: Page, now: datetime
) -> None:
    second = replace(page, url="https://contoh.test/2", id=8)
    done = replace(page, url="https://contoh.test/3", id=9)
    other_body = replace(done, sha256="cd" * 32, id=10)
    with writing(db):
        start_reading(db, page, now)
        finish_reading(db, done, "not_article", reader=1, now=now, reason="index")
    assert unfinished(db, [page, second, done, other_body]) == [second, other_body, page]


def test_every_reading_of_an_address_is_kept(db: Database, page: Page, now: datetime) -> None:
    newer = replace(page, sha256="cd" * 32, id=8)
    with writing(db):
        finish_reading(db, page, "not_article", reader=1, now=now, reason="index")
        finish_reading(db, newer, "article", reader=2, now=now + timedelta(hours=1), article=5)
    found = readings_of(db, page.url)
    assert [(reading.outcome, reading.reason, reading.article) for reading in found] == [
        ("article", None, 5),
        ("not_article", "index", None),
    ]
    assert readings_of(db, "https://contoh.test/unknown") == []


def test_the_mark_of_what_was_read_belongs_to_one_crawl_file(db: Database) -> None:
    with writing(db):
        set_read_up_to(db, "file-a", 900)
        set_read_up_to(db, "file-a", 40)
    assert read_up_to(db, "file-a") == 900
    assert read_up_to(db, "file-b") == 0


def test_a_page_without_a_body_cannot_be_read(db: Database, page: Page, now: datetime) -> None:
    with pytest.raises(ValueError, match="without a body"):
        start_reading(db, replace(page, sha256=None), now)
