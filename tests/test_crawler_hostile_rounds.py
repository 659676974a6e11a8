"""Hostile things that take more than one round, an odd database, or names that do not answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage import rounds, source_state
from storage.database import open_writer, url_hash, writing
from storage.home import make_home
from storage.hosts import HostState, load_host, save_hosts
from storage.links import ask_again, find_link
from storage.pages import load_page
from tests.crawling import crawl, reading, write_settings, write_source
from tests.hostile import PATH, HostileSite, in_turn, say
from tests.hostile_cases import FULL, forbid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.hostile import Wire

DAY = timedelta(days=1)
LISTED = 'listings = ["/feed/"]\n'


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


def add(site: HostileSite, home: Path, name: str) -> str:
    """Add a source whose feed lists one good story; give the story's address."""
    host = f"{name}.test"
    site.feed(host, PATH)
    site.set(host, PATH, say(FULL))
    write_source(home, name, site.url(host), LISTED)
    return site.url(host, PATH)


def again(home: Path, environment: dict[str, str], *urls: str) -> None:
    """Make every source due and addresses to be fetched once more, then crawl."""
    now = datetime.now(UTC)
    db = open_writer(home, "crawl")
    with writing(db):
        for source in source_state.states(db):
            source_state.set_due(db, source, now)
            for url in urls:
                if f"//{source}." in url:
                    ask_again(db, source, url, now=now, round_id=1)
    db.close()
    crawled = crawl(home, environment)
    assert crawled.code == 0, crawled.log[-3000:]


def long_ago(home: Path, table: str, column: str) -> None:
    """Move a column of times a day and an hour into the past."""
    db = open_writer(home, "crawl")
    with writing(db):
        db.execute(f"UPDATE {table} SET {column} = {column} - 90000")  # noqa: S608  # names are ours
    db.close()


def test_N30_whoever_lies_about_what_changed_is_asked_whole(
    site: HostileSite, home: Path, child_environment: dict[str, str]
) -> None:
    """Three liars: 304 to an unasked question, once and always; one tag over a changed body."""
    unasked = add(site, home, "sekali")
    site.set("sekali.test", PATH, in_turn(say(status="304 Not Modified", kind=None), say(FULL)))
    always = add(site, home, "selalu")
    site.set("selalu.test", PATH, say(status="304 Not Modified", kind=None))
    changed = add(site, home, "berubah")

    async def same_tag(wire: Wire) -> None:
        body = FULL.replace(b"Judul", b"Judul baru") if wire.nth > 2 else FULL
        if wire.headers.get("If-None-Match") == '"satu"':
            await wire.answer(status="304 Not Modified", headers={"ETag": '"satu"'})
        else:
            await wire.answer(body, headers={"ETag": '"satu"'})

    site.set("berubah.test", PATH, same_tag)
    again(home, child_environment)
    with reading(home) as db:
        row = find_link(db, always)
        assert load_page(db, unasked) is not None
        assert load_page(db, always) is None
    assert row is not None
    assert (row.state, row.reason) == ("failed", "http_304")
    assert len(site.asked("selalu.test", PATH)) == 2

    again(home, child_environment, changed)
    long_ago(home, "pages", "fetched_at")
    again(home, child_environment, changed)
    visits = site.asked("berubah.test", PATH)
    assert ["If-None-Match" in one.headers for one in visits] == [False, True, False]
    with reading(home) as db:
        newest = load_page(db, changed)
    assert newest is not None
    assert newest.body is not None
    assert b"Judul baru" in newest.body


def test_N30_a_copy_that_is_gone_is_fetched_whole(
    site: HostileSite, home: Path, child_environment: dict[str, str]
) -> None:
    url = add(site, home, "hilang")
    site.set("hilang.test", PATH, say(FULL, headers={"ETag": '"satu"'}))
    again(home, child_environment)
    db = open_writer(home, "crawl")
    with writing(db):
        db.execute("DELETE FROM bodies")
    db.close()
    again(home, child_environment, url)
    assert all("If-None-Match" not in one.headers for one in site.asked("hilang.test", PATH))
    with reading(home) as db:
        found = load_page(db, url)
    assert found is not None
    assert found.body == FULL


