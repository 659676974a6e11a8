"""Telling is one transaction: a digest, its deliveries and its ledger together, once for a slot."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from config.channels import AppriseChannel, EmailChannel
from config.secret import Secret
from config.settings import Monitor, Settings
from monitors.digests import telling
from monitors.digests.telling import (
    LARGEST,
    Context,
    file_name,
    first_look,
    meet_monitors,
    slot_is_due,
    tell_due,
)
from storage.database import open_reader, open_writer, writing
from storage.deliveries import latest_deliveries
from storage.digests import find_digest, latest_digests, load_digest
from storage.told import matches_told_in, wanted_matches
from tests.digest_world import HEALTH, MONITOR, NOW, REGIONS, SOURCES, TOPIC, TOPICS, add, fill
from tests.digest_world import settings as plain_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

BEGUN = NOW - timedelta(days=2)
PAGE = "http://127.0.0.1:8787/"
CHANNELS: dict[str, Any] = {
    **plain_settings().channels,
    "surat": EmailChannel(
        host="127.0.0.1", security="none", sender="ronda@contoh.test",
        to=("a@contoh.test", "b@contoh.test", "a@contoh.test"),
    ),
    "telegram": AppriseChannel(url=Secret("tgram://rahasia/1")),
}  # fmt: skip


@pytest.fixture
def db(home: Path) -> Iterator[Database]:
    db = open_writer(home, "ronda")
    yield db
    db.close()


def _settings(**monitor: Any) -> Settings:
    pagi = MONITOR.model_copy(update={"channels": ("file", "surat", "telegram"), **monitor})
    return plain_settings(channels=CHANNELS, monitors={"pagi": pagi})


def _context(settings: Settings, now: datetime) -> Context:
    return Context(
        settings=settings,
        health=HEALTH,
        sources=SOURCES,
        regions=REGIONS,
        topics=TOPICS,
        now=now,
        page_url=PAGE,
    )


def _do(db: Database, how: Any, now: datetime, settings: Settings | None = None) -> list[int]:
    settings = settings or _settings()
    with writing(db):
        found: list[int] = how(db, settings.monitors, _context(settings, now))
    return found


def _meet(db: Database, settings: Settings | None = None) -> None:
    with writing(db):
        meet_monitors(db, (settings or _settings()).monitors, BEGUN)


def _untold(db: Database) -> int:
    return len(wanted_matches(db, "pagi", topics=[TOPIC], levels=["sure", "likely"]))


def test_a_due_slot_becomes_one_digest_with_deliveries_and_ledger(db: Database) -> None:
    _meet(db)
    fill(db)
    assert _do(db, tell_due, NOW) == [1]
    stored = find_digest(db, "pagi", "2026-03-04T06:00")
    assert stored is not None
    assert (stored.kind, stored.events, stored.articles) == ("digest", 5, 7)
    assert stored.html.startswith("<!DOCTYPE html>")
    assert f"{PAGE}digests/1" in stored.txt
    assert json.loads(stored.json)["slot"] == "2026-03-04T06:00"
    queued = [(one.channel, one.recipient) for one in reversed(latest_deliveries(db))]
    assert queued == [
        ("file", "file"),
        ("surat", "a@contoh.test"),
        ("surat", "b@contoh.test"),
        ("telegram", "telegram"),
    ]
    assert len(matches_told_in(db, 1)) == 7
    assert _untold(db) == 0


def test_a_slot_is_told_once_however_often_we_look(db: Database) -> None:
    _meet(db)
    fill(db)
    assert _do(db, tell_due, NOW) == [1]
    assert _do(db, tell_due, NOW + timedelta(minutes=1)) == []
    assert _do(db, tell_due, NOW + timedelta(days=1)) == [2]
    assert [one.events for one in latest_digests(db)] == [0, 5]


def test_P12_slots_missed_in_a_long_sleep_become_one_digest_marked_delayed(db: Database) -> None:
    _meet(db)
    fill(db)
    assert _do(db, tell_due, NOW + timedelta(days=3, hours=8)) == [1]
    (stored,) = latest_digests(db)
    assert stored.slot == "2026-03-07T06:00"
    assert stored.subject.endswith("terlambat")
    assert _do(db, tell_due, NOW + timedelta(days=3, hours=9)) == []


def test_nothing_is_due_before_the_first_slot(db: Database) -> None:
    fill(db)
    assert _do(db, tell_due, NOW) == []
    assert _untold(db) == 7


def test_what_was_matched_before_a_monitor_began_is_not_told_by_it(db: Database) -> None:
    fill(db)
    _meet(db)
    add(db, "https://kabarmusi.test/baru", "Rakor Baru", "KPK.")
    _do(db, tell_due, NOW)
    assert [one.articles for one in latest_digests(db)] == [1]


def test_an_event_is_told_by_each_monitor_for_itself(db: Database) -> None:
    sore = MONITOR.model_copy(update={"name": "sore", "regions": ("81",)})
    settings = plain_settings(monitors={"pagi": MONITOR, "sore": sore})
    _meet(db, settings)
    fill(db)
    assert _do(db, tell_due, NOW, settings) == [1, 2]
    assert [one.articles for one in latest_digests(db)] == [1, 7]


def test_the_first_look_is_written_to_files_only_and_the_first_sent_digest_links_to_it(
    db: Database,
) -> None:
    _meet(db)
    fill(db)
    assert _do(db, first_look, NOW - timedelta(hours=1)) == [1]
    look = load_digest(db, 1)
    assert look is not None
    assert (look.slot, look.kind) == ("first-look", "first_look")
    assert [one.channel for one in latest_deliveries(db)] == ["file"]
    assert "rakor" in look.txt
    assert "ranahpagi.test/lama" not in look.txt  # 20 days old: the last 7 days only
    assert _do(db, first_look, NOW) == []
    assert _do(db, tell_due, NOW) == [2]
    sent = load_digest(db, 2)
    assert sent is not None
    assert f"{PAGE}digests/1" in sent.html
    assert "kabarmusi.test/rakor" not in sent.html  # the first look has told it
    assert "ranahpagi.test/lama" in sent.html
    _do(db, tell_due, NOW + timedelta(days=1))
    later = load_digest(db, 3)
    assert later is not None
    assert f"{PAGE}digests/1" not in later.html


def test_a_monitor_that_has_told_gets_no_first_look(db: Database) -> None:
    _meet(db)
    fill(db)
    _do(db, tell_due, NOW)
    assert _do(db, first_look, NOW + timedelta(minutes=1)) == []


def test_a_slot_that_came_before_anything_was_read_does_not_cost_the_first_look(
    db: Database,
) -> None:
    _meet(db)
    _do(db, tell_due, NOW)
    fill(db)
    assert _do(db, first_look, NOW + timedelta(minutes=15)) == [2]
    assert _do(db, tell_due, NOW + timedelta(days=1)) == [3]
    sent = load_digest(db, 3)
    assert sent is not None
    assert f"{PAGE}digests/2" in sent.txt


def test_one_monitor_that_cannot_be_told_stops_no_other(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    broken = MONITOR.model_copy(update={"name": "aneh", "channels": ("hilang",)})
    settings = plain_settings(monitors={"aneh": broken, "pagi": MONITOR})
    _meet(db, settings)
    fill(db)
    assert _do(db, tell_due, NOW, settings) == [1]
    assert [one.monitor for one in latest_digests(db)] == ["pagi"]
    assert "digest not made monitor=aneh" in caplog.text
    assert len(wanted_matches(db, "aneh", topics=[TOPIC], levels=["sure", "likely"])) == 7


def test_a_digest_and_all_that_belongs_to_it_are_one_transaction(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _meet(db)
    fill(db)

    def fail(*args: object, **changes: object) -> None:
        raise RuntimeError("disk full")

    for step in ("save_digest", "_queue", "tell"):
        with monkeypatch.context() as patch:
            patch.setattr(telling, step, fail)
            assert _do(db, tell_due, NOW) == []
        assert latest_digests(db) == []
        assert latest_deliveries(db) == []
        assert _untold(db) == 7
    assert _do(db, tell_due, NOW) == [1]


_KILLED = """
import os, signal, sys
from pathlib import Path
from monitors.digests import telling
from storage.database import open_writer, writing
from tests.digest_world import HEALTH, NOW, REGIONS, SOURCES, TOPICS, settings
step = sys.argv[2]
real = getattr(telling, step)
def die(*args, **changes):
    real(*args, **changes)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(telling, step, die)
