"""Stored articles meet the topics: now, again after a failure, and later over the archive."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from config.errors import ConfigError
from crawler.reading.pool import prepare
from monitors.stages import load_config, match_new_articles, rematch
from storage.articles import save_article
from storage.database import open_reader, open_writer, writing
from storage.pen import open_pen

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from monitors.stages import Loaded
    from storage.records import Article

TITLE = "Wali Kota Palembang Hadiri Rakor Pencegahan Korupsi Bersama KPK"
LEAD = (
    "Wali Kota Palembang menghadiri rapat koordinasi pencegahan korupsi bersama Satgas Korsup"
    " KPK di kantor Pemerintah Kota Palembang, Selasa."
)
MORE = "Rapat itu membahas capaian MCSP pemerintah kota dan rencana aksi tahun berjalan. " * 3
OTHER = "Petani di tepi kota memanen padi lebih awal karena cuaca cerah sepanjang bulan ini. " * 4


@pytest.fixture(scope="module")
def config() -> Loaded:
    return load_config(None, secrets=False)


def rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    ronda = open_reader(home, "ronda")
    try:
        return ronda.execute(sql).fetchall()
    finally:
        ronda.close()


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
