"""Opens the home's two files and gives the one way to write: `with writing(db): ...`.

Each file has one writing process (`storage.md` of the design): `crawl.db` belongs to the holder of
`crawl.lock`, `ronda.db` to the holder of `daemon.lock`. Everybody else opens with `mode=ro`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from sqlite_utils import Database

from config.errors import StorageError

from .migrations import LATEST, MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FileName = Literal["crawl", "ronda"]
# "RNDA" and "RNDC" as SQLite application ids: tells our files from anybody else's.
APPLICATION_IDS: dict[str, int] = {"ronda": 0x524E4441, "crawl": 0x524E4443}

PRAGMAS = (
    "PRAGMA busy_timeout=10000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=OFF",
    "PRAGMA temp_store=MEMORY",
)
WRITER_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA journal_size_limit=67108864",
)


def open_writer(home: Path, name: FileName) -> Database:
    """Open one of the home's files for writing, made or migrated as needed.

    The caller holds the file's lock. Raises StorageError where the file is newer than this
    program, or is not ours; a file of an older schema is copied to `backups/` first.
    """
    path = home / f"{name}.db"
    fresh = not path.exists()
    if fresh:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    try:
        connection = sqlite3.connect(path, check_same_thread=False, timeout=10)
        db = Database(connection)
        if fresh or path.stat().st_size == 0:
            db.execute("PRAGMA page_size=8192")
            db.execute(f"PRAGMA application_id={APPLICATION_IDS[name]}")
        _refuse_foreign(db, path, name)
        for pragma in PRAGMAS + WRITER_PRAGMAS:
            db.execute(pragma).fetchall()
        _migrate(db, path, name)
    except sqlite3.DatabaseError as error:
        raise StorageError(f"{path}: {error}") from error
    return db


def open_reader(home: Path, name: FileName, *, seconds: float | None = None) -> Database:
    """Open one of the home's files read-only; `seconds` bounds every query on it.

    Raises StorageError where the file is missing, empty, or newer than this program.
    """
    path = home / f"{name}.db"
    if not path.exists() or path.stat().st_size == 0:
        raise StorageError(f"{path}: no such database yet; start `ronda run` first")
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False, timeout=10
        )
        db = Database(connection)
        for pragma in (*PRAGMAS, "PRAGMA query_only=ON"):
            db.execute(pragma).fetchall()
        _refuse_foreign(db, path, name)
    except sqlite3.DatabaseError as error:
        raise StorageError(f"{path}: {error}") from error
    if seconds is not None:
        stop_after(db, seconds)
    return db


def find_reader(home: Path, name: FileName, *, seconds: float | None = None) -> Database | None:
    """Open a file read-only as `open_reader` does, or give None where it is not there yet."""
    path = home / f"{name}.db"
    if not path.exists() or path.stat().st_size == 0:
        return None
    return open_reader(home, name, seconds=seconds)


def wal_size(home: Path, name: FileName) -> int:
    """Give the size in bytes of a file's write-ahead log, 0 where there is none."""
    try:
        return (home / f"{name}.db-wal").stat().st_size
    except OSError:
        return 0


def shrink_wal(db: Database) -> bool:
    """Empty the write-ahead log; False where somebody else's open read holds it.

    The caller is the file's writer and not within a transaction. Waits for nobody.
    """
    db.execute("PRAGMA busy_timeout=0").fetchall()
    try:
        return bool(db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
    except sqlite3.OperationalError:
        return False
    finally:
        db.execute("PRAGMA busy_timeout=10000").fetchall()


def stop_after(db: Database, seconds: float) -> None:
    """Interrupt every later query of this connection `seconds` from now."""
    deadline = time.monotonic() + seconds
    db.conn.set_progress_handler(lambda: int(time.monotonic() > deadline), 5_000)


@contextlib.contextmanager
def writing(db: Database) -> Iterator[Database]:
    """One transaction that takes the write lock at once; commits, or rolls back on any error.

    Inside it `db.atomic()` nests as savepoints. (`db.atomic()` alone begins deferred, and a read
    before the first write then fails with "locked" at once, whatever the time-out.)
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
    except BaseException:
        db.conn.rollback()
        raise
    db.conn.commit()


def url_hash(url: str) -> int:
    """Hash a canonical address to a signed 64-bit integer (blake2b), as indexed everywhere."""
    return int.from_bytes(hashlib.blake2b(url.encode(), digest_size=8).digest(), signed=True)


def to_unix(moment: datetime | None) -> int | None:
    """Turn an aware datetime into unix seconds; None stays None."""
    return None if moment is None else int(moment.timestamp())


def from_unix(seconds: int | None) -> datetime | None:
    """Turn unix seconds into an aware datetime in UTC; None stays None."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _refuse_foreign(db: Database, path: Path, name: FileName) -> None:
    found = db.execute("PRAGMA application_id").fetchone()[0]
    if found != APPLICATION_IDS[name]:
        raise StorageError(f"{path}: not a {name} database of Ronda")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > LATEST[name]:
        raise StorageError(
            f"{path}: made by a newer Ronda (schema {version}, this program knows {LATEST[name]})"
        )


def _migrate(db: Database, path: Path, name: FileName) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == LATEST[name]:
        return
    if version:
        _copy_before_migration(db, path, version)
    MIGRATIONS[name].apply(db)
    db.execute(f"PRAGMA user_version={LATEST[name]}")


def _copy_before_migration(db: Database, path: Path, version: int) -> None:
    """Copy the file whole by VACUUM INTO, checked, before its schema changes."""
    backups = path.parent / "backups"
    backups.mkdir(mode=0o700, exist_ok=True)
    size = path.stat().st_size
    if shutil.disk_usage(backups).free < 2 * size:
        raise StorageError(f"{backups}: too little room to copy {path.name} before its migration")
    copy = backups / f"{path.stem}-schema-{version}.db"
    partial = copy.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    db.execute("VACUUM INTO ?", [str(partial)])
    partial.chmod(0o600)
    with contextlib.closing(sqlite3.connect(partial)) as check:
        answer = check.execute("PRAGMA quick_check").fetchone()[0]
    if answer != "ok":
        raise StorageError(f"{partial}: the copy before migration is damaged: {answer}")
    partial.replace(copy)
