"""Stored pages are read again without network; what that finds is no news."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from config.errors import ConfigError
from monitors.rereading import reread
from storage.database import open_writer, writing
from storage.matches import matches_of
from storage.readings import readings_of
from storage.revisits import next_revisit
from storage.versions import versions_of
from tests.reading_world import LEAD, MORE, OTHER, SOURCE, TITLE, World, page, play
from tests.running import ronda, write_settings

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

STORY = "https://contoh.test/berita/rakor"
PANEN = "https://contoh.test/berita/panen"


def boxed() -> bytes:
    """A page whose story stands in a box that only its source's file can name."""
    return page("Panen Padi Lebih Awal", OTHER).replace(
        b"</article>", f"</article><aside class='kotak'><p>{LEAD}</p><p>{MORE}</p></aside>".encode()
    )


def better(world: World) -> None:
    """Let the source's file say where its stories stand: the same as a better reader."""
    rules = replace(SOURCE.article, body=".kotak")
    world.config = replace(world.config, sources={"contoh": replace(SOURCE, article=rules)})


async def again(world: World, **options: Any) -> dict[str, Any]:
    return await reread(world.home, world.pen, world.pool, world.config, world.now, **options)


def test_a_better_reading_changes_the_article_and_is_found_later(home: Path, now: datetime) -> None:
    async def story(world: World) -> None:
        world.fetch(STORY, boxed())
        world.fetch(PANEN, page("Panen Padi Lebih Awal", OTHER))
        await world.work()
        same = await again(world)
        assert (same["pages"], same["same"], same["changes"]) == (2, 2, [])
        better(world)
        world.now += timedelta(days=3)
        dry = await again(world, dry_run=True)
        article = world.article(STORY)
        assert article is not None
        assert LEAD not in article.text
        done = await again(world)
        assert done == {**dry, "dry_run": False}
        assert (done["pages"], done["changed"], done["same"]) == (2, 1, 1)
        [change] = done["changes"]
        assert (change["what"], change["url"]) == ("changed", STORY)
        assert LEAD in change["changes"]["text"]["added"]
        article = world.article(STORY)
        assert article is not None
        assert article.text.startswith(LEAD)
        assert article.version == 2
        assert article.id is not None
        number = article.id
        assert [v.change for v in world.ask(lambda db: versions_of(db, number))] == ["text"]
        [match] = world.ask(lambda db: matches_of(db, number))
        assert match.found_later
        assert world.ask(next_revisit) is None
        assert (await again(world))["changed"] == 0

    play(home, now, story)


def test_what_was_no_article_and_what_is_none_any_more(home: Path, now: datetime) -> None:
    async def story(world: World) -> None:
        world.fetch(STORY, page(TITLE, LEAD, MORE))
        world.fetch(PANEN, b"<html><body><h1>Beranda</h1></body></html>")
        await world.work()
        # As an older reader left them: the one missed, the other taken for an article.
        body = page("Panen Padi Lebih Awal", OTHER)
        [panen] = world.ask(lambda db: readings_of(db, PANEN))
        assert panen.outcome == "not_article"
        db = open_writer(home, "ronda")
        with writing(db):
            db.execute("UPDATE readings SET outcome = 'not_article', article = NULL"
                       " WHERE url = ?", [STORY])  # fmt: skip
            db.execute("DELETE FROM articles")
            db.execute("DELETE FROM articles_fts")
        db.close()
        world.fetch("https://contoh.test/berita/lain", body)
        await world.work()
        db = open_writer(home, "ronda")
        with writing(db):
            db.execute("UPDATE readings SET outcome = 'article', article = 2 WHERE url = ?",
                       [PANEN])  # fmt: skip
            db.execute("UPDATE articles SET url = ?, page_sha256 = ? WHERE id = 2",
                       [PANEN, panen.sha256])  # fmt: skip
        db.close()
        done = await again(world)
        told = {change["url"]: change["what"] for change in done["changes"]}
        assert told == {STORY: "new", PANEN: "lost"}
        assert world.article(PANEN) is None
        found = world.article(STORY)
        assert found is not None
        assert found.id is not None
        number = found.id
        [match] = world.ask(lambda db: matches_of(db, number))
        assert match.found_later

    play(home, now, story)


def test_source_and_time_narrow_what_is_read_again(home: Path, now: datetime) -> None:
    async def story(world: World) -> None:
        world.fetch(STORY, page(TITLE, LEAD, MORE))
        world.now += timedelta(days=2)
        world.fetch(PANEN, page("Panen Padi Lebih Awal", OTHER))
        await world.work()
        assert (await again(world, source="contoh"))["pages"] == 2
        assert (await again(world, since=now + timedelta(days=1)))["pages"] == 1
        with pytest.raises(ConfigError, match="no such source: lain"):
            await again(world, source="lain")

    play(home, now, story)


def test_a_story_in_parts_is_read_again_whole(home: Path, now: datetime) -> None:
    def part(*lines: str) -> bytes:
        pager = f"<ul class='pagination'><li><a href='{STORY}?page=2'>2</a></li></ul>"
        return page(TITLE, *lines).replace(b"</article>", f"</article>{pager}".encode())

    async def story(world: World) -> None:
        world.fetch(STORY, part(LEAD, OTHER))
        await world.work()
        [second] = world.take_wishes()
        world.fetch(second, page(TITLE, MORE))
        await world.work()
        article = world.article(STORY)
        assert article is not None
        assert article.completeness == "whole"
        assert (await again(world))["same"] == 1
        # A part that is not kept any more does not cut the story short.
        world.crawl(lambda db: db.execute("DELETE FROM pages WHERE url = ?", [second]))
        assert (await again(world))["failed"] == 1
        assert world.article(STORY) == article

    play(home, now, story)


def test_the_command_reports_counts_and_changes(
    tmp_path: Path, now: datetime, home: Path, child_environment: dict[str, str]
) -> None:
    async def story(world: World) -> None:
        world.fetch(STORY, boxed())
        await world.work()

    play(home, now, story)
    write_settings(home)
    folder = home / "sources" / "sumatera-selatan"
    folder.mkdir(parents=True)
    (folder / "contoh.toml").write_text(
        'name = "Kabar Contoh"\nurl = "https://contoh.test/"\n[article]\nbody = ".kotak"\n'
    )
    told = ronda("reread", "--dry-run", home=home, environment=child_environment)
    assert told.returncode == 0, told.stderr
    assert "changed: 1" in told.stdout
    assert STORY in told.stdout
    done = ronda(
        "reread", "--source", "contoh", "--since", "2026-03-01", "--json",
        home=home, environment=child_environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["changed"], result["dry_run"]) == (1, False)
    assert "text" in result["changes"][0]["changes"]
    wrong = ronda("reread", "--source", "lain", home=home, environment=child_environment)
    assert wrong.returncode == 2
    assert "no such source: lain" in wrong.stderr
