"""Language and time zone -> the words, dates and hours that a reader sees.

The catalogues are shipped as `locale/<language>.po` and compiled in memory when first used.
"""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations

from .slots import weekdays

if TYPE_CHECKING:
    from datetime import datetime

    from config.settings import Monitor
    from storage.records import Precision

Language = Literal["id", "en"]
ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
_LABELS = {zone: label for label, zone in ZONES.items()}
_HOURS = {"id": "%H.%M", "en": "%H:%M"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language: its catalogue, and how it writes dates, hours and numbers."""

    language: Language
    catalogue: Translations

    def text(self, message: str) -> str:
        """Translate a message; unknown ones stay as they are."""
        return self.catalogue.ugettext(message)

    def plural(self, one: str, many: str, n: int) -> str:
        """Translate a message that counts; `%(num)s` in it becomes `n`."""
        return self.catalogue.ungettext(one, many, n) % {"num": self.number(n)}

    def reason(self, reason: str) -> str:
        """Say in words what the crawl's short reason means; `http_503` becomes `HTTP 503`."""
        said = self.text(f"reason {reason}")
        if said != f"reason {reason}":
            return said
        return reason.replace("http_", "HTTP ").replace("_", " ")

    def number(self, n: int) -> str:
        """Write a whole number with the language's thousands."""
        return str(format_decimal(n, locale=self.language))

    def day(self, moment: datetime, timezone: str) -> str:
        """Write the date in a time zone: `Kamis, 11 September 2025`."""
        local = moment.astimezone(ZoneInfo(timezone))
        return str(format_date(local, "EEEE, d MMMM y", locale=self.language))

    def hour(self, moment: datetime, timezone: str) -> str:
        """Write the time of day in a time zone, with the zone's name: `06.00 WIB`."""
        local = moment.astimezone(ZoneInfo(timezone))
        label = _LABELS.get(timezone) or local.strftime("%Z")
        return f"{local.strftime(_HOURS[self.language])} {label}"

    def short(self, moment: datetime, timezone: str) -> str:
        """Write date and time in few letters: `4 Mar 2026 06.00 WIB`."""
        local = moment.astimezone(ZoneInfo(timezone))
        date = format_date(local, "d MMM y", locale=self.language)
        return f"{date} {self.hour(moment, timezone)}"

    def published(self, moment: datetime, zone: str, precision: Precision | None) -> str:
        """Write when an article appeared, in its source's zone (WIB, WITA, WIT)."""
        timezone = ZONES.get(zone, ZONES["WIB"])
        local = moment.astimezone(ZoneInfo(timezone))
        date = str(format_date(local, "EEE, d MMM y", locale=self.language))
        return date if precision == "day" else f"{date}, {self.hour(moment, timezone)}"

    def schedule(self, monitor: Monitor) -> str:
        """Say in words when a monitor tells: `setiap hari pukul 06.00 WIB`."""
        minute, hour, day, month, weekday = monitor.cron.split()
        zone = _LABELS.get(monitor.timezone, monitor.timezone)
        if not (minute.isdigit() and hour.isdigit() and (day, month) == ("*", "*")):
            return self.text("by the cron line %(cron)s, %(zone)s") % {
                "cron": monitor.cron,
                "zone": zone,
            }
        at = f"{int(hour):02}{_HOURS[self.language][2]}{int(minute):02} {zone}"
        if weekday == "*":
            return self.text("every day at %(time)s") % {"time": at}
        names = get_day_names("wide", locale=self.language)
        days = ", ".join(names[day] for day in weekdays(monitor))
        return self.text("every %(days)s at %(time)s") % {"days": days, "time": at}


@functools.cache
def load_words(language: Language) -> Words:
    """Compile a language's catalogue; done once in a process."""
    source = files("monitors.digests") / "locale" / f"{language}.po"
    with source.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Words(language=language, catalogue=Translations(compiled))
