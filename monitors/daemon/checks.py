"""What `ronda doctor` looks at: machine, database, clock, disk, channels, sources."""

from __future__ import annotations

import platform
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from config.errors import ExpectedError
from monitors.alerts.registry import make_sender
from monitors.health import source_health
from storage.database import find_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitors.stages import Loaded
    from storage.database import FileName

# The reserve that crawling must leave free (P05 of the failure list), and a comfortable warning.
RESERVE, COMFORT = 200 * 2**20, 2 * 2**30
# From 3.51.3 on SQLite has no race between a checkpoint and a foreign commit in WAL mode.
WAL_RACE_MENDED = (3, 51, 3)
BUILT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at: `ok`, worth a look (`warn`), or wrong (`FAIL`)."""

    name: str
    state: Literal["ok", "warn", "FAIL"]
    detail: str


def run_checks(home: Path, config: Loaded) -> list[Check]:
    """Look at everything that this home stands on; a check that breaks is itself a FAIL."""
    checks: list[Check] = []
    looks: list[Callable[[Path, Loaded], Iterator[Check]]]
    looks = [_machine, _config, _modes, _databases, _clock, _disk, _channels, _sources]
    for look in looks:
        try:
            checks += look(home, config)
        except (ExpectedError, OSError, sqlite3.Error) as error:
            checks.append(Check(name=look.__name__.strip("_"), state="FAIL", detail=str(error)))
    return checks


def _machine(home: Path, config: Loaded) -> Iterator[Check]:
    del home, config
    python = platform.python_version()
    good = (3, 11) <= sys.version_info[:2] <= (3, 14)
    yield Check(name="python", state="ok" if good else "warn", detail=python)
    mended = sqlite3.sqlite_version_info >= WAL_RACE_MENDED
    note = "" if mended else " (before 3.51.3; each file has one writing process, so it is safe)"
    yield Check(name="sqlite", state="ok", detail=sqlite3.sqlite_version + note)


def _config(home: Path, config: Loaded) -> Iterator[Check]:
    del home
    for error in config.errors:
        yield Check(name="config", state="FAIL", detail=str(error))
    if not config.errors:
        yield Check(name="config", state="ok", detail=f"{len(config.sources)} sources")
    if config.settings.network.test_hosts:
        yield Check(name="network", state="warn", detail="TEST NETWORK: test_hosts is not empty")


def _modes(home: Path, config: Loaded) -> Iterator[Check]:
    del config
    if not home.exists():
        return
    inside = [home, *home.glob("*.db"), *home.glob("*.toml")]
    # Where nobody else may enter the home, the modes of what lies in it matter to nobody.
    closed = not home.stat().st_mode & 0o077
    loose = [] if closed else [path.name for path in inside if path.stat().st_mode & 0o077]
    if loose:
        yield Check(name="modes", state="warn", detail=f"others may read: {', '.join(loose)}")
    else:
        yield Check(name="modes", state="ok", detail="readable by the owner only")


def _databases(home: Path, config: Loaded) -> Iterator[Check]:
    del config
    names: tuple[FileName, ...] = ("crawl", "ronda")
    for name in names:
        db = find_reader(home, name)
        if db is None:
            yield Check(name=f"{name}.db", state="warn", detail="not there yet")
            continue
        answer = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        db.close()
        size = (home / f"{name}.db").stat().st_size // 2**20
        state: Literal["ok", "FAIL"] = "ok" if answer == "ok" else "FAIL"
        yield Check(name=f"{name}.db", state=state, detail=f"{answer}, {size} MiB")


def _clock(home: Path, config: Loaded) -> Iterator[Check]:
    del home, config
    now = datetime.now(UTC)
    state: Literal["ok", "FAIL"] = "ok" if now > BUILT else "FAIL"
    yield Check(name="clock", state=state, detail=f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _disk(home: Path, config: Loaded) -> Iterator[Check]:
    del config
    place = home if home.exists() else home.parent
    free = shutil.disk_usage(place).free
    state: Literal["ok", "warn", "FAIL"] = "ok"
    if free < COMFORT:
        state = "FAIL" if free < RESERVE else "warn"
    yield Check(name="disk", state=state, detail=f"{free // 2**20} MiB free")


def _channels(home: Path, config: Loaded) -> Iterator[Check]:
    for name, settings in config.settings.channels.items():
        try:
            make_sender(name, settings, home)
        except ExpectedError as error:
            yield Check(name=f"channel {name}", state="FAIL", detail=str(error))
        else:
            yield Check(name=f"channel {name}", state="ok", detail=settings.kind)


def _sources(home: Path, config: Loaded) -> Iterator[Check]:
    health = source_health(home, config.sources, datetime.now(UTC))
    detail = f"{health.ok} reached, {len(health.failing)} failing, {len(health.quiet)} quiet"
    if health.offline:
        yield Check(name="uplink", state="FAIL", detail="no source answers: our own network?")
    yield Check(name="sources", state="warn" if health.failing else "ok", detail=detail)