db = open_writer(Path(sys.argv[1]), "ronda")
plain = settings()
with writing(db):
    context = telling.Context(
        settings=plain, health=HEALTH, sources=SOURCES, regions=REGIONS, topics=TOPICS, now=NOW
    )
    telling.tell_due(db, plain.monitors, context)
"""


@pytest.mark.parametrize("step", ["save_digest", "_queue", "tell"])
def test_a_kill_in_the_midst_leaves_no_half_told_digest(
    db: Database, home: Path, child_environment: dict[str, str], step: str
) -> None:
    _meet(db)
    fill(db)
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(home), step],
        env=child_environment,
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert latest_digests(db) == []
    assert latest_deliveries(db) == []
    assert _untold(db) == 7
    assert _do(db, tell_due, NOW, plain_settings()) == [1]
    assert len(matches_told_in(db, 1)) == 7


def test_a_stored_digest_stays_as_it_was_when_its_articles_change(db: Database, home: Path) -> None:
    _meet(db)
    fill(db)
    _do(db, tell_due, NOW)
    before = load_digest(db, 1)
    db.execute("UPDATE articles SET title = 'Diganti'")
    db.conn.commit()
    reader = open_reader(home, "ronda")
    assert load_digest(reader, 1) == before
    message = latest_deliveries(reader)[0].message
    reader.close()
    assert before is not None
    assert (message.text, message.html) == (before.txt, before.html)


def test_a_flood_keeps_the_html_small_and_tells_everything(db: Database) -> None:
    _meet(db)
    for number in range(60):
        title = f"Rakor {number} " + "panjang sekali " * 30
        for copy in range(4):
            url = f"https://kabarmusi.test/{number}/{copy}/" + "jauh-" * 200
            text = f"Naskah {number} {copy} " + "KPK hadir dalam rapat koordinasi " * 20
            add(db, url, title, text, event=1 + 4 * number)
    _do(db, tell_due, NOW)
    stored = load_digest(db, 1)
    assert stored is not None
    assert len(stored.html.encode()) <= LARGEST
    assert len(matches_told_in(db, 1)) == 240
    assert _untold(db) == 0
    shown = stored.html.count('class="event"')
    assert f"{stored.events - shown} peristiwa lain" in stored.html


def test_a_clock_that_once_was_ten_years_ahead_does_not_silence_the_years(db: Database) -> None:
    _meet(db)
    assert _do(db, tell_due, NOW + timedelta(days=3650)) == [1]
    assert _do(db, tell_due, NOW) == [2]
    assert [one.slot for one in latest_digests(db)] == ["2026-03-04T06:00", "2036-03-01T06:00"]
    assert _do(db, tell_due, NOW + timedelta(days=1)) == [3]


def test_a_monitor_speaks_its_own_language(db: Database) -> None:
    settings = _settings(language="en")
    _meet(db, settings)
    _do(db, tell_due, NOW, settings)
    (stored,) = latest_digests(db)
    assert "no events" in stored.subject


@pytest.mark.parametrize(
    ("monitor", "slot", "expected"),
    [
        ("pagi", "2026-03-04T06:00", "pagi-2026-03-04T06-00"),
        ("pagi", "first-look", "pagi-first-look"),
    ],
)
def test_a_digests_files_are_named_after_monitor_and_slot(
    monitor: str, slot: str, expected: str
) -> None:
    assert file_name(monitor, slot) == expected


def test_no_monitors_name_leaves_its_folder_or_takes_anothers() -> None:
    names = [file_name(name, "x") for name in ("a/b", "a-b", "../a-b", "A-B", "", "..", "a" * 300)]
    assert len(set(names)) == len(names)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for name in names)
    assert max(map(len, names)) < 100


def test_monitors_share_nothing_but_the_schedule(db: Database) -> None:
    two = {name: Monitor(name=name, topics=(TOPIC,)) for name in ("satu", "dua")}
    settings = plain_settings(monitors=two)
    _meet(db, settings)
    _do(db, tell_due, NOW, settings)
    keys = {one.key for one in latest_deliveries(db)}
    assert len(keys) == 2


def test_the_state_of_the_sources_is_frozen_with_the_digest(db: Database) -> None:
    _meet(db)
    settings = _settings()
    context = _context(settings, NOW)
    with writing(db):
        tell_due(
            db,
            settings.monitors,
            replace(context, health=replace(HEALTH, test_network=True)),
        )
    (stored,) = latest_digests(db)
    assert stored.subject.startswith("TEST NETWORK · ")


def test_a_slot_is_seen_as_due_before_it_is_told_and_not_after(db: Database) -> None:
    monitors = _settings().monitors
    assert slot_is_due(db, monitors, BEGUN)  # not met yet: telling meets it
    _do(db, tell_due, BEGUN)
    assert not slot_is_due(db, monitors, BEGUN)
    assert slot_is_due(db, monitors, NOW)
    _do(db, tell_due, NOW)
    assert not slot_is_due(db, monitors, NOW)
