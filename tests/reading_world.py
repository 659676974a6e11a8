"""A home in which a test plays the crawl; readers, topics and files are the real ones."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from config.source import Source
from crawler.reading.pool import ReadingPool, prepare
from monitors.joining import join_stories
from monitors.stages import load_config, match_new_articles, read_new_pages
from storage import rounds
from storage.articles import find_article
from storage.database import open_reader, open_writer, writing
from storage.links import ask_again, finish_link
from storage.pages import save_page
from storage.pen import open_pen
from storage.records import Page
from storage.wishes import open_wishes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from monitors.loaded import Loaded
    from storage.records import Article

T = TypeVar("T")
SOURCE = Source(
    id="contoh",
    name="Kabar Contoh",
    url="https://contoh.test/",
    province="sumatera-selatan",
    province_code="16",
    slot="contoh.test",
)
TITLE = "Wali Kota Palembang Hadiri Rakor Pencegahan Korupsi Bersama KPK"
LEAD = (
    "Wali Kota Palembang menghadiri rapat koordinasi pencegahan korupsi bersama Satgas Korsup"
    " KPK di kantor Pemerintah Kota Palembang, Selasa."
)
MORE = "Rapat itu membahas capaian MCSP pemerintah kota dan rencana aksi tahun berjalan. " * 3
OTHER = "Petani di tepi kota memanen padi lebih awal karena cuaca cerah sepanjang bulan ini. " * 4


class World:
    """A home in which this test plays the crawl."""

    def __init__(self, home: Path, now: datetime, pen: Any, pool: ReadingPool) -> None:
        self.home, self.now, self.pen, self.pool = home, now, pen, pool
        self.config: Loaded = replace(load_config(None, secrets=False), sources={"contoh": SOURCE})

    def crawl(self, work: Callable[[Database], object]) -> None:
        """Write into `crawl.db`."""
        db = open_writer(self.home, "crawl")
        try:
            with writing(db):
                work(db)
        finally:
            db.close()

    def fetch(self, url: str, body: bytes | None, status: int = 200) -> None:
        """Store an answer and end its link, as the crawl does."""
        page = Page(
            url=url, source="contoh", status=status, fetched_at=self.now, final_url=url,
            content_type="text/html; charset=utf-8", body=body,
        )  # fmt: skip

        def store(db: Database) -> None:
            link = ask_again(db, "contoh", url, now=self.now, round_id=1)
            save_page(db, page, link=link, round_id=1)
            finish_link(db, link, state="done" if status == 200 else "failed")

        self.crawl(store)

    def take_wishes(self) -> list[str]:
        """Hear the open wishes as the crawl does; gives their addresses."""
        db = open_reader(self.home, "ronda")
        try:
            wishes = {wish.id: wish for wish in open_wishes(db) if wish.id is not None}
        finally:
            db.close()
        heard: list[str] = []

        def hear(db: Database) -> None:
            for number in rounds.take_wishes(db, wishes, 1, self.now):
                url = wishes[number].url
                assert url is not None
                ask_again(db, "contoh", url, now=self.now, round_id=1)
                heard.append(url)

        self.crawl(hear)
        return heard

    async def work(self) -> None:
        """Read, join and match what there is."""
        what = (self.home, self.pen, self.pool, self.config, self.now)
        await read_new_pages(*what)
        await join_stories(*what)
        await match_new_articles(self.pen, self.config, self.now)

    def ask(self, question: Callable[[Database], T]) -> T:
        """Ask `ronda.db` something."""
        db = open_reader(self.home, "ronda")
        try:
            return question(db)
        finally:
            db.close()

    def article(self, url: str) -> Article | None:
        """Give the article stored under an address."""
        return self.ask(lambda db: find_article(db, url))


def page(title: str, *paragraphs: str) -> bytes:
    """Make a page of a story."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<html><head><title>{title}</title>"
        '<meta property="article:published_time" content="2026-03-04T08:00:00+07:00"></head>'
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    ).encode()


def play(home: Path, now: datetime, story: Callable[[World], Any]) -> None:
    """Let a story happen in a home, with the real reader, matcher and files."""

    async def go() -> None:
        pool = ReadingPool(workers=1)
        await pool.start()
        try:
            async with open_pen(home) as pen:
                await story(World(home, now, pen, pool))
        finally:
            await pool.close()

    prepare()
    asyncio.run(go())
