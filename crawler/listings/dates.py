"""Dates as feeds and sitemaps print them, in English or Indonesian -> aware UTC, or None.

Day first, always; what has no zone takes the source's; what is doubtful stays unknown.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

ZONES: dict[str, tzinfo] = {
    name: timezone(timedelta(hours=hours), name)
    for name, hours in (("WIB", 7), ("WITA", 8), ("WIT", 9))
}
OFFSETS = {"Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WIB": 7, "WITA": 8, "WIT": 9, "EST": -5,
           "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}  # fmt: skip
MONTHS = [re.compile(month, re.IGNORECASE) for month in (
    "jan(?:uari|uary)?", "[fp]eb(?:ruari|ruary)?", "mar(?:et|ch)?", "apr(?:il)?", "mei|may",
    "jun[ie]?", "jul[iy]?", "ag(?:ustus|t|u|s|st)|aug(?:ust)?", "sept?(?:ember)?",
    "o[kc]t(?:ober)?", "no[vp](?:ember)?", "de[sc](?:ember)?")]  # fmt: skip
ZONE = r"(?P<zone>[A-Z]{1,4})?\s*(?P<offset>[+-]\d\d?:?(?:\d\d)?)?(?:\s*\([A-Za-z ]{1,20}\))?"
ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[T ]\s*(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?\s*"
    + ZONE
    + ")?"
)
PRINTED = re.compile(
    r"(?:[A-Za-z][a-z'’`]{2,9}[.,]*\s+|[A-Za-z][a-z'’`]{2,9},)?"  # weekday
    r"(?P<day>\d\d?)[\s-]+(?P<name>[A-Za-z]{3,9})\.?[\s,-]+(?P<year>\d{4}|\d\d)"
    r"(?:[\s|,–-]+(?:pukul\s+|pkl\.?\s*|jam\s+)?"
    r"(?P<hour>\d\d?)[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?\s*" + ZONE + ")?"
)


def read_date(text: str, zone: tzinfo) -> datetime | None:
    """Read one printed date; `zone` serves where none is printed. None where it is doubtful."""
    text = " ".join(text.split())
    if len(text) > 80:
        return None
    found = ISO.fullmatch(text) or PRINTED.fullmatch(text)
    if not found:
        return None
    parts = found.groupdict()
    month = int(parts["month"]) if "month" in parts else _month(parts["name"])
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    if not 1995 <= year <= 2100:
        return None
    try:
        printed = _zone(parts["zone"], parts["offset"]) or zone
        hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
        moment = datetime(year, month, int(parts["day"]), hour, minute, second, tzinfo=printed)
        return moment.astimezone(UTC)
    except (ValueError, KeyError):
        return None


def _month(name: str) -> int:
    return next((n for n, month in enumerate(MONTHS, 1) if month.fullmatch(name)), 0)


def _zone(name: str | None, offset: str | None) -> tzinfo | None:
    """Raise KeyError or ValueError for a zone that nobody knows."""
    if offset:
        digits = offset[1:].replace(":", "")
        hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
        if int(hours) > 14 or int(minutes) > 59:
            raise ValueError(offset)
        span = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-span if offset[0] == "-" else span)
    return timezone(timedelta(hours=OFFSETS[name])) if name else None
