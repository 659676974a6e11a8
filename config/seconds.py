"""Lengths of time in files: "15m", "24h", "2s", "7d" or a number of seconds -> seconds."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from .tables import quoted

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
LONGEST = 366 * 86400.0


def parse_seconds(value: object) -> float:
    """Give seconds; raises ValueError for anything but a length of time up to a year."""
    seconds = float("nan")
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value) if abs(value) <= LONGEST else LONGEST + 1
    elif isinstance(value, str) and 2 <= len(value) <= 20 and value[-1] in UNITS:
        number = value[:-1].rstrip()
        if number.isascii() and number.replace(".", "", 1).isdigit():
            seconds = float(number) * UNITS[value[-1]]
    if not 0 <= seconds <= LONGEST:
        raise ValueError('a length of time is "15m", "2s", "24h", "7d" or a number of seconds')
    return seconds


def words_of_seconds(seconds: float) -> str:
    """Say a length of time in the largest unit that fits: 900 -> "15 minutes"."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f} {unit}{'s' if seconds != size else ''}"
    return f"{seconds:g} second{'s' if seconds != 1 else ''}"


def _validate(value: object) -> float:
    try:
        return parse_seconds(value)
    except ValueError as error:
        message = f"found {quoted(value)}: {error}"
    raise PydanticCustomError("said", "{message}", {"message": message})


Seconds = Annotated[float, BeforeValidator(_validate), Field(allow_inf_nan=False)]
