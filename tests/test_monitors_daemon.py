"""The daemon as a real process: its lock, its stop, its death, its files."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from crawler.reading.pool import prepare
from monitors.daemon.daemon import Daemon
from monitors.daemon.serve import EVERY, schedule_ticks
from monitors.stages import load_config
from storage.database import open_reader
from storage.home import find_holder, hold_lock
from tests.running import (
    QUIET,
    RONDA,
    alive,
    family_of,
    page_of,
    ronda,
    running,
    wait_for,
    write_settings,
)

# A source that never answers: the crawl process lives as long as the test needs it.
HANGING = """
[sources]
shipped = false
[page]
port = 0
[network]
test_hosts = {{ "*.test" = "127.0.0.1" }}
"""


@pytest.fixture
def quiet_home(tmp_path: Path) -> Path:
    return write_settings(tmp_path / "home")


def test_P02_sigterm_ends_the_daemon_with_exit_0_within_30_s(
    quiet_home: Path, child_environment: dict[str, str]
) -> None:
    with running(quiet_home, child_environment) as daemon:
        page_of(quiet_home)
        begun = time.monotonic()
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(30) == 0
    assert time.monotonic() - begun < 30
    assert find_holder(quiet_home, "daemon") is None
    assert not (quiet_home / "daemon.sock").exists()


def test_ctrl_c_ends_the_daemon_and_its_crawl_with_exit_0(
    tmp_path: Path, child_environment: dict[str, str]
) -> None:
    home = _hanging_home(tmp_path)
    with _silent_server(home), running(home, child_environment) as daemon:
        page_of(home)
        wait_for(lambda: _crawl_of(daemon.pid), 30, "the crawl process")
        time.sleep(1.5)  # the crawl is fetching now; no condition shows that from outside
        family = family_of(daemon.pid)
        daemon.send_signal(signal.SIGINT)
        assert daemon.wait(30) == 0
    wait_for(lambda: not any(alive(pid) for pid in family), 5, "the end of every process")


def test_P04_of_ten_starters_exactly_one_wins(
    quiet_home: Path, child_environment: dict[str, str]
) -> None:
    starters = [
        subprocess.Popen(
            [*RONDA, "run", "--home", str(quiet_home)],
            env=child_environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(10)
    ]
    try:
        wait_for(lambda: sum(p.poll() is not None for p in starters) == 9, 60, "nine to give up")
        losers = [process for process in starters if process.poll() is not None]
        assert [process.returncode for process in losers] == [75] * 9
        winner = next(process for process in starters if process.poll() is None)
        for process in losers:
            assert process.stderr is not None
            assert "daemon.lock" in process.stderr.read()
        page_of(quiet_home)
        assert find_holder(quiet_home, "daemon") == winner.pid
        winner.kill()
        winner.wait()
        assert find_holder(quiet_home, "daemon") is None
    finally:
        for process in starters:
            if process.poll() is None:
                process.terminate()
                process.wait(30)
            if process.stderr is not None:
                process.stderr.close()


def test_after_kill_9_nothing_of_the_daemon_lives_on_and_it_starts_anew(
    tmp_path: Path, child_environment: dict[str, str]
) -> None:
    home = _hanging_home(tmp_path)
    with _silent_server(home):
        with running(home, child_environment) as daemon:
            page_of(home)
            wait_for(lambda: _crawl_of(daemon.pid), 30, "the crawl process")
            family = family_of(daemon.pid)
            assert len(family) >= 4  # daemon, crawl, fork server, a reader
            daemon.kill()
            daemon.wait()
        wait_for(lambda: not any(alive(pid) for pid in family), 10, "the end of every process")
        with running(home, child_environment):
            page_of(home, seconds=10)


def test_P08_each_file_has_one_writing_process_in_a_running_home(
    tmp_path: Path, child_environment: dict[str, str]
) -> None:
    home = _hanging_home(tmp_path)
    with _silent_server(home), running(home, child_environment) as daemon:
        page_of(home)
        wait_for(lambda: _crawl_of(daemon.pid), 30, "the crawl process")
        seen: dict[str, set[int]] = {"crawl.db": set(), "ronda.db": set()}
        for _ in range(100):
            for name, writers in _writers(home, family_of(daemon.pid)).items():
                seen[name] |= writers
            time.sleep(0.03)
        assert seen["ronda.db"] == {daemon.pid}
        assert seen["crawl.db"] <= {_crawl_of(daemon.pid)}


def test_S05_a_home_is_readable_by_its_owner_only_whatever_the_umask(
    tmp_path: Path, child_environment: dict[str, str]
) -> None:
    for mask in (0o000, 0o022):
        home = _hanging_home(tmp_path / f"umask-{mask:o}")
        own = set(home.rglob("*"))
        before = os.umask(mask)
        try:
            with _silent_server(home), running(home, child_environment) as daemon:
                page_of(home)
                wait_for(lambda: _crawl_of(daemon.pid), 30, "the crawl process")
                wait_for((home / "logs" / "crawl.log").exists, 30, "the crawl's log")
                made = [home, *(path for path in home.rglob("*") if path not in own)]
                assert home / "daemon.sock" in made
                for path in made:
                    if path.suffix == ".toml" or path.parent.name == "sources":
                        continue
                    mode = stat.S_IMODE(path.stat().st_mode)
                    assert not mode & 0o077, f"{path} is {mode:o} at umask {mask:o}"
        finally:
            os.umask(before)


def test_an_order_handed_to_the_daemon_is_carried_out_and_a_browser_may_not_give_one(
    tmp_path: Path, child_environment: dict[str, str]
) -> None:
    home = _hanging_home(tmp_path)
    with _silent_server(home), running(home, child_environment):
        page = page_of(home)
        done = ronda("sources", "disable", "sunyi", home=home, environment=child_environment)
        assert done.returncode == 0, done.stderr
        db = open_reader(home, "ronda")
        assert db.execute("SELECT enabled FROM sources WHERE source = 'sunyi'").fetchone() == (0,)
        assert db.execute("SELECT kind, state FROM orders").fetchall() == [("switch", "done")]
        db.close()
        request = urllib.request.Request(
            f"{page}orders", data=json.dumps({"kind": "poll", "payload": {}}).encode()
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        assert refused.value.code == 403
        refused.value.close()


def test_a_changed_settings_file_takes_effect_and_a_broken_one_is_named(quiet_home: Path) -> None:
    async def walk() -> None:
        async with Daemon(quiet_home, load_config(quiet_home)) as daemon:
            (quiet_home / "ronda.toml").write_text(QUIET + "[pace]\ndelay = 5\n")
            await daemon.tick_config()
            assert daemon.config.settings.pace.delay == 5
            (quiet_home / "ronda.toml").write_text("[sources]\nshiped = false\n")
            await daemon.tick_config()
            assert daemon.config.settings.pace.delay == 5
            (error,) = daemon.config.errors
            assert "shiped" in str(error)
            assert "shipped" in str(error)

    with hold_lock(quiet_home, "daemon"):
        prepare()
        asyncio.run(walk())


def _hanging_home(tmp_path: Path) -> Path:
    home = write_settings(tmp_path / "home", HANGING.format())
    (home / "sources" / "aceh").mkdir(parents=True)
    return home


class _silent_server:  # noqa: N801  # used as a context manager, reads like a verb
    """Listens and never answers; writes the source that points at it into the home."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def __enter__(self) -> None:
        import socket

        self._socket = socket.create_server(("127.0.0.1", 0))
        port = self._socket.getsockname()[1]
        (self._home / "sources" / "aceh" / "sunyi.toml").write_text(
            f'name = "Sunyi"\nurl = "http://sunyi.test:{port}/"\n'
        )

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def _crawl_of(daemon: int) -> int | None:
    for pid in family_of(daemon):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"scrapy" in command and b"crawl" in command:
            return pid
    return None


