"""Dates as Indonesian pages print them -> day, clock, zone and weekday; day first, always.

The weekday is a check digit: it supplies a missing year and exposes slips, it never repairs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONES = {"WIB": 7, "WITA": 8, "WIT": 9, "GMT": 0, "UTC": 0}  # hours east of Greenwich
MONTHS = (
    r"jan(?:uar[iy])?",
    r"[fp]eb(?:ruar[iy])?",
    r"mar(?:et|ch)?",
    r"apr(?:il)?",
    r"me[iy]|may",
    r"jun[ie]?",
    r"jul[iy]?",
    r"ag(?:ustus|ust|us|st|t|u|s)|aug(?:ust)?",
    r"sept?(?:ember)?",
    r"o[kc]t(?:ober)?",
    r"no[vp](?:ember)?",
    r"de[sc](?:ember)?",
)
MONTH = "|".join(MONTHS)
WEEKDAYS = (
    r"senin|monday|mon",
    r"selasa|tuesday|tue",
    r"rabu|wednesday|wed",
    r"kamis|thursday|thu",
    r"jum['’`´]?at|friday|fri",
    r"sabtu|saturday|sat",
    r"minggu|ahad|sunday|sun",
)
WEEKDAY = rf"\b(?P<weekday>{'|'.join(WEEKDAYS)})\b"
ZONE = r"(?P<zone>WIB|WITA|WIT|(?:GMT|UTC)(?:\s*\+\s*0?[789])?)\b"
CLOCK = rf"""
    (?:[\s\-–—|,/•·@()T]|&bull;)*                      # what stands between day and clock
    (?:(?:pukul|pkl|jam|at|time)\b[.:]?\s*)?
    (?P<hour>[01]?\d|2[0-4])\s?[:.]\s?(?P<minute>[0-5]\d)(?!\d)(?:[:.](?P<second>[0-5]\d)(?!\d))?
    (?:\s*(?P<half>[ap])\.?m\b\.?)?
    (?:\s*\(?{ZONE})?
"""
BEFORE = re.compile(  # a clock may stand before the day: "14.03 WIB, 5 Maret 2026"
    rf"(?<![\d.:/])(?P<hour>[01]?\d|2[0-4])[:.](?P<minute>[0-5]\d)(?:\s*{ZONE})?[\s,|\-–—•·]+$",
    re.IGNORECASE,
)
YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
NAMED = rf"(?<!\d){DAY}[\s\-./]{{1,3}}(?P<month>{MONTH})[a-z]*\.?[\s,\-./]{{1,3}}{YEAR}"
ENGLISH = rf"\b(?P<month>{MONTH})[a-z]*\.?\s{{1,2}}{DAY},?\s{{1,2}}{YEAR}"
DIGITS = rf"(?<![\d/.\-]){DAY}\s?(?P<mark>[/.\-])\s?(?P<month>\d{{1,2}})\s?(?P=mark)\s?{YEAR}(?!/)"
ISO = r"(?<![\d/.\-])(?P<year>(?:19|20)\d\d)[/\-](?P<month>\d{1,2})[/\-](?P<day>\d{1,2})(?!\d)"
FORMS = tuple(
    re.compile(rf"(?:{WEEKDAY}[\s,.(|/–-]{{0,4}})?{form}(?:{CLOCK})?", re.IGNORECASE | re.VERBOSE)
    for form in (NAMED, ENGLISH, DIGITS, ISO)
)
IN_TEXT = re.compile(
    rf"{WEEKDAY}\s*,?\s*\(?\s*(?P<day>\d{{1,2}})\s*/+\s*(?P<month>\d{{1,2}})(?:\s*/+\s*(?P<year>\d{{2,4}}))?\s*\)?",
    re.IGNORECASE,
)
AGO = re.compile(
    r"\b(?:(?P<count>\d{1,3}|se)\s?(?P<unit>detik|menit|jam|hari|minggu|pekan)\s(?:yang\s)?(?:lalu|silam)"
    r"|(?P<word>kemarin|hari ini|baru saja))\b",
    re.IGNORECASE,
)
UNITS = {"detik": "seconds", "menit": "minutes", "jam": "hours", "hari": "days"}
_MONTH_TESTS = tuple(re.compile(rf"(?:{m})", re.IGNORECASE) for m in MONTHS)
_WEEKDAY_TESTS = tuple(re.compile(rf"(?:{w})\Z", re.IGNORECASE) for w in WEEKDAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A printed date; `hour` is None where no clock stands with it, `hours_east` where no zone.

    `slip` is true where the printed weekday is not that day's.
    """

    start: int
    end: int
    day: date
    hour: int | None = None
    minute: int = 0
    hours_east: int | None = None
    slip: bool = False

    def wall(self) -> datetime:
        """Give the printed day and clock as a naive time."""
        return datetime(  # noqa: DTZ001  # a printed clock has no zone yet; times.py gives it one
            self.day.year, self.day.month, self.day.day, self.hour or 0, self.minute
        )


TWO_DIGITS = re.compile(r"\d\d")


def find_printed(text: str) -> list[Printed]:
    """Find every full date in a line, in the order of the line."""
    if TWO_DIGITS.search(text) is None:
        return []  # most lines: four forms are spared
    found: dict[int, Printed] = {}
    taken: list[tuple[int, int]] = []
    for form in FORMS:
        for match in form.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            if printed := _printed(match, text):
                found[match.start()] = printed
                taken.append(match.span())
    return [found[start] for start in sorted(found)]


def _printed(match: re.Match[str], text: str) -> Printed | None:
    part = match.groupdict()
    day = _day(int(part["year"]), _month(part["month"]), int(part["day"]))
    if day is None:
        return None
    hour, minute, zone = part["hour"], part["minute"], part["zone"]
    if hour is None and (before := BEFORE.search(text, 0, match.start())):
        hour, minute, zone = before.group("hour", "minute", "zone")
    clock = _clock(hour, part["half"])
    return Printed(
        start=match.start(),
        end=match.end(),
        day=day,
        hour=clock,
        minute=int(minute) if clock is not None else 0,
        hours_east=hours_east(zone),
        slip=_slips(part["weekday"], day),
    )


def _clock(hour: str | None, half: str | None) -> int | None:
    if hour is None or int(hour) > 23:
        return None
    value = int(hour)
    if half and value <= 12:
        value = value % 12 + (12 if half.lower() == "p" else 0)
    return value


def hours_east(zone: str | None) -> int | None:
    """Turn a printed zone name into hours east of Greenwich."""
    if not zone:
        return None
    name, _, shift = zone.upper().replace(" ", "").partition("+")
    return int(shift) if shift else ZONES.get(name)


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    return next(i for i, test in enumerate(_MONTH_TESTS, 1) if test.match(text))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _slips(weekday: str | None, day: date) -> bool:
    return weekday is not None and not _WEEKDAY_TESTS[day.weekday()].match(weekday)


def find_told_days(text: str, seen: date) -> Iterator[tuple[date | None, str]]:
    """Find "Rabu (19/11)" in running text: the day, None where the weekday denies it, and the form.

    A missing year is the one, among `seen`'s and its neighbours, whose weekday fits.
    """
    for match in IN_TEXT.finditer(text):
        day, month, year = int(match["day"]), int(match["month"]), match["year"]
        years = [int(year)] if year and len(year) == 4 else []
        if year and len(year) == 2:
            years = [2000 + int(year)]
        elif not year:
            years = [seen.year, seen.year - 1, seen.year + 1]
        days = [d for y in years if (d := _day(y, month, day)) and not _slips(match["weekday"], d)]
        yield (days[0] if days else None), match.group(0).strip()


def find_ago(text: str, seen: datetime) -> datetime | None:
    """Turn "2 jam lalu" and "kemarin" into a time; exact to the unit that is printed only."""
    match = AGO.search(text)
    if match is None:
        return None
    word = (match["word"] or "").lower()
    if word:
        return seen - timedelta(days=1 if word == "kemarin" else 0)
    count = 1 if match["count"].lower() == "se" else int(match["count"])
    unit = match["unit"].lower()
    if unit in ("minggu", "pekan"):
        return seen - timedelta(weeks=count)
    return seen - timedelta(**{UNITS[unit]: count})
