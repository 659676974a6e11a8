"""Walls are told from pages, also from pages that speak of walls."""

from __future__ import annotations

import time

import pytest

from crawler.guards.challenges import find_wall
from tests.walls import STORY, WALLS, page


@pytest.mark.parametrize("name", WALLS)
def test_C21_walls_and_honest_pages_are_told_apart(name: str) -> None:
    wall = WALLS[name]
    headers = {key.lower(): value.lower() for key, value in wall.headers.items()}
    found = find_wall(wall.body.encode(), headers, int(wall.status.split()[0]))
    assert (found is not None) is wall.blocked


@pytest.mark.parametrize("name", [name for name, wall in WALLS.items() if wall.blocked])
def test_C21_the_same_with_a_whole_story_beneath_is_a_page(name: str) -> None:
    wall = WALLS[name]
    if wall.headers.keys() & {"cf-mitigated", "x-amzn-waf-action"}:
        return  # the server itself says what it is
    body = wall.body.replace("</body>", STORY + "</body>")
    assert find_wall(body.encode(), {}, 200) is None


@pytest.mark.parametrize("name", ["cloudflare-moment", "sucuri", "litespeed", "imunify"])
def test_C21_a_challenge_speaks_for_the_host_a_wall_for_its_page(name: str) -> None:
    assert find_wall(WALLS[name].body.encode(), {}, 200) == "challenge"
    assert find_wall(WALLS["login"].body.encode(), {}, 200) == "wall"
    assert find_wall(WALLS["shell-root"].body.encode(), {}, 200) == "wall"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"User-agent: *\nDisallow:",
        b'<?xml version="1.0"?><rss><title>Just a moment...</title></rss>',
        b'{"title": "Just a moment..."}',
        b"\x89PNG",
    ],
)
def test_what_is_no_page_is_no_wall(body: bytes) -> None:
    assert find_wall(body, {}, 200) is None


@pytest.mark.parametrize(
    "piece",
    ["<", "<a ", "<script", "<!--", "<title>", "<input ", "<div ", "accept ", "<meta ", "location"],
)
def test_a_page_made_to_be_slow_is_judged_quickly(piece: str) -> None:
    body = page("x", "").encode() + piece.encode() * (300_000 // len(piece))
    begun = time.process_time()
    find_wall(body, {}, 200)
    assert time.process_time() - begun < 1.0
