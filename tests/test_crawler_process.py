"""The crawl as a process: one at a time, stopped in time, and nothing lost when it is killed."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from storage import rounds, source_state
from storage.home import find_holder, hold_lock, make_home
from storage.links import link_counts
from tests.crawling import crawl, reading, start, wait_for, write_settings, write_source
from tests.web import HANGING, Told, Web

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

HOST = "situs.test"
SLOW = "lambat.test"


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.close()


@pytest.fixture
def home(tmp_path: Path, web: Web) -> Path:
    """A home with a source that answers and one whose pages hang."""
    home = make_home(tmp_path / "home")
    write_settings(home)
    for host in (HOST, SLOW):
        entries = [(f"/berita/judul-{n}", f"Judul {n}") for n in range(30)]
        web.feed(host, entries)
        for path, _ in entries:
            web.tell(
                host, path, Told(status=HANGING) if host == SLOW else Told(body=b"<html>x</html>")
            )
        write_source(home, host.split(".", maxsplit=1)[0], web.url(host))
    return home


def hangs(web: Web) -> bool:
    return len(web.paths(SLOW)) >= 2 and len(web.paths(HOST)) >= 2


def finish(process: subprocess.Popen[bytes], within: float) -> tuple[float, str]:
    begun = time.monotonic()
    out, _ = process.communicate(timeout=20)
    took = time.monotonic() - begun
    assert took < within
    return took, out.decode()


def assert_whole(home: Path, reason: str) -> None:
    with reading(home) as db:
        counts = link_counts(db)
        last = rounds.latest_round(db)
        tries = db.execute("SELECT sum(tries) FROM links").fetchone()[0]
        pages = db.execute("SELECT count(*) FROM pages").fetchone()[0]
        open_crawls = db.execute("SELECT count(*) FROM crawls WHERE ended_at IS NULL").fetchone()[0]
    assert last is not None
    assert (last.reason, open_crawls) == (reason, 0)
    assert counts["due"] >= 30
    assert counts["done"] == pages
    assert counts["due"] + counts["done"] == 60
    assert tries == 0


def test_a_signal_stops_the_crawl_within_six_seconds_and_links_stay_due(
    web: Web, home: Path, child_environment: dict[str, str]
) -> None:
    with start(home, child_environment) as process:
        wait_for(lambda: hangs(web))
        process.send_signal(signal.SIGTERM)
        _, out = finish(process, 6.5)
        assert process.returncode == 0
    assert '"reason": "stopped"' in out
    assert_whole(home, "stopped")


def test_a_daemon_s_child_stops_when_its_parent_is_gone(
    web: Web, home: Path, child_environment: dict[str, str]
) -> None:
    with start(home, child_environment, child=True) as process:
        wait_for(lambda: hangs(web))
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()  # a parent that died reads nothing more either
        process.stdin.close()
        begun = time.monotonic()
        assert process.wait(10) == 0
        assert time.monotonic() - begun < 6.5
        process.stdout = process.stdin = None
    assert_whole(home, "stopped")


def test_an_idle_crawl_stops_at_once(
    web: Web, home: Path, child_environment: dict[str, str]
) -> None:
    (home / "sources" / "sumatera-selatan" / "lambat.toml").unlink()
    settings = (home / "ronda.toml").read_text()
    (home / "ronda.toml").write_text(settings.replace("idle_seconds = 1", "idle_seconds = 60"))
    with start(home, child_environment) as process:
        wait_for(lambda: len(web.paths(HOST)) == 31)
        process.send_signal(signal.SIGINT)
        finish(process, 2.0)


def test_what_a_killed_crawl_left_is_taken_up_by_the_next(
    web: Web, home: Path, child_environment: dict[str, str]
) -> None:
    with start(home, child_environment) as process:
        wait_for(lambda: hangs(web))
        process.kill()
        process.wait(5)
    assert find_holder(home, "crawl") is None
    for n in range(30):
        web.tell(SLOW, f"/berita/judul-{n}", Told(body=b"<html>x</html>"))
    crawled = crawl(home, child_environment)
    assert "closed rounds of dead processes rounds=1" in crawled.log
    with reading(home) as db:
        assert link_counts(db) == {"done": 60}
        assert [crawl.state for crawl in rounds.crawls_of_round(db, 1)] == ["closed", "closed"]
        assert not [one for one in source_state.states(db).values() if one.lease]
    for host in (HOST, SLOW):
        # Nothing that was stored is fetched twice; at most what was under way is.
        paths = web.paths(host)
        assert len(paths) - len(set(paths)) <= 2 + paths.count("/feed/")


def test_a_crawl_names_the_one_that_runs_and_waits_for_it(
    web: Web, home: Path, child_environment: dict[str, str]
) -> None:
    with hold_lock(home, "crawl"), start(home, child_environment, RONDA_ONCE="1") as process:
        assert process.stderr is not None
        line = b""
        while b"waiting" not in line:
            line = process.stderr.readline()
        assert f"pid={os.getpid()}".encode() in line
        assert web.asked == []
        process.terminate()
        finish(process, 6.5)
    assert not (home / "crawl.db").exists()
    (home / "sources" / "sumatera-selatan" / "lambat.toml").unlink()
    with hold_lock(home, "crawl"):
        held = start(home, child_environment, RONDA_ONCE="1")
        process = held.__enter__()
        assert process.stderr is not None
        while b"waiting" not in process.stderr.readline():
            pass
    process.communicate(timeout=20)
    held.__exit__(None, None, None)
    assert len(web.paths(HOST)) == 31


def test_only_the_named_sources_are_crawled(
    web: Web, home: Path, child_environment: dict[str, str]
) -> None:
    crawled = crawl(home, child_environment, "-a", "sources=situs", "-a", "first_contact=3")
    assert web.paths(SLOW) == []
    assert len(web.paths(HOST)) == 4
    assert [line["source"] for line in crawled.lines if "source" in line] == ["situs"]


def test_broken_settings_are_one_line_and_no_round(
    home: Path, child_environment: dict[str, str]
) -> None:
    (home / "ronda.toml").write_text("[crawl]\npagess = 3\n")
    crawled = crawl(home, child_environment)
    assert crawled.code == 2
    assert "pagess" in crawled.log
    assert "Traceback" not in crawled.log
