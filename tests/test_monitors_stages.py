"""From stored pages to grouped matches, with the real reader, matcher and both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from config.source import Source
from crawler.reading.pool import ReadingPool, prepare
from monitors.stages import (
    load_config,
    match_new_articles,
    pending,
    read_new_pages,
)
from storage.articles import find_article, newest_article
from storage.database import open_reader, open_writer, writing
from storage.groups import articles_of_event
from storage.matches import matches_of
from storage.pages import save_page
from storage.pen import open_pen
from storage.readings import (
    MOST_LOST,
    find_reading,
    outcome_counts,
    readings_of,
    start_reading,
)
from storage.records import Page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from pathlib import Path

    from monitors.stages import Loaded
    from storage.pen import Pen

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
    for number, host in enumerate(("contoh", "salinan"), 1):  # the second's file is gone
        put_page(home, number, html(), now, host)
    put_page(home, 3, html("Panen Padi Lebih Awal", OTHER), now)
    put_page(home, 4, b"<html><body><p>Beranda</p></body></html>", now)

    async def job(pen: Pen, pool: ReadingPool) -> None:
        assert pending(home) == 4
        assert await read_new_pages(home, pen, pool, config, now) == 4
        assert pending(home) == 3
        assert await match_new_articles(pen, config, now) == 3
        assert pending(home) == 0

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
        assert rows(home, "SELECT url FROM articles") == [("https://contoh.test/berita/2",)]
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


def test_P17_a_page_in_hand_at_many_deaths_of_the_daemon_is_set_aside(
    home: Path, config: Loaded, now: datetime
) -> None:
    page = put_page(home, 1, html(), now)
    ronda = open_writer(home, "ronda")
    for _ in range(MOST_LOST):
        with writing(ronda):
            start_reading(ronda, page, now)
    ronda.close()

    async def job(pen: Pen, pool: ReadingPool) -> None:
        assert await read_new_pages(home, pen, pool, config, now) == 1

    run(home, job)
    assert rows(home, "SELECT outcome, reason FROM readings") == [("set_aside", "lost")]


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


def test_without_a_crawl_file_there_is_nothing_to_read(
    tmp_path: Path, config: Loaded, now: datetime
) -> None:
    assert pending(tmp_path) == 0

    async def job(pen: Pen, pool: ReadingPool) -> None:
        assert await read_new_pages(tmp_path, pen, pool, config, now) == 0
        assert await pen(newest_article) == 0

    run(tmp_path, job)


def test_only_matched_texts_are_kept_where_the_settings_say_so(
    home: Path, config: Loaded, now: datetime
) -> None:
    settings = config.settings.model_copy(update={"keep_text": "matched"})
    thrifty = replace(config, settings=settings)
    put_page(home, 1, html(), now)
    put_page(home, 2, html("Petani Panen Padi Lebih Awal", OTHER, OTHER), now)

    async def job(pen: Pen, pool: ReadingPool) -> None:
        await read_new_pages(home, pen, pool, thrifty, now)
        await match_new_articles(pen, thrifty, now)

    run(home, job)
    texts = rows(home, "SELECT a.title, t.text <> '' FROM articles a, article_texts t"
                       " WHERE t.article = a.id ORDER BY a.title")  # fmt: skip
    assert texts == [("Petani Panen Padi Lebih Awal", 0), (TITLE, 1)]
    found = rows(home, "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'cerah'")
    assert found == [(0,)]
    found = rows(home, "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'petani'")
    assert found == [(1,)]
