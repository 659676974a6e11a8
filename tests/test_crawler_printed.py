"""Printed dates: every form with every day, so a month's spelling cannot hide behind a form."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from crawler.reading.printed import find_ago, find_printed, find_told_days
from crawler.reading.stamps import address_stamp, parse_stamp

FULL = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
]
ENGLISH = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
SHORT = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"]
DAYS = ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"]
WHEN = [
    datetime(2025, 11, 19, 14, 3, tzinfo=UTC),
    datetime(2026, 3, 4, 9, 5, tzinfo=UTC),
    datetime(2024, 2, 29, 0, 7, tzinfo=UTC),
    datetime(2025, 8, 1, 23, 59, tzinfo=UTC),
    datetime(2026, 5, 31, 12, 0, tzinfo=UTC),
    datetime(2015, 12, 10, 7, 30, tzinfo=UTC),
]
FORMS = [
    "{weekday}, {d} {full} {y} - {H}.{M} WIB",
    "{weekday}, {d} {full} {y} | {H}:{M} WITA",
    "{weekday} {d} {full} {y}, {H}:{M}",
    "{d} {full} {y}, {H}:{M} WIB",
    "{d} {english} {y} {H}:{M} WIT",
    "{english} {d}, {y} {H}:{M}",
    "{dd} {short} {y} {H}:{M} WIB",
    "{weekday}, {dd} {short} {y} {H}:{M} WIB",
    "{weekday}, {dd}/{mm}/{y} {H}:{M} WIB",
    "{weekday} ({dd}/{mm}/{y}) pukul {H}.{M}",
    "{dd}-{mm}-{y} {H}:{M}",
    "{weekday} {dd}-{mm}-{y},{H}:{M} WIB",
    "{dd}.{mm}.{y} {H}.{M}",
    "{y}-{mm}-{dd} {H}:{M}:00",
    "{y}/{mm}/{dd} {H}:{M}",
    "- {weekday}, {d} {full} {y} | {H}:{M} WIB",
    "Diterbitkan {d} {full} {y} pkl. {H}.{M} WIB",
    "{H}:{M} WIB, {d} {full} {y}",
    "{weekday}, {d} {full} {y} {H}:{M} WIB",
    "{weekday}, {d}-{short}-{y} {H}:{M}",
    "on {d} {short} {y} at {H}:{M} WIB",
    "Oleh Redaksi • {d} {full} {y} • {H}:{M}",
    "{weekday}, {dd}{sp}{full}{sp}{y}{sp}{H}:{M}{sp}WIB",
    "{d} {full} {y} (pukul {H}.{M} WIB)",
    "Publish Date: {english} {dd}, {y} {H}:{M}",
]
ZONES = {"WIB": 7, "WITA": 8, "WIT": 9}


def spell(form: str, at: datetime) -> str:
    return form.format(
        weekday=DAYS[at.weekday()],
        d=at.day,
        dd=f"{at.day:02}",
        mm=f"{at.month:02}",
        y=at.year,
        full=FULL[at.month - 1],
        english=ENGLISH[at.month - 1],
        short=SHORT[at.month - 1],
        H=f"{at.hour:02}",
        M=f"{at.minute:02}",
        sp="\u00a0",
    )


@pytest.mark.parametrize("at", WHEN, ids=lambda at: at.strftime("%Y%m%d"))
@pytest.mark.parametrize("form", FORMS)
def test_C14_every_printed_form_gives_day_clock_and_zone(form: str, at: datetime) -> None:
    text = spell(form, at)
    (found,) = find_printed(" ".join(text.split()))
    assert (found.day, found.hour, found.minute) == (at.date(), at.hour, at.minute)
    said = [hours for name, hours in ZONES.items() if form.endswith((f" {name}", f" {name})"))]
    if said:
        assert found.hours_east == said[0]
    assert not found.slip


SPELLINGS = [
    "Pebruari",
    "Nopember",
    "Oct",
    "Agt",
    "Ags",
    "Agust",
    "Sept",
    "Dec",
    "Aug",
    "Juny",
    "Maret",
    "Peb",
]
MONTHS = [2, 11, 10, 8, 8, 8, 9, 12, 8, 6, 3, 2]


@pytest.mark.parametrize(("name", "month"), list(zip(SPELLINGS, MONTHS, strict=True)))
def test_C14_odd_spellings_of_months_are_read(name: str, month: int) -> None:
    (found,) = find_printed(f"12 {name} 2025")
    assert found.day == date(2025, month, 12)
    assert found.hour is None


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2026",
        "32 Maret 2026",
        "(8/10/225)",
        "(18//06/2025)",
        "Rp 12.500.2026",
        "12 Maretan",
        "0812-2025-1234",
        "pasal 5 ayat 2 2026",
        "1/2",
        "99/99/2026",
        "2026",
        "Mei 2026",
    ],
)
def test_C14_what_is_no_whole_date_stays_none(text: str) -> None:
    assert find_printed(text) == []


def test_C14_day_and_month_are_never_swapped() -> None:
    assert [f.day for f in find_printed("03/04/2026 dan 12-11-2025")] == [
        date(2026, 4, 3),
        date(2025, 11, 12),
    ]


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("Selasa (10/9/2025)", True),
        ("Rabu (10/9/2025)", False),
        ("Rabu (16/07/2025)", False),
        ("Rabu (16/06/2025)", True),
        ("Jum’at, 16 Mei 2025", False),
        ("Ahad, 18 Mei 2025", False),
    ],
)
def test_C14_the_weekday_exposes_a_slip(text: str, *, slip: bool) -> None:
    days = list(find_told_days(text, date(2025, 9, 20)))
    printed = find_printed(text)
    told = [p.slip for p in printed] or [day is None for day, _ in days]
    assert told == [slip]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Jumat (16/05)", date(2025, 5, 16)),
        ("Rabu (10/9)", date(2025, 9, 10)),
        ("Rabu (31/12)", date(2025, 12, 31)),
        ("Selasa (31/12)", date(2024, 12, 31)),
        ("Kamis (10/9)", date(2026, 9, 10)),
        ("Senin (10/9)", None),
        ("Rabu (18//06/2025)", date(2025, 6, 18)),
    ],
)
def test_C14_the_weekday_supplies_a_missing_year(text: str, day: date | None) -> None:
    assert [d for d, _ in find_told_days(text, date(2025, 9, 20))] == [day]


NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2 jam lalu", 2),
        ("45 menit yang lalu", 0.75),
        ("kemarin", 24),
        ("3 hari lalu", 72),
        ("sejam yang lalu", 1),
        ("1 minggu lalu", 168),
        ("baru saja", 0),
    ],
)
def test_C14_relative_times_count_back_from_when_the_page_was_seen(text: str, hours: float) -> None:
    found = find_ago(text, NOW)
    assert found is not None
    assert (NOW - found).total_seconds() == hours * 3600


@pytest.mark.parametrize(
    ("text", "wall", "offset"),
    [
        ("2026-03-04T09:15:30+07:00", "2026-03-04T09:15:30", 7),
        ("2026-03-04T02:15:30Z", "2026-03-04T02:15:30", 0),
        ("2026-03-04T02:15:30.123Z", "2026-03-04T02:15:30", 0),
        ("2026-03-04 T16:00:20Z", "2026-03-04T16:00:20", 0),
        ("2026-03-04 09:15:30", "2026-03-04T09:15:30", None),
        ("2026-03-04T09:15+0700", "2026-03-04T09:15:00", 7),
        ("2026-03-04 09:15:30 WITA", "2026-03-04T09:15:30", 8),
        ("Wed, 04 Mar 2026 09:15:30 GMT", "2026-03-04T09:15:30", 0),
        ("Wed, 04 Mar 2026 09:15:30 +0700", "2026-03-04T09:15:30", 7),
        ("1772590530", "2026-03-04T02:15:30", 0),
        ("Rabu, 4 Maret 2026 09:15 WIB", "2026-03-04T09:15:00", 7),
        ("2026-03-04T06:04:00-07:00", "2026-03-04T06:04:00", -7),
    ],
)
def test_C14_stamps_of_machines_are_read_as_written(
    text: str, wall: str, offset: float | None
) -> None:
    stamp = parse_stamp(text, "here")
    assert stamp is not None
    assert (stamp.wall.isoformat(), stamp.offset) == (wall, offset)


@pytest.mark.parametrize(
    "text", ["", "kemarin sore", "2026-13-40", "null", "0000-00-00 00:00:00", "T", "99999999999"]
)
def test_C14_what_is_no_stamp_is_none(text: str) -> None:
    assert parse_stamp(text, "here") is None


@pytest.mark.parametrize(
    ("path", "wall"),
    [
        ("/2026/03/04/slug", "2026-03-04T00:00:00"),
        ("/2026/3/4/slug", "2026-03-04T00:00:00"),
        ("/read/2026/03/04/101500/slug", "2026-03-04T10:15:00"),
        ("/read/2015/11/04/21040031/slug", "2015-11-04T21:04:00"),
        ("/news/20260304-slug", "2026-03-04T00:00:00"),
    ],
)
def test_C14_addresses_tell_a_day_and_sometimes_a_clock(path: str, wall: str) -> None:
    stamp = address_stamp("https://kabarcontoh.test" + path)
    assert stamp is not None
    assert stamp.wall.isoformat() == wall


@pytest.mark.parametrize(
    "path", ["/daerah/1012345678/slug", "/read/7654/slug", "/berita/2026-target-baru", "/"]
)
def test_C14_numbers_in_an_address_are_no_day(path: str) -> None:
    assert address_stamp("https://kabarcontoh.test" + path) is None
