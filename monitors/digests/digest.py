"""The values that a digest is made of; composed once, rendered in any language and form."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003  # dataclass fields are read at run time by tests
from typing import TYPE_CHECKING

from .sentences import Quote

if TYPE_CHECKING:
    from storage.digests import DigestKind
    from storage.records import Level, Precision

    from .health_block import HealthReport


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleLine:
    """One article as it stands in a digest; `zone` is its source's (WIB, WITA, WIT).

    `published_at` is None where the page gave no time; `seen_at` is when we first read it.
    """

    id: int
    url: str
    source: str
    outlet: str
    title: Quote
    published_at: datetime | None
    precision: Precision | None
    seen_at: datetime
    zone: str
    level: Level
    topics: tuple[str, ...]
    sentence: Quote = field(default_factory=Quote)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyLine:
    """Articles that are one text: the first of them, and where else it ran."""

    first: ArticleLine
    others: tuple[ArticleLine, ...] = ()

    @property
    def articles(self) -> tuple[ArticleLine, ...]:
        """All articles of the group, the first one first."""
        return (self.first, *self.others)

    @property
    def sources(self) -> int:
        """How many different sources carried this text."""
        return len({line.source for line in self.articles})


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One event: its copy groups, the most copied text first; `place` is a kabupaten or kota.

    `told_before` counts articles of the same event that earlier digests told;
    `alerted_at` is when it was told at once, None where it was not.
    """

    title: str
    level: Level
    province: str | None
    province_name: str | None
    place: str | None
    copies: tuple[CopyLine, ...]
    told_before: int = 0
    alerted_at: datetime | None = None

    @property
    def articles(self) -> int:
        """How many articles this digest tells of the event."""
        return sum(len(group.articles) for group in self.copies)

    @property
    def sources(self) -> int:
        """How many different sources wrote of the event in this digest."""
        return len({line.source for group in self.copies for line in group.articles})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceBlock:
    """The events of one province; `name` is None where no province is known."""

    code: str | None
    name: str | None
    korsup: str | None
    events: tuple[EventLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What a digest holds in all, whether shown or counted only."""

    events: int = 0
    provinces: int = 0
    articles: int = 0
    copies: int = 0
    likely: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one monitor tells in one slot.

    `late` were published well before the window, `found_later` come from a changed topic meeting
    the archive; `rest` counts the events beyond the lines shown. `matches` are all that it tells.
    `delayed_from` is the time at which it was due, where it was made well after that.
    """

    monitor: str
    slot: str
    kind: DigestKind
    timezone: str
    topics: tuple[str, ...]
    since: datetime
    until: datetime
    made_at: datetime
    health: HealthReport
    provinces: tuple[ProvinceBlock, ...]
    late: tuple[EventLine, ...]
    found_later: tuple[EventLine, ...]
    totals: Totals
    rest: int
    matches: tuple[int, ...]
    page: str | None = None
    first_look: str | None = None
    delayed_from: datetime | None = None
