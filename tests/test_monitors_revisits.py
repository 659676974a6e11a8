"""Matched articles are visited again after 1 hour, 24 hours and 7 days; edits become versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from config.topic import load_topics
from monitors.digests.telling import Context, meet_monitors, tell_due
from monitors.matching.matcher import compile_topics
from monitors.revisits import visit_again
from storage.database import open_writer, writing
from storage.matches import matches_of
from storage.pages import latest_answer
from storage.records import Wish
from storage.revisits import last_outcome, next_revisit, open_revisits
from storage.told import texts_of, wanted_matches
from storage.versions import GONE, compare, versions_of
from storage.wishes import add_wish
from tests.crawling import crawl, reading, write_settings, write_source
from tests.digest_world import HEALTH, MONITOR, settings
from tests.reading_world import LEAD, MORE, OTHER, SOURCE, TITLE, World, page, play
from tests.web import Web

if TYPE_CHECKING:
    from pathlib import Path

    from sqlite_utils import Database

STORY = "https://contoh.test/berita/rakor"
PANEN = "https://contoh.test/berita/panen"
HOUR = timedelta(hours=1)
TOPIC = "koordinasi-antikorupsi"


async def visit(world: World) -> int:
    return await visit_again(world.home, world.pen, world.now)


def number(world: World, url: str = STORY) -> int:
    article = world.article(url)
    assert article is not None
    assert article.id is not None
    return article.id


async def begin(world: World) -> None:
    world.fetch(STORY, page(TITLE, LEAD, MORE))
    world.fetch(PANEN, page("Panen Padi Lebih Awal", OTHER))
    await world.work()


def test_only_matched_articles_are_visited_after_1_h_24_h_and_7_d(
    home: Path, now: datetime
) -> None:
    async def story(world: World) -> None:
        await begin(world)
        begun, visits = world.now, []
        for _ in range(4):
            due = world.ask(next_revisit)
            if due is None:
                break
            world.now = due - timedelta(seconds=1)
            assert await visit(world) == 0
            assert world.take_wishes() == []
            world.now = due
            await visit(world)
            assert world.take_wishes() == [STORY]
            visits.append(world.now - begun)
            world.fetch(STORY, None, 304)
            assert await visit(world) == 1
            assert world.ask(lambda db: last_outcome(db, number(world))) == "unchanged"
        assert visits == [HOUR, 24 * HOUR, timedelta(days=7)]
        assert world.ask(lambda db: versions_of(db, number(world))) == []

    play(home, now, story)


def test_a_changed_page_becomes_a_version_with_its_difference(home: Path, now: datetime) -> None:
    async def story(world: World) -> None:
        await begin(world)
        [before] = world.ask(lambda db: matches_of(db, number(world)))
        assert {part.version for part in before.evidence} == {1}
        world.now += HOUR
        await visit(world)
        world.take_wishes()
        new = "Inspektorat kota ikut menyampaikan catatan atas rencana aksi itu kepada satgas KPK."
        world.fetch(STORY, page(TITLE, LEAD, MORE, new))
        assert await visit(world) == 0  # fetched, not read yet
        await world.work()
        assert await visit(world) == 1
        assert world.ask(lambda db: last_outcome(db, number(world))) == "changed"
        [old] = world.ask(lambda db: versions_of(db, number(world)))
        assert (old.version, old.change) == (1, "text")
        assert old.difference["added"] == [new]
        assert old.difference["removed"] == []
        [after] = world.ask(lambda db: matches_of(db, number(world)))
        assert {part.version for part in after.evidence} == {2}
        assert after.id == before.id
        texts = world.ask(lambda db: texts_of(db, {number(world): 1}))
        assert new not in texts[number(world)]

    play(home, now, story)


def test_a_page_that_is_gone_is_noted_and_keeps_its_text(home: Path, now: datetime) -> None:
    async def story(world: World) -> None:
        await begin(world)
        world.now += HOUR
        await visit(world)
        world.take_wishes()
        world.fetch(STORY, None, 410)
        assert await visit(world) == 1
        sql = "SELECT gone_at, version FROM articles WHERE url = ?"
        gone = world.ask(lambda db: db.execute(sql, [STORY]).fetchone())
        assert gone == (int(world.now.timestamp()), 2)
        [version] = world.ask(lambda db: versions_of(db, number(world)))
        assert (version.version, version.change) == (1, GONE)
        assert LEAD in version.text
        article = world.article(STORY)
        assert article is not None
        assert LEAD in article.text
        # It comes back with the next visit.
        world.now += 23 * HOUR
        await visit(world)
        world.take_wishes()
        world.fetch(STORY, page(TITLE, LEAD, MORE))
        await visit(world)
        assert world.ask(lambda db: db.execute(sql, [STORY]).fetchone()) == (None, 2)

    play(home, now, story)


def test_a_visit_nobody_answers_fails_and_missed_ones_are_not_made_up(
    home: Path, now: datetime
) -> None:
    async def story(world: World) -> None:
        await begin(world)
        world.now += timedelta(days=2)  # the machine slept
        await visit(world)
        assert len(world.ask(open_revisits)) == 1
        world.now += timedelta(hours=25)
        assert await visit(world) == 1
        assert world.ask(lambda db: last_outcome(db, number(world))) == "failed"
        assert world.ask(next_revisit) == now + timedelta(days=7)

    play(home, now, story)


def tell(db: Database, world: World) -> list[int]:
    options = settings()
    context = Context(
        settings=options,
        health=HEALTH,
        sources={"contoh": SOURCE},
        regions=world.config.regions,
        topics=world.config.topics,
        now=world.now,
        page_url=None,
    )
    return tell_due(db, options.monitors, context)


def untold(world: World) -> list[str]:
    wanted = {"topics": sorted(world.config.topics), "levels": ["sure", "likely"]}
    return world.ask(lambda db: [m.topic for m in wanted_matches(db, MONITOR.name, **wanted)])


def test_C18_an_article_edited_after_its_match_is_updated_and_not_told_twice(
    home: Path, now: datetime
) -> None:
    async def story(world: World) -> None:
        await world.pen(lambda db: meet_monitors(db, {MONITOR.name: MONITOR}, now))
        await begin(world)
        world.now += timedelta(days=1)
        assert await world.pen(lambda db: tell(db, world)) == [1]
        assert untold(world) == []
        # Edited: the same article, in place, and nothing to tell.
        world.fetch(STORY, page(TITLE + ", Bahas MCSP", LEAD, MORE, OTHER))
        await world.work()
        article = world.article(STORY)
        assert article is not None
        assert (article.title, article.version) == (TITLE + ", Bahas MCSP", 2)
        assert untold(world) == []
        world.now += timedelta(days=1)
        # A topic that is new to it is news.
        shipped = load_topics(None)[0][TOPIC]
        topics = {TOPIC: shipped, "lain": shipped.model_copy(update={"id": "lain"})}
        world.config = replace(
            world.config,
            topics=topics,
            matcher=compile_topics(topics.values(), world.config.regions),
        )
        await world.work()
        world.fetch(STORY, page(TITLE, LEAD, OTHER))
        await world.work()
        assert untold(world) == ["lain"]

    play(home, now, story)


def test_a_visit_within_the_day_is_a_conditional_request(
    tmp_path: Path, home: Path, child_environment: dict[str, str]
) -> None:
    web = Web()
    try:
        web.feed("situs.test", [("/berita/judul", "Judul")])
        web.story("situs.test", "/berita/judul", "Judul")
        write_settings(home)
        write_source(home, "situs", web.url("situs.test"))
        url = web.url("situs.test", "/berita/judul")
        told = web.pages["situs.test", "/berita/judul"]
        assert not callable(told)
        web.tell("situs.test", "/berita/judul", replace(told, etag='"satu"'))
        crawl(home, child_environment)
        begun = datetime.now(UTC)
        db = open_writer(home, "ronda")
        with writing(db):
            add_wish(db, Wish(kind="refetch", source="situs", url=url), begun)
        db.close()
        crawl(home, child_environment)
        with reading(home) as crawled:
            answer = latest_answer(crawled, url, begun - timedelta(seconds=1))
        assert answer is not None
        assert answer.status == 304
    finally:
        web.close()


def test_a_difference_is_summed_up_and_bounded() -> None:
    old = "\n".join(f"baris {n}" for n in range(500))
    new = "\n".join(f"kalimat {n}" for n in range(500))
    told = compare("A", old, "B", new)
    assert told["title"] == ["A", "B"]
    assert (told["removed_lines"], told["added_lines"]) == (500, 500)
    assert len(told["removed"]) == len(told["added"]) == 20
    assert compare("A", old, "A", old) == {}
