"""Stories in parts: from the first page's pager to one whole article, over real processes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from monitors.demo.home import write_demo_home
from monitors.demo.server import serving
from monitors.demo.sites import make_sites
from monitors.demo.web import SampleWeb
from monitors.stages import pending
from storage.database import open_reader
from storage.links import ask_again, put_off
from storage.parts import find_part, parts_of
from tests.reading_world import World, play
from tests.running import ronda

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from monitors.demo.sites import Site

STORY = "https://contoh.test/read/4711/wali-kota-hadiri-rakor"
LINES = [
    f"Paragraf {name} menuturkan rapat koordinasi pencegahan korupsi di balai kota, yang dihadiri"
    f" wali kota beserta jajaran dan satuan tugas dari komisi, bagian {name} dari catatan itu."
    for name in ("pertama", "kedua", "ketiga", "keempat", "kelima", "keenam")
]


def html(lines: list[str], pages: int, here: int) -> bytes:
    body = "".join(f"<p>{line}</p>" for line in lines)
    pager = "".join(
        f"<li class='page-item'><a href='{STORY}{f'/{n * 15}' if n else ''}'>{n + 1}</a></li>"
        for n in range(pages)
    )
    title = "Wali Kota Hadiri Rakor Pencegahan Korupsi"
    return (
        f"<html><head><title>{title}</title><link rel='canonical' href='{STORY}'>"
        '<meta property="article:published_time" content="2026-03-04T08:00:00+07:00"></head>'
        f"<body><article><h1>{title}</h1>{body}</article>"
        f"<ul class='pagination'>{pager}</ul><p>{here}</p></body></html>"
    ).encode()


def test_C22_a_story_waits_for_its_parts_and_is_stored_whole_once(
    home: Path, now: datetime
) -> None:
    async def story(world: World) -> None:
        world.fetch(STORY, html(LINES[:2], 3, 1))
        await world.work()
        assert world.article(STORY) is None
        assert pending(home) == 1
        assert world.take_wishes() == [f"{STORY}/15", f"{STORY}/30"]
        world.fetch(f"{STORY}/15", html(LINES[2:4], 3, 2))
        await world.work()
        assert world.article(STORY) is None
        world.fetch(f"{STORY}/30", html(LINES[3:], 3, 3))
        await world.work()
        article = world.article(STORY)
        assert article is not None
        assert (article.completeness, article.version) == ("whole", 1)
        assert article.text.split("\n") == LINES
        assert pending(home) == 0

    play(home, now, story)
    db = open_reader(home, "ronda")
    assert db.execute("SELECT count(*) FROM articles").fetchone() == (1,)
    assert {part.state for part in parts_of(db, STORY)} == {"joined"}
    db.close()


@pytest.mark.parametrize("how", ["gone", "put_off", "nobody"])
def test_C22_a_part_that_cannot_come_leaves_the_story_partial_until_it_does(
    home: Path, now: datetime, how: str
) -> None:
    async def story(world: World) -> None:
        world.fetch(STORY, html(LINES[:3], 2, 1))
        await world.work()
        if how == "nobody":  # the source is switched off, no crawl hears the wish
            world.now = now + timedelta(minutes=61)
        else:
            [part] = world.take_wishes()
            if how == "gone":
                world.fetch(part, None, 404)
            else:
                later = now + timedelta(hours=1)
                world.crawl(
                    lambda db: put_off(
                        db, ask_again(db, "contoh", part, now=now, round_id=1), later, "http_503"
                    )
                )
        await world.work()
        first = world.article(STORY)
        assert first is not None
        assert (first.completeness, first.text.split("\n")) == ("partial", LINES[:3])
        world.now += timedelta(hours=1)
        world.fetch(f"{STORY}/15", html(LINES[3:], 2, 2))
        await world.work()
        whole = world.article(STORY)
        assert whole is not None
        assert (whole.completeness, whole.version) == ("whole", 2)
        assert whole.text.split("\n") == LINES
        assert pending(home) == 0

    play(home, now, story)


def test_a_part_is_never_an_article_of_its_own(home: Path, now: datetime) -> None:
    async def story(world: World) -> None:
        world.fetch(STORY, html(LINES[:3], 2, 1))
        await world.work()
        [part] = world.take_wishes()
        world.fetch(part, html(LINES[3:], 2, 2).replace(STORY.encode() + b"'>", b"x'>"))
        await world.work()
        db = open_reader(home, "ronda")
        found = find_part(db, part)
        assert found is not None
        assert found.story == STORY
        assert db.execute("SELECT url FROM articles").fetchall() == [(STORY,)]
        db.close()

    play(home, now, story)


def f1(got: str, want: str) -> float:
    a, b = re.findall(r"\w+", got.lower()), re.findall(r"\w+", want.lower())
    common = sum(min(a.count(word), b.count(word)) for word in set(a))
    return 2 * common / max(1, len(a) + len(b))


def paged_sites(port: int) -> list[Site]:
    return [site for site in make_sites(port) if site.page_style]


def test_a_round_ends_with_paged_stories_whole(
    home: Path, now: datetime, child_environment: dict[str, str]
) -> None:
    names = {site.id for site in paged_sites(0)}
    # One more that is paged by ?page=2 and of no family that says how to get the whole.
    with serving(lambda port: SampleWeb(now=now, port=port, articles=14)) as server:
        sites = [
            replace(site, family=None) if site.theme == "promedia" else site
            for site in paged_sites(server.web.port)
        ]
        write_demo_home(home, server.web.port, now, every="24h", sites=sites)
        done = ronda("round", "--wait", home=home, environment=child_environment)
        assert done.returncode == 0, done.stderr
        told = ronda(
            "export", "articles", "--text", "--format", "jsonl",
            home=home, environment=child_environment,
        )  # fmt: skip
        truth = {a.url: a for a in server.web.articles if a.site in names}
        again = {key for key, count in server.requests.items() if count > 1}
    rows = {row["url"]: row for row in map(json.loads, told.stdout.splitlines())}
    assert set(rows) == set(truth)
    paged = [article for article in truth.values() if article.breaks]
    assert {article.site for article in paged} == names
    for article in paged:
        row = rows[article.url]
        assert row["completeness"] == "whole", article.url
        assert f1(row["text"], "\n".join(article.paragraphs)) >= 0.97, article.url
    assert again == set()
