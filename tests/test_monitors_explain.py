"""`ronda explain`: how a page was read, each decision with what it rests on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from monitors.commands.chain import explain_address
from monitors.revisits import visit_again
from storage.parts import wish_parts
from tests.reading_world import LEAD, MORE, OTHER, TITLE, World, page, play

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

STORY = "https://contoh.test/berita/rakor"


def with_furniture() -> bytes:
    read_also = "<p>Baca juga: <a href='/berita/lain'>Harga Cabai Naik di Pasar Induk Kota</a></p>"
    return page(TITLE, LEAD, MORE, OTHER).replace(
        f"<p>{MORE}</p>".encode(), f"{read_also}<p>{MORE}</p>".encode()
    )


def steps_of(world: World, address: str) -> dict[str, list[str]]:
    steps = explain_address(world.home, world.config, address, world.now)
    return {step.name: step.detail for step in steps}


def test_an_address_tells_each_decision_and_each_line_left_out(home: Path, now: datetime) -> None:
    async def story(world: World) -> None:
        world.fetch(STORY, with_furniture())
        await world.work()
        steps = steps_of(world, STORY)
        because = steps["because"]
        assert "kind: article" in because
        assert "completeness: whole" in because
        assert any(line.startswith("time: meta") for line in because), because
        assert any(line.startswith("body: ") for line in because)
        left = [line for line in because if line.startswith("left out, ")]
        assert any("Baca juga" in line for line in left), because
        assert steps["matched"]

    play(home, now, story)


def test_versions_and_a_page_that_is_gone_are_named(home: Path, now: datetime) -> None:
    async def story(world: World) -> None:
        world.fetch(STORY, page(TITLE, LEAD, MORE))
        await world.work()
        world.now += timedelta(minutes=5)
        world.fetch(STORY, page(TITLE, LEAD, MORE, OTHER))
        await world.work()
        world.now += timedelta(hours=1)
        await visit_again(world.home, world.pen, world.now)
        world.take_wishes()
        world.fetch(STORY, None, 404)
        await visit_again(world.home, world.pen, world.now)
        told = steps_of(world, STORY)
        assert "version 1: text changed, seen 2026-03-04 02:05 UTC (+1 -0 lines)" in told["read"]
        assert "version 2: page gone, seen 2026-03-04 03:05 UTC" in told["read"]

    play(home, now, story)


def test_a_waiting_story_and_its_part_say_what_they_are(home: Path, now: datetime) -> None:
    pager = f"<ul class='pagination'><li><a href='{STORY}?page=2'>2</a></li></ul>"
    first = page(TITLE, LEAD, OTHER).replace(b"</article>", f"</article>{pager}".encode())

    async def story(world: World) -> None:
        world.fetch(STORY, first)
        await world.work()
        assert steps_of(world, STORY)["read"] == ["its further pages are still being fetched"]
        [part] = world.take_wishes()
        world.fetch(part, page(TITLE, MORE))
        await world.work()
        assert steps_of(world, part)["read"] == [f"a further page of {STORY}"]
        [line] = [one for one in steps_of(world, STORY)["read"] if part in one]
        assert line == f"further page {part}: joined, fetched 2026-03-04 02:00 UTC"

    play(home, now, story)


def test_a_file_is_read_and_matched_as_a_page(home: Path, tmp_path: Path, now: datetime) -> None:
    file = tmp_path / "halaman.html"
    file.write_bytes(with_furniture())

    async def story(world: World) -> None:
        steps = steps_of(world, str(file))
        assert list(steps) == ["read", "because", "matched"]
        assert steps["read"][0] == TITLE
        assert any(line.startswith("left out, ") for line in steps["because"])

    play(home, now, story)


def test_parts_wished_again_replace_those_known(home: Path, now: datetime) -> None:
    async def story(world: World) -> None:
        await world.pen(lambda db: wish_parts(db, STORY, "contoh", [f"{STORY}/2"], now))
        wishes = await world.pen(
            lambda db: wish_parts(db, STORY, "contoh", [f"{STORY}/3", f"{STORY}/4"], now)
        )
        assert len(wishes) == 2
        assert world.take_wishes() == [f"{STORY}/2", f"{STORY}/3", f"{STORY}/4"]

    play(home, now, story)
