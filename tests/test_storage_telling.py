"""The tables of telling: ledger, digests, deliveries, on a real database file."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from storage import deliveries, digests, told
from storage.database import open_reader, open_writer, to_unix, writing
from storage.records import Delivery, Message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database


@pytest.fixture
def db(home: Path) -> Iterator[Database]:
    db = open_writer(home, "ronda")
    yield db
    db.close()


def _add_match(db: Database, now: datetime, number: int, **changes: Any) -> int:
    values: dict[str, Any] = {"region": "16.74", "level": "sure", "topic": "rakor", "event": 1}
    values |= changes
    with writing(db):
        db.execute(
            "INSERT INTO articles (id, url_hash, url, source, title, published_at, first_seen,"
            " fetched_at, day, region, province, kind, completeness, text_hash, event)"
            " VALUES (?, ?, ?, 'contoh', 'Judul', ?, ?, ?, 1, ?, ?, 'article', 'whole', 'x', ?)",
            [
                *(number, number, f"https://contoh.test/{number}", to_unix(now), to_unix(now)),
                *(to_unix(now), values["region"], (values["region"] or "16")[:2], values["event"]),
            ],
        )
        db.execute("INSERT INTO article_texts VALUES (?, ?)", [number, f"teks {number}"])
        db.execute(
            "INSERT INTO matches (id, topic, article, revision, score, level, matched_at)"
            " VALUES (?, ?, ?, 'r', 5, ?, ?)",
            [number, values["topic"], number, values["level"], to_unix(now)],
        )
    return number


def _wanted(db: Database, **changes: Any) -> list[int]:
    values: dict[str, Any] = {"topics": ["rakor"], "levels": ["sure", "likely"]} | changes
    return [row.match for row in told.wanted_matches(db, "pagi", **values)]


def _digest(now: datetime, **changes: Any) -> digests.StoredDigest:
    values: dict[str, Any] = {
        "id": 1,
        "monitor": "pagi",
        "slot": "2026-03-04T06:00",
        "kind": "digest",
        "since": now - timedelta(days=1),
        "until": now,
        "made_at": now,
        "subject": "Hal",
        "events": 1,
        "articles": 2,
        "html": "<p>",
        "txt": "t",
        "json": "{}",
    }
    return digests.StoredDigest(**(values | changes))


def test_only_matches_that_the_monitor_asks_for_are_wanted(db: Database, now: datetime) -> None:
    _add_match(db, now, 1)
    _add_match(db, now, 2, level="near_miss")
    _add_match(db, now, 3, topic="lain")
    _add_match(db, now, 4, level="likely")
    assert _wanted(db) == [1, 4]
    assert _wanted(db, levels=["sure"]) == [1]
    assert _wanted(db, after=1) == [4]


@pytest.mark.parametrize(
    ("regions", "expected"),
    [(["16"], [1, 3]), (["16.74"], [1]), (["1"], []), (["17"], [2]), (["17", "16.74"], [1, 2])],
)
def test_regions_filter_by_whole_parts_of_the_code(
    db: Database, now: datetime, regions: list[str], expected: list[int]
) -> None:
    _add_match(db, now, 1, region="16.74")
    _add_match(db, now, 2, region="17")
    _add_match(db, now, 3, region=None)
    assert _wanted(db, regions=regions) == expected


def test_a_told_match_is_told_no_more_by_that_monitor_only(db: Database, now: datetime) -> None:
    _add_match(db, now, 1)
    with writing(db):
        told.tell(db, "pagi", [1], digest=9, now=now)
    assert _wanted(db) == []
    assert _wanted(db, untold=False) == [1]
    assert [row.match for row in told.wanted_matches(db, "sore", topics=["rakor"], levels=["sure"])]
    assert told.told_before(db, "pagi", [1]) == {1: 1}
    assert [(t.monitor, t.digest) for t in told.tellings_of(db, 1)] == [("pagi", 9)]
    assert told.matches_told_in(db, 9) == [1]
    with pytest.raises(sqlite3.IntegrityError), writing(db):
        told.tell(db, "pagi", [1], digest=10, now=now)


def test_an_alert_leaves_the_match_for_the_digest_with_its_hour(
    db: Database, now: datetime
) -> None:
    _add_match(db, now, 1)
    with writing(db):
        told.tell(db, "pagi", [1], kind="alert", now=now)
    (row,) = told.wanted_matches(db, "pagi", topics=["rakor"], levels=["sure"])
    assert row.alerted_at == now


def test_evidence_is_read_with_the_text_of_its_own_version(db: Database, now: datetime) -> None:
    _add_match(db, now, 1)
    with writing(db):
        db.execute("UPDATE articles SET version = 2")
        db.execute(
            "INSERT INTO article_versions (article, version, seen_at, change, text)"
            " VALUES (1, 1, 0, 'text', 'teks lama')"
        )
        db.execute("INSERT INTO evidence VALUES (1, 0, 'kpk', 'KPK', 'text', 0, 4, 7, 2.0, 1)")
    (line,) = told.evidence_of(db, [1])[1]
    assert (line.phrase, line.start, line.end, line.version) == ("KPK", 4, 7, 1)
    assert told.texts_of(db, {1: 1}) == {1: "teks lama"}
    assert told.texts_of(db, {1: 2}) == {1: "teks 1"}
    assert told.texts_of(db, {1: 7}) == {}


def test_a_monitor_begins_when_it_is_first_met(db: Database, now: datetime) -> None:
    _add_match(db, now, 5)
    with writing(db):
        assert digests.meet(db, ["pagi", "pagi"], now) == ["pagi"]
        assert digests.meet(db, ["pagi", "sore"], now + timedelta(days=1)) == ["sore"]
    met = digests.find_monitor(db, "pagi")
    assert met is not None
    assert (met.begun_at, met.after_match) == (now, 5)
    assert digests.find_monitor(db, "malam") is None


def test_one_digest_for_a_monitor_and_slot(db: Database, now: datetime) -> None:
    with writing(db):
        assert digests.next_digest(db) == 1
        digests.save_digest(db, _digest(now))
        digests.save_digest(db, _digest(now, id=2, slot="2036-01-01T06:00", until=None))
        digests.save_digest(db, _digest(now, id=3, slot="first-look", kind="first_look"))
    with pytest.raises(sqlite3.IntegrityError), writing(db):
        digests.save_digest(db, _digest(now, id=4))
    assert digests.load_digest(db, 1) == _digest(now)
    found = digests.find_digest(db, "pagi", "first-look")
    assert found is not None
    assert found.id == 3
    assert [one.id for one in digests.latest_digests(db)] == [3, 2, 1]
    assert [one.id for one in digests.latest_digests(db, before=2)] == [1]
    assert digests.digest_kinds(db, "pagi") == {"digest": 2, "first_look": 3}
    assert digests.last_slot(db, "pagi", up_to="2026-03-05T00:00") == "2026-03-04T06:00"
    assert digests.last_until(db, "pagi", now=now) == now


def _delivery(now: datetime, recipient: str = "a@contoh.test", channel: str = "surat") -> Delivery:
    key = deliveries.delivery_key("pagi", "2026-03-04T06:00", channel, recipient)
    return Delivery(
        key=key,
        channel=channel,
        recipient=recipient,
        monitor="pagi",
        slot="2026-03-04T06:00",
        message=Message(subject="Hal", text="t", html="<p>", files={}, name="pagi", key=key),
        made_at=now,
        due_at=now,
    )


def test_a_leased_delivery_has_its_attempt_counted_and_is_not_taken_twice(
    db: Database, now: datetime
) -> None:
    with writing(db):
        deliveries.add_delivery(db, _delivery(now))
    assert deliveries.due_channels(db, now) == ["surat"]
    until = now + timedelta(minutes=10)
    with writing(db):
        first = deliveries.lease_next(db, "surat", now, until)
        assert deliveries.lease_next(db, "surat", now, until) is None
    assert first is not None
    assert (first.attempts, first.message) == (1, _delivery(now).message)
    assert deliveries.due_channels(db, now) == []
    with writing(db):
        again = deliveries.lease_next(db, "surat", until, until)
    assert again is not None
    assert (again.attempts, again.key) == (2, first.key)
    with writing(db):
        assert deliveries.free_leases(db) == 1
    assert deliveries.due_channels(db, now) == ["surat"]


def test_sent_and_dead_deliveries_are_never_due(db: Database, home: Path, now: datetime) -> None:
    with writing(db):
        deliveries.add_delivery(db, _delivery(now))
        deliveries.add_delivery(db, _delivery(now, "b@contoh.test"))
        deliveries.add_delivery(db, _delivery(now, "c@contoh.test"))
        deliveries.record_sent(db, 1, now)
        deliveries.record_failed(db, 2, "550", None)
        deliveries.record_failed(db, 3, "451", now + timedelta(seconds=30))
    assert deliveries.delivery_counts(db) == {"sent": 1, "dead": 1, "failed": 1}
    assert deliveries.due_channels(db, now) == []
    assert deliveries.next_delivery_due(db) == now + timedelta(seconds=30)
    reader = open_reader(home, "ronda")
    assert [d.reason for d in deliveries.latest_deliveries(reader)] == ["451", "550", None]
    assert [d.id for d in deliveries.latest_deliveries(reader, state="dead")] == [2]
    reader.close()


def test_a_delivery_of_a_digest_reads_the_frozen_digest(db: Database, now: datetime) -> None:
    with writing(db):
        digests.save_digest(db, _digest(now))
        deliveries.add_delivery(db, _delivery(now), digest=1)
    loaded = deliveries.load_delivery(db, 1)
    assert loaded is not None
    assert loaded.message.files == {"html": "<p>", "txt": "t", "json": "{}"}
    assert (loaded.message.subject, loaded.message.name) == ("Hal", "pagi")


def test_a_key_tells_monitor_slot_channel_and_recipient_apart() -> None:
    keys = {
        deliveries.delivery_key(*parts)
        for parts in [("a", "b", "c", "d"), ("a", "bc", "", "d"), ("ab", "", "c", "d")]
    }
    assert len(keys) == 3
