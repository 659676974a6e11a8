"""Politeness as the sites see it: counted on the server's side, over rounds and deaths."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from crawler.asks import Answer
from crawler.loaded import load
from crawler.pipeline import Failed, Fetched, store_failure, store_page, store_poll
from crawler.polls import Poll
from crawler.work import Work
from storage import source_state
from storage.database import open_writer, writing
from storage.home import make_home
from storage.hosts import load_host
from storage.links import link_counts
from storage.records import Page
from tests.crawling import crawl, reading, start, wait_for, write_settings, write_source
from tests.web import Told, Web

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlite_utils import Database

    from crawler.under_way import Fetch

DELAY = 0.3  # seconds between two requests of a slot


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.close()


def make_due(home: Path) -> None:
    db = open_writer(home, "crawl")
    past = datetime.now(UTC) - timedelta(seconds=1)
    with writing(db):
        for source in source_state.states(db):
            source_state.set_due(db, source, past)
        db.execute("UPDATE links SET due_at = 1 WHERE due_at IS NOT NULL")
    db.close()


def test_twenty_hosts_are_asked_one_thing_at_a_time_at_their_pace_over_rounds_and_a_kill(
    web: Web, tmp_path: Path, child_environment: dict[str, str]
) -> None:
    home = make_home(tmp_path / "home")
    write_settings(home, every="2")
    text = (home / "ronda.toml").read_text().replace("delay = 0.02", f"delay = {DELAY}")
    (home / "ronda.toml").write_text(text)
    hosts = [f"s{n:02}.test" for n in range(20)]
    slots = {host: ("jaringan" if n < 4 else host) for n, host in enumerate(hosts)}
    for n, host in enumerate(hosts):
        entries = [(f"/berita/judul-{m}", f"Judul {m}") for m in range(3)]
        web.feed(host, entries, etag=f'"{host}"')
        web.tell(host, "/robots.txt", Told(body=b"User-agent: *\nDisallow: /admin\n"))
        for path, title in entries:
            web.story(host, path, title)
        if n == 7:
            web.tell(host, "/berita/judul-1", Told(status=500))
        network = 'network = "jaringan"\n' if n < 4 else ""
        write_source(home, host.removesuffix(".test"), web.url(host), network)

    with start(home, child_environment) as process:
        wait_for(lambda: sum("/berita/" in one.path for one in web.asked) >= 25)
        process.kill()
        process.wait(5)
    with reading(home) as db:
        rules = {host for host in hosts if _robots_stored(db, f"{host}:{web.port}")}
    assert len(rules) >= 10
    for wanted in (0, 59):  # the last of the three brings what the others left
        with start(home, child_environment) as process:
            enough = len(web.asked) + 60
            wait_for(partial(_has_brought, web, home, enough, wanted), 30)
            process.terminate()
            process.wait(10)

    with reading(home) as db:
        assert link_counts(db)["done"] == 59
    lasting: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one, ended in web.answered:
        lasting[slots[one.host]].append((one.at, ended))
    for slot, spans in lasting.items():
        spans.sort()
        for (begun_at, ended_at), (next_at, _) in pairwise(spans):
            # The server notes an answer's end a moment after it is on its way.
            assert next_at >= ended_at - DELAY / 2, f"two at a time: {slot}"
            assert next_at - begun_at >= DELAY, f"too quick: {slot} {next_at - begun_at}"
    asked = Counter((one.host, one.path) for one in web.asked)
    for host in hosts:
        most = 1 if host in rules else 2  # who was killed had no time to note what it was told
        assert 1 <= asked[host, "/robots.txt"] <= most, "robots.txt once a day"
        feeds = [one for one in web.asked if (one.host, one.path) == (host, "/feed/")]
        whole = [one for one in feeds if one.headers.get("If-None-Match") != f'"{host}"']
        assert len(whole) <= 2, "a feed whole once, and once more for who died before it was stored"
        for m in range(3):
            failing = (host, m) == ("s07.test", 1)
            # A page that was under way at the kill is asked again; a retry comes once in a round.
            assert asked[host, f"/berita/judul-{m}"] <= (6 if failing else 2)


def _has_brought(web: Web, home: Path, requests: int, pages: int) -> bool:
    with reading(home) as db:
        return len(web.asked) >= requests and link_counts(db).get("done", 0) >= pages


def _robots_stored(db: Database, host: str) -> bool:
    known = load_host(db, host)
    return known is not None and known.robots_at is not None


def test_a_page_and_a_child_sitemap_are_asked_again_by_their_validators(
    web: Web, tmp_path: Path, child_environment: dict[str, str]
) -> None:
    home = make_home(tmp_path / "home")
    write_settings(home)
    host = "peta.test"
    rows = f"<sitemap><loc>{web.url(host, '/peta-1.xml')}</loc></sitemap>"
    index = f"<sitemapindex>{rows}</sitemapindex>".encode()
    child = f"<urlset><url><loc>{web.url(host, '/berita/judul-panjang')}</loc></url></urlset>"
    web.tell(host, "/sitemap.xml", Told(body=index, kind="text/xml", etag='"index"'))
    web.tell(host, "/peta-1.xml", Told(body=child.encode(), kind="text/xml", etag='"child"'))
    web.tell(host, "/berita/judul-panjang", Told(body=b"<html>isi</html>", etag='"page"'))
    write_source(home, "peta", web.url(host), f'listings = ["{web.url(host, "/sitemap.xml")}"]\n')
    crawl(home, child_environment)
    make_due(home)
    db = open_writer(home, "crawl")
    with writing(db):
        db.execute("UPDATE links SET state = 'due', due_at = 1")
    db.close()
    before = len(web.asked)
    crawl(home, child_environment)
    again = {one.path: one.headers.get("If-None-Match") for one in web.asked[before:]}
    assert again == {
        "/sitemap.xml": '"index"',
        "/peta-1.xml": '"child"',
        "/berita/judul-panjang": '"page"',
    }


def test_N25_nothing_is_asked_of_a_host_before_its_retry_after(
    web: Web, tmp_path: Path, child_environment: dict[str, str]
) -> None:
    home = make_home(tmp_path / "home")
    write_settings(home)
    later = format_datetime(datetime.now(UTC) + timedelta(hours=3), usegmt=True)
    pleas = {
        "detik": ("3600", 3600, 3601),
        "tanggal": (later, 3 * 3600 - 60, 3 * 3600 + 1),
        "ngawur": ("segera", 300, 331),
        "abad": ("315360000", 86_395, 86_401),
        "singkat": ("1", 300, 331),  # we wait longer than it asks
    }
    pleas |= {f"{name}-{where}": plea for name, plea in pleas.items() for where in ("r", "f")}
    for name, (value, _, _) in pleas.items():
        host = f"{name}.test"
        entries = [(f"/berita/judul-{n}", f"Judul {n}") for n in range(6)]
        web.feed(host, entries)
        for path, title in entries:
            web.story(host, path, title)
        status = 503 if name.startswith("d") else 429
        plea = Told(status=status, headers={"Retry-After": value})
        where = {"r": "/robots.txt", "f": "/feed/"}.get(name[-1] if "-" in name else "", "")
        web.tell(host, where or "/berita/judul-1", plea)
        write_source(home, name, web.url(host))
    begun = datetime.now(UTC)
    crawl(home, child_environment)
    asked = Counter(one.host for one in web.asked)
    make_due(home)
    crawl(home, child_environment)
    assert Counter(one.host for one in web.asked) == asked, "asked again before its time"
    with reading(home) as db:
        for name, (_, least, most) in pleas.items():
            host = load_host(db, f"{name}.test:{web.port}")
            assert host is not None
            assert host.back_off_until is not None, name
            wait = (host.back_off_until - begun).total_seconds()
            assert least <= wait <= most + 15, (name, wait)
            assert host.failures == 1, name
    for name in pleas:
        statuses = [
            web.pages.get((one.host, one.path)) for one in web.asked if one.host == f"{name}.test"
        ]
        refused = [one is not None and one.status in (429, 503) for one in statuses]  # type: ignore[union-attr]  # no callables here
        assert refused.index(True) == len(refused) - 1, f"{name} was asked after its plea"


def open_round(home: Path, now: datetime) -> Work:
    return Work(home, open_writer(home, "crawl"), load(home), pid=1, now=now, once=True)


class Outage:
    """A home that is crawled under a turned clock; its one host is down from 8 to 14 o'clock."""

    def __init__(self, home: Path, now: datetime, *, sources: int = 3) -> None:
        self.home = home
        self.now = now
        self.probes: list[datetime] = []
        self.answers: list[datetime] = []
        self.published = 0
        self.hanging = "none"
        write_settings(home, every='"15m"' if sources > 1 else '"6h"')
        text = (home / "ronda.toml").read_text().replace("delay = 0.02", "delay = 2")
        (home / "ronda.toml").write_text(text)
        for n in range(sources):
            url = f"http://situs.test/kanal-{n}/"
            write_source(home, f"s{n}", url, f'network = "n"\nlistings = ["{url}feed/"]\n')

    def run(self, until: datetime, up: Callable[[datetime], bool]) -> None:
        """Crawl round after round until a moment, each as soon as something is due."""
        while True:
            with reading(self.home) as db:
                due = source_state.next_due(db)
            self.now = max(self.now, due or self.now)
            if self.now >= until:
                return
            work = open_round(self.home, self.now)
            over = False
            while not over:
                for task in work.look(self.now):
                    held = work.hosts.held_until("http://situs.test/", self.now)
                    self._answer(work, task, up=up(self.now), held=held is not None)
                over = work.ended(self.now) is not None
                self.now += timedelta(seconds=2)
            work.close("idle", self.now)

    def _answer(self, work: Work, task: Poll | Fetch, *, up: bool, held: bool) -> None:
        if not held:
            (self.answers if up else self.probes).append(self.now)
        if isinstance(task, Poll):
            while (ask := task.next_ask()) is not None:
                if held or not up:
                    told = Answer(status=None if held else 503, reason="held" if held else None,
                                  final_url=ask.url)  # fmt: skip
                else:
                    told = Answer(status=200, body=self._feed(task.source.url), final_url=ask.url)
                task.take(ask, told)
            with writing(work.db):
                store_poll(work, task, self.now)
            work.under_way.end_poll(task.source.id, task.reason)
            return
        link = task.link
        with writing(work.db):
            if up and not held and not link.url.endswith(self.hanging):
                page = Page(url=link.url, source=link.source, status=200, fetched_at=self.now,
                            final_url=link.url, body=link.url.encode())  # fmt: skip
                store_page(work, Fetched(fetch=task, page=page), self.now)
            else:
                reason = "held" if held else "timeout" if up else "http_503"
                failed = Failed(fetch=task, reason=reason, url=link.url)
                store_failure(work, failed, self.now)
        work.under_way.end_link(link.source, link.id)

    def _feed(self, base: str) -> bytes:
        items = "".join(
            f"<item><title>Judul {n}</title><link>{base}judul-{n}</link></item>"
            for n in range(5 + self.published)
        )
        return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


