"""Where work comes from: budgets, leases, wishes and files, without a network."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from crawler.asks import Answer
from crawler.loaded import load
from crawler.pipeline import Failed, Fetched, store_failure, store_page, store_poll
from crawler.polls import Poll
from crawler.under_way import Fetch
from crawler.work import Work
from storage import rounds, source_state
from storage.database import open_writer, writing
from storage.hosts import HostState, save_hosts
from storage.links import find_link, link_counts
from storage.records import Page
from tests.crawling import write_settings, write_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

SITE = "http://situs.test"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def open_work(home: Path, now: datetime) -> Iterator[Callable[..., Work]]:
    opened: list[Work] = []

    def open_one(more: str = "", **changes: Any) -> Work:
        write_settings(home)
        settings = (home / "ronda.toml").read_text().replace("[crawl]", f"[crawl]\n{more}", 1)
        (home / "ronda.toml").write_text(settings)
        write_source(home, "situs", f"{SITE}/")
        values: dict[str, Any] = {"pid": 1, "now": now}
        opened.append(Work(home, open_writer(home, "crawl"), load(home), **(values | changes)))
        return opened[-1]

    yield open_one
    for work in opened:
        if not work.closed:
            work.db.close()


def feed(count: int) -> bytes:
    items = "".join(
        f"<item><title>Judul {n}</title><link>{SITE}/berita/judul-{n}</link></item>"
        for n in range(count)
    )
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


def answer(work: Work, poll: Poll, now: datetime, **told: Any) -> None:
    values: dict[str, Any] = {"status": 200, "body": feed(5), "final_url": f"{SITE}/feed/"}
    while (ask := poll.next_ask()) is not None:
        poll.take(ask, Answer(**(values | told)))
    with writing(work.db):
        store_poll(work, poll, now)
    work.under_way.end_poll(poll.source.id, poll.reason)


def fetched(work: Work, fetch: Fetch, now: datetime) -> None:
    page = Page(
        url=fetch.link.url,
        source=fetch.source.id,
        status=200,
        fetched_at=now,
        final_url=fetch.link.url,
        body=b"<html>",
    )
    with writing(work.db):
        store_page(work, Fetched(fetch=fetch, page=page), now)
    work.under_way.end_link(fetch.source.id, fetch.link.id)


def failed(work: Work, fetch: Fetch, reason: str, now: datetime) -> None:
    with writing(work.db):
        store_failure(work, Failed(fetch=fetch, reason=reason, url=fetch.link.url), now)
    work.under_way.end_link(fetch.source.id, fetch.link.id)


def look(work: Work, now: datetime) -> tuple[list[Poll], list[Fetch]]:
    found = work.look(now)
    return (
        [one for one in found if isinstance(one, Poll)],
        [one for one in found if isinstance(one, Fetch)],
    )


def test_a_due_source_is_polled_once_then_its_links_are_fetched(
    open_work: Callable[..., Work], now: datetime
) -> None:
    work = open_work(once=True)
    [poll], _ = look(work, now)
    assert look(work, now) == ([], [])
    answer(work, poll, now)
    polls, fetches = look(work, now)
    assert polls == []
    assert [fetch.link.url.rsplit("-", 1)[1] for fetch in fetches] == list("01234")
    assert work.ended(now) is None
    for fetch in fetches:
        fetched(work, fetch, now)
    assert look(work, now + MINUTE) == ([], [])
    assert work.ended(now + MINUTE) == "idle"
    [crawl] = rounds.crawls_of_round(work.db, work.round_id)
    assert (crawl.state, crawl.pages, crawl.links_new) == ("ok", 5, 5)


def test_without_once_the_round_waits_for_idle_seconds(
    open_work: Callable[..., Work], now: datetime
) -> None:
    work = open_work()
    [poll], _ = look(work, now)
    answer(work, poll, now, body=feed(0), reason="timeout", status=None)
    look(work, now)
    assert work.ended(now) is None
    assert work.ended(now + timedelta(seconds=1)) == "idle"


def test_a_source_s_budget_leaves_the_rest_due(
    open_work: Callable[..., Work], now: datetime
) -> None:
    work = open_work("source_pages = 3")
    [poll], _ = look(work, now)
    answer(work, poll, now)
    _, fetches = look(work, now)
    assert len(fetches) == 3
    for fetch in fetches:
        fetched(work, fetch, now)
    assert look(work, now) == ([], [])
    assert work.ended(now + MINUTE) == "idle"
    assert link_counts(work.db) == {"done": 3, "due": 2}
    assert source_state.next_due(work.db) == now


@pytest.mark.parametrize(
    ("more", "after", "reason"),
    [("pages = 2", timedelta(0), "pages"), ("minutes = 1", MINUTE, "deadline")],
)
def test_a_round_ends_at_its_budget_or_deadline_with_the_rest_due(
    open_work: Callable[..., Work], now: datetime, more: str, after: timedelta, reason: str
) -> None:
    work = open_work(more)
    [poll], _ = look(work, now)
    answer(work, poll, now)
    _, fetches = look(work, now)
    for fetch in fetches[:2]:
        fetched(work, fetch, now)
    for fetch in fetches[2:]:
        failed(work, fetch, "stopped", now)
    assert look(work, now + after) == ([], [])
    assert work.ended(now + after) == reason
    assert link_counts(work.db) == {"done": 2, "due": 3}


def test_a_link_is_given_up_after_eight_tries(
    open_work: Callable[..., Work], now: datetime
) -> None:
    work = open_work()
    [poll], _ = look(work, now)
    answer(work, poll, now, body=feed(1))
    moment, tries = now, 0
    while True:
        fetches = look(work, moment)[1]
        for fetch in fetches:
            tries += 1
            failed(work, fetch, "http_500", moment)
        link = find_link(work.db, f"{SITE}/berita/judul-0")
        assert link is not None
        if link.due_at is None:
            break
        # Only the clock of links moves here: the deadline of a round is another test's.
        moment = link.due_at
        work.limits.begun_at = moment
    assert (tries, link.tries, link.state, link.reason) == (8, 8, "failed", "http_500")
    assert moment - now < timedelta(days=3.2)


def test_a_host_that_fails_holds_its_source_s_links_but_counts_one_try(
    open_work: Callable[..., Work], now: datetime
) -> None:
    work = open_work()
    [poll], _ = look(work, now)
    answer(work, poll, now)
    _, fetches = look(work, now)
    failed(work, fetches[0], "timeout", now)
    for fetch in fetches[1:]:
        failed(work, fetch, "held", now)
    assert look(work, now + timedelta(seconds=59)) == ([], [])
    tries = [row[0] for row in work.db.execute("SELECT tries FROM links ORDER BY tries").fetchall()]
    assert tries == [0, 0, 0, 0, 1]
    assert len(look(work, now + 1.2 * MINUTE)[1]) == 4


def test_a_source_of_a_held_host_is_put_off_unasked(
    open_work: Callable[..., Work], now: datetime, home: Path
) -> None:
    until = now + timedelta(hours=3)
    db = open_writer(home, "crawl")
    with writing(db):
        save_hosts(db, [HostState(host="situs.test", back_off_until=until, reason="http_429")])
    db.close()
    work = open_work()
    assert look(work, now) == ([], [])
    assert source_state.states(work.db)["situs"].due_at == until
    look(work, now)
    [crawl] = rounds.crawls_of_round(work.db, work.round_id)
    assert (crawl.state, crawl.reason) == ("failed", "held")


def test_failing_polls_come_later_each_time_but_not_while_nobody_answers(
    open_work: Callable[..., Work], now: datetime
) -> None:
    work = open_work()
    moment = now
    waits = []
    for round_trip in range(4):
        work.limits.begun_at = moment
        work.hosts.answered = round_trip > 0
        [poll], _ = look(work, moment)
        answer(work, poll, moment, status=None, reason="dns", body=b"")
        due = source_state.states(work.db)["situs"].due_at
        assert due is not None
        waits.append(due - moment)
        moment = due
        work.hosts.went_well(f"{SITE}/")
    assert waits == [timedelta(hours=hours) for hours in (1, 4, 8, 16)]


def test_a_broken_file_keeps_the_old_settings_and_a_mended_one_takes_effect(
    open_work: Callable[..., Work], now: datetime, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    work = open_work()
    good = (home / "ronda.toml").read_text()
    (home / "ronda.toml").write_text(good + "\n[pace\n")
    with caplog.at_level(logging.WARNING):
        work.look(now + timedelta(seconds=31))
    assert "settings unchanged" in caplog.text
    assert work.config.settings.crawl.pages == 5000
    (home / "ronda.toml").write_text(good.replace("[crawl]", "[crawl]\npages = 7", 1))
    write_source(home, "lain", "http://lain.test/")
    polls, _ = look(work, now + timedelta(seconds=62))
    assert work.config.settings.crawl.pages == 7
    assert [poll.source.id for poll in polls] == ["lain"]


def test_the_longest_delay_of_a_network_counts_for_all_of_it(
    open_work: Callable[..., Work], home: Path
) -> None:
    write_source(home, "a", "http://www.a.test/", 'network = "n"\n[pace]\ndelay = 3\n')
    write_source(home, "b", "http://b.test/", 'network = "n"\n')
    work = open_work()
    assert work.slot_of("a.test") == work.slot_of("www.a.test") == work.slot_of("m.b.test") == "n"
    assert work.floor("n") == 3.0
    work.hosts.ask_delay("n", 12.0)
    assert work.floor("n") == 12.0
    work.hosts.ask_delay("n", 900.0)
    assert work.floor("n") == 30.0
    assert work.slot_of("lain.test") == "lain.test"


def test_C31_one_malformed_source_of_many_costs_no_other_its_poll(
    open_work: Callable[..., Work], now: datetime, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(250):
        write_source(home, f"s{n:03}", f"http://s{n:03}.test/")
    write_source(home, "cacat", "http://[salah/")
    work = open_work(once=True)
    listings_of = source_state.listings_of

    def odd_row(db: Any, source: str) -> Any:
        if source == "s007":
            raise ValueError("an odd row")
        return listings_of(db, source)

    monkeypatch.setattr(source_state, "listings_of", odd_row)
    polled: list[str] = []
    while polls := look(work, now)[0]:
        for poll in polls:
            polled.append(poll.source.id)
            answer(work, poll, now, body=feed(0))
    assert len(polled) == len(set(polled)) == 250
    assert not {"s007", "cacat"} & set(polled)
    crawl = rounds.latest_crawls(work.db)["s007"]
    assert (crawl.state, crawl.reason) == ("failed", "error")
