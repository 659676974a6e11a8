"""Articles, their versions, their counts, and the index that finds them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from storage.articles import (
    articles_after,
    find_article,
    load_article,
    newest_article,
    place_article,
    save_article,
    search_articles,
)
from storage.database import open_writer, writing
from storage.days import local_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from storage.articles import SavedArticle
    from storage.records import Article


@pytest.fixture
def db(home: Path) -> Iterator[Database]:
    writer = open_writer(home, "ronda")
    yield writer
    writer.close()


def save(db: Database, article: Article, now: datetime, zone: str = "WIB") -> SavedArticle:
    with writing(db):
        return save_article(db, article, now=now, region="16.74", province="16", timezone=zone)


def assert_index_whole(db: Database) -> None:
    """FTS5 compares its lists with what the view shows now; raises where they differ."""
    with writing(db):
        db.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")


def counts(db: Database) -> dict[tuple[str, int], int]:
    rows = db.execute("SELECT source, day, articles FROM article_counts WHERE articles != 0")
    return {(source, day): articles for source, day, articles in rows.fetchall()}


def test_an_article_comes_back_as_it_was_stored(
    db: Database, make_article: Callable[..., Article], now: datetime
) -> None:
    article = make_article(marks=("Humas",), doubts=("weekday",), editor="Redaksi")
    saved = save(db, article, now)
    assert saved.new
    back = load_article(db, saved.id)
    assert back is not None
    assert back == find_article(db, article.url)
    assert (back.title, back.text, back.marks, back.doubts, back.editor) == (
        article.title,
        article.text,
        ("Humas",),
        ("weekday",),
        "Redaksi",
    )
    assert (back.published_at, back.fetched_at, back.region) == (now, now, "16.74")
    assert back.text_hash
    assert newest_article(db) == saved.id
    assert [found.id for found in articles_after(db, 0, 10)] == [saved.id]
    assert articles_after(db, saved.id, 10) == []
    assert_index_whole(db)


def test_a_second_look_at_the_same_text_changes_nothing(
    db: Database, make_article: Callable[..., Article], now: datetime
) -> None:
    first = save(db, make_article(), now)
    again = save(db, make_article(fetched_at=now + timedelta(hours=1)), now + timedelta(hours=1))
    assert (again.id, again.new, again.changed) == (first.id, False, False)
    assert db.table("article_versions").count == 0
    assert db.table("topic_queue").count == 0
    assert list(counts(db).values()) == [1]
    assert_index_whole(db)


def test_a_changed_title_keeps_the_old_one_and_asks_the_topics_again(
    db: Database, make_article: Callable[..., Article], now: datetime
) -> None:
    later = now + timedelta(hours=1)
    first = save(db, make_article(title="Judul lama"), now)
    again = save(db, make_article(title="Judul baru", fetched_at=later), later)
    assert (again.id, again.new, again.changed) == (first.id, False, True)
    back = load_article(db, first.id)
    assert back is not None
    assert (back.title, back.version) == ("Judul baru", 2)
    version = db.execute("SELECT version, change, title, text FROM article_versions").fetchall()
    assert version == [(1, "title", "Judul lama", make_article().text)]
    assert db.execute("SELECT article FROM topic_queue").fetchall() == [(first.id,)]
    assert search_articles(db, "lama") == []
    assert [found.id for found in search_articles(db, "baru")] == [first.id]
    assert_index_whole(db)


def test_a_changed_text_leaves_no_old_word_in_the_index(
    db: Database, make_article: Callable[..., Article], now: datetime
) -> None:
    save(db, make_article(text="kelapa sawit"), now)
    save(db, make_article(text="karet rakyat"), now)
    assert search_articles(db, "sawit") == []
    assert len(search_articles(db, "karet")) == 1
    assert_index_whole(db)


def test_what_was_fetched_earlier_does_not_overwrite_what_was_fetched_later(
    db: Database, make_article: Callable[..., Article], now: datetime
) -> None:
    save(db, make_article(title="Baru"), now)
    stale = save(db, make_article(title="Basi", fetched_at=now - timedelta(hours=1)), now)
    assert not stale.changed
    found = find_article(db, make_article().url)
    assert found is not None
    assert found.title == "Baru"


def test_a_time_once_known_is_not_forgotten(
    db: Database, make_article: Callable[..., Article], now: datetime
) -> None:
    save(db, make_article(), now)
    save(db, make_article(published_at=None, precision=None), now + timedelta(days=3))
    found = find_article(db, make_article().url)
    assert found is not None
    assert (found.published_at, found.precision) == (now, "minute")
    assert list(counts(db)) == [("contoh", local_day(now, "WIB"))]


def test_the_day_is_that_of_the_source(
    db: Database, make_article: Callable[..., Article], now: datetime
) -> None:
    evening = now.replace(hour=15, minute=30)  # 22.30 WIB, 23.30 WITA, 00.30 WIT the next day
    days = [local_day(evening, zone) for zone in ("WIB", "WITA", "WIT")]
    assert days == [days[0], days[0], days[0] + 1]
    save(db, make_article(published_at=evening), now, "WIT")
    assert list(counts(db)) == [("contoh", days[2])]


def test_a_corrected_time_moves_the_daily_count(
    db: Database, make_article: Callable[..., Article], now: datetime
) -> None:
    save(db, make_article(), now)
    save(db, make_article(published_at=now - timedelta(days=1)), now)
    assert counts(db) == {("contoh", local_day(now, "WIB") - 1): 1}


def test_C11_controls_and_surrogates_do_not_reach_the_file(
    db: Database, make_article: Callable[..., Article], now: datetime
) -> None:
    saved = save(db, make_article(title="A\x00B \ud800", text="x\x00y", marks=("r\x00il",)), now)
    found = load_article(db, saved.id)
    assert found is not None
    assert (found.title, found.text, found.marks) == ("AB ", "xy", ("ril",))


def test_a_failed_transaction_leaves_neither_article_nor_index(
    db: Database, make_article: Callable[..., Article], now: datetime
) -> None:
    def fail() -> None:
        with writing(db):
            save_article(db, make_article(), now=now, region=None, province=None, timezone="WIB")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert newest_article(db) == 0
    assert search_articles(db, "bupati") == []
    assert_index_whole(db)


def test_a_place_found_later_is_found_by_the_filter(
    db: Database, make_article: Callable[..., Article], now: datetime
) -> None:
    saved = save(db, make_article(), now)
    with writing(db):
        place_article(db, saved.id, "18.71", "18")
    assert search_articles(db, "bupati", province="16") == []
    assert len(search_articles(db, "bupati", province="18", region="18.71")) == 1
    assert_index_whole(db)


def test_filters_by_source_region_and_day(
    db: Database, make_article: Callable[..., Article], now: datetime
) -> None:
    for number, source in enumerate(("antara", "antara-kaltim", "kaltim")):
        save(
            db,
            make_article(
                url=f"https://{source}.test/1",
                source=source,
                published_at=now - timedelta(days=number),
            ),
            now,
        )

    def sources(**filters: object) -> list[str]:
        return [found.source for found in search_articles(db, "KPK", **filters)]  # type: ignore[arg-type]  # names are checked by the call

    assert sources() == ["kaltim", "antara-kaltim", "antara"]
    assert sources(source="antara") == ["antara"]
    assert sources(source="kaltim") == ["kaltim"]
    assert sources(source='kaltim" OR "x') == []
    assert sources(region="16.74") == ["kaltim", "antara-kaltim", "antara"]
    assert sources(region="16.7") == []
    assert sources(since=date(2026, 3, 3)) == ["antara-kaltim", "antara"]
    assert sources(until=date(2026, 3, 3)) == ["kaltim", "antara-kaltim"]
    assert sources(since=date(2026, 3, 5)) == []
