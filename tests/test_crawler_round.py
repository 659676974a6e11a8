"""One real crawl over a small web with the usual faults; every test looks at what it left."""

from __future__ import annotations

import gzip
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from storage import rounds, source_state
from storage.home import make_home
from storage.hosts import load_host
from storage.links import find_link
from storage.pages import load_page, pages_after
from tests.crawling import Crawled, crawl, reading, write_settings, write_source
from tests.web import CLOSED, Told, Web, self_signed_web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.links import LinkRow
    from storage.records import Crawl

GOOD = [f"baik{n:02}" for n in range(8)]
ROBOTS = b"User-agent: *\nDisallow: /berita/rahasia\nCrawl-delay: 0.1\n"
# path, title -> what is told for it, and how the link ends
ODD: dict[str, tuple[Told | None, str, str | None]] = {
    "/berita/hilang-sudah": (None, "failed", "http_404"),
    "/berita/dihapus-sudah": (Told(status=410), "failed", "http_410"),
    "/berita/galat-server": (Told(status=500), "due", "http_500"),
    "/berita/berkas-pdf": (Told(body=b"%PDF-1.7 x", kind="text/html"), "failed", "not_html"),
    "/berita/gambar-saja": (Told(body=b"abc", kind="image/png"), "failed", "not_html"),
    "/berita/rahasia-negara": (Told(body=b"<html>tidak</html>"), "skipped", "robots"),
    "/berita/pindah-rumah": (
        Told(status=301, headers={"Location": "http://jauh.test:{port}/x"}),
        "failed",
        "redirect_out",
    ),
    "/berita/pindah-kamar": (
        Told(status=302, headers={"Location": "/berita/kamar-baru"}),
        "done",
        None,
    ),
    "/berita/berputar-terus": (
        Told(status=302, headers={"Location": "/berita/berputar-terus"}),
        "failed",
        "redirect_loop",
    ),
    "/berita/ke-dalam-rumah": (
        Told(status=302, headers={"Location": "http://127.0.0.1:{port}/"}),
        "failed",
        "blocked_address",
    ),
    "/berita/ke-metadata": (
        Told(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"}),
        "failed",
        "blocked_address",
    ),
    "/berita/terpotong-gzip": (
        Told(
            body=gzip.compress(b"<html>" + bytes(range(256)) * 40)[:-30],
            headers={"Content-Encoding": "gzip"},
        ),
        "due",
        "truncated_body",
    ),
    "/berita/terpotong-biasa": (
        Told(body=b"<html>pendek", headers={"Content-Length": "5000", "Connection": "close"}),
        "due",
        "truncated_body",
    ),
    "/berita/terlalu-besar": (
        Told(body=b"<html>" + b"x" * (9 * 1024 * 1024)),
        "failed",
        "too_large",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The web, the home, and what the crawl said."""

    web: Web
    home: Path
    crawled: Crawled

    def link(self, host: str, path: str) -> LinkRow:
        with reading(self.home) as db:
            row = find_link(db, self.web.url(host, path))
        assert row is not None, path
        return row

    def crawl_of(self, source: str) -> Crawl:
        with reading(self.home) as db:
            return rounds.latest_crawls(db)[source]

    def reason(self, source: str) -> str | None:
        with reading(self.home) as db:
            return source_state.states(db)[source].reason


@pytest.fixture(scope="module")
def scene(
    tmp_path_factory: pytest.TempPathFactory, child_environment: dict[str, str]
) -> Iterator[Scene]:
    home = make_home(tmp_path_factory.mktemp("putaran") / "home")
    web = Web()
    write_settings(home)
    _build(web, home)
    try:
        with self_signed_web(home.parent) as port:
            write_source(home, "palsu", f"https://palsu.test:{port}/")
            crawled = crawl(home, child_environment)
        yield Scene(web=web, home=home, crawled=crawled)
    finally:
        web.close()


def _build(web: Web, home: Path) -> None:
    for name in GOOD:
        host = f"{name}.test"
        entries = [(f"/berita/judul-{n}", f"Judul {n}") for n in range(3)]
        web.feed(host, entries, etag='"satu"')
        for path, title in entries:
            web.story(host, path, title)
        write_source(home, name, web.url(host))
    web.feed("aneh.test", [(path, path) for path in ODD])
    web.tell("aneh.test", "/robots.txt", Told(body=ROBOTS, kind="text/plain"))
    for path, (told, _, _) in ODD.items():
        if told is not None:
            headers = {k: v.format(port=web.port) for k, v in told.headers.items()}
            web.tell(
                "aneh.test",
                path,
                Told(body=told.body, status=told.status, kind=told.kind, headers=headers),
            )
    web.story("aneh.test", "/berita/kamar-baru")
    write_source(home, "aneh", web.url("aneh.test"))
    _broken_sources(web, home)


def _broken_sources(web: Web, home: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = free.getsockname()[1]
    write_source(home, "mati", f"http://mati.test:{nobody}/")
    write_source(home, "lokal", f"http://127.0.0.1:{web.port}/")
    write_source(home, "lokal-biasa", "http://127.0.0.1/")
    write_source(home, "cacat", web.url("cacat.test"), 'listings = ["http://[salah/"]\n')
    write_source(home, "gagal-robots", web.url("gagal-robots.test"))
    web.feed("gagal-robots.test", [("/berita/tak-terbaca", "x")])
    web.tell("gagal-robots.test", "/robots.txt", Told(status=503))
    write_source(home, "putus", web.url("putus.test"))
    web.tell("putus.test", "/feed/", Told(status=CLOSED))
    write_source(home, "bom", web.url("bom.test"))
    bomb = b'<!DOCTYPE x [<!ENTITY a "' + b"z" * 1000 + b'">]><rss version="2.0">&a;</rss>'
    web.tell("bom.test", "/feed/", Told(body=bomb, kind="application/rss+xml"))


def test_a_round_ends_by_itself_and_says_what_it_did(scene: Scene) -> None:
    assert scene.crawled.code == 0
    assert scene.crawled.reason == "idle"
    told = {line["source"]: line for line in scene.crawled.lines if "source" in line}
    assert set(GOOD) <= set(told)
    assert (told["baik00"]["state"], told["baik00"]["pages"]) == ("ok", 3)
    assert "Traceback" not in scene.crawled.log
    with reading(scene.home) as db:
        last = rounds.latest_round(db)
    assert last is not None
    assert last.reason == "idle"


def test_pages_are_stored_with_what_their_listing_said(scene: Scene) -> None:
    url = scene.web.url("baik03.test", "/berita/judul-1")
    with reading(scene.home) as db:
        page = load_page(db, url)
        listed = {one.url: one.listed_title for one in pages_after(db, 0, 1000)}
    assert page is not None
    assert page.body is not None
    assert b"<p>Isi /berita/judul-1.</p>" in page.body
    assert listed[url] == "Judul 1"


@pytest.mark.parametrize("path", ODD)
def test_each_odd_answer_ends_its_link_with_a_reason(scene: Scene, path: str) -> None:
    _, state, reason = ODD[path]
    row = scene.link("aneh.test", path)
    assert (row.state, row.reason) == (state, reason)
    assert row.tries == (1 if state == "due" else 0)


def test_failures_are_counted_on_the_crawl_by_reason(scene: Scene) -> None:
    crawl = scene.crawl_of("aneh")
    assert crawl.state == "ok"
    assert crawl.pages == 1
    assert crawl.failed == len(ODD) - 1
    assert crawl.reasons["not_html"] == 2


def test_what_robots_forbids_is_never_asked_and_its_delay_is_kept(scene: Scene) -> None:
    assert "/berita/rahasia-negara" not in scene.web.paths("aneh.test")
    times = [one.at for one in scene.web.asked if one.host == "aneh.test"][1:]
    assert (times[-1] - times[0]) / (len(times) - 1) >= 0.099
    with reading(scene.home) as db:
        host = load_host(db, f"aneh.test:{scene.web.port}")
    assert host is not None
    assert (host.crawl_delay, host.robots_status) == (0.1, 200)
    assert host.delay is not None
    assert host.delay >= 0.1


def test_robots_is_asked_once_per_host(scene: Scene) -> None:
    asked = [one.host for one in scene.web.asked if one.path == "/robots.txt"]
    assert {asked.count(host) for host in asked} == {1}


def test_a_host_whose_robots_cannot_be_had_is_left_alone(scene: Scene) -> None:
    assert scene.web.paths("gagal-robots.test") == []
    assert scene.reason("gagal-robots") == "robots_unreachable"


def test_C31_one_malformed_source_stops_no_other(scene: Scene) -> None:
    with reading(scene.home) as db:
        crawls = rounds.latest_crawls(db)
    assert {crawls[name].state for name in GOOD} == {"ok"}
    assert {crawls[name].pages for name in GOOD} == {3}
    assert "cacat" in scene.crawled.log


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("mati", "refused"),
        ("lokal", "blocked_address"),
        ("lokal-biasa", "blocked_address"),
        ("putus", "connection_lost"),
        ("palsu", "certificate"),
    ],
)
def test_a_source_that_cannot_be_reached_says_why(scene: Scene, source: str, reason: str) -> None:
    assert scene.reason(source) == reason
    crawl = scene.crawl_of(source)
    assert (crawl.state, crawl.reason) == ("failed", reason)


def test_a_bomb_for_a_feed_costs_only_its_source(scene: Scene) -> None:
    assert scene.crawl_of("bom").state == "failed"


def test_we_say_who_we_are_and_in_whose_language(scene: Scene) -> None:
    headers = scene.web.asked[0].headers
    assert headers["User-Agent"].startswith("Ronda/")
    assert headers["Accept-Language"] == "id,en;q=0.5"
    assert not {one.headers.get("Cookie") for one in scene.web.asked} - {None}


def test_nobody_left_a_crawl_or_a_lease_open(scene: Scene) -> None:
    with reading(scene.home) as db:
        states = source_state.states(db).values()
        crawls = rounds.crawls_of_round(db, 1)
    assert [state.source for state in states if state.lease is not None] == []
    assert [one.source for one in crawls if one.ended_at is None] == []
