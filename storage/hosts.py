"""What a host asked of us, remembered between rounds: robots, pace, back-off.

The key is the host with its port where that is not the usual one. Only the crawl writes here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003  # dataclass fields are read at run time by tests
from typing import TYPE_CHECKING

from .database import from_unix, to_unix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """One host; `robots` is the last good copy, `robots_status` the last answer (None: none came).

    `delay` and `crawl_delay` are seconds; before `next_at` (pace) and `back_off_until` (it asked
    us to stay away, or failed) nothing is asked of it. `certificate` says in words why its
    certificate was refused, None where it was not.
    """

    host: str
    slot: str | None = None
    robots: bytes | None = None
    robots_status: int | None = None
    robots_at: datetime | None = None
    robots_good_at: datetime | None = None
    crawl_delay: float | None = None
    delay: float | None = None
    next_at: datetime | None = None
    back_off_until: datetime | None = None
    failures: int = 0
    reason: str | None = None
    certificate: str | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotState:
    """What is known of a slot from all its hosts: a network's sites share one pace.

    `delay` is the one in force last, `crawl_delay` the longest that any asked for, in seconds.
    """

    delay: float | None = None
    crawl_delay: float | None = None
    next_at: datetime | None = None


_COLUMNS = (
    "host, slot, robots, robots_status, robots_at, robots_good_at, crawl_delay, delay, next_at,"
    " back_off_until, failures, reason, certificate, seen_at"
)


def load_host(db: Database, host: str) -> HostState | None:
    """Give what is known of a host."""
    row = db.execute(f"SELECT {_COLUMNS} FROM hosts WHERE host = ?", [host]).fetchone()  # noqa: S608  # a constant list of columns
    if row is None:
        return None
    return HostState(
        host=row[0],
        slot=row[1],
        robots=row[2],
        robots_status=row[3],
        robots_at=from_unix(row[4]),
        robots_good_at=from_unix(row[5]),
        crawl_delay=row[6],
        delay=row[7],
        next_at=from_unix(row[8]),
        back_off_until=from_unix(row[9]),
        failures=row[10],
        reason=row[11],
        certificate=row[12],
        seen_at=from_unix(row[13]),
    )


def load_slot(db: Database, slot: str) -> SlotState:
    """Give what is known of a slot, empty where it was never met."""
    row = db.execute(
        "SELECT max(next_at), max(crawl_delay), (SELECT delay FROM hosts WHERE slot = ?1"
        " AND delay IS NOT NULL ORDER BY seen_at DESC, host LIMIT 1) FROM hosts WHERE slot = ?1",
        [slot],
    ).fetchone()
    return SlotState(next_at=from_unix(row[0]), crawl_delay=row[1], delay=row[2])


def save_hosts(db: Database, hosts: Iterable[HostState]) -> None:
    """Store hosts as they are now; what other columns know of them stays."""
    db.conn.executemany(
        f"INSERT INTO hosts ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608  # a constant list of columns
        " ON CONFLICT (host) DO UPDATE SET slot = excluded.slot, robots = excluded.robots,"
        " robots_status = excluded.robots_status, robots_at = excluded.robots_at,"
        " robots_good_at = excluded.robots_good_at, crawl_delay = excluded.crawl_delay,"
        " delay = excluded.delay, next_at = excluded.next_at,"
        " back_off_until = excluded.back_off_until, failures = excluded.failures,"
        " reason = excluded.reason, certificate = excluded.certificate, seen_at = excluded.seen_at",
        [
            (
                *(host.host, host.slot, host.robots, host.robots_status),
                *(to_unix(host.robots_at), to_unix(host.robots_good_at)),
                *(host.crawl_delay, host.delay, _not_before(host.next_at)),
                *(_not_before(host.back_off_until), host.failures, host.reason),
                *(host.certificate, to_unix(host.seen_at)),
            )
            for host in hosts
        ],
    )


def _not_before(moment: datetime | None) -> int | None:
    """Round up to whole seconds: what is to be waited for may not come early."""
    return None if moment is None else math.ceil(moment.timestamp())
