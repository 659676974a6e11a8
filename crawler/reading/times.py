"""A page's claims about its time -> one instant, with precision, place found and doubts.

Stamps lie in known ways; a clock that readers see is the check. Nothing is repaired silently.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from .printed import ZONES
from .stamps import Stamp, address_stamp, modified_stamps, printed_stamps, published_stamps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from config.source import Source
    from storage.records import Page, Precision

    from .document import Block, Document

MINUTE = timedelta(minutes=1)
LEEWAY = timedelta(minutes=5)  # how far a site's clock may run ahead of ours
OLDEST = datetime(1995, 1, 1, tzinfo=UTC)
HOME = (7.0, 8.0, 9.0)  # offsets that an Indonesian page can mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When a story was published; `doubts` names what was not believed and why."""

    published_at: datetime | None = None
    precision: Precision | None = None
    published_from: str | None = None
    modified_at: datetime | None = None
    doubts: tuple[str, ...] = ()


def read_times(
    document: Document, page: Page, source: Source, lines: Sequence[Block], *, now: datetime
) -> Times:
    """Find the time of publication; `lines` are those around the title."""
    seen = min(page.fetched_at, now)
    printed, printed_changes = printed_stamps(lines, seen)
    zone = next((s.offset for s in printed if s.offset is not None and s.where == "printed"), None)
    hours = zone if zone in HOME else float(ZONES.get(source.timezone, 7))
    judge = _Judge(hours=hours, seen=seen)
    clocks = [s for s in printed if s.clock] + [
        s for s in [address_stamp(page.final_url or page.url)] if s and s.clock
    ]
    days = [s for s in printed if not s.clock and s.where == "printed"]
    machine = [s for stamp in published_stamps(document) if (s := judge.believable(stamp))]
    stamps = [s for s in (*modified_stamps(document), *printed_changes) if s.clock]
    changes = [s.instant(hours) for s in stamps]
    visible = next((s for stamp in clocks if (s := judge.believable(stamp))), None)
    if any(s.slip for s in printed):
        judge.doubt("weekday does not fit the printed day")

    chosen: Stamp | None = None
    if machine:
        chosen = judge.settle(machine, visible, days, changes, page.listed_at)
    elif visible is not None:
        chosen = visible
    if chosen is None:
        others = [
            *days,
            address_stamp(page.final_url or page.url),
            *(s for s in printed if s.where == "printed ago"),
        ]
        chosen = next((s for o in others if o and (s := judge.believable(o))), None)
        if page.listed_at is not None and judge.in_time(page.listed_at):
            listed = page.listed_at.astimezone(UTC)
            same_day = chosen is not None and _day(chosen, hours) == _local(listed, hours).date()
            if chosen is None or same_day:
                chosen = _aware(listed, "listing")
    return _result(chosen, hours, stamps, judge)


def _result(chosen: Stamp | None, hours: float, changes: list[Stamp], judge: _Judge) -> Times:
    doubts = tuple(dict.fromkeys(judge.doubts))
    if chosen is None:
        return Times(doubts=doubts)
    at = chosen.instant(hours)
    if not chosen.clock:
        day = _day(chosen, hours)
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        at = midnight - timedelta(hours=hours)
    later = [c for c in judge.changes(changes) if c > at + MINUTE and c <= judge.seen + LEEWAY]
    return Times(
        published_at=at,
        precision="minute" if chosen.clock else "day",
        published_from=chosen.where,
        modified_at=later[0] if later else None,
        doubts=doubts,
    )


