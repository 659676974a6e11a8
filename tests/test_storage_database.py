"""Opening the two files: made, migrated after a copy, refused when newer or foreign, locked."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlite_utils import Migrations

from config.errors import AlreadyRunning, StorageError
from storage import database
from storage.database import (
    find_reader,
    from_unix,
    open_reader,
    open_writer,
    stop_after,
    to_unix,
    url_hash,
    writing,
)
from storage.home import find_holder, hold_lock, make_home
from storage.migrations import LATEST, MIGRATIONS

if TYPE_CHECKING:
    from pathlib import Path

    from sqlite_utils import Database

    from storage.database import FileName

FILES: tuple[FileName, ...] = ("crawl", "ronda")
DESIGNED = {
    "crawl": {"source_state", "hosts", "links", "link_sources", "pages", "rounds", "crawls"},
    "ronda": {
        "readings", "articles", "article_texts", "article_versions", "articles_fts", "matches",
        "evidence", "groups", "events", "facts", "verdicts", "told", "digests", "deliveries",
        "orders", "wishes", "topic_progress",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_fresh_file_has_every_table_and_the_pragmas_of_the_design(
    tmp_path: Path, name: FileName
) -> None:
    db = open_writer(make_home(tmp_path / "home"), name)
    assert set(db.table_names()) >= DESIGNED[name]
    wanted = {
        "journal_mode": "wal", "synchronous": 2, "busy_timeout": 10000, "foreign_keys": 1,
        "secure_delete": 0, "journal_size_limit": 67108864, "temp_store": 2, "page_size": 8192,
        "user_version": LATEST[name],
    }  # fmt: skip
    found = {key: db.execute(f"PRAGMA {key}").fetchone()[0] for key in wanted}
    assert found == wanted
    path = tmp_path / "home" / f"{name}.db"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    db.close()


@pytest.mark.parametrize("name", FILES)
def test_schema_numbers_count_the_migrations(name: FileName, tmp_path: Path) -> None:
    db = open_writer(make_home(tmp_path / "home"), name)
    assert len(MIGRATIONS[name].applied(db)) == LATEST[name]
    assert MIGRATIONS[name].pending(db) == []
    db.close()


def test_a_migration_copies_the_file_first_and_keeps_what_it_held(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = open_writer(home, "ronda")
    with writing(db):
        db.execute("INSERT INTO meta VALUES ('mark', 'before')")
    db.close()
    _add_migration(monkeypatch, "ALTER TABLE meta ADD COLUMN note TEXT")
    db = open_writer(home, "ronda")
    assert db.execute("SELECT value, note FROM meta").fetchall() == [("before", None)]
    assert db.execute("PRAGMA user_version").fetchone()[0] == LATEST["ronda"]
    db.close()
    copy = home / "backups" / f"ronda-schema-{LATEST['ronda'] - 1}.db"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    old = sqlite3.connect(copy)
    assert old.execute("SELECT * FROM meta").fetchall() == [("mark", "before")]
    old.close()
    assert list((home / "backups").glob("*.partial")) == []


def test_a_migration_that_fails_leaves_the_old_schema_and_is_tried_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _add_migration(patch, "ALTER TABLE meta ADD COLUMN note TEXT", "no such statement")
        with pytest.raises(StorageError, match=r"ronda\.db"):
            open_writer(home, "ronda")
    db = open_writer(home, "ronda")
    assert [column.name for column in db.table("meta").columns] == ["key", "value"]
    db.close()


@pytest.mark.parametrize("opener", [open_writer, open_reader])
def test_a_newer_database_is_refused_and_left_as_it_is(home: Path, opener: object) -> None:
    path = home / "ronda.db"
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA user_version={LATEST['ronda'] + 1}")
    newer.close()
    with pytest.raises(StorageError, match="made by a newer Ronda"):
        opener(home, "ronda")  # type: ignore[operator]  # either of the two
    newer = sqlite3.connect(path)
    assert newer.execute("PRAGMA user_version").fetchone()[0] == LATEST["ronda"] + 1
    newer.close()


def test_a_file_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    (home / "ronda.db").write_bytes(b"this is no database at all, whatever its name says " * 9)
    with pytest.raises(StorageError, match=r"ronda\.db"):
        open_writer(home, "ronda")
    foreign = sqlite3.connect(home / "crawl.db")
    foreign.execute("CREATE TABLE things (id)")
    foreign.close()
    with pytest.raises(StorageError, match="not a crawl database of Ronda"):
        open_writer(home, "crawl")


def test_a_reader_cannot_write_and_a_missing_file_is_none(home: Path, tmp_path: Path) -> None:
    reader = open_reader(home, "ronda")
    with pytest.raises(sqlite3.OperationalError):
        reader.execute("INSERT INTO meta VALUES ('a', 'b')")
    reader.close()
    assert find_reader(tmp_path / "nowhere", "ronda") is None
    with pytest.raises(StorageError, match="no such database yet"):
        open_reader(tmp_path / "nowhere", "ronda")


def test_a_transaction_takes_the_lock_at_once_and_rolls_back_whole(home: Path) -> None:
    db = open_writer(home, "ronda")
    other = sqlite3.connect(home / "ronda.db", timeout=0)

    def fail() -> None:
        with writing(db):
            db.execute("INSERT INTO meta VALUES ('half', 'done')")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
            raise RuntimeError("in the midst")

    with pytest.raises(RuntimeError, match="midst"):
        fail()
    assert db.execute("SELECT count(*) FROM meta WHERE key = 'half'").fetchone()[0] == 0
    other.close()
    db.close()


def test_a_query_that_costs_much_is_cut(home: Path) -> None:
    db = open_reader(home, "ronda")
    stop_after(db, 0.2)
    begun = time.monotonic()
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        db.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"
        ).fetchone()
    assert time.monotonic() - begun < 5
    db.close()


def test_a_lock_names_its_holder_and_dies_with_it(
    home: Path, child_environment: dict[str, str]
) -> None:
    assert find_holder(home, "daemon") is None
    program = (
        "import sys, time; from pathlib import Path; from storage.home import hold_lock\n"
        "with hold_lock(Path(sys.argv[1]), 'daemon'): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(home)],
        env=child_environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert find_holder(home, "daemon") == holder.pid
        with pytest.raises(AlreadyRunning, match=f"pid {holder.pid}"), hold_lock(home, "daemon"):
            pass
    finally:
        holder.kill()
        holder.wait()
        if holder.stdout is not None:
            holder.stdout.close()
    with hold_lock(home, "daemon"):
        assert find_holder(home, "crawl") is None


def test_times_and_hashes_survive_the_way_there_and_back() -> None:
    moment = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
    assert from_unix(to_unix(moment)) == moment
    assert (to_unix(None), from_unix(None)) == (None, None)
    hashes = {url_hash(f"https://contoh.test/{number}") for number in range(10_000)}
    assert len(hashes) == 10_000
    assert all(-(2**63) <= value < 2**63 for value in hashes)


def _add_migration(patch: pytest.MonkeyPatch, *statements: str) -> None:
    """Pretend that the next release has one migration more."""
    longer = Migrations("ronda")
    longer._migrations = list(MIGRATIONS["ronda"]._migrations)

    @longer()
    def r9999_next(db: Database) -> None:
        for statement in statements:
            db.execute(statement)

    patch.setitem(MIGRATIONS, "ronda", longer)
    patch.setitem(database.LATEST, "ronda", LATEST["ronda"] + 1)
