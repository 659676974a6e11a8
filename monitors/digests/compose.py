"""Matches that a monitor asks for -> Digest, by province and event; reads only, tells nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from storage.told import evidence_of, texts_of, told_before, wanted_matches

from .digest import ArticleLine, CopyLine, Digest, EventLine, ProvinceBlock, Totals
from .sentences import quote_sentence, quote_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlite_utils import Database

    from config.region import Region
    from config.settings import Monitor
    from config.source import Source
    from config.topic import Topic
    from storage.digests import DigestKind
    from storage.records import Evidence, Level
    from storage.told import MatchRow

    from .health_block import HealthReport
    from .words import Language

LATE_AFTER = timedelta(hours=48)
EVENT_LINES = 60  # 25 once copies are grouped by more than their exact text
COPY_LINES = 4  # texts shown of one event; the rest is counted
_RANK: dict[Level, int] = {"sure": 0, "likely": 1, "near_miss": 2}


def compose_digest(
    db: Database,
    monitor: Monitor,
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    health: HealthReport,
    sources: Mapping[str, Source],
    regions: Mapping[str, Region],
    topics: Mapping[str, Topic],
    language: Language = "id",
    slot: str = "",
    kind: DigestKind = "digest",
    after_match: int = 0,
    untold: bool = True,
    period: bool = False,
    page: str | None = None,
    first_look: str | None = None,
    delayed_from: datetime | None = None,
    event_lines: int = EVENT_LINES,
) -> Digest:
    """Compose what a monitor has to tell.

    `untold` leaves out what its digests told before; `period` keeps to what was published between
    `since` and `until`, which otherwise are only the heading.
    """
    rows = wanted_matches(
        db,
        monitor.name,
        topics=monitor.topics,
        levels=monitor.levels,
        regions=monitor.regions,
        after=after_match,
        untold=untold,
        since=since if period else None,
        until=until if period else None,
    )
    events = _events(rows)
    late_before = min(until - LATE_AFTER, since)
    events.sort(key=lambda event: (_section(event, late_before), *_weight(event)))
    shown = events[:event_lines]
    lines = _Lines(db, monitor, shown, sources=sources, regions=regions, topics=topics,
                   language=language)  # fmt: skip
    sections: tuple[list[EventLine], ...] = ([], [], [])
    for event in shown:
        sections[_section(event, late_before)].append(lines.event(event))
    return Digest(
        monitor=monitor.name,
        slot=slot,
        kind=kind,
        timezone=monitor.timezone,
        topics=tuple(_topic_name(topics, topic, language) for topic in monitor.topics),
        since=since,
        until=until,
        made_at=now,
        health=health,
        provinces=_provinces(sections[0], regions),
        late=tuple(sections[1]),
        found_later=tuple(sections[2]),
        totals=_totals(events),
        rest=len(events) - len(shown),
        matches=tuple(sorted(row.match for row in rows)),
        page=page,
        first_look=first_look,
        delayed_from=delayed_from,
    )


def _events(rows: Iterable[MatchRow]) -> list[list[MatchRow]]:
    """Gather matches by event; an article without one stands for its copy group, or itself."""
    found: dict[tuple[str, int], list[MatchRow]] = {}
    for row in rows:
        if row.event is not None:
            key = ("event", row.event)
        elif row.group is not None:
            key = ("group", row.group)
        else:
            key = ("article", row.article)
        found.setdefault(key, []).append(row)
    return list(found.values())


def _section(event: Sequence[MatchRow], late_before: datetime) -> int:
    """Say where an event stands: 0 by province, 1 late, 2 found later."""
    if all(row.found_later for row in event):
        return 2
    return int(all(_appeared(row) < late_before for row in event))


def _appeared(row: MatchRow) -> datetime:
    """Give the latest moment at which an article can have appeared, for telling late from new."""
    if row.published_at is None:
        return row.first_seen
    return row.published_at + (timedelta(days=1) if row.precision == "day" else timedelta(0))


def _weight(event: Sequence[MatchRow]) -> tuple[int, int, float, int]:
    """Order events: sure before likely, many sources before few, new before old."""
    return (
        min(_RANK[row.level] for row in event),
        -len({row.source for row in event}),
        -max(_appeared(row).timestamp() for row in event),
        event[0].match,
    )


def _totals(events: Sequence[Sequence[MatchRow]]) -> Totals:
    articles = {row.article: row for event in events for row in event}
    groups: dict[int, int] = {}
    for row in articles.values():
        if row.group is not None:
            groups[row.group] = groups.get(row.group, 0) + 1
    return Totals(
        events=len(events),
        provinces=len({p for event in events if (p := _province(event)) is not None}),
        articles=len(articles),
        copies=sum(count for count in groups.values() if count > 1),
        likely=sum(all(row.level != "sure" for row in event) for event in events),
    )


def _province(event: Sequence[MatchRow]) -> str | None:
    return next((row.province for row in event if row.province), None)


def _provinces(
    events: Sequence[EventLine], regions: Mapping[str, Region]
) -> tuple[ProvinceBlock, ...]:
    """Gather events by province, in the order of the codes; the unknown ones close."""
    codes = sorted({event.province for event in events}, key=lambda code: (code is None, code))
    blocks = []
    for code in codes:
        region = regions.get(code) if code else None
        blocks.append(
            ProvinceBlock(
                code=code,
                name=_province_name(code, regions),
                korsup=(region.korsup_wilayah or None) if region else None,
                events=tuple(event for event in events if event.province == code),
            )
        )
    return tuple(blocks)


def _province_name(code: str | None, regions: Mapping[str, Region]) -> str | None:
    region = regions.get(code) if code else None
    return region.province if region else code


def _topic_name(topics: Mapping[str, Topic], topic: str, language: Language) -> str:
    found = topics.get(topic)
    return found.name(language) if found else topic


class _Lines:
    """Turns the shown events into lines; loads their texts and evidence at once."""

    def __init__(
        self,
        db: Database,
        monitor: Monitor,
        events: Sequence[Sequence[MatchRow]],
        *,
        sources: Mapping[str, Source],
        regions: Mapping[str, Region],
        topics: Mapping[str, Topic],
        language: Language,
    ) -> None:
        rows = [row for event in events for row in event]
        self._evidence = evidence_of(db, [row.match for row in rows])
        self._texts = texts_of(db, {row.article: self._version(row) for row in rows})
        self._told = told_before(db, monitor.name, {row.event for row in rows if row.event})
        self._sources, self._regions = sources, regions
        self._topics, self._language = topics, language

    def event(self, rows: Sequence[MatchRow]) -> EventLine:
        """Build one event's line; copies stand under the text that appeared first."""
        articles: dict[int, list[MatchRow]] = {}
        for row in sorted(rows, key=lambda row: (_appeared(row), row.article, row.match)):
            articles.setdefault(row.article, []).append(row)
        groups: dict[tuple[bool, int], list[ArticleLine]] = {}
        for article, matches in articles.items():
            group = matches[0].group
            key = (True, article) if group is None else (False, group)
            groups.setdefault(key, []).append(self._article(matches))
        copies = sorted(groups.values(), key=lambda lines: -len(lines))
        region = next((row.region for row in rows if row.region), None)
        place = self._regions.get(region) if region and "." in region else None
        best = min(rows, key=lambda row: (_RANK[row.level], row.published_at or row.first_seen))
        return EventLine(
            title=quote_title(best.title, ()).text,
            level=best.level,
            province=_province(rows),
            province_name=_province_name(_province(rows), self._regions),
            place=place.official_name if place else None,
            copies=tuple(CopyLine(first=first, others=tuple(rest)) for first, *rest in copies),
            told_before=self._told.get(rows[0].event or 0, 0),
            alerted_at=min((row.alerted_at for row in rows if row.alerted_at), default=None),
        )

    def _article(self, matches: Sequence[MatchRow]) -> ArticleLine:
        row = matches[0]
        source = self._sources.get(row.source)
        evidence = [line for match in matches for line in self._evidence.get(match.match, ())]
        version = self._version(row)
        fitting = [line for line in evidence if line.version == version]
        return ArticleLine(
            id=row.article,
            url=row.url,
            source=row.source,
            outlet=source.name if source else row.source,
            title=quote_title(row.title, fitting if version == row.version else ()),
            published_at=row.published_at,
            precision=row.precision,
            seen_at=row.first_seen,
            zone=source.timezone if source else "WIB",
            level=min((match.level for match in matches), key=_RANK.__getitem__),
            topics=tuple(
                _topic_name(self._topics, topic, self._language)
                for topic in dict.fromkeys(match.topic for match in matches)
            ),
            sentence=quote_sentence(self._texts.get(row.article, ""), fitting),
        )

    def _version(self, row: MatchRow) -> int:
        """Give the version of the article that the evidence speaks of."""
        lines: tuple[Evidence, ...] = self._evidence.get(row.match, ())
        return lines[0].version if lines else row.version