class _Judge:
    """Weighs one page's claims against each other and remembers what it did not believe."""

    def __init__(self, *, hours: float, seen: datetime) -> None:
        self.hours = hours
        self.seen = seen
        self.doubts: list[str] = []
        self.utc_lies = False  # this page's UTC stamps hold local clocks

    def changes(self, stamps: list[Stamp]) -> list[datetime]:
        """Give the times of the changes, read as the page's other stamps had to be."""
        odd = (None, *HOME) if self.utc_lies else (None, 0, *HOME)
        local = [s if s.offset in odd else replace(s, offset=self.hours) for s in stamps]
        return [s.instant(self.hours) for s in local]

    def doubt(self, text: str) -> None:
        self.doubts.append(text)

    def in_time(self, instant: datetime) -> bool:
        return OLDEST <= instant <= self.seen + LEEWAY

    def believable(self, stamp: Stamp) -> Stamp | None:
        """Give the stamp as far as it can be true: midnight is no clock, the future is no past."""
        wall = stamp.wall
        midnight = wall.hour == wall.minute == wall.second == 0
        if stamp.clock and midnight and stamp.where != "printed":
            stamp = replace(stamp, clock=False, offset=None)
        if stamp.offset is not None and stamp.offset not in (0, *HOME):
            self.doubt(f"offset of {stamp.where} is no Indonesian one, its clock taken as local")
            stamp = replace(stamp, offset=self.hours)
        if self.in_time(stamp.instant(self.hours)):
            return stamp
        if stamp.clock and stamp.offset == 0:
            local = replace(stamp, offset=self.hours)
            if self.in_time(local.instant(self.hours)):
                self.doubt(f"{stamp.where} would lie in the future, its clock taken as local")
                return local
        if not stamp.clock and self.in_time(stamp.instant(24)):
            return stamp
        self.doubt(f"{stamp.where} is not believed: {stamp.wall:%Y-%m-%d %H:%M}")
        return None

    def settle(
        self,
        machine: list[Stamp],
        visible: Stamp | None,
        days: list[Stamp],
        changes: list[datetime],
        listed_at: datetime | None,
    ) -> Stamp:
        """Choose among the page's own stamps with the printed clock or day as the check."""
        first = next((s for s in machine if s.clock), machine[0])
        if not first.clock:
            if visible is not None and self.same_day(visible, first):
                return visible
            return self._finer(first, listed_at)
        if visible is not None:
            return self._against_clock(first, machine, visible, changes)
        if days and not any(self.same_day(first, day) for day in days):
            return self._against_days(first, machine, days)
        local = replace(first, offset=self.hours)
        if first.offset == 0 and self._local_twin(first, machine, listed_at):
            self.doubt(f"{first.where} says UTC, another stamp shows the same clock as local")
            self.utc_lies = True
            return local
        earlier = self._not_a_change(first, machine, changes)
        return earlier or first

    def _against_clock(
        self, first: Stamp, machine: list[Stamp], visible: Stamp, changes: list[datetime]
    ) -> Stamp:
        shown = visible.instant(self.hours)
        for stamp in machine:
            if stamp.clock and abs(stamp.instant(self.hours) - shown) <= MINUTE:
                if stamp is not first:
                    self.doubt(f"{first.where} contradicts the printed clock")
                return stamp
        for stamp in machine:
            if stamp.clock and abs(stamp.wall - visible.wall) <= MINUTE:
                self.doubt(f"offset of {stamp.where} contradicts the printed clock")
                self.utc_lies = stamp.offset == 0
                return replace(visible, where=stamp.where)
        at = first.instant(self.hours)
        if shown < at and any(abs(at - c) <= MINUTE for c in changes):
            self.doubt(f"{first.where} is the time of a change, the printed time is earlier")
            return visible
        self.doubt(f"printed clock {visible.wall:%Y-%m-%d %H:%M} differs from {first.where}")
        return first

    def _against_days(self, first: Stamp, machine: list[Stamp], days: list[Stamp]) -> Stamp:
        for stamp in machine:
            if stamp.clock and any(stamp.wall.date() == d.wall.date() for d in days):
                self.doubt(f"offset of {stamp.where} would move the printed day")
                self.utc_lies = stamp.offset == 0
                return replace(stamp, offset=self.hours)
        self.doubt(f"printed day {days[0].wall:%Y-%m-%d} differs from {first.where}")
        return first

    def _local_twin(self, first: Stamp, machine: list[Stamp], listed_at: datetime | None) -> bool:
        local = first.wall - timedelta(hours=self.hours)
        if (
            listed_at is not None
            and abs(listed_at.astimezone(UTC).replace(tzinfo=None) - local) <= MINUTE
        ):
            return True
        return any(
            s.clock and s.offset in (None, *HOME) and abs(s.wall - first.wall) <= MINUTE
            for s in machine
        )

    def _not_a_change(
        self, first: Stamp, machine: list[Stamp], changes: list[datetime]
    ) -> Stamp | None:
        at = first.instant(self.hours)
        if not any(abs(at - c) <= MINUTE for c in changes):
            return None
        for stamp in machine:
            if stamp.clock and stamp.instant(self.hours) < at - MINUTE:
                self.doubt(f"{first.where} is the time of a change")
                return stamp
        return None

    def _finer(self, first: Stamp, listed_at: datetime | None) -> Stamp:
        """Take the listing's clock where the page itself gives the same day only."""
        if listed_at is not None and self.in_time(listed_at):
            listed = listed_at.astimezone(UTC)
            if _local(listed, self.hours).date() == _day(first, self.hours):
                return _aware(listed, "listing")
        return first

    def same_day(self, a: Stamp, b: Stamp) -> bool:
        return _day(a, self.hours) == _day(b, self.hours)


def _aware(instant: datetime, where: str) -> Stamp:
    return Stamp(where=where, wall=instant.replace(tzinfo=None), offset=0)


def _day(stamp: Stamp, hours: float) -> date:
    if not stamp.clock and stamp.offset is None:
        return stamp.wall.date()
    return _local(stamp.instant(hours), hours).date()


def _local(instant: datetime, hours: float) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None) + timedelta(hours=hours)
