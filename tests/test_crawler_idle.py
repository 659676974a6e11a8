"""From round to round: little is asked again, and what is wished for comes first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage import rounds, source_state
from storage.database import open_writer, writing
from storage.home import make_home
from storage.links import find_link, link_counts
from storage.pages import load_page
from storage.records import Wish
from storage.sources import switch
from storage.wishes import add_wish
from tests.crawling import crawl, reading, start, wait_for, write_settings, write_source
from tests.web import Asked, Told, Web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.records import Crawl

HOST = "situs.test"


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = make_home(tmp_path / "home")
    write_settings(home)
    return home


def publish(web: Web, host: str, *names: str, etag: str | None = '"satu"') -> None:
    entries = [(f"/berita/{name}", f"Judul {name}") for name in names]
    web.feed(host, entries, etag=etag)
    for path, title in entries:
        web.story(host, path, title)


def make_due(home: Path) -> None:
    """Turn the clock for every source: it is due now."""
    db = open_writer(home, "crawl")
    with writing(db):
        for source in source_state.states(db):
            source_state.set_due(db, source, datetime.now(UTC) - timedelta(seconds=1))
    db.close()


def test_N29_idle_polls_are_one_small_request_answered_304(
    web: Web, home: Path, child_environment: dict[str, str]
) -> None:
    write_settings(home, every="1")
    hosts = [f"s{n}.test" for n in range(12)]
    for host in hosts:
        publish(web, host, "judul-panjang-sekali", "judul-lain-lagi")
        write_source(home, host.split(".", maxsplit=1)[0], web.url(host))

    def polled() -> int:
        return min(web.paths(host).count("/feed/") for host in hosts)

    def idle_crawls() -> list[Crawl]:
        with reading(home) as db:
            crawls = rounds.crawls_of_round(db, 1)
        return [crawl for crawl in crawls if crawl.pages == 0 and crawl.state == "ok"]

    with start(home, child_environment) as process:
        wait_for(lambda: polled() >= 4 and len(idle_crawls()) >= 24, 30)
        process.terminate()
        process.wait(10)
    idle = idle_crawls()
    assert {crawl.requests for crawl in idle} == {1}
    assert sum(crawl.not_modified for crawl in idle) >= 0.9 * len(idle)
    assert max(crawl.received for crawl in idle) < 1000
    for host in hosts:
        assert sum(one.path == "/robots.txt" for one in web.asked if one.host == host) == 1


def test_first_contact_takes_the_newest_few_and_what_touches_a_topic_first(
    web: Web, home: Path, child_environment: dict[str, str]
) -> None:
    names = [f"judul-{n:02}" for n in range(20)]
    entries = [(f"/berita/{name}", f"Panen raya {name}") for name in names]
    entries[7] = (entries[7][0], "KPK Gelar Rapat Koordinasi Pencegahan Korupsi dengan Pemkab")
    web.feed(HOST, entries)
    for path, title in entries:
        web.story(HOST, path, title)
    write_source(home, "situs", web.url(HOST))
    settings = (home / "ronda.toml").read_text()
    (home / "ronda.toml").write_text(settings.replace('first_contact = "all"', ""))
    crawl(home, child_environment)
    asked = [path for path in web.paths(HOST) if path != "/feed/"]
    assert asked == [entries[7][0], *[path for path, _ in entries[:10] if path != entries[7][0]]]
    with reading(home) as db:
        assert link_counts(db) == {"done": 10, "skipped": 10}

    # What is published after the first contact is fetched whole.
    publish(web, HOST, *[f"baru-{n}" for n in range(15)])
    make_due(home)
    crawl(home, child_environment)
    with reading(home) as db:
        assert link_counts(db) == {"done": 25, "skipped": 10}

    # Somebody wants it all after all.
    daemon = open_writer(home, "ronda")
    with writing(daemon):
        wish = add_wish(
            daemon, Wish(kind="poll", source="situs", first_contact="all"), datetime.now(UTC)
        )
    daemon.close()
    crawl(home, child_environment)
    with reading(home) as db:
        assert link_counts(db) == {"done": 35}
        assert rounds.wish_outcomes(db, [wish]) == {wish: "ok"}


def test_wishes_are_heard_while_nothing_is_due_and_switched_off_sources_rest(
    web: Web, home: Path, child_environment: dict[str, str]
) -> None:
    publish(web, HOST, "judul-satu")
    publish(web, "mati.test", "judul-dua")
    write_source(home, "situs", web.url(HOST))
    write_source(home, "mati", web.url("mati.test"))
    story = web.url(HOST, "/berita/judul-satu")
    daemon = open_writer(home, "ronda")
    now = datetime.now(UTC)
    with writing(daemon):
        switch(daemon, "mati", False, now, "test")
    crawl(home, child_environment)
    assert web.paths("mati.test") == []

    with writing(daemon):
        poll = add_wish(daemon, Wish(kind="poll", source="situs"), now)
        again = add_wish(daemon, Wish(kind="refetch", source="situs", url=story), now)
        other = web.url(HOST, "/berita/tak-pernah-terdaftar")
        strange = add_wish(daemon, Wish(kind="refetch", source="situs", url=other), now)
        nobody = add_wish(daemon, Wish(kind="poll", source="mati"), now)
    daemon.close()
    web.tell(HOST, "/berita/judul-satu", Told(body=b"<html>diubah</html>"))
    web.asked.clear()
    crawl(home, child_environment)
    assert sorted(web.paths(HOST)) == [
        "/berita/judul-satu",
        "/berita/tak-pernah-terdaftar",
        "/feed/",
    ]
    assert web.paths("mati.test") == []
    with reading(home) as db:
        outcomes = rounds.wish_outcomes(db, [poll, again, strange, nobody])
        page = load_page(db, story)
        unknown = find_link(db, other)
    assert outcomes == {poll: "ok", again: "ok", strange: "ok", nobody: "no_such_source"}
    assert page is not None
    assert page.body == b"<html>diubah</html>"
    assert unknown is not None
    assert (unknown.state, unknown.reason) == ("failed", "http_404")


def test_a_page_asked_again_is_asked_by_its_validators(
    web: Web, home: Path, child_environment: dict[str, str]
) -> None:
    publish(web, HOST, "judul-satu")
    web.tell(HOST, "/berita/judul-satu", Told(body=b"<html>isi</html>", etag='"lama"'))
    write_source(home, "situs", web.url(HOST))
    crawl(home, child_environment)
    story = web.url(HOST, "/berita/judul-satu")
    daemon = open_writer(home, "ronda")
    with writing(daemon):
        add_wish(daemon, Wish(kind="refetch", source="situs", url=story), datetime.now(UTC))
    daemon.close()
    crawl(home, child_environment)
    last = web.asked[-1]
    assert (last.path, last.headers.get("If-None-Match")) == ("/berita/judul-satu", '"lama"')
    with reading(home) as db:
        statuses = db.execute("SELECT status, sha256 IS NULL FROM pages ORDER BY id").fetchall()
        link = find_link(db, story)
    assert statuses == [(200, 0), (304, 1)]
    assert link is not None
    assert link.state == "done"


def test_a_host_that_asks_to_wait_is_left_alone_as_long(
    web: Web, home: Path, child_environment: dict[str, str]
) -> None:
    def busy(_: Asked) -> Told:
        return Told(status=429, headers={"Retry-After": "7200"})

    publish(web, HOST, *[f"judul-{n}" for n in range(6)])
    for n in range(6):
        web.tell(HOST, f"/berita/judul-{n}", busy)
    write_source(home, "situs", web.url(HOST), "[pace]\ndelay = 0.5\n")
    crawled = crawl(home, child_environment)
    asked = len(web.paths(HOST))
    assert asked <= 3
    assert crawled.reason == "idle"
    make_due(home)
    crawl(home, child_environment)
    assert len(web.paths(HOST)) == asked
    with reading(home) as db:
        due = source_state.next_due(db)
        held = source_state.states(db)["situs"].due_at
    soon = datetime.now(UTC) + timedelta(minutes=110)
    assert due is not None
    assert held is not None
    assert min(due, held) > soon


def test_a_source_that_is_added_while_the_crawl_runs_is_polled(
    web: Web, home: Path, child_environment: dict[str, str]
) -> None:
    publish(web, HOST, "judul-satu")
    write_source(home, "situs", web.url(HOST))
    crawl(home, child_environment)
    publish(web, "baru.test", "judul-dua")
    write_source(home, "baru", web.url("baru.test"))
    crawled = crawl(home, child_environment)
    assert [line["source"] for line in crawled.lines if "source" in line] == ["baru"]
