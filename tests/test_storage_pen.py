"""The pen waits where another program holds the file."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING

from storage.database import open_reader
from storage.pen import open_pen

if TYPE_CHECKING:
    from pathlib import Path


def test_P06_a_file_locked_by_a_shell_is_waited_for(home: Path) -> None:
    async def job() -> None:
        async with open_pen(home) as pen:
            await pen(lambda db: db.execute("PRAGMA busy_timeout=50").fetchall() and None)
            shell = sqlite3.connect(home / "ronda.db", isolation_level=None)
            shell.execute("BEGIN IMMEDIATE")
            kept = asyncio.create_task(
                pen(lambda db: db.execute("INSERT INTO meta VALUES ('kept', 'yes')") and None)
            )
            done, _ = await asyncio.wait([kept], timeout=0.3)  # six times the time-out
            assert not done
            shell.execute("ROLLBACK")
            shell.close()
            await asyncio.wait_for(kept, 5)

    asyncio.run(job())
    reader = open_reader(home, "ronda")
    assert reader.execute("SELECT value FROM meta WHERE key = 'kept'").fetchall() == [("yes",)]
    reader.close()
