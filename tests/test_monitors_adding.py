"""`ronda sources add`, `check` and `doctor` over generated sites, as a person would use them."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from config.errors import ConfigError
from config.source import Source, load_sources
from monitors.daemon.adding import refuse_watched
from storage.database import open_reader
from storage.samples import load_samples
from storage.sources import entry_points
from tests.crawling import write_settings
from tests.discovery_sites import Truth, build_site
from tests.running import page_of, ronda, running, wait_for
from tests.web import Told, Web

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

SEED = 20260304
PAGE = "[page]\nport = 0\n"


@pytest.fixture
def web() -> Iterator[Web]:
    """A web of its own for each test."""
    web = Web()
    yield web
    web.close()


@pytest.fixture
def truth(home: Path, web: Web) -> Truth:
    """A WordPress site with all its hints, in a home that watches nothing yet."""
    write_settings(home, more=PAGE)
    return build_site(web, 0, seed=SEED, now=datetime.now(UTC))


def learned(home: Path) -> dict[str, list[tuple[str, str]]]:
    """Give the entry points that the home has learned."""
    db = open_reader(home, "ronda")
    try:
        return entry_points(db)
    finally:
        db.close()


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """Give the one line on which a command said no."""
    lines = [line for line in done.stderr.splitlines() if not line.startswith("looking at")]
    assert done.returncode == 2, done.stderr
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_a_site_is_added_by_its_address_alone_checked_and_mended(
    home: Path, child_environment: dict[str, str], web: Web, truth: Truth
) -> None:
    done = ronda("sources", "add", truth.url, "--json", home=home, environment=child_environment)
    assert done.returncode == 0, done.stderr
    added = json.loads(done.stdout)
    source = load_sources(home, shipped=False)[0][added["source"]]
    assert (source.name, source.family) == (truth.name, "wordpress")
    assert source.province_code == truth.province
    assert learned(home)[source.id] == [(web.url(truth.host, "/feed/"), "feed")]
    assert added["grade"] == "A"
    assert len([one for one in added["articles"] if "title" in one]) >= 3
    samples = load_samples(home, source.id)
    assert len(samples) >= 3
    assert all(sample.words > 40 and sample.page.body for sample in samples)
    modes = {stat.S_IMODE(p.stat().st_mode) for p in (home / "samples" / source.id).iterdir()}
    assert modes == {0o600}

    again = ronda("sources", "add", truth.url, home=home, environment=child_environment)
    assert f"watched already as {source.id}" in refused(again)
    done = ronda("sources", "check", source.id, "--json", home=home, environment=child_environment)
    row = json.loads(done.stdout)[0]
    assert (row["state"], row["entry"]) == ("ok", web.url(truth.host, "/feed/"))
    assert row["samples"] == f"{len(samples)} of {len(samples)} read as before"

    feed = web.pages.pop((truth.host, "/feed/"))
    web.tell(truth.host, "/umpan.xml", feed)
    front = web.pages[truth.host, "/"]
    assert isinstance(front, Told)
    web.tell(truth.host, "/", Told(body=front.body.replace(b"/feed/", b"/umpan.xml")))
    command = ("sources", "doctor", source.id, "--apply", "--json")
    done = ronda(*command, home=home, environment=child_environment)
    diagnosis = json.loads(done.stdout)
    assert diagnosis["cause"] == "its entry points do not work any more"
    assert "http_404" in " ".join(diagnosis["evidence"])
    assert done.returncode == 0
    assert learned(home)[source.id] == [(web.url(truth.host, "/umpan.xml"), "feed")]


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://contoh.test/", True),
        ("https://www.contoh.test/", True),
        ("https://m.contoh.test", True),
        ("http://kedua.test/", True),
        ("http://lain.test/", False),
        ("http://daerah.contoh.test/", False),
        ("http://contoh.test:8080/", False),
    ],
)
def test_twins_and_further_hosts_of_a_watched_site_are_known(url: str, own: bool) -> None:
    source = Source(
        id="contoh", name="Contoh", url="http://contoh.test/", province="nasional",
        slot="contoh.test", hosts=("kedua.test",), file="contoh.toml",
    )  # fmt: skip
    if own:
        with pytest.raises(ConfigError, match=r"watched already as contoh \(contoh.toml\)"):
            refuse_watched(url, {"contoh": source})
    else:
        refuse_watched(url, {"contoh": source})


def test_a_trial_shows_everything_and_stores_nothing(
    home: Path, child_environment: dict[str, str], truth: Truth
) -> None:
    before = sorted(home.rglob("*"))
    command = ("sources", "add", truth.url, "--dry-run", "--region", "Jambi", "--name", "Suara Uji")
    done = ronda(*command, home=home, environment=child_environment)
    assert done.returncode == 0, done.stderr
    for words in ("Suara Uji", "grade      A", "Jambi (15)", "/feed/ (feed, declared;", "a trial"):
        assert words in done.stdout
    new = [path.relative_to(home) for path in sorted(home.rglob("*")) if path not in before]
    reading = {"crawl.db-shm", "crawl.db-wal", "ronda.db-shm", "ronda.db-wal"}  # SQLite's own
    assert {str(path) for path in new} <= {"logs/discovery.log"} | reading


def test_a_running_daemon_adds_and_polls_at_once(
    home: Path, child_environment: dict[str, str], web: Web, truth: Truth
) -> None:
    with running(home, child_environment):
        page_of(home)
        done = ronda("sources", "add", truth.url, home=home, environment=child_environment)
        assert done.returncode == 0, done.stderr
        seen = len(web.paths(truth.host))
        wait_for(lambda: "/feed/" in web.paths(truth.host)[seen:], 40, "the first poll")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://berkas.test/", "starts with http:// or https://"),
        ("file:///etc/passwd", "starts with http:// or https://"),
        ("javascript:alert(1)", "found"),
        ("http://orang:rahasia@luar.test/", "no user name or password"),
        ("", "found"),
    ],
)
def test_what_is_no_address_is_refused_at_once(
    home: Path, child_environment: dict[str, str], url: str, says: str
) -> None:
    write_settings(home)
    done = ronda("sources", "add", url, "--dry-run", home=home, environment=child_environment)
    assert says in refused(done)
    assert "rahasia" not in done.stderr.replace("looking at http://orang:rahasia@luar.test/", "")


def test_W20_add_names_private_addresses_and_asks_nothing_of_them(
    home: Path, child_environment: dict[str, str], web: Web
) -> None:
    write_settings(home)
    inside = f"http://127.0.0.1:{web.port}/"
    web.tell("dalam.test", "/", Told(status=302, headers={"Location": "http://127.0.0.1/"}))
    for url, says in (
        ("http://192.168.1.1/", "private address"),
        (inside, "private address"),
        (web.url("dalam.test"), "private address"),
    ):
        done = ronda("sources", "add", url, home=home, environment=child_environment)
        assert says in refused(done)
    assert {one.host for one in web.asked} == {"dalam.test"}


def test_a_site_without_articles_is_refused_with_what_was_tried(
    home: Path, child_environment: dict[str, str], web: Web
) -> None:
    write_settings(home)
    web.tell("toko.test", "/", Told(body=b"<html><body><h1>Toko</h1><a href='/k'>K</a></body>"))
    done = ronda("sources", "add", web.url("toko.test"), home=home, environment=child_environment)
    line = refused(done)
    assert "no articles found; tried /feed/ (http_404)" in line
    assert "/sitemap.xml (http_404)" in line
    assert not (home / "sources").exists()
