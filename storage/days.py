"""A moment -> the number of its local day (counted from 1970), as tables and index hold it."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

ZONES = {
    "WIB": timezone(timedelta(hours=7), "WIB"),
    "WITA": timezone(timedelta(hours=8), "WITA"),
    "WIT": timezone(timedelta(hours=9), "WIT"),
}
_EPOCH = date(1970, 1, 1).toordinal()


def local_day(moment: datetime, zone: str) -> int:
    """Number a moment's day in WIB, WITA or WIT."""
    return day_number(moment.astimezone(ZONES[zone]).date())


def day_number(day: date) -> int:
    """Number a calendar day."""
    return day.toordinal() - _EPOCH


def number_day(number: int) -> date:
    """Give the calendar day of a number."""
    return date.fromordinal(number + _EPOCH)
