"""A backfill: how far it goes back, what it leaves alone; and the whole command over a site."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from config.source import Source
from crawler.backfill import MOST_ASKS, Backfill
from crawler.polls import Answer
from storage.database import open_reader
from tests.crawling import write_settings, write_source
from tests.discovery_sites import build_site
from tests.running import ronda
from tests.web import Web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
SITE = Source(
    id="contoh", name="Contoh", url="http://contoh.test/", province="nasional",
    slot="contoh.test", family="wordpress", listings=("http://contoh.test/feed/",), declared=True,
)  # fmt: skip


@pytest.fixture
def web() -> Iterator[Web]:
    """A web of its own for each test."""
    web = Web()
    yield web
    web.close()


def posts(page: int) -> bytes:
    """Print a page of WordPress's list: five posts, a day apart, endless."""
    rows = []
    for n in range((page - 1) * 5, page * 5):
        at = NOW - timedelta(days=n, hours=1)
        title = f"Warga Desa Perbaiki Jembatan Gantung {n}"
        link = f"http://contoh.test/{at:%Y/%m}/warga-desa-perbaiki-jembatan-{n}/"
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S")
        rows.append({"link": link, "title": {"rendered": title}, "date_gmt": stamp})
    return json.dumps(rows).encode()


def walk(poll: Backfill, *, without_end: bool = False) -> list[str]:
    """Answer a backfill's asks; only the list of posts exists."""
    asked = []
    while (ask := poll.next_ask()) is not None:
        asked.append(ask.url)
        if "wp-json" in ask.url:
            number = 1 if without_end else int(ask.url.rpartition("=")[2])
            body = posts(number)
            answer = Answer(status=200, body=body, final_url=ask.url, content_type="text/json")
        else:
            answer = Answer(status=404, final_url=ask.url)
        poll.take(ask, answer)
    return asked


def backfill(since: datetime) -> Backfill:
    """Begin a backfill of the sample source."""
    return Backfill(SITE, 1, (), b"Sitemap: http://contoh.test/peta.xml", bool, NOW, since)


def test_a_backfill_goes_back_to_its_date_and_no_further() -> None:
    poll = backfill(NOW - timedelta(days=12))
    asked = [url for url in walk(poll) if "wp-json" in url]
    assert [url.rpartition("=")[2] for url in asked] == ["1", "2", "3", "4"]
    assert len(poll.found) == 12
    assert min(one.link.published_at or NOW for one in poll.found) >= NOW - timedelta(days=12)
    assert poll.reason is None
    assert poll.listings == {}


def test_a_backfill_asks_sitemaps_and_sections_too_and_ends() -> None:
    poll = backfill(NOW - timedelta(days=4000))
    asked = walk(poll, without_end=True)
    assert {"http://contoh.test/peta.xml", "http://contoh.test/"} <= set(asked)
    assert len([url for url in asked if "wp-json" in url]) == 2  # the second brings nothing new
    poll = backfill(NOW - timedelta(days=40_000))
    assert len(walk(poll)) <= MOST_ASKS


def test_a_host_that_does_not_answer_ends_the_backfill() -> None:
    poll = backfill(NOW - timedelta(days=3))
    ask = poll.next_ask()
    assert ask is not None
    poll.take(ask, Answer(reason="timeout", final_url=ask.url))
    assert poll.next_ask() is None
    assert poll.reason == "timeout"


def test_the_command_brings_what_the_first_contact_left_out(
    home: Path, child_environment: dict[str, str], web: Web
) -> None:
    write_settings(home)
    now = datetime.now(UTC)
    number = next(n for n in range(70) if build_site(web, n, seed=1, now=now).hint == "rest")
    truth = build_site(web, number, seed=1, now=now)
    settings = (home / "ronda.toml").read_text()
    (home / "ronda.toml").write_text(settings.replace('first_contact = "all"', "first_contact = 2"))
    write_source(home, "contoh", truth.url, 'family = "wordpress"\n')
    for command in (
        ("round",),
        ("backfill", "contoh", "--since", f"{now - timedelta(days=3):%Y-%m-%d}"),
    ):
        done = ronda(*command, home=home, environment=child_environment)
        assert done.returncode == 0, done.stderr
    db = open_reader(home, "ronda")
    times = [row[0] for row in db.execute("SELECT published_at FROM articles").fetchall()]
    db.close()
    assert len(times) > 2


@pytest.mark.parametrize(("since", "says"), [("kemarin", "a day as"), ("2999-01-01", "lies ahead")])
def test_a_date_that_is_none_is_refused(
    home: Path, child_environment: dict[str, str], since: str, says: str
) -> None:
    write_settings(home)
    command = ("backfill", "contoh", "--since", since)
    done = ronda(*command, home=home, environment=child_environment)
    assert (done.returncode, says in done.stderr) == (2, True)