def test_N26_a_host_that_is_down_for_six_hours_is_probed_twice_an_hour_and_recovers_in_a_cycle(
    home: Path, now: datetime
) -> None:
    outage = Outage(home, now)
    down, back = now + timedelta(hours=1), now + timedelta(hours=7)

    def up(moment: datetime) -> bool:
        return not down <= moment < back

    outage.run(down - timedelta(minutes=2), up)
    outage.published = 10  # links are waiting when it goes down, as they would be
    outage.run(back, up)
    assert 8 <= len(outage.probes) <= 14  # one per half hour, and the one that found out
    gaps = [later - former for former, later in pairwise(outage.probes)]
    assert all(gap >= timedelta(minutes=30) for gap in gaps[1:])
    outage.run(back + timedelta(minutes=45), up)
    with reading(outage.home) as db:
        assert link_counts(db) == {"done": 45}
        assert all(state.failures == 0 for state in source_state.states(db).values())
        host = load_host(db, "situs.test")
    assert host is not None
    assert (host.failures, host.back_off_until) == (0, None)
    # And it is polled at its own pace again.
    outage.answers.clear()
    outage.run(back + timedelta(minutes=105), up)
    assert 11 <= len(outage.answers) <= 13


def test_a_page_that_always_hangs_is_given_up_while_its_site_is_well(
    home: Path, now: datetime
) -> None:
    outage = Outage(home, now, sources=1)
    outage.hanging = "judul-1"
    outage.run(now + timedelta(days=5), lambda _: True)
    with reading(home) as db:
        assert link_counts(db) == {"done": 4, "failed": 1}
        state = source_state.states(db)["s0"]
    assert state.failures == 0
