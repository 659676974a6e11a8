"""One crawl over the hostile site: every case ends as the yardstick says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from storage import source_state
from storage.home import make_home
from storage.links import find_link
from tests.crawling import Crawled, crawl, reading, write_settings, write_source
from tests.hostile import PATH, HostileSite
from tests.hostile_cases import CASES, SLACK, TIMEOUT, Case, build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The site, the home and what the crawl said."""

    site: HostileSite
    home: Path
    crawled: Crawled

    def ended(self, name: str, case: Case) -> tuple[str | None, int]:
        """Give the reason of a host's source or link, and how many bodies are stored."""
        url = self.site.url(f"{name}.test", PATH)
        with reading(self.home) as db:
            state = source_state.load_state(db, name)
            link = find_link(db, url)
            stored = db.execute(
                "SELECT count(*) FROM pages WHERE url = ? AND sha256 IS NOT NULL", [url]
            ).fetchone()[0]
        assert state is not None
        if state.reason is not None or link is None:
            return state.reason, stored
        return link.reason, stored


@pytest.fixture(scope="module")
def scene(
    tmp_path_factory: pytest.TempPathFactory, child_environment: dict[str, str]
) -> Iterator[Scene]:
    home = make_home(tmp_path_factory.mktemp("musuh") / "home")
    write_settings(home)
    site = HostileSite()
    try:
        for name, case in CASES.items():
            build(site, name, case)
            write_source(home, name, site.url(f"{name}.test"), 'listings = ["/feed/"]\n')
        crawled = crawl(
            home,
            child_environment,
            "-s",
            f"DOWNLOAD_TIMEOUT={TIMEOUT}",
            http_proxy=f"http://127.0.0.1:{site.port}",
        )
        assert crawled.code == 0, crawled.log[-3000:]
        yield Scene(site=site, home=home, crawled=crawled)
    finally:
        site.close()


def rows(*names: str) -> pytest.MarkDecorator:
    """Give the cases of some rows as parameters."""
    chosen = [name for name, case in CASES.items() if case.row in names]
    assert chosen
    return pytest.mark.parametrize("name", chosen)


def check(scene: Scene, name: str) -> None:
    """Hold one case against its yardstick."""
    case = CASES[name]
    assert scene.ended(name, case) == (case.reason, case.pages)
    visits = scene.site.asked(f"{name}.test")
    spoiled = {"page": PATH, "feed": "/feed/", "robots": "/robots.txt"}[case.at]
    there = [one for one in visits if one.path == spoiled]
    assert there
    assert max(one.ended - one.begun for one in there) <= case.seconds
    if case.asks is not None:
        assert len(there) == case.asks


@rows("N01", "N02", "N03")
def test_N01_N02_N03_who_is_silent_or_slow_is_left_at_the_deadline(scene: Scene, name: str) -> None:
    check(scene, name)


def test_N01_the_whole_round_waits_for_no_one(scene: Scene) -> None:
    """Feed, page and one retry are as long as any host can take."""
    assert scene.crawled.reason == "idle"
    assert scene.crawled.seconds < 4 * (TIMEOUT + SLACK) + 15


@rows("-")
def test_a_good_host_among_them_is_served(scene: Scene, name: str) -> None:
    check(scene, name)


@rows("N04")
def test_N04_an_endless_body_ends_at_the_cap(scene: Scene, name: str) -> None:
    check(scene, name)


@rows("N05", "N06")
def test_N05_N06_half_an_article_is_never_stored(scene: Scene, name: str) -> None:
    check(scene, name)


@rows("N07")
def test_N07_a_page_without_its_end_is_asked_once_more_and_marked(scene: Scene, name: str) -> None:
    check(scene, name)
    url = scene.site.url(f"{name}.test", PATH)
    with reading(scene.home) as db:
        [marks] = [row[0] for row in db.execute("SELECT marks FROM pages WHERE url = ?", [url])]
    assert tuple(marks.split()) == CASES[name].marks


@rows("N08")
def test_N08_a_compressed_body_cut_short_is_no_page(scene: Scene, name: str) -> None:
    check(scene, name)


@rows("N09")
def test_N09_a_body_that_is_not_what_it_says_is_asked_as_it_is(scene: Scene, name: str) -> None:
    check(scene, name)
    visits = scene.site.asked(f"{name}.test", PATH)
    if len(visits) == 2:
        assert visits[1].headers["Accept-Encoding"] == "identity"


@rows("N10", "N11")
def test_N10_N11_a_bomb_is_refused(scene: Scene, name: str) -> None:
    check(scene, name)


@rows("N12")
def test_N12_headers_without_measure_are_dropped(scene: Scene, name: str) -> None:
    check(scene, name)


@rows("N13")
def test_N13_what_is_no_http_or_nothing_has_a_reason(scene: Scene, name: str) -> None:
    check(scene, name)


@rows("N14")
def test_N14_what_is_no_page_is_told_by_its_first_bytes(scene: Scene, name: str) -> None:
    check(scene, name)


@rows("N15")
def test_N15_a_loop_ends_after_five_hops(scene: Scene, name: str) -> None:
    check(scene, name)


@rows("N16")
def test_N16_a_redirect_leads_to_http_only(scene: Scene, name: str) -> None:
    check(scene, name)


def test_N20_a_proxy_of_the_environment_is_not_used(scene: Scene) -> None:
    assert not [one.path for one in scene.site.visits if one.path.startswith("http")]


@rows("N25", "N26")
def test_who_asks_to_wait_is_asked_once(scene: Scene, name: str) -> None:
    check(scene, name)


@rows("N31")
def test_N31_no_robots_to_be_had_means_hands_off(scene: Scene, name: str) -> None:
    check(scene, name)
    assert {one.path for one in scene.site.asked(f"{name}.test")} == {"/robots.txt"}


@rows("N32")
def test_N32_a_robots_that_is_refused_forbids_nothing(scene: Scene, name: str) -> None:
    check(scene, name)


@rows("N33")
def test_N33_odd_robots_are_read_as_far_as_they_go(scene: Scene, name: str) -> None:
    check(scene, name)


@rows("C21")
def test_C21_a_wall_is_no_article(scene: Scene, name: str) -> None:
    check(scene, name)


@rows("N37")
def test_a_huge_cookie_does_no_harm(scene: Scene, name: str) -> None:
    check(scene, name)


def test_N13_nothing_of_all_this_left_a_traceback(scene: Scene) -> None:
    assert scene.crawled.code == 0
    assert "Traceback" not in scene.crawled.log
