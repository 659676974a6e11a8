"""[monitors.<name>] of ronda.toml -> Monitor: what is watched, when it is told and by which way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from .rules import Short, as_tuple, says
from .tables import Table

Level = Literal["sure", "likely", "near_miss"]
FIELDS = ("minute", "hour", "day", "month", "weekday")


def _check_cron(cron: str) -> None:
    """Refuse what never fires, and weekdays as digits: programs disagree on which day 1 is."""
    from apscheduler.triggers.cron import CronTrigger  # 60 ms, only where a monitor is read

    parts = cron.split()
    if len(cron) > 100 or len(parts) != len(FIELDS):
        raise ValueError('five fields, such as "0 6 * * *" (minute hour day month weekday)')
    if any(one.isdigit() for one in parts[4].split("/")[0]):
        raise ValueError("weekdays are written mon, tue, wed, thu, fri, sat, sun")
    try:
        trigger = CronTrigger.from_crontab(cron, timezone="UTC")
    except ValueError as error:
        message = str(error)
    else:
        if trigger.get_next_fire_time(None, datetime(2024, 1, 1, tzinfo=UTC)) is None:
            raise ValueError("never comes")
        return
    raise ValueError(message)


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        known = True
    else:
        known = False
    if known:
        raise ValueError('no time zone; such as "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"')


Words = Annotated[tuple[Short, ...], BeforeValidator(as_tuple), Field(max_length=600)]


class Monitor(Table):
    """A standing watch; `name` is the table's key, `regions` empty means all."""

    name: str
    topics: Annotated[Words, Field(min_length=1)]
    regions: Words = ()
    levels: Annotated[tuple[Level, ...], BeforeValidator(as_tuple), Field(min_length=1)] = (
        "sure",
        "likely",
    )
    cron: Annotated[str, AfterValidator(says(_check_cron))] = "0 6 * * *"
    timezone: Annotated[str, Field(max_length=60), AfterValidator(says(_check_zone))] = (
        "Asia/Jakarta"
    )
    at_once: Literal["off", "sure", "likely"] = "off"
    channels: Words = ("file",)
    language: Literal["id", "en"] | None = None
