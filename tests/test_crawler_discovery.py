"""Discovery on generated sites: entry points, family and region, through the real spider."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from config.family import load_families
from crawler.discovery.preview import Preview, from_json
from crawler.discovery.walk import discover as walk_over
from crawler.discovery.words import words_of_refusal
from monitors.demo.server import serving
from monitors.demo.web import SampleWeb
from storage.database import open_writer, writing
from storage.hosts import HostState, save_hosts
from tests.crawling import write_settings
from tests.discovery_pages import HINTS
from tests.discovery_sites import Truth, build_site
from tests.discovery_visitor import LoopbackVisitor
from tests.web import Told, Web, self_signed_web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SITES = 70
SEED = 20260304


def discover(home: Path, environment: dict[str, str], url: str, *more: str) -> Preview:
    """Run the spider to its end and give its preview."""
    own = {"RONDA_HOME": str(home), "SCRAPY_SETTINGS_MODULE": "crawler.settings"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "scrapy", "crawl", "discovery", "-a", f"url={url}", *more],
        env={**environment, **own},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    lines = [one for one in done.stdout.decode().splitlines() if one.startswith("{")]
    assert len(lines) == 1, done.stderr.decode()[-3000:]
    return from_json(json.loads(lines[0]))


@pytest.fixture
def web() -> Iterator[Web]:
    """A web of its own for each test."""
    web = Web()
    yield web
    web.close()


def wrong_about(truth: Truth, found: Preview) -> list[str]:
    """Name what discovery got wrong about a site."""
    wrong = []
    first = [_path(point.url) for point in found.entry_points]
    if not first or first[0] not in truth.good:
        wrong.append(f"entry {first} not in {sorted(truth.good)} ({found.refused})")
    if truth.bad & set(first):
        wrong.append(f"entry {first} is bad")
    if found.family != truth.family:
        wrong.append(f"family {found.family} not {truth.family}")
    right = {truth.region or truth.province}
    if found.region not in right:
        wrong.append(f"region {found.region} not in {right}")
    if found.name != truth.name:
        wrong.append(f"name {found.name!r} not {truth.name!r}")
    return wrong


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def walk(url: str) -> Preview:
    """Walk over a site in this process: the same walk and reader, plain requests."""
    families = load_families(None)
    return asyncio.run(walk_over(LoopbackVisitor(), url, families=families))


def test_nine_of_ten_generated_sites_are_understood(web: Web) -> None:
    now = datetime.now(UTC)
    truths = [build_site(web, number, seed=SEED, now=now) for number in range(SITES)]
    assert {truth.hint for truth in truths} == set(HINTS)
    wrong: dict[str, Any] = {
        f"{truth.host} {truth.family} {truth.hint}": faults
        for truth in truths
        if (faults := wrong_about(truth, walk(truth.url)))
    }
    assert len(wrong) * 10 <= len(truths), wrong


@pytest.mark.parametrize("number", [26])
def test_the_spider_understands_a_generated_site_within_a_minute(
    home: Path, child_environment: dict[str, str], web: Web, number: int
) -> None:
    write_settings(home)
    truth = build_site(web, number, seed=SEED, now=datetime.now(UTC))
    begun = time.monotonic()
    found = discover(home, child_environment, truth.url)
    assert not wrong_about(truth, found)
    assert found.grade in ("A", "B")
    assert time.monotonic() - begun < 60


# Hints of the sample web's sites, taken away one by one: what then has to come first.
NO_FEED: dict[str, Any] = {"feed": None, "comments_feed": None}
NO_MAP: dict[str, Any] = {"sitemap": None, "news_sitemap": None}
TAKEN = (
    ("kabarlembah", {}, "/feed/"),
    ("kabarlembah", NO_FEED, "/wp-sitemap.xml"),
    ("suararanahkita", NO_FEED | NO_MAP, "/wp-json/wp/v2/posts?per_page=20"),
    ("kabarlembah", NO_FEED | NO_MAP, "/"),
    ("warnakapuas", {"faults": ()}, "/rss"),
    ("warnakapuas", NO_FEED, "/sitemap-news.xml"),
    ("tumpangsari", NO_FEED | NO_MAP, "/"),
    ("kantorkabar-kaltim", NO_FEED | NO_MAP, "/terkini"),
    ("porospriangan", NO_FEED | NO_MAP, "/indeks-berita"),
)


@pytest.mark.parametrize(("name", "without", "first"), TAKEN)
def test_a_site_of_the_sample_web_is_understood_with_hints_removed(
    name: str, without: dict[str, Any], first: str
) -> None:
    now = datetime.now(UTC)
    with serving(lambda port: SampleWeb(now=now, port=port, seed=3, sites=13)) as server:
        site = replace(server.web.sites[name], **without)
        server.web.sites[name] = server.web.hosts[site.host] = site
        found = walk(f"{site.base}/")
    assert [_path(point.url) for point in found.entry_points] == [first], found.detail
    assert found.family == site.family
    assert found.name == site.name


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://127.0.0.1/", "blocked_address"),
        ("http://dalam.test:{port}/", "blocked_address"),
        ("http://meta.test:{port}/", "blocked_address"),
    ],
)
def test_W20_discovery_never_asks_inside_the_house(
    home: Path, child_environment: dict[str, str], web: Web, address: str, reason: str
) -> None:
    write_settings(home)
    inside = f"http://127.0.0.1:{web.port}/"
    web.tell("dalam.test", "/", Told(status=302, headers={"Location": inside}))
    web.tell("meta.test", "/", Told(status=302, headers={"Location": "http://10.0.0.1/"}))
    found = discover(home, child_environment, address.format(port=web.port))
    assert found.refused == reason
    assert not [one for one in web.asked if one.host not in ("dalam.test", "meta.test")]


def test_W20_listings_and_articles_that_point_inside_are_not_asked(
    home: Path, child_environment: dict[str, str], web: Web
) -> None:
    write_settings(home)
    truth = build_site(web, 0, seed=SEED, now=datetime.now(UTC))
    inside = f"http://127.0.0.1:{web.port}"
    front = web.pages[truth.host, "/"]
    assert isinstance(front, Told)
    spiked = front.body.replace(
        b"<head>",
        f'<head><link rel="alternate" type="application/rss+xml" href="{inside}/feed">'
        f'<link rel="alternate" type="application/rss+xml" href="/pindah">'.encode(),
    )
    web.tell(truth.host, "/", Told(body=spiked))
    web.tell(truth.host, "/pindah", Told(status=301, headers={"Location": f"{inside}/rss"}))
    web.tell(
        truth.host,
        "/robots.txt",
        Told(body=f"Sitemap: {inside}/peta.xml\n".encode(), kind="text/plain"),
    )
    found = discover(home, child_environment, truth.url)
    assert [_path(point.url) for point in found.entry_points] == ["/feed/"]
    assert {one.host for one in web.asked} == {truth.host}


def _bomb() -> str:
    rows = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 30))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{rows}]><rss><channel>&e29;'


HOSTILE = {
    "200000-links": "<html><body>" + '<a href="/b/1-a-b-c-d">satu dua tiga empat</a>' * 60_000,
    "attributes": "<html><body><p " + " ".join(f"a{n}=1" for n in range(300_000)) + ">x</p>",
    "deep": "<html><body>" + "<div>" * 100_000,
    "bomb": _bomb(),
    "title": f"<html><head><title>{'- | - ' * 200_000}</title></head><body class='{'foot ' * 9}'>",
    "nothing": "",
    "binary": "\x00\x01\x02" * 50_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_front_pages_end_in_a_reason(web: Web, kind: str) -> None:
    web.tell("jahat.test", "/", Told(body=HOSTILE[kind].encode()))
    begun = time.monotonic()
    found = walk(web.url("jahat.test"))
    assert found.refused in ("no_articles", "unreadable")
    assert found.detail
    assert time.monotonic() - begun < 10


def test_an_article_that_would_cost_the_reader_too_much_fails_alone(
    home: Path, child_environment: dict[str, str], web: Web
) -> None:
    write_settings(home, more="[reading]\nseconds = 2\n")
    truth = build_site(web, 0, seed=SEED, now=datetime.now(UTC))
    worst = [path for host, path in web.pages if host == truth.host and path.startswith("/20")]
    links = '<a href="/x">x</a>' * 200_000
    web.tell(truth.host, worst[0], Told(body=f"<html><body>{links}".encode()))
    found = discover(home, child_environment, truth.url)
    assert found.refused is None
    assert [one.reason for one in found.samples if one.reason] != []
    assert len([one for one in found.samples if one.article]) >= 3


@pytest.mark.parametrize(
    ("status", "reason"), [(403, "blocked"), (429, "blocked"), (404, "http_404"), (500, "http_500")]
)
def test_shut_doors_are_named(web: Web, status: int, reason: str) -> None:
    web.tell("tutup.test", "/", Told(status=status))
    assert walk(web.url("tutup.test")).refused == reason


def test_robots_are_obeyed_and_asked_first(
    home: Path, child_environment: dict[str, str], web: Web
) -> None:
    write_settings(home)
    web.tell("larang.test", "/robots.txt", Told(body=b"User-agent: *\nDisallow: /\n"))
    assert discover(home, child_environment, web.url("larang.test")).refused == "robots"
    assert [one.path for one in web.asked] == ["/robots.txt"]


def test_a_back_off_that_the_crawl_knows_holds_for_discovery_too(
    home: Path, child_environment: dict[str, str], web: Web
) -> None:
    write_settings(home)
    until = datetime.now(UTC) + timedelta(minutes=5)
    db = open_writer(home, "crawl")
    with writing(db):
        save_hosts(db, [HostState(host=f"capek.test:{web.port}", back_off_until=until)])
    db.close()
    assert discover(home, child_environment, web.url("capek.test")).refused == "held"
    assert web.asked == []


def test_discovery_asks_one_thing_at_a_time_and_writes_nothing(
    home: Path, child_environment: dict[str, str], web: Web
) -> None:
    write_settings(home)
    text = (home / "ronda.toml").read_text().replace("delay = 0.02", "delay = 0.3")
    (home / "ronda.toml").write_text(text)
    truth = build_site(web, 1, seed=SEED, now=datetime.now(UTC))
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*.db")}
    files = sorted(home.rglob("*.toml"))
    discover(home, child_environment, truth.url)
    times = [one.at for one in web.asked]
    assert all(b - a >= 0.25 for a, b in pairwise(times))
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*.db")} == before
    assert sorted(home.rglob("*.toml")) == files


def test_a_certificate_that_nobody_vouches_for_is_named(
    home: Path, child_environment: dict[str, str], tmp_path: Path
) -> None:
    write_settings(home)
    with self_signed_web(tmp_path) as port:
        found = discover(home, child_environment, f"https://palsu.test:{port}/")
    assert found.refused == "certificate"
    assert "self-signed" in words_of_refusal(found)
    assert 'tls = "lax"' in words_of_refusal(found)
