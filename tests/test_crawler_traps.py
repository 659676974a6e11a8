"""Sites that never end: calendars, and listings of thousands of addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage import rounds
from storage.home import make_home
from storage.links import link_counts
from tests.crawling import crawl, reading, write_settings, write_source
from tests.hostile import HostileSite, feed_of, say
from tests.walls import page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.hostile import Wire


@pytest.fixture
def site() -> Iterator[HostileSite]:
    site = HostileSite()
    yield site
    site.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = make_home(tmp_path / "home")
    write_settings(home)
    return home


def test_C19_an_endless_calendar_ends(
    site: HostileSite, home: Path, child_environment: dict[str, str]
) -> None:
    """Its front page and every page of it lead to a thousand more, its sitemap to others."""

    async def calendar(wire: Wire) -> None:
        links = "".join(
            f'<p><a href="/kalender/2026/03/{n}/acara-hari-ke-{n}-{wire.nth}?hal={n}'
            f'{"&x=" + "y" * 3000 if n % 10 == 0 else ""}">Acara hari ke {n} di kota kami</a></p>'
            for n in range(1500)
        )
        await wire.answer(
            page("Kalender", links + '<a rel=next href="/?hal=2">berikutnya</a>').encode()
        )

    host = "kalender.test"
    site.set(host, "/", calendar)
    write_source(home, "kalender", site.url(host), 'listings = ["/"]\n')
    text = (home / "ronda.toml").read_text()
    (home / "ronda.toml").write_text(text.replace("[crawl]", "[crawl]\nsource_pages = 20", 1))
    crawled = crawl(home, child_environment)
    assert crawled.reason == "idle"
    with reading(home) as db:
        [crawl_row] = rounds.crawls_of_round(db, 1)
        longest = db.execute("SELECT max(length(url)) FROM links").fetchone()[0]
        counts = link_counts(db)
    assert crawl_row.links_new <= 1000
    assert sum(counts.values()) <= 1000
    assert longest <= 2000
    assert len([one for one in site.asked(host) if one.path.startswith("/kalender")]) == 20
    assert len(site.asked(host)) <= 23


def test_C19_one_poll_brings_no_more_than_a_thousand_new_links(
    site: HostileSite, home: Path, child_environment: dict[str, str]
) -> None:
    host = "banyak.test"
    for n in range(4):
        urls = [site.url(host, f"/berita/{n}-{k}") for k in range(800)]
        site.set(host, f"/umpan{n}", say(feed_of(urls), kind="text/xml"))
    listings = ", ".join(f'"/umpan{n}"' for n in range(4))
    write_source(home, "banyak", site.url(host), f"listings = [{listings}]\n")
    text = (home / "ronda.toml").read_text().replace('first_contact = "all"', "first_contact = 5")
    (home / "ronda.toml").write_text(text)
    crawl(home, child_environment)
    with reading(home) as db:
        assert link_counts(db) == {"skipped": 995, "failed": 5}
