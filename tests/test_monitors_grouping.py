"""Copies and events: the same text is one group, each group one event."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from monitors.grouping.copies import group_article
from storage.articles import load_article, save_article
from storage.database import open_writer, writing
from storage.groups import articles_of_event, articles_of_group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from storage.records import Article

RELEASE = "Pemerintah kota menggelar rapat bersama lembaga antirasuah di balai kota. " * 5


@pytest.fixture
def db(home: Path) -> Iterator[Database]:
    writer = open_writer(home, "ronda")
    yield writer
    writer.close()


@pytest.fixture
def grouped(
    db: Database, make_article: Callable[..., Article], now: datetime
) -> Callable[..., tuple[int, int, int]]:
    def one(number: int, **changes: str) -> tuple[int, int, int]:
        article = make_article(url=f"https://s{number}.test/1", source=f"s{number}", **changes)
        with writing(db):
            saved = save_article(db, article, now=now, region=None, province="16", timezone="WIB")
            return (saved.id, *group_article(db, saved.id, now))

    return one


def test_one_release_on_two_sites_is_one_group_and_one_event(
    db: Database, grouped: Callable[..., tuple[int, int, int]]
) -> None:
    first, group, event = grouped(1, text=RELEASE, title="Judul satu")
    second, *places = grouped(2, text=RELEASE.upper() + "!", title="Judul dua")
    assert places == [group, event]
    assert articles_of_group(db, group) == [first, second]
    assert articles_of_event(db, event) == [first, second]
    article = load_article(db, second)
    assert article is not None
    assert (article.group, article.event) == (group, event)


def test_two_texts_are_two_events(grouped: Callable[..., tuple[int, int, int]]) -> None:
    _, group, event = grouped(1, text=RELEASE)
    _, other_group, other_event = grouped(2, text=RELEASE + "Wali kota hadir.")
    assert group != other_group
    assert event != other_event


def test_captions_under_different_titles_are_no_copies(
    grouped: Callable[..., tuple[int, int, int]],
) -> None:
    _, group, _ = grouped(1, text="Foto: Humas", title="Rakor di Palembang")
    _, other, _ = grouped(2, text="Foto: Humas", title="Rakor di Manado")
    assert group != other


def test_grouping_again_and_after_an_edit_changes_nothing(
    db: Database, grouped: Callable[..., tuple[int, int, int]]
) -> None:
    first = grouped(1, text=RELEASE)
    assert grouped(1, text=RELEASE) == first
    assert grouped(1, text=RELEASE + " Ralat: hari Rabu.") == first
    assert db.table("groups").count == db.table("events").count == 1


def test_an_event_knows_when_it_grew(
    db: Database, make_article: Callable[..., Article], now: datetime
) -> None:
    later = now + timedelta(minutes=5)
    for url, moment in (("https://a.test/1", now), ("https://b.test/1", later)):
        with writing(db):
            article = make_article(url=url, text=RELEASE)
            saved = save_article(
                db, article, now=moment, region=None, province=None, timezone="WIB"
            )
            group_article(db, saved.id, moment)
    [row] = db.execute("SELECT made_at, changed_at FROM events").fetchall()
    assert row == (int(now.timestamp()), int(later.timestamp()))


def test_an_article_that_is_not_stored_cannot_be_grouped(db: Database, now: datetime) -> None:
    with pytest.raises(LookupError, match="no article 5"):
        group_article(db, 5, now)
