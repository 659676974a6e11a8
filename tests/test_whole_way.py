"""The whole way, as the README tells it: a web of sites, one round, what was found, the digest."""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from monitors.demo.home import write_demo_home
from monitors.demo.server import Server, serving
from monitors.demo.web import SampleArticle, SampleWeb
from tests.running import page_of, ronda, running, wait_for
from tests.seed_sites import AMPERA, PRABUMULIH, add_seed_sites

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

# A slot that does not come while the tests run.
NO_SLOT = "0 0 29 2 *"
TOLD = ("sure", "likely")


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A home after its first round over the sample web."""

    home: Path
    server: Server
    seeds: tuple[SampleArticle, SampleArticle]
    round: subprocess.CompletedProcess[str]
    environment: dict[str, str]

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the home."""
        return ronda(*arguments, home=self.home, environment=self.environment)

    def said(self, *arguments: str, code: int = 0) -> str:
        """Run a command that ends with this code; give what it printed."""
        done = self.ask(*arguments)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        """Export rows."""
        lines = self.said("export", *arguments, "--format", "jsonl").splitlines()
        return [json.loads(line) for line in lines]

    @property
    def gold(self) -> dict[str, SampleArticle]:
        """What is true about every article, by its address."""
        return {article.url: article for article in self.server.web.articles}

    @property
    def events(self) -> set[str]:
        """The on-topic events of the web."""
        return {article.event for article in self.gold.values() if article.event}


@pytest.fixture(scope="module")
def walk(
    tmp_path_factory: pytest.TempPathFactory, child_environment: dict[str, str]
) -> Iterator[Walk]:
    home = tmp_path_factory.mktemp("whole") / "home"
    now = datetime.now(UTC)
    seeds: list[tuple[SampleArticle, SampleArticle]] = []

    def make(port: int) -> SampleWeb:
        web = SampleWeb(now=now, port=port)
        seeds.append(add_seed_sites(web))
        return web

    with serving(make) as server:
        web = server.web
        write_demo_home(home, web.port, now, cron=NO_SLOT, every="1h", sites=web.sites.values())
        done = ronda("round", "--wait", home=home, environment=child_environment)
        yield Walk(
            home=home, server=server, seeds=seeds[0], round=done, environment=child_environment
        )


def test_a_round_reaches_every_site_and_reads_what_their_listings_name(walk: Walk) -> None:
    assert walk.round.returncode == 0, walk.round.stderr
    assert "Traceback" not in walk.round.stderr
    assert "15 sources polled" in walk.round.stdout
    assert "(0 not modified)" in walk.round.stdout  # no listing was asked a second time
    sources = json.loads(walk.said("sources", "list", "--json"))
    assert {row["source"] for row in sources} == set(walk.server.web.sites)
    assert {row["state"] for row in sources} == {"ok"}
    read = {row["url"] for row in walk.rows("articles")}
    assert read <= set(walk.gold)
    assert len(read) >= 0.98 * len(walk.gold)
    assert {row["state"] for row in walk.rows("links")} == {"done"}


def test_no_address_was_fetched_twice(walk: Walk) -> None:
    asked: Counter[tuple[str, str]] = Counter()
    for (host, path, _), count in walk.server.requests.items():
        if article := _article(walk, host, path):
            asked[article.site, article.path] += count
    assert len(asked) >= 0.98 * len(walk.gold)
    assert set(asked.values()) == {1}


def test_every_on_topic_event_is_matched_and_no_look_alike(walk: Walk) -> None:
    told = {row["url"]: row["level"] for row in walk.rows("matches") if row["level"] in TOLD}
    labels = {walk.gold[url].label: url for url in told}
    assert set(labels) == {"on_topic"}, labels
    assert {walk.gold[url].event for url in told} == walk.events
    missed = [a.title for a in walk.gold.values() if a.label == "on_topic" and a.url not in told]
    assert not missed


def test_both_seed_articles_are_found_read_and_matched_for_sure(walk: Walk) -> None:
    articles = {row["url"]: row for row in walk.rows("articles", "--text")}
    matches = {row["url"]: row for row in walk.rows("matches")}
    for seed, site in zip(walk.seeds, (PRABUMULIH, AMPERA), strict=True):
        row = articles[seed.url]
        assert row["source"] == site.id
        assert row["title"] == seed.title
        assert row["province"] == "16"
        assert datetime.fromisoformat(row["published_at"]) == seed.published_at
        for paragraph in seed.paragraphs:
            assert paragraph.strip() in row["text"]
        assert "BACA JUGA" not in row["text"].upper()
        match = matches[seed.url]
        assert match["level"] == "sure"
        for piece in match["evidence"]:
            whole = row[piece["field"]]
            assert whole[piece["start"] : piece["end"]] == piece["phrase"]


