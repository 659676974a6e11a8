"""Search: newest first, and no word that a person can type is an operator or an error."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.articles import save_article, search_articles
from storage.database import open_writer, writing
from storage.search import CLOSE_MARK, COUNT_STOPS, OPEN_MARK, count_hits, find_hits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from storage.records import Article

TEXTS = {
    "covid": "Penanganan covid-19 di Pagar Alam.",
    "jumat": "Salat Jum'at di masjid raya.",
    "quote": 'Ia berkata "siap" di depan wali kota.',
    "not": "Not one word of English. And or near.",
    "tags": "zp16 zs616e bukan penanda",
}


@pytest.fixture
def db(home: Path, make_article: Callable[..., Article], now: datetime) -> Iterator[Database]:
    writer = open_writer(home, "ronda")
    with writing(writer):
        for name, text in TEXTS.items():
            article = make_article(url=f"https://a.test/{name}", title="Judul", text=text)
            save_article(writer, article, now=now, region="16.74", province="16", timezone="WIB")
    yield writer
    writer.close()


def found(db: Database, words: str) -> list[str]:
    return [article.url.rsplit("/", 1)[1] for article in search_articles(db, words)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("covid-19", ["covid"]),
        ("COVID 19", ["covid"]),
        ("jum'at", ["jumat"]),
        ('"siap"', ["quote"]),
        ('si"ap', []),
        ("NOT", ["not"]),
        ("near NOT and", ["not"]),
        ("(wali kota)", ["quote"]),
        ("text : siap", []),
        ("kota*", ["quote"]),
        ("wal*", []),
        ("^salat", ["jumat"]),
        ("covid\x0019", ["covid"]),
        ("wali\x00", ["quote"]),
        ('siap "', ["quote"]),
        ("judul", ["tags", "not", "quote", "jumat", "covid"]),
        ("zp16", ["tags"]),
        ("zr1674", []),
        ("", []),
        (" \n", []),
        ('"', []),
        ("(", []),
        ("- * ^ :", []),
        ("\x00", []),
        ("\ud800", []),
    ],
)
def test_every_word_is_a_word(db: Database, words: str, expected: list[str]) -> None:
    assert found(db, words) == expected


@settings(
    deadline=None, max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    words=st.one_of(
        st.text(alphabet=st.characters(exclude_categories=()), max_size=60),
        st.text(alphabet="\"'()*:^-+{} \x00aANDORTEx19", max_size=40),
        st.lists(
            st.sampled_from(["NOT", "AND", "OR", "NEAR(", "a", '"', "text:", "*", "{x}", "\x00"])
        ).map(" ".join),
    ),
    place=st.one_of(st.none(), st.text(max_size=8)),
    before=st.one_of(st.none(), st.integers()),
)
def test_no_query_fails(db: Database, words: str, place: str | None, before: int | None) -> None:
    hits = find_hits(db, words, before=before, source=place, province=place, region=place)
    assert len(hits) <= len(TEXTS)
    assert count_hits(db, words) >= len(hits)


def test_a_word_of_the_text_is_always_found_by_itself(db: Database) -> None:
    for name, text in TEXTS.items():
        for word in text.split():
            assert name in found(db, word), word


def test_a_page_of_hits_ends_where_the_next_begins(db: Database) -> None:
    first = find_hits(db, "judul", limit=2)
    second = find_hits(db, "judul", limit=2, before=first[-1].article)
    assert [hit.article for hit in first + second] == [5, 4, 3, 2]
    assert find_hits(db, "judul", limit=0) == []
    assert find_hits(db, "judul", before=1) == []


def test_a_snippet_marks_the_words(db: Database) -> None:
    hit = find_hits(db, "masjid")[0]
    assert hit.title == "Judul"
    assert f"di {OPEN_MARK}masjid{CLOSE_MARK} raya" in hit.snippet


def test_a_count_stops_at_one_thousand_and_one(
    db: Database, make_article: Callable[..., Article], now: datetime
) -> None:
    with writing(db):
        for number in range(COUNT_STOPS + 5):
            save_article(
                db,
                make_article(url=f"https://b.test/{number}", text="sering"),
                now=now,
                region=None,
                province=None,
                timezone="WIB",
            )
    assert count_hits(db, "sering") == COUNT_STOPS
    assert count_hits(db, "masjid") == 1


def test_the_newest_hit_is_found_without_sorting(db: Database) -> None:
    with contextlib.closing(db.conn.cursor()) as cursor:
        plan = cursor.execute(
            "EXPLAIN QUERY PLAN SELECT f.rowid FROM articles_fts f WHERE articles_fts MATCH '\"a\"'"
            " AND f.rowid BETWEEN 0 AND 9 ORDER BY f.rowid DESC LIMIT 20"
        ).fetchall()
    assert not any("TEMP B-TREE" in step[3] for step in plan)