def _writers(home: Path, pids: list[int]) -> dict[str, set[int]]:
    """Find which processes hold each main file open for writing (SQLite opens -wal always so)."""
    found: dict[str, set[int]] = {"crawl.db": set(), "ronda.db": set()}
    for pid in pids:
        try:
            handles = list(Path(f"/proc/{pid}/fd").iterdir())
        except OSError:
            continue
        for handle in handles:
            try:
                target = handle.readlink()
                info = Path(f"/proc/{pid}/fdinfo/{handle.name}").read_text()
                flags = int(info.split("flags:")[1].split()[0], 8)
            except (OSError, IndexError):
                continue
            if target.parent == home and target.name in found and flags & os.O_ACCMODE:
                found[target.name].add(pid)
    return found


def test_P12_a_tick_that_a_sleeping_machine_missed_is_made_up_once(quiet_home: Path) -> None:
    async def walk() -> None:
        async with Daemon(quiet_home, load_config(quiet_home)) as daemon:
            scheduler = schedule_ticks(daemon, {})
            jobs = scheduler.get_jobs()
            assert {job.id for job in jobs} == set(EVERY)
            for job in jobs:
                assert job.misfire_grace_time is None, job.id  # the default drops a late tick
                assert (job.coalesce, job.max_instances) == (True, 1)
            scheduler.shutdown(wait=False)

    with hold_lock(quiet_home, "daemon"):
        prepare()
        asyncio.run(walk())
