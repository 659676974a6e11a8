"""Retention: what goes after 14 days, what stays for ever, and that it can stop at any step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from storage import rounds
from storage.articles import save_article
from storage.database import open_writer, writing
from storage.matches import save_matches
from storage.pages import load_body, load_page, pages_after, save_page
from storage.parts import wish_parts
from storage.readings import finish_reading, start_reading
from storage.records import Match, Page
from storage.retention import BATCH, iter_expiry
from tests.crawling import crawl, write_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlite_utils import Database

    from storage.records import Article

OLD = timedelta(days=14, minutes=1)
YOUNG = timedelta(days=13, hours=23)


@pytest.fixture
def files(home: Path) -> Iterator[tuple[Database, Database]]:
    crawl, ronda = open_writer(home, "crawl"), open_writer(home, "ronda")
    yield crawl, ronda
    crawl.close()
    ronda.close()


def store(
    crawl: Database, name: str, at: datetime, body: bytes | None = b"", status: int = 200
) -> Page:
    """Store a page; its body is its name unless given."""
    body = name.encode() if body == b"" else body
    url = f"https://contoh.test/{name}"
    page = Page(url=url, source="contoh", status=status, fetched_at=at, final_url=url, body=body)
    with writing(crawl):
        number = save_page(crawl, page, link=None, round_id=None)
    return next((one for one in pages_after(crawl, number - 1, 1) if one.id == number), page)


def read(
    ronda: Database,
    page: Page,
    now: datetime,
    outcome: Any,
    make_article: Callable[..., Article] | None = None,
    level: Any = None,
) -> None:
    """Record what became of reading a page, and of its article."""
    with writing(ronda):
        article = None
        if make_article is not None:
            saved = save_article(
                ronda,
                make_article(url=page.url, text=f"Isi {page.url}."),
                now=now,
                region=None,
                province=None,
                timezone="WIB",
            )
            article = saved.id
            if level is not None:
                match = Match(topic="t", revision="r", score=1.0, level=level)
                save_matches(ronda, article, [match], now)
        finish_reading(ronda, page, outcome, reader=1, now=now, article=article)


def left(crawl: Database) -> list[str]:
    rows = crawl.execute("SELECT url FROM pages ORDER BY id").fetchall()
    return [row[0].rsplit("/", 1)[1] for row in rows]


def test_pages_go_after_14_days_but_for_what_matched_failed_or_waits(
    files: tuple[Database, Database], now: datetime, make_article: Callable[..., Article]
) -> None:
    crawl, ronda = files
    old = now - OLD
    for level in ("sure", "likely", "near_miss"):
        read(ronda, store(crawl, level, old), now, "article", make_article, level)
    read(ronda, store(crawl, "plain", old), now, "article", make_article)
    read(ronda, store(crawl, "index", old), now, "not_article")
    read(ronda, store(crawl, "broken", old), now, "set_aside")
    store(crawl, "gone", old, None, 404)
    store(crawl, "waits", old)
    tried = store(crawl, "tried", old)
    with writing(ronda):
        start_reading(ronda, tried, now)
    read(ronda, store(crawl, "later", old), now, "not_article")
    read(ronda, store(crawl, "young", now - YOUNG), now, "not_article")
    assert sum(iter_expiry(crawl, ronda, now)) == 4
    kept = ["sure", "likely", "near_miss", "broken", "waits", "tried", "young"]
    assert left(crawl) == kept
    assert crawl.execute("SELECT count(*) FROM bodies").fetchone() == (len(kept),)
    # What waited is read at last, and goes with the next call.
    for page in pages_after(crawl, 0, 100):
        if page.url.endswith(("waits", "tried")):
            read(ronda, page, now, "not_article")
    assert sum(iter_expiry(crawl, ronda, now)) == 2
    assert left(crawl) == ["sure", "likely", "near_miss", "broken", "young"]


@pytest.mark.parametrize(("level", "stays"), [("sure", True), (None, False)])
def test_further_pages_stay_as_long_as_their_story(
    files: tuple[Database, Database],
    make_article: Callable[..., Article],
    now: datetime,
    level: str | None,
    stays: bool,
) -> None:
    crawl, ronda = files
    first, part = store(crawl, "cerita", now - OLD), store(crawl, "cerita/15", now - OLD)
    with writing(ronda):
        wish_parts(ronda, first.url, "contoh", [part.url], now)
    read(ronda, part, now, "part")
    read(ronda, first, now, "article", make_article, level)
    list(iter_expiry(crawl, ronda, now))
    assert [load_page(crawl, page.url) is not None for page in (first, part)] == [stays, stays]


def test_the_first_page_of_a_story_that_waits_for_its_parts_stays(
    files: tuple[Database, Database], now: datetime
) -> None:
    crawl, ronda = files
    first = store(crawl, "cerita", now - OLD)
    read(ronda, first, now, "waiting")
    list(iter_expiry(crawl, ronda, now))
    assert load_page(crawl, first.url) is not None


def test_a_body_that_a_kept_page_shares_stays(
    files: tuple[Database, Database], now: datetime
) -> None:
    crawl, ronda = files
    old = store(crawl, "lama", now - OLD, b"sama")
    store(crawl, "lama", now - YOUNG, b"sama")
    read(ronda, old, now, "not_article")
    assert sum(iter_expiry(crawl, ronda, now)) == 1
    page = load_page(crawl, old.url)
    assert page is not None
    assert page.body == b"sama"
    assert sum(iter_expiry(crawl, ronda, now + timedelta(days=2))) == 1
    assert load_body(crawl, old.sha256 or "") is None


def test_without_the_daemon_s_file_no_page_goes(
    files: tuple[Database, Database], now: datetime
) -> None:
    crawl, _ = files
    store(crawl, "lama", now - OLD)
    assert sum(iter_expiry(crawl, None, now)) == 0
    assert left(crawl) == ["lama"]


def test_it_goes_in_small_steps_and_on_where_it_stopped(
    files: tuple[Database, Database], now: datetime
) -> None:
    crawl, ronda = files
    for n in range(2 * BATCH + 10):
        read(ronda, store(crawl, f"p{n}", now - OLD), now, "not_article" if n else "set_aside")
    steps = iter_expiry(crawl, ronda, now)
    assert next(steps) == BATCH - 1
    steps.close()
    assert sum(iter_expiry(crawl, ronda, now)) == BATCH + 10
    assert left(crawl) == ["p0"]
    # What is kept for ever is not looked at again.
    seen: list[str] = []
    crawl.conn.set_trace_callback(seen.append)
    assert sum(iter_expiry(crawl, ronda, now)) == 0
    crawl.conn.set_trace_callback(None)
    assert any("WHERE id > 2" in sql for sql in seen)


def test_a_clock_that_was_wrong_for_a_while_holds_nothing_up(
    files: tuple[Database, Database], now: datetime
) -> None:
    crawl, ronda = files
    for name, at in (("a", now - OLD), ("b", now + timedelta(days=3650)), ("c", now - OLD)):
        read(ronda, store(crawl, name, at), now, "not_article")
    assert sum(iter_expiry(crawl, ronda, now)) == 3


def test_the_log_of_crawls_is_short_but_never_without_a_source_s_last(
    files: tuple[Database, Database], now: datetime
) -> None:
    crawl, ronda = files
    with writing(crawl):
        for days, pages in ((30, 5), (30, 0), (5, 5), (5, 0), (1, 0)):
            moment = now - timedelta(days=days)
            number = rounds.open_round(crawl, 1, moment)
            for source in ("a", "b") if days == 30 and not pages else ("a",):
                one = rounds.open_crawl(crawl, number, source, moment)
                rounds.add_counts(crawl, one, pages=pages)
                rounds.close_crawl(crawl, one, state="ok", reason=None, now=moment)
            rounds.close_round(crawl, number, "idle", moment)
        rounds.take_wishes(crawl, [1, 2], 1, now - timedelta(days=30))
        rounds.set_wish_outcome(crawl, 1, "ok", now - timedelta(days=30))
    list(iter_expiry(crawl, ronda, now))
    rows = crawl.execute("SELECT source, round FROM crawls ORDER BY id").fetchall()
    assert rows == [("b", 2), ("a", 3), ("a", 5)]
    assert crawl.execute("SELECT id FROM rounds ORDER BY id").fetchall() == [(2,), (3,), (5,)]
    assert crawl.execute("SELECT wish FROM wish_outcomes").fetchall() == [(2,)]


def test_the_crawl_deletes_at_the_end_of_a_round(
    files: tuple[Database, Database], home: Path, child_environment: dict[str, str]
) -> None:
    crawl_db, ronda = files
    now = datetime.now(UTC)
    read(ronda, store(crawl_db, "lama", now - OLD), now, "not_article")
    store(crawl_db, "belum-dibaca", now - OLD)
    write_settings(home)
    assert crawl(home, child_environment).reason == "idle"
    assert left(crawl_db) == ["belum-dibaca"]
