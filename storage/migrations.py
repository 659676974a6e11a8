"""The schema of both files, as an append-only list of functions, each in its own transaction.

Times are integer unix seconds (UTC); `day` counts local days since 1970; `url_hash` is
`database.url_hash`. STRICT throughout. A released function is never edited: append the next one.
`crawl.db` holds what the network said, `ronda.db` what people and the reader decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils import Migrations

from .crawl_schema import C0001
from .ronda_schema import R0001

if TYPE_CHECKING:
    from sqlite_utils import Database

crawl = Migrations("crawl")
ronda = Migrations("ronda")
MIGRATIONS = {"crawl": crawl, "ronda": ronda}
# Schema numbers as in `PRAGMA user_version`: the count of functions below, per file.
LATEST = {"crawl": 1, "ronda": 1}


@crawl()
def c0001_crawl(db: Database) -> None:
    """Make what the crawl remembers: sources' state, hosts, links, pages, rounds."""
    _run(db, C0001)


@ronda()
def r0001_decisions(db: Database) -> None:
    """Make what people, the reader and the matcher decided."""
    _run(db, R0001)


def _run(db: Database, script: str) -> None:
    """Execute statement by statement: `executescript` would commit the migration's transaction."""
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)