def test_N31_N34_robots_are_kept_a_day_then_asked_again_and_a_good_copy_outlives_failures(
    site: HostileSite, home: Path, child_environment: dict[str, str]
) -> None:
    now = datetime.now(UTC)
    hosts = []
    for name, age, status, told in (
        ("segar", 23, 200, forbid()),  # still fresh: not asked
        ("basi", 25, 200, forbid()),  # asked again: now allowed
        ("roboh", 25, 200, b"User-agent: *\nDisallow: /lain/\n"),  # 503 now: the copy holds
        ("roboh-larang", 25, 200, forbid()),  # 503 now: the copy forbids
        ("roboh-tua", 24 * 40, 200, b""),  # 503 now, the copy is too old
    ):
        add(site, home, name)
        moment = now - timedelta(hours=age)
        hosts.append(
            HostState(
                host=f"{name}.test:{site.port}", robots=told, robots_status=status,
                robots_at=moment, robots_good_at=moment,
            )
        )  # fmt: skip
        if name.startswith("roboh"):
            site.set(f"{name}.test", "/robots.txt", say(b"rusak", status="503 No"))
    db = open_writer(home, "crawl")
    with writing(db):
        save_hosts(db, hosts)
    db.close()
    again(home, child_environment)
    asked = {
        name: len(site.asked(f"{name}.test", "/robots.txt")) for name in ("segar", "basi", "roboh")
    }
    assert asked == {"segar": 0, "basi": 1, "roboh": 1}
    ended = {}
    with reading(home) as db:
        for name in ("segar", "basi", "roboh", "roboh-larang"):
            link = find_link(db, site.url(f"{name}.test", PATH))
            assert link is not None
            ended[name] = (link.state, link.reason)
        old = source_state.load_state(db, "roboh-tua")
        after = load_host(db, f"basi.test:{site.port}")
    assert ended == {
        "segar": ("skipped", "robots"),
        "basi": ("done", None),
        "roboh": ("done", None),
        "roboh-larang": ("skipped", "robots"),
    }
    assert old is not None
    assert old.reason == "robots_unreachable"
    assert site.asked("roboh-tua.test", PATH) == []
    assert after is not None
    assert after.robots is None


def test_N17_a_row_that_names_a_file_opens_none(
    site: HostileSite, home: Path, child_environment: dict[str, str], tmp_path: Path
) -> None:
    """Whatever put it there: links, listings and entry points of no http are refused by name."""
    secret = tmp_path / "rahasia.html"
    secret.write_text("<html><body>rahasia</body></html>")
    add(site, home, "baris")
    again(home, child_environment)
    evil = [
        secret.as_uri(),
        "data:text/html,<html>rahasia",
        "ftp://127.0.0.1/x",
        "s3://x/y",
        "//x/y",
    ]
    now = datetime.now(UTC)
    db = open_writer(home, "crawl")
    with writing(db):
        for url in evil:
            db.execute(
                "INSERT INTO links (url_hash, url, source, first_seen, state, due_at)"
                " VALUES (?, ?, 'baris', 0, 'due', ?)",
                [url_hash(url), url, int(now.timestamp())],
            )
    db.close()
    ronda = open_writer(home, "ronda")
    with writing(ronda):
        ronda.execute(
            "INSERT INTO entry_points (source, url, kind, learned_at)"
            " VALUES ('baris', ?, 'feed', 0)",
            [evil[0]],
        )
    ronda.close()
    again(home, child_environment)
    with reading(home) as db:
        for url in evil:
            row = find_link(db, url)
            assert row is not None
            assert (row.state, row.reason) == ("failed", "bad_address"), url
        bodies = db.execute("SELECT count(*) FROM pages WHERE url NOT LIKE 'http%'").fetchone()
        read = db.execute(
            "SELECT count(*) FROM pages WHERE url NOT LIKE 'http%' AND sha256 IS NOT NULL"
        )
        assert read.fetchone() == (0,), bodies


def test_N22_names_that_do_not_answer_cost_only_themselves(
    site: HostileSite, home: Path, child_environment: dict[str, str]
) -> None:
    names = {f"gantung{n}.id": [6.0] for n in range(12)} | {"kosong.id": [0.0]}
    for name in names:
        write_source(home, name.split(".")[0], f"http://{name}/", LISTED)
    good = [add(site, home, f"baik{n}") for n in range(6)]
    crawled = crawl(
        home,
        child_environment,
        *("-s", "TWISTED_DNS_RESOLVER=tests.fake_dns.FakeResolver", "-s", "DNS_TIMEOUT=1"),
        FAKE_DNS=json.dumps(names),
    )
    assert crawled.code == 0, crawled.log[-3000:]
    with reading(home) as db:
        states = source_state.states(db)
        ended = {one.source: one for one in rounds.crawls_of_round(db, 1)}
        pages = [load_page(db, url) for url in good]
    assert {states[name.split(".")[0]].reason for name in names} == {"dns"}
    assert all(one is not None for one in pages)
    hung = [one for name, one in ended.items() if name.startswith("gantung")]
    assert all(
        one.ended_at is not None and one.ended_at - one.started_at <= timedelta(seconds=4)
        for one in hung
    )
    last_good = max(visit.ended for visit in site.visits)
    assert last_good - min(visit.begun for visit in site.visits) < 4
