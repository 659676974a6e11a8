"""Every source gets its turn: a slow, dead or crowded slot costs nobody else anything."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.asks import Answer
from crawler.loaded import load
from crawler.pipeline import Failed, Fetched, store_failure, store_page, store_poll
from crawler.polls import Poll
from crawler.work import Work
from storage import rounds, source_state
from storage.database import open_writer, writing
from storage.home import make_home
from storage.links import link_counts
from storage.records import Page
from tests.crawling import reading, start, wait_for, write_settings, write_source
from tests.web import HANGING, Told, Web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crawler.under_way import Fetch

SECOND = timedelta(seconds=1)


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.close()


def open_work(home: Path, now: datetime, *, delay: float = 2.0, more: str = "") -> Work:
    write_settings(home, more=more)
    text = (home / "ronda.toml").read_text().replace("delay = 0.02", f"delay = {delay}")
    (home / "ronda.toml").write_text(text)
    return Work(home, open_writer(home, "crawl"), load(home), pid=1, now=now)


def feed(host: str, count: int, words: str = "Judul") -> bytes:
    items = "".join(
        f"<item><title>{words} {n}</title><link>http://{host}/berita/judul-{n}</link>"
        f"<pubDate>Wed, 04 Mar 2026 08:{59 - n % 60:02}:00 +0700</pubDate></item>"
        for n in range(count)
    )
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


def finish(work: Work, task: Poll | Fetch, now: datetime, *, links: int, words: str = "") -> None:
    """Answer one thing that was given out, as its site would."""
    if isinstance(task, Poll):
        host = task.source.url.split("/")[2]
        while (ask := task.next_ask()) is not None:
            body = feed(host, links, words or "Judul")
            task.take(ask, Answer(status=200, body=body, final_url=ask.url))
        with writing(work.db):
            store_poll(work, task, now)
        work.under_way.end_poll(task.source.id, task.reason)
        return
    page = Page(
        url=task.link.url,
        source=task.source.id,
        status=200,
        fetched_at=now,
        final_url=task.link.url,
        body=b"<html>",
    )
    with writing(work.db):
        store_page(work, Fetched(fetch=task, page=page), now)
    work.under_way.end_link(task.source.id, task.link.id)


def test_sixty_one_sites_of_one_slot_get_their_turn_polls_before_articles(
    home: Path, now: datetime
) -> None:
    for n in range(61):
        write_source(home, f"t{n:02}", f"http://t{n:02}.test/", 'network = "tribun"\n')
    write_source(home, "lain", "http://lain.test/")
    work = open_work(home, now)
    order: list[Poll | Fetch] = []
    others = 0
    moment = now
    while len(order) < 61 + 3 * 61:
        given = work.look(moment)
        ours = [one for one in given if one.source.slot == "tribun"]
        # One is in hand at a time: what waits, waits in the database, where all are seen.
        assert len(ours) <= 1
        for one in given:
            finish(work, one, moment, links=10)
        order += ours
        others += len(given) - len(ours)
        moment += 2 * SECOND
    assert others == 11  # a site of its own has long been done
    polls = [place for place, one in enumerate(order) if isinstance(one, Poll)]
    assert len(polls) == 61
    # Polls come first, but never hold up every article: one in four is a page.
    assert max(polls) <= 61 * 4 / 3 + 1
    pages = Counter(one.source.id for one in order if not isinstance(one, Poll))
    assert len(pages) == 61
    assert max(pages.values()) - min(pages.values()) <= 1
    work.close("stopped", moment)


def test_a_slot_fetches_what_touches_a_topic_first_then_each_source_s_newest(
    home: Path, now: datetime
) -> None:
    words = {"a": "Panen raya", "b": "KPK Gelar Rakor Pencegahan Korupsi", "c": "Panen raya"}
    for name in words:
        write_source(home, name, f"http://{name}.test/", 'network = "n"\n')
    work = open_work(home, now)
    urls = []
    moment = now
    while len(urls) < 9:
        for one in work.look(moment):
            if not isinstance(one, Poll):
                urls.append(one.link.url.removeprefix("http://").replace(".test/berita/", " "))
            finish(work, one, moment, links=3, words=words[one.source.id])
        moment += 2 * SECOND
        if not urls and moment - now > 20 * SECOND:
            raise AssertionError("no page was fetched")
    assert urls[:3] == ["b judul-0", "b judul-1", "b judul-2"]
    assert sorted(urls[3:5]) == ["a judul-0", "c judul-0"]
    assert sorted(urls[5:7]) == ["a judul-1", "c judul-1"]
    work.close("stopped", moment)


def test_what_failed_last_time_is_asked_after_what_worked(home: Path, now: datetime) -> None:
    for n in range(6):
        write_source(home, f"s{n}", f"http://s{n}.test/")
    work = open_work(home, now)
    with writing(work.db):
        work.db.execute("UPDATE source_state SET failures = 2, due_at = due_at - 900"
                        " WHERE source < 's3'")  # fmt: skip
    assert [one.source.id for one in work.look(now)] == ["s3", "s4", "s5", "s0", "s1", "s2"]
    work.close("stopped", now)


def test_a_link_that_failed_is_not_tried_again_in_the_same_round(home: Path, now: datetime) -> None:
    write_source(home, "situs", "http://situs.test/")
    work = open_work(home, now)
    tried: Counter[str] = Counter()
    moment = now
    while moment - now < timedelta(minutes=9):
        for one in work.look(moment):
            if isinstance(one, Poll):
                finish(work, one, moment, links=3)
                continue
            tried[one.link.url] += 1
            with writing(work.db):
                store_failure(work, Failed(fetch=one, reason="http_500", url=one.link.url), moment)
            work.under_way.end_link(one.source.id, one.link.id)
        moment += 2 * SECOND
    assert set(tried.values()) == {1}
    assert len(tried) == 3
    work.close("idle", moment)
    again = Work(home, open_writer(home, "crawl"), load(home), pid=1, now=now + 600 * SECOND)
    assert len(again.look(now + 600 * SECOND)) == 1  # one slot, one at a time
    again.close("stopped", now + 600 * SECOND)


def test_a_round_ends_even_if_something_under_way_is_never_told_of(
    home: Path, now: datetime
) -> None:
    write_source(home, "situs", "http://situs.test/")
    work = open_work(home, now)
    assert len(work.look(now)) == 1
    late = now + timedelta(minutes=10)
    assert work.look(late) == []
    assert work.late(late)
    assert work.ended(late) is None  # what is being fetched may end
    assert work.ended(late + timedelta(minutes=2)) == "deadline"
    work.close("idle", late)


def test_N35_hung_hosts_take_no_place_from_those_that_answer(
    web: Web, tmp_path: Path, child_environment: dict[str, str]
) -> None:
    """Sixty hosts hang for as long as the test lasts, and they are asked first."""
    home = make_home(tmp_path / "home")
    write_settings(home)
    good = [f"x{n:02}.test" for n in range(15)]
    for host in good:
        entries = [(f"/berita/judul-{n}", f"Judul {n}") for n in range(4)]
        web.feed(host, entries)
        for path, title in entries:
            web.story(host, path, title)
        write_source(home, host.removesuffix(".test"), web.url(host))
    hung = [f"a{n:02}.test" for n in range(60)]
    for host in hung:
        for path in ("/robots.txt", "/feed/"):
            web.tell(host, path, Told(status=HANGING))
        write_source(home, host.removesuffix(".test"), web.url(host))
    with start(home, child_environment) as process:
        wait_for(lambda: all(len(web.paths(host)) == 5 for host in good), 15)
        # On a busy machine the last of the silent ones may be asked a moment later.
        wait_for(lambda: len([one for one in web.asked if one.host in hung]) == 60)
        asked = [one for one in web.asked if one.host in hung]
        assert not [one for one, _ in list(web.answered) if one.host in hung]
        process.terminate()
        process.wait(10)
    assert len(asked) == 60
    with reading(home) as db:
        assert link_counts(db) == {"done": 60}
        last = rounds.latest_round(db)
        states = source_state.states(db)
    assert last is not None
    assert last.reason == "stopped"
    assert all(states[host.removesuffix(".test")].failures == 0 for host in hung)


def test_at_the_deadline_what_waits_in_a_slow_slot_holds_nothing_up(
    web: Web, tmp_path: Path, child_environment: dict[str, str]
) -> None:
    """The slot's delay is longer than the round: its second request would come far too late."""
    home = make_home(tmp_path / "home")
    write_settings(home)
    text = (home / "ronda.toml").read_text().replace("[crawl]", "[crawl]\nminutes = 0.05", 1)
    (home / "ronda.toml").write_text(text)
    entries = [(f"/berita/judul-{n}", f"Judul {n}") for n in range(5)]
    web.feed("lambat.test", entries)
    for path, title in entries:
        web.story("lambat.test", path, title)
    write_source(home, "lambat", web.url("lambat.test"), "[pace]\ndelay = 25\n")
    with start(home, child_environment) as process:
        process.wait(12)
        assert process.returncode == 0
    with reading(home) as db:
        last = rounds.latest_round(db)
        states = source_state.states(db)
        tries = db.execute("SELECT coalesce(sum(tries), 0) FROM links").fetchone()[0]
    assert last is not None
    assert last.reason == "deadline"
    assert tries == 0
    assert states["lambat"].failures == 0
    assert states["lambat"].lease is None
