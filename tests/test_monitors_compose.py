"""What a digest holds and where it stands, composed from articles stored for real."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.digests.compose import compose_digest
from monitors.digests.sentences import LONGEST, quote_sentence, quote_title, split_at_marks
from storage.database import open_reader, open_writer, writing
from storage.records import Evidence
from storage.told import tell
from tests.digest_world import HEALTH, MONITOR, NOW, REGIONS, SOURCES, TOPICS, add, fill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlite_utils import Database

    from monitors.digests.digest import Digest, EventLine


@pytest.fixture
def db(home: Path) -> Iterator[Database]:
    db = open_writer(home, "ronda")
    yield db
    db.close()


def _digest(db: Database, **changes: Any) -> Digest:
    monitor = MONITOR.model_copy(update=changes.pop("monitor", {}))
    values: dict[str, Any] = {
        "since": NOW - timedelta(days=1),
        "until": NOW,
        "now": NOW,
        "health": HEALTH,
        "sources": SOURCES,
        "regions": REGIONS,
        "topics": TOPICS,
    }
    return compose_digest(db, monitor, **(values | changes))


def _events(digest: Digest) -> list[EventLine]:
    blocks = [event for block in digest.provinces for event in block.events]
    return [*blocks, *digest.late, *digest.found_later]


def test_every_event_stands_once_in_its_section(db: Database) -> None:
    fill(db)
    digest = _digest(db)
    assert [(block.name, len(block.events)) for block in digest.provinces] == [
        ("Sumatera Selatan", 1),
        ("Maluku", 1),
        (None, 1),
    ]
    assert [event.title for event in digest.late] == ["Rakor MCSP Padang Bulan Lalu"]
    assert [event.title for event in digest.found_later] == ["Surat KPK kepada Bupati"]
    assert len(digest.matches) == len(set(digest.matches)) == digest.totals.articles == 7


def test_copies_are_counted_not_repeated(db: Database) -> None:
    fill(db)
    (event,) = _digest(db).provinces[0].events
    assert [(len(group.articles), group.sources) for group in event.copies] == [(2, 2), (1, 1)]
    assert [line.outlet for line in event.copies[0].others] == ["Lintas Ogan"]
    assert (event.sources, event.articles, event.level) == (3, 3, "sure")


def test_an_event_grows_by_its_new_articles_and_counts_the_told_ones(db: Database) -> None:
    fill(db)
    with writing(db):
        tell(db, "pagi", _digest(db).matches, digest=1, now=NOW)
    assert _events(_digest(db)) == []
    add(db, "https://ranahpagi.test/susul", "Angle Lain Rakor Prabumulih", "KPK hadir.", event=1)
    (event,) = _events(_digest(db))
    assert (event.articles, event.told_before) == (1, 3)


def test_what_was_published_long_before_is_late_by_window_or_two_days(db: Database) -> None:
    add(db, "https://kabarmusi.test/a", "Tiga hari", "KPK.", at=NOW - timedelta(days=3))
    assert len(_digest(db).late) == 1
    weekly = _digest(db, since=NOW - timedelta(days=7))
    assert weekly.late == ()
    assert len(_events(weekly)) == 1


def test_a_date_without_an_hour_is_late_only_when_its_whole_day_is(db: Database) -> None:
    at = NOW - timedelta(hours=60)
    add(db, "https://kabarmusi.test/hari", "Tanggal saja", "KPK.", at=at, precision="day")
    assert _digest(db).late == ()


def test_a_period_takes_what_was_published_in_it_told_or_not(db: Database) -> None:
    fill(db)
    with writing(db):
        tell(db, "pagi", _digest(db).matches, digest=1, now=NOW)
    found = _digest(db, untold=False, period=True, since=NOW - timedelta(days=30))
    assert found.totals.articles == 6


def test_beyond_the_lines_events_are_counted_and_still_told(db: Database) -> None:
    for number in range(7):
        level = "likely" if number < 3 else "sure"
        add(db, f"https://kabarmusi.test/{number}", f"Rakor {number}", "KPK.", level=level)  # type: ignore[arg-type]  # both are levels
    digest = _digest(db, event_lines=4)
    assert [event.level for event in _events(digest)] == ["sure"] * 4
    assert (digest.rest, digest.totals.events, len(digest.matches)) == (3, 7, 7)


def test_levels_and_regions_narrow_what_is_told(db: Database) -> None:
    fill(db)
    sure = _digest(db, monitor={"levels": ("sure",)})
    assert sure.totals.likely == 0
    assert {e.province for e in _events(_digest(db, monitor={"regions": ("81",)}))} == {"81"}


def test_an_article_of_two_topics_stands_once_with_both(db: Database) -> None:
    number = add(db, "https://kabarmusi.test/dua", "Rakor", "KPK.")
    db.execute(
        "INSERT INTO matches (topic, article, revision, score, level, matched_at)"
        " VALUES ('lain', ?, 'r', 9, 'likely', 0)",
        [number],
    )
    db.conn.commit()
    digest = _digest(db, monitor={"topics": (MONITOR.topics[0], "lain")})
    (event,) = _events(digest)
    assert event.copies[0].first.topics == ("Koordinasi antikorupsi", "lain")
    assert (event.articles, len(digest.matches)) == (1, 2)


def test_the_level_of_an_event_is_its_best(db: Database) -> None:
    fill(db)
    lines = {event.title: event.level for event in _events(_digest(db))}
    assert lines["Wakil Wali Kota Hadiri Rakor KPK"] == "sure"


def test_an_alerted_event_stands_in_the_digest_with_its_hour(db: Database) -> None:
    number = add(db, "https://kabarmusi.test/kilat", "Rakor", "KPK.")
    hour = NOW - timedelta(hours=5)
    with writing(db):
        tell(db, "pagi", [number], kind="alert", now=hour)
    (event,) = _events(_digest(db))
    assert event.alerted_at == hour


def test_evidence_quotes_the_version_it_was_found_in(db: Database) -> None:
    url = "https://kabarmusi.test/ubah"
    add(db, url, "Rakor", "Lama: KPK menggelar rapat koordinasi.")
    later = NOW + timedelta(hours=1)
    add(db, url, "Rakor", "Baru sekali dan lain.", matched=False, now=later)
    (event,) = _events(_digest(db))
    assert event.copies[0].first.sentence.text == "Lama: KPK menggelar rapat koordinasi."


def test_a_removed_source_still_reads_as_its_id(db: Database) -> None:
    add(db, "https://kabarmusi.test/a", "Rakor", "KPK.")
    (event,) = _events(_digest(db, sources={}))
    assert (event.copies[0].first.outlet, event.copies[0].first.zone) == ("kabar-musi", "WIB")


def test_composing_writes_nothing(db: Database, home: Path) -> None:
    fill(db)
    reader = open_reader(home, "ronda")
    assert _digest(reader) == _digest(db)
    reader.close()


def _line(text: str, phrase: str, weight: float = 1.0, **changes: Any) -> Evidence:
    start = text.index(phrase)
    line = Evidence(
        concept="x",
        phrase=phrase,
        field="text",
        paragraph=0,
        start=start,
        end=start + len(phrase),
        weight=weight,
    )
    return replace(line, **changes)


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("Satu. KPK hadir. Tiga.", "KPK", "KPK hadir."),
        ("Judul\nH. A. Rivai, S.H. bersama KPK hadir.\nLain", "KPK",
         "H. A. Rivai, S.H. bersama KPK hadir."),
        ('Ia berkata, "KPK hadir." Lalu pulang.', "KPK", 'Ia berkata, "KPK hadir."'),
        ("Skor 94,99. Di Jl. Merdeka KPK rapat", "KPK", "Di Jl. Merdeka KPK rapat"),
        ("KPK", "KPK", "KPK"),
        ("rapat. kpk kecil. Besar", "kpk", "rapat. kpk kecil."),
    ],
)  # fmt: skip
def test_the_sentence_around_the_evidence_is_quoted(text: str, phrase: str, expected: str) -> None:
    assert quote_sentence(text, [_line(text, phrase)]).text == expected


def test_the_heaviest_sentence_is_quoted_the_first_of_equals() -> None:
    text = "KPK datang. Rakor KPK dibuka. Rakor ditutup."
    heavy = [_line(text, "KPK datang", 1.0), _line(text, "Rakor KPK", 3.0)]
    assert quote_sentence(text, heavy).text == "Rakor KPK dibuka."
    equal = [_line(text, "Rakor ditutup", 1.0), _line(text, "KPK datang", 1.0)]
    assert quote_sentence(text, equal).text == "KPK datang."


def test_no_evidence_in_the_text_gives_no_sentence() -> None:
    assert quote_sentence("KPK", []).text == ""
    assert quote_sentence("KPK", [_line("KPK", "KPK", field="title")]).text == ""
    assert quote_sentence("KPK", [_line("KPK", "KPK", start=2, end=9)]).text == ""


@settings(deadline=None, max_examples=150)
@given(
    before=st.text("ab .\u202e\u0000é", max_size=500),
    phrase=st.text("xyz ", min_size=1, max_size=400),
    after=st.text("ab .\n", max_size=500),
)
def test_a_quote_is_short_and_its_marks_stand_on_the_phrase(
    before: str, phrase: str, after: str
) -> None:
    text = before + phrase + after
    line = _line(text, phrase, start=len(before), end=len(before) + len(phrase))
    for quote in (quote_sentence(text, [line]), quote_title(text, [replace(line, field="title")])):
        assert len(quote.text) <= LONGEST
        assert "".join(piece for piece, _ in split_at_marks(quote)) == quote.text
        assert all(c.isprintable() for c in quote.text)
        for piece, marked in split_at_marks(quote):
            assert not marked or phrase.startswith(piece)
    assert quote_sentence(text, [line]).marks
