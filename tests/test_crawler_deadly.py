"""What would kill or fill the crawl for ever: a listing its reader dies of, a reader that stays."""

from __future__ import annotations

import base64
import json
import os
import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage import rounds, source_state
from storage.database import open_reader, open_writer, writing
from storage.home import make_home
from storage.links import link_counts
from tests.crawling import crawl, reading, write_settings, write_source
from tests.poison import CRASH, HANG
from tests.web import Told, Web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXTENSIONS = {
    "tests.poison.Poison": 1,
    "crawler.pace.PaceKeeper": 10,
    "crawler.stop.Stopper": 20,
}
MIB = 2**20


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


@pytest.mark.parametrize(("poison", "code"), [(CRASH, -signal.SIGSEGV), (HANG, 1)])
def test_a_listing_that_kills_its_reader_does_not_kill_every_round(
    web: Web, home: Path, child_environment: dict[str, str], poison: bytes, code: int
) -> None:
    for name in ("a", "racun", "z"):
        host = f"{name}.test"
        entries = [(f"/berita/judul-{n}", f"Judul {n}") for n in range(3)]
        web.feed(host, entries)
        for path, title in entries:
            web.story(host, path, title)
        write_source(home, name, web.url(host))
    body = b"<rss><channel><title>%s</title></channel></rss>" % poison
    web.tell("racun.test", "/feed/", Told(body=body, kind="text/xml"))
    arguments = ("-s", f"EXTENSIONS={json.dumps(EXTENSIONS)}")
    codes = []
    for _ in range(3):
        crawled = crawl(home, child_environment, *arguments)
        codes.append(crawled.code)
    assert codes == [code, code, 0], crawled.log
    assert "the crawl died of it twice source=racun" in crawled.log
    with reading(home) as db:
        assert link_counts(db) == {"done": 6}
        states = source_state.states(db)
    assert (states["racun"].reason, states["racun"].failures) == ("crashed", 1)
    due = states["racun"].due_at
    assert due is not None
    assert due > datetime.now(UTC) + timedelta(seconds=20)
    assert web.paths("racun.test") == ["/feed/", "/feed/"]
    # Once it is sane again it counts as any other.
    web.feed("racun.test", [("/berita/judul-1", "Judul")])
    web.story("racun.test", "/berita/judul-1")
    db = open_writer(home, "crawl")
    with writing(db):
        source_state.set_due(db, "racun", datetime.now(UTC) - timedelta(seconds=1))
    db.close()
    assert crawl(home, child_environment, *arguments).code == 0
    with reading(home) as db:
        assert link_counts(db) == {"done": 7}
        assert source_state.states(db)["racun"].failures == 0


def test_P09_a_stuck_reader_cannot_make_the_log_grow_without_end(
    web: Web, home: Path, child_environment: dict[str, str]
) -> None:
    count = 90
    entries = [(f"/berita/judul-{n}", f"Judul {n}") for n in range(count)]
    web.feed("besar.test", entries)
    for path, _ in entries:
        # Text that does not pack well: about a MiB each in the database.
        body = b"<html><body>%s</body></html>" % base64.b64encode(os.urandom(MIB))
        web.tell("besar.test", path, Told(body=body))
    write_source(home, "besar", web.url("besar.test"))
    crawl(home, child_environment, "-a", "sources=nobody")
    stuck = open_reader(home, "crawl")
    stuck.execute("BEGIN")
    stuck.execute("SELECT count(*) FROM links").fetchone()
    crawled = crawl(home, child_environment)
    assert crawled.reason == "stuck_reader"
    assert (home / "crawl.db-wal").stat().st_size <= 64 * MIB
    again = crawl(home, child_environment)
    assert again.code == 1
    assert "held open by a reader" in again.log
    assert (home / "crawl.db-wal").stat().st_size <= 64 * MIB
    with reading(home) as db:
        assert 20 < link_counts(db)["done"] < 60
    stuck.close()
    assert crawl(home, child_environment).reason == "idle"
    with reading(home) as db:
        assert link_counts(db) == {"done": count}
        assert db.execute("SELECT count(*) FROM rounds").fetchone() == (3,)
        assert rounds.latest_round(db) is not None