def test_search_finds_a_seed_and_explain_shows_its_whole_chain(walk: Walk) -> None:
    _, ampera = walk.seeds
    found = json.loads(walk.said("search", "Herman", "Deru", "rakor", "--json"))
    assert ampera.url in {row["url"] for row in found}
    steps = {
        step["step"]: step["ok"]
        for step in json.loads(walk.said("explain", ampera.url, "--json", code=1))
    }
    # Not told yet: nothing is told by a round.
    told = steps.pop("told")
    assert told is False
    assert {"address", "source", "listed", "fetched", "read", "matched", "grouped"} <= set(steps)
    assert all(steps.values())


def test_a_digest_composed_by_hand_holds_every_event_and_no_look_alike(walk: Walk) -> None:
    since = (walk.server.web.now - timedelta(days=10)).strftime("%Y-%m-%d")
    digest = json.loads(walk.said("digest", "--since", since, "--format", "json"))
    assert _events(walk, digest) == walk.events
    text = walk.said("digest", "--since", since)
    assert "TEST NETWORK" in text
    for seed in walk.seeds:
        assert seed.url in text
    for article in walk.gold.values():
        assert article.label == "on_topic" or article.url not in text


def test_the_small_commands_say_how_the_home_is(walk: Walk) -> None:
    status = walk.said("status")
    assert "15 watched, 15 reached, 0 failing" in status
    assert "TEST NETWORK" in status
    (monitor,) = json.loads(walk.said("schedule", "--json"))
    assert monitor["monitor"] == "peragaan"
    assert len(monitor["next"]) == 5
    (channel,) = json.loads(walk.said("channels", "list", "--json"))
    assert (channel["channel"], channel["monitors"]) == ("file", "peragaan")
    assert "FAIL" not in walk.said("topics", "test")
    assert "FAIL" not in walk.said("doctor")


def test_a_second_round_asks_only_the_listings_and_stores_nothing_twice(walk: Walk) -> None:
    before = walk.server.requests.copy()
    articles = len(walk.rows("articles"))
    said = json.loads(walk.said("round", "--wait", "--json"))
    asked = walk.server.requests - before
    assert sum(asked.values()) == said["requests"]
    assert said["links_new"] == said["pages"] == 0
    assert not [path for host, path, _ in asked if _article(walk, host, path)]
    assert not [path for _, path, _ in asked if path == "/robots.txt"]
    for host, path, status in asked:
        # Where a site gives validators, what did not change comes as 304; a listing that could
        # not be read whole is never taken for known.
        site = walk.server.web.hosts[host]
        assert status == 304 or not site.validators or "broken" in site.faults, (host, path)
    assert sum(count for (_, _, status), count in asked.items() if status == 304) >= 10
    assert len(walk.rows("articles")) == articles


def test_the_daemon_tells_it_in_files_and_on_its_page(walk: Walk) -> None:
    """Runs last: from here on the home's matches are told."""
    with running(walk.home, walk.environment):
        page = page_of(walk.home)
        files = walk.home / "digests"
        wait_for(lambda: len(list(files.iterdir())) >= 3, 60, "the digest's files")
        assert sorted(file.suffix for file in files.iterdir()) == [".html", ".json", ".txt"]
        digest = json.loads(next(files.glob("*.json")).read_text())
        assert _events(walk, digest) == walk.events
        listed = _get(f"{page}digests")
        assert "/digests/1" in listed
        shown = _get(f"{page}digests/1")
        for seed in walk.seeds:
            assert f'href="{seed.url}"' in shown
        assert shown.count("<mark") > 5 * len(walk.events)
        explained = walk.said("explain", walk.seeds[1].url)
        assert "STOP" not in explained
        assert "told" in explained


def test_demo_once_shows_it_all_within_two_minutes(
    tmp_path: Path, child_environment: dict[str, str]
) -> None:
    done = ronda("demo", "--once", home=tmp_path / "h", environment=child_environment, seconds=120)
    assert done.returncode == 0, done.stdout + done.stderr
    web = SampleWeb(now=datetime.now(UTC), port=0)
    web.publish_next(datetime.now(UTC))
    titles: dict[str, set[str]] = {}
    for article in web.articles:
        if article.event:
            titles.setdefault(article.event, set()).add(article.title)
    assert len(titles) >= 14
    for event, known in titles.items():
        assert any(title in done.stdout for title in known), event
    alike = {article.title for article in web.articles if article.label == "look_alike"}
    assert len(alike) >= 50
    assert not [title for title in alike if title in done.stdout]
    assert "TEST NETWORK" in done.stdout


def _article(walk: Walk, host: str, path: str) -> SampleArticle | None:
    return walk.server.web.find(walk.server.web.hosts[host].id, path.partition("?")[0])


def _events(walk: Walk, digest: dict[str, Any]) -> set[str | None]:
    """Give the gold's events whose articles stand in a digest; fails on any other article."""
    found = set()
    for url in _urls(digest):
        article = walk.gold[url]
        assert article.label == "on_topic", article.title
        found.add(article.event)
    return found


def _urls(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("url"), str):
            yield value["url"]
        for each in value.values():
            yield from _urls(each)
    elif isinstance(value, list):
        for each in value:
            yield from _urls(each)


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        body: bytes = answer.read()
        return body.decode()
