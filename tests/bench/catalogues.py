"""A home with thousands of sources, none of them due -> what its daemon takes merely standing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from config.source import load_sources
from storage import source_state
from storage.database import open_writer, writing
from storage.home import make_home

from .processes import RONDA, cpu_of, family, pss_of, reaping

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = "[sources]\nshipped = false\n[page]\nport = 0\n"
SETTLED = 15.0  # seconds after which what starting cost is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a standing daemon takes: CPU seconds per second, PSS in bytes of all processes."""

    sources: int
    load: float
    pss: int


def measure_standing(home: Path, sources: int, seconds: float) -> Standing:
    """Run the daemon of such a home; give what it takes once it has settled."""
    _write_home(home, sources)
    command = [*RONDA, "run", "--home", str(home)]
    with reaping(command, home.with_suffix(".log"), home.with_suffix(".spent.json")) as reaper:
        time.sleep(SETTLED)
        before = sum(cpu_of(process.pid) for process in family(reaper.pid))
        time.sleep(seconds)
        now = family(reaper.pid)
        spent = sum(cpu_of(process.pid) for process in now) - before
        pss = sum(pss_of(process.pid) for process in now)
    return Standing(sources=sources, load=spent / seconds, pss=pss)


def _write_home(home: Path, sources: int) -> None:
    make_home(home)
    (home / "ronda.toml").write_text(SETTINGS)
    folder = home / "sources" / "sumatera-selatan"
    folder.mkdir(parents=True)
    for n in range(sources):
        host = f"kabar{n}.test"
        (folder / f"kabar{n}.toml").write_text(f'name = "Kabar {n}"\nurl = "https://{host}/"\n')
    now = datetime.now(UTC)
    db = open_writer(home, "crawl")
    with writing(db):
        slots = {name: source.slot for name, source in load_sources(home, shipped=False)[0].items()}
        source_state.meet_sources(db, slots, now)
        source_state.take_due(db, "bench", now=now, until=now + timedelta(minutes=1), limit=sources)
        for name in slots:
            source_state.record_poll(
                db,
                name,
                "bench",
                now=now,
                due_at=now + timedelta(days=1),
                failures=0,
                reason=None,
                links_new=1,
            )
            source_state.release(db, name, "bench")
    db.close()
