"""Hosts: what they asked of us survives a round."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from storage.database import open_writer, writing
from storage.hosts import HostState, load_host, save_hosts

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


def test_a_host_is_remembered_and_changed_in_place(home: Path, now: datetime) -> None:
    db = open_writer(home, "crawl")
    assert load_host(db, "contoh.test") is None
    host = HostState(
        host="contoh.test",
        slot="contoh.test",
        robots=b"User-agent: *\nDisallow: /admin\n",
        robots_status=200,
        robots_at=now,
        robots_good_at=now,
        crawl_delay=5.0,
        delay=2.5,
        certificate="expired",
        next_at=now + timedelta(seconds=2),
        seen_at=now,
    )
    with writing(db):
        save_hosts(db, [host])
    assert load_host(db, "contoh.test") == host
    held = replace(host, back_off_until=now + timedelta(hours=1), failures=2, reason="http_429")
    with writing(db):
        save_hosts(db, [held, replace(host, host="lain.test")])
    assert load_host(db, "contoh.test") == held
    db.close()
