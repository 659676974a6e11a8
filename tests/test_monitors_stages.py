"""From stored pages to grouped matches, with the real reader, matcher and both databases."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from config.errors import ConfigError
from config.source import Source
from crawler.reading.pool import ReadingPool, prepare
from monitors.stages import (
    load_config,
    match_new_articles,
    pending,
    read_new_pages,
    rematch,
)
from storage.articles import find_article, newest_article, save_article
from storage.database import open_reader, open_writer, writing
from storage.groups import articles_of_event
from storage.matches import matches_of
from storage.pages import save_page
from storage.pen import open_pen
from storage.readings import find_reading, outcome_counts, readings_of
from storage.records import Page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from pathlib import Path

    from monitors.stages import Loaded
    from storage.pen import Pen
    from storage.records import Article

SOURCE = Source(
    id="contoh",
    name="Kabar Contoh",
    url="https://contoh.test/",
    province="sumatera-selatan",
    province_code="16",
    region="16.71",
    slot="contoh.test",
)
TITLE = "Wali Kota Palembang Hadiri Rakor Pencegahan Korupsi Bersama KPK"
LEAD = (
    "Wali Kota Palembang menghadiri rapat koordinasi pencegahan korupsi bersama Satgas Korsup"
    " KPK di kantor Pemerintah Kota Palembang, Selasa."
)
MORE = "Rapat itu membahas capaian MCSP pemerintah kota dan rencana aksi tahun berjalan. " * 3
OTHER = "Petani di tepi kota memanen padi lebih awal karena cuaca cerah sepanjang bulan ini. " * 4
# Keeps every reader busy for longer than the tests' half second.
STUCK = (
    "<html><body>"
    + "".join(f"<div><p><a href='/{n}'>tautan {n}</a> x</p></div>" for n in range(100_000))
).encode()


def html(title: str = TITLE, *paragraphs: str) -> bytes:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs or (LEAD, MORE))
    return (
        f"<html><head><title>{title}</title>"
        '<meta property="article:published_time" content="2026-03-04T08:00:00+07:00"></head>'
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    ).encode()


def put_page(home: Path, number: int, body: bytes, now: datetime, host: str = "contoh") -> Page:
    """Store a page as the crawl does, and give it back as the reader will see it."""
    url = f"https://{host}.test/berita/{number}"
    page = Page(
        url=url, source=host, status=200, fetched_at=now, final_url=url, body=body,
        content_type="text/html; charset=utf-8",
    )  # fmt: skip
    crawl = open_writer(home, "crawl")
    try:
        with writing(crawl):
            id_ = save_page(crawl, page, link=None, round_id=None)
        [sha256] = crawl.execute("SELECT sha256 FROM pages WHERE id = ?", [id_]).fetchone()
    finally:
        crawl.close()
    return replace(page, id=id_, sha256=sha256, body=None)


@pytest.fixture(scope="module")
def shipped() -> Loaded:
    return load_config(None, secrets=False)


@pytest.fixture
def config(shipped: Loaded) -> Loaded:
    return replace(shipped, sources={"contoh": SOURCE})


def run(home: Path, job: Callable[[Pen, ReadingPool], Awaitable[Any]], **options: float) -> None:
    async def go() -> None:
        pool = ReadingPool(**{"workers": 2, **options})  # type: ignore[arg-type]  # numbers all
        await pool.start()
        try:
            async with open_pen(home) as pen:
                await job(pen, pool)
        finally:
            await pool.close()

    prepare()
    asyncio.run(go())


def rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    ronda = open_reader(home, "ronda")
    try:
        return ronda.execute(sql).fetchall()
    finally:
        ronda.close()


def test_pages_become_articles_matches_and_one_event(
    home: Path, config: Loaded, now: datetime
) -> None:
    for number, host in enumerate(("contoh", "salinan"), 1):
        put_page(home, number, html(), now, host)
    put_page(home, 3, html("Panen Padi Lebih Awal", OTHER), now)
    put_page(home, 4, b"<html><body><p>Beranda</p></body></html>", now)

    async def job(pen: Pen, pool: ReadingPool) -> None:
        assert pending(home) == 4
        assert await read_new_pages(home, pen, pool, config, now) == 4
        assert pending(home) == 3
        assert await match_new_articles(pen, config, now) == 3
        assert pending(home) == 0
        assert await read_new_pages(home, pen, pool, config, now) == 0
        assert await match_new_articles(pen, config, now) == 0

    run(home, job)
    ronda = open_reader(home, "ronda")
    article = find_article(ronda, "https://contoh.test/berita/1")
    copy = find_article(ronda, "https://salinan.test/berita/2")
    plain = find_article(ronda, "https://contoh.test/berita/3")
    assert article is not None
    assert article.id is not None
    assert copy is not None
    assert plain is not None
    [match] = matches_of(ronda, article.id)
    assert match.level in ("sure", "likely")
    for part in match.evidence:
        told = article.title if part.field == "title" else article.text
        assert told[part.start : part.end] == part.phrase
    assert article.region == "16.71"
    assert article.group == copy.group is not None
    assert articles_of_event(ronda, article.event or 0) == sorted([article.id, copy.id or 0])
    assert plain.group is None
    counts = outcome_counts(ronda)
    assert counts[("article", "")] == 3
    assert sum(count for (kind, _), count in counts.items() if kind == "not_article") == 1
    ronda.close()


def test_one_address_and_body_listed_twice_is_read_once(
    home: Path, config: Loaded, now: datetime
) -> None:
    put_page(home, 1, html(), now)
    put_page(home, 1, html(), now + timedelta(hours=1))

    async def job(pen: Pen, pool: ReadingPool) -> None:
        assert pending(home) == 1
        assert await read_new_pages(home, pen, pool, config, now) == 1
        assert pending(home) == 1  # the article waits for the topics, no page for the reader

    run(home, job)
    assert rows(home, "SELECT attempts, outcome FROM readings") == [(1, "article")]


def test_a_changed_page_makes_a_version_and_is_matched_again(
    home: Path, config: Loaded, now: datetime
) -> None:
    later = now + timedelta(hours=1)
    put_page(home, 1, html("Panen Padi Lebih Awal", OTHER), now)

    async def job(pen: Pen, pool: ReadingPool) -> None:
        await read_new_pages(home, pen, pool, config, now)
        await match_new_articles(pen, config, now)
        put_page(home, 1, html(), later)
        await read_new_pages(home, pen, pool, config, later)
        assert pending(home) == 1
        assert await match_new_articles(pen, config, later) == 1
        assert pending(home) == 0

    run(home, job)
    assert rows(home, "SELECT count(*), max(version) FROM articles") == [(1, 2)]
    assert rows(home, "SELECT level <> 'near_miss' FROM matches") == [(1,)]
    assert {row[0] for row in rows(home, "SELECT version FROM evidence")} == {2}


def test_P17_a_page_that_takes_its_reader_down_is_set_aside_after_two_tries(
    home: Path, config: Loaded, now: datetime
) -> None:
    poison = put_page(home, 1, STUCK, now)
    put_page(home, 2, html(), now)

    async def job(pen: Pen, pool: ReadingPool) -> None:
        counted = asyncio.create_task(attempt_seen(home, poison))
        assert await read_new_pages(home, pen, pool, config, now) == 2
        assert await counted
        assert find_one(home) is not None  # the page behind it was read
        assert pending(home) == 2  # one page to try again, one article to match
        assert await read_new_pages(home, pen, pool, config, now) == 1
        assert await read_new_pages(home, pen, pool, config, now) == 0

    run(home, job, seconds=0.5)
    ronda = open_reader(home, "ronda")
    [reading] = readings_of(ronda, poison.url)
    ronda.close()
    assert (reading.attempts, reading.outcome, reading.reason) == (2, "set_aside", "timeout")


async def attempt_seen(home: Path, page: Page) -> bool:
    """Wait until the attempt is committed while the page is still being read."""
    for _ in range(2000):
        ronda = open_reader(home, "ronda")
        reading = find_reading(ronda, page)
        ronda.close()
        if reading is not None and reading.attempts == 1:
            return reading.failures == 0 and reading.outcome is None
        await asyncio.sleep(0)
    return False


def find_one(home: Path) -> Article | None:
    ronda = open_reader(home, "ronda")
    try:
        return find_article(ronda, "https://contoh.test/berita/2")
    finally:
        ronda.close()


def test_P17_a_page_in_hand_at_five_deaths_of_the_daemon_is_set_aside(
    home: Path, config: Loaded, now: datetime
) -> None:
    page = put_page(home, 1, html(), now)
    ronda = open_writer(home, "ronda")
    with writing(ronda):
        ronda.execute(
            "INSERT INTO readings (url_hash, sha256, url, page, source, attempts, tried_at)"
            " SELECT ?, ?, ?, ?, 'contoh', 5, 0",
            (url_hash_of(page), page.sha256, page.url, page.id),
        )
    ronda.close()

    async def job(pen: Pen, pool: ReadingPool) -> None:
        assert await read_new_pages(home, pen, pool, config, now) == 1

    run(home, job)
    assert rows(home, "SELECT outcome, reason FROM readings") == [("set_aside", "lost")]


def url_hash_of(page: Page) -> int:
    from storage.database import url_hash

    return url_hash(page.url)


@pytest.mark.parametrize("turns", [0, 2000])
def test_a_stopped_reading_is_no_failed_attempt(
    home: Path, config: Loaded, now: datetime, turns: int
) -> None:
    page = put_page(home, 1, STUCK, now)

    async def job(pen: Pen, pool: ReadingPool) -> None:
        task = asyncio.create_task(read_new_pages(home, pen, pool, config, now))
        assert await attempt_seen(home, page)
        for _ in range(turns):  # 0: the attempt was just counted; 2000: a worker has the page
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(home, job, seconds=5)
    assert rows(home, "SELECT attempts, failures, outcome FROM readings") == [(0, 0, None)]
    assert pending(home) == 1


def test_a_lost_crawl_file_costs_no_article(home: Path, config: Loaded, now: datetime) -> None:
    files = [home / f"crawl.db{suffix}" for suffix in ("", "-wal", "-shm")]
    for number in range(3):
        put_page(home, number, html(), now)

    async def job(pen: Pen, pool: ReadingPool) -> None:
        await read_new_pages(home, pen, pool, config, now)
        await read_new_pages(home, pen, pool, config, now)
        for file in files:
            file.unlink(missing_ok=True)
        assert await read_new_pages(home, pen, pool, config, now) == 0
        put_page(home, 9, html(), now)  # its id is lower than the old file's mark
        assert await read_new_pages(home, pen, pool, config, now) == 1

    run(home, job)
    assert rows(home, "SELECT count(*) FROM articles") == [(4,)]
    marks = rows(home, "SELECT value FROM meta WHERE key LIKE 'read:%'")
    assert ("3",) in marks


def test_a_page_of_a_source_whose_file_is_gone_is_read_all_the_same(
    home: Path, config: Loaded, now: datetime
) -> None:
    put_page(home, 1, html(), now, "hilang")

    async def job(pen: Pen, pool: ReadingPool) -> None:
        await read_new_pages(home, pen, pool, config, now)

    run(home, job)
    assert rows(home, "SELECT source FROM articles") == [("hilang",)]


def test_P06_a_file_locked_by_a_shell_is_waited_for(home: Path, now: datetime) -> None:
    async def job() -> None:
        async with open_pen(home) as pen:
            await pen(lambda db: db.execute("PRAGMA busy_timeout=50").fetchall() and None)
            shell = sqlite3.connect(home / "ronda.db", isolation_level=None)
            shell.execute("BEGIN IMMEDIATE")
            kept = asyncio.create_task(
                pen(lambda db: db.execute("INSERT INTO meta VALUES ('kept', 'yes')") and None)
            )
            done, _ = await asyncio.wait([kept], timeout=0.3)  # six times the time-out
            assert not done
            shell.execute("ROLLBACK")
            shell.close()
            await asyncio.wait_for(kept, 5)

    asyncio.run(job())
    assert rows(home, "SELECT value FROM meta WHERE key = 'kept'") == [("yes",)]


def test_an_article_that_the_matcher_chokes_on_stops_no_other(
    home: Path,
    config: Loaded,
    make_article: Callable[..., Article],
    now: datetime,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ronda = open_writer(home, "ronda")
    with writing(ronda):
        for number in range(2):
            save_article(
                ronda, make_article(url=f"https://contoh.test/{number}", text=LEAD),
                now=now, region=None, province=None, timezone="WIB",
            )  # fmt: skip
        ronda.execute(
            "CREATE TRIGGER choke BEFORE INSERT ON matches WHEN new.article = 1"
            " BEGIN SELECT raise(ABORT, 'choked'); END"
        )
    ronda.close()

    async def job() -> None:
        async with open_pen(home) as pen:
            assert await match_new_articles(pen, config, now) == 2
            assert await match_new_articles(pen, config, now) == 0
            await pen(lambda db: db.execute("DROP TRIGGER choke") and None)
            assert await match_new_articles(pen, config, now + timedelta(hours=1)) == 1

    asyncio.run(job())
    assert "article not matched id=1" in caplog.text
    assert rows(home, "SELECT article FROM matches ORDER BY article") == [(1,), (2,)]


def test_rematch_finds_later_and_takes_nothing_that_still_holds(
    home: Path, config: Loaded, make_article: Callable[..., Article], now: datetime
) -> None:
    [topic] = config.topics
    ronda = open_writer(home, "ronda")
    with writing(ronda):
        for number, text in enumerate((LEAD, OTHER, LEAD + " " + MORE), 1):
            title = TITLE if text != OTHER else "Panen Padi"
            save_article(
                ronda, make_article(url=f"https://contoh.test/{number}", title=title, text=text),
                now=now, region=None, province=None, timezone="WIB",
            )  # fmt: skip
    ronda.close()

    async def job() -> None:
        async with open_pen(home) as pen:
            await match_new_articles(pen, config, now)
            # As if a match had been missed, and another found that the topic does not give.
            await pen(lambda db: db.execute("DELETE FROM matches WHERE article = 1") and None)
            await pen(
                lambda db: (
                    db.execute(
                        "INSERT INTO matches (topic, article, revision, score, level, matched_at)"
                        " VALUES (?, 2, 'old', 1, 'sure', 1)",
                        (topic,),
                    )
                    and None
                )
            )
            later = now + timedelta(days=1)
            counts = await rematch(home, pen, config, None, later)
            assert counts == {"articles": 3, "matches": 1, "gone": 1}
            assert await rematch(home, pen, config, topic, later) == {
                "articles": 3,
                "matches": 0,
                "gone": 0,
            }
            with pytest.raises(ConfigError, match="no topic 'lain'"):
                await rematch(home, pen, config, "lain", later)

    prepare()
    asyncio.run(job())
    assert rows(home, "SELECT article, found_later FROM matches ORDER BY article") == [
        (1, 1),
        (3, 0),
    ]


def test_without_a_crawl_file_there_is_nothing_to_read(
    tmp_path: Path, config: Loaded, now: datetime
) -> None:
    assert pending(tmp_path) == 0

    async def job(pen: Pen, pool: ReadingPool) -> None:
        assert await read_new_pages(tmp_path, pen, pool, config, now) == 0
        assert await pen(newest_article) == 0

    run(tmp_path, job)


def test_an_invalid_file_leaves_what_was_loaded_before(home: Path) -> None:
    folder = home / "sources" / "nasional"
    folder.mkdir(parents=True)
    file = folder / "kabar.toml"
    file.write_text('name = "Kabar"\nurl = "https://kabar.example/"\n')
    first = load_config(home, secrets=False)
    assert first.errors == ()
    assert first.sources["kabar"].name == "Kabar"

    file.write_text("name = ")
    settings = home / "ronda.toml"
    settings.write_text("nonsense = 1\n")
    second = load_config(home, first, secrets=False)
    assert second.sources["kabar"] == first.sources["kabar"]
    assert second.settings == first.settings
    assert second.matcher is first.matcher
    assert len(second.errors) == 2

    file.unlink()
    settings.unlink()
    third = load_config(home, second, secrets=False)
    assert third.errors == ()
    assert "kabar" not in third.sources

    settings.write_text("nonsense = 1\n")
    with pytest.raises(ConfigError, match="nonsense"):
        load_config(home, secrets=False)
