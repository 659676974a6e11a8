"""What is sent to fill our memory does not; what fills it all the same fails alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from storage import rounds
from storage.home import make_home
from storage.links import find_link
from storage.pages import load_page
from tests.crawl_extensions import with_extensions
from tests.crawling import crawl, reading, write_settings, write_source
from tests.hostile import PATH, HostileSite
from tests.hostile_cases import CASES, TIMEOUT, build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GOOD = "baik"


@pytest.fixture(scope="module")
def measure(
    tmp_path_factory: pytest.TempPathFactory, child_environment: dict[str, str]
) -> Iterator[Callable[..., tuple[float, float]]]:
    site = HostileSite()

    def crawl_over(*names: str) -> tuple[float, float]:
        """Crawl some of the hostile hosts; give peak MiB, resident and reserved."""
        folder = tmp_path_factory.mktemp("puncak")
        home = make_home(folder / "home")
        write_settings(home)
        for name in names:
            build(site, name, CASES[name])
            write_source(home, name, site.url(f"{name}.test"), 'listings = ["/feed/"]\n')
        arguments = [*with_extensions("Peak"), "-s", f"DOWNLOAD_TIMEOUT={TIMEOUT}"]
        crawled = crawl(home, child_environment, *arguments, PEAK_FILE=str(folder / "peak"))
        assert crawled.code == 0, crawled.log[-3000:]
        resident, reserved = json.loads((folder / "peak").read_text())
        return resident, reserved

    yield crawl_over
    site.close()


@pytest.fixture(scope="module")
def usual(measure: Callable[..., tuple[float, float]]) -> tuple[float, float]:
    return measure(GOOD)


@pytest.mark.parametrize(
    ("row", "most"), [("N04", 20 * 2), ("N10", 100), ("N12", 100)]
)  # N04 has two hosts at once, 20 MiB each
def test_N04_N10_N12_memory_stays_flat(
    measure: Callable[..., tuple[float, float]], usual: tuple[float, float], row: str, most: float
) -> None:
    names = [name for name, case in CASES.items() if case.row == row]
    assert measure(GOOD, *names)[0] - usual[0] <= most


def test_P15_there_is_room_beneath_the_ceiling(usual: tuple[float, float]) -> None:
    """Resident memory far below the setting, reserved far below the limit on address space."""
    assert usual[0] < 300
    assert usual[1] < 700 + 2048 - 500


def test_P15_what_eats_all_memory_fails_alone_and_is_named(
    tmp_path: Path, child_environment: dict[str, str]
) -> None:
    home = make_home(tmp_path / "home")
    write_settings(home)
    site = HostileSite()
    try:
        for name in ("rakus", GOOD):
            build(site, name, CASES[GOOD])
            write_source(home, name, site.url(f"{name}.test"), 'listings = ["/feed/"]\n')
        crawled = crawl(home, child_environment, *with_extensions("Hog"))
    finally:
        site.close()
    assert crawled.reason == "idle"
    with reading(home) as db:
        greedy = find_link(db, site.url("rakus.test", PATH))
        [row] = [one for one in rounds.crawls_of_round(db, 1) if one.source == "rakus"]
        assert load_page(db, site.url(f"{GOOD}.test", PATH)) is not None
    assert greedy is not None
    assert (greedy.state, greedy.reason, greedy.tries) == ("due", "memory", 1)
    assert (row.failed, row.reasons) == (1, {"memory": 1})
