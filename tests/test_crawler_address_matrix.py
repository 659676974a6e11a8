"""No spelling of a private address, at no door, is ever dialled: 0 connects."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from storage import source_state
from storage.home import make_home
from storage.links import find_link
from tests.address_matrix import (
    CANONICAL,
    DOORS,
    PUBLIC,
    REDIRECT,
    REFRESH,
    REFUSED,
    SPELLINGS,
    build,
    environment,
)
from tests.crawling import crawl, reading
from tests.hostile import HostileSite

if TYPE_CHECKING:
    from collections.abc import Iterator


class Scene:
    """What a crawl over the matrix left."""

    def __init__(self, home: Path, port: int, dialled: set[tuple[str, int]], log: str) -> None:
        self.port = port
        self.dialled = dialled
        self.log = log
        self.links: dict[tuple[int, str], tuple[str, str | None]] = {}
        self.sources: dict[str, str | None] = {}
        with reading(home) as db:
            self.sources = {name: one.reason for name, one in source_state.states(db).items()}
            for place in range(len(SPELLINGS)):
                for path in (REDIRECT, REFRESH, CANONICAL):
                    row = find_link(db, f"http://pintu{place}.test:{port}{path}")
                    assert row is not None, (place, path)
                    self.links[place, path] = (row.state, row.reason)
            self.others = [
                row[0]
                for row in db.execute("SELECT url FROM links WHERE url NOT LIKE 'http://pintu%'")
            ]


@pytest.fixture(scope="module")
def scene(
    tmp_path_factory: pytest.TempPathFactory, child_environment: dict[str, str]
) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("pintu")
    home = make_home(folder / "home")
    site = HostileSite()
    try:
        build(site, home)
        crawled = crawl(
            home,
            child_environment,
            "-s",
            "TWISTED_DNS_RESOLVER=tests.fake_dns.FakeResolver",
            CONNECTS_LOG=str(folder / "dialled"),
            **environment(),
        )
        assert crawled.code == 0, crawled.log[-3000:]
        lines = (folder / "dialled").read_text().split("\n")[:-1]
        dialled = {(line.split()[0], int(line.split()[1])) for line in lines}
        yield Scene(home, site.port, dialled, crawled.log)
    finally:
        site.close()


def test_the_matrix_is_as_large_as_promised() -> None:
    assert len(set(SPELLINGS)) >= 40
    assert len(DOORS) == 8


def test_N18_N19_nothing_private_is_dialled_at_any_door(scene: Scene) -> None:
    """The public address of the name that flips may be tried; the closed door stops it."""
    assert scene.dialled - {(PUBLIC, 80)} == {("127.0.0.1", scene.port)}
    assert "Traceback" not in scene.log


@pytest.mark.parametrize("place", range(len(SPELLINGS)), ids=SPELLINGS)
def test_N18_each_spelling_is_refused_by_name(scene: Scene, place: int) -> None:
    spelling = SPELLINGS[place]
    flips = spelling == "balik.id"
    expected = REFUSED | ({"unreachable", "held", "robots_unreachable"} if flips else set())
    for path in (REDIRECT, REFRESH):
        state, reason = scene.links[place, path]
        assert reason in expected, (path, state)
        assert state == ("failed" if reason in REFUSED else "due")
    assert scene.links[place, CANONICAL] == ("done", None)
    assert scene.sources[f"pintu{place}"] is None
    for door in ("berkas", "pesan"):
        # Refused when the file was read, or when it was dialled.
        assert scene.sources.get(f"{door}{place}", "bad_address") in expected


def test_N18_addresses_of_other_hosts_in_a_listing_are_no_links(scene: Scene) -> None:
    assert scene.others == []


def test_N18_in_a_private_network_where_every_address_answers_none_is_reached(
    tmp_path: Path, child_environment: dict[str, str]
) -> None:
    """The same crawl, where 169.254.169.254 and its like are as near as loopback, with ears."""
    tools = [shutil.which("unshare"), shutil.which("ip")]
    if not all(tools) or subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
        pytest.skip("no private network to be had here; the fake names above cover the guard")
    told = subprocess.run(
        ["unshare", "-rn", sys.executable, "-P", "-m", "tests.private_network", str(tmp_path)],
        env={**child_environment, "PYTHONPATH": str(Path(__file__).parent.parent)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 0, told.stderr.decode()[-3000:]
    report: dict[str, Any] = json.loads(told.stdout)
    assert report["control"] == 1
    assert {tuple(one) for one in report["reached"]} <= {(PUBLIC, 80)}
    assert report["done"] == len(SPELLINGS)
