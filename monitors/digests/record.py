"""Digest -> its json record; fields are added, never renamed.

monitor slot kind timezone topics since until made_at delayed_from page first_look
totals {events provinces articles copies likely}   rest (events counted, not listed)
provinces [{code name korsup events [event]}]   late [event]   found_later [event]
event: title level province province_name place sources articles told_before alerted_at
    texts
texts [{sources, articles [article]}], one entry for each copy group
article: id url source outlet title published_at precision seen_at zone level topics sentence
health {checked ok disabled offline test_network failing quiet never [{source name province
reason since}]}

Times are ISO 8601 in UTC; marks are not given, `ronda export matches` has the evidence.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from .digest import ArticleLine, CopyLine, Digest, EventLine
    from .health_block import HealthReport, SourceLine


def digest_record(digest: Digest) -> dict[str, Any]:
    """Give a digest as plain values, ready for json."""
    return {
        "monitor": digest.monitor,
        "slot": digest.slot,
        "kind": digest.kind,
        "timezone": digest.timezone,
        "topics": list(digest.topics),
        "since": _time(digest.since),
        "until": _time(digest.until),
        "made_at": _time(digest.made_at),
        "delayed_from": _time(digest.delayed_from),
        "page": digest.page,
        "first_look": digest.first_look,
        "totals": asdict(digest.totals),
        "rest": digest.rest,
        "provinces": [
            {
                "code": block.code,
                "name": block.name,
                "korsup": block.korsup,
                "events": [_event(event) for event in block.events],
            }
            for block in digest.provinces
        ],
        "late": [_event(event) for event in digest.late],
        "found_later": [_event(event) for event in digest.found_later],
        "health": _health(digest.health),
    }


def _event(event: EventLine) -> dict[str, Any]:
    return {
        "title": event.title,
        "level": event.level,
        "province": event.province,
        "province_name": event.province_name,
        "place": event.place,
        "sources": event.sources,
        "articles": event.articles,
        "told_before": event.told_before,
        "alerted_at": _time(event.alerted_at),
        "texts": [_copies(group) for group in event.copies],
    }


def _copies(group: CopyLine) -> dict[str, Any]:
    return {"sources": group.sources, "articles": [_article(line) for line in group.articles]}


def _article(line: ArticleLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "url": line.url,
        "source": line.source,
        "outlet": line.outlet,
        "title": line.title.text,
        "published_at": _time(line.published_at),
        "precision": line.precision,
        "seen_at": _time(line.seen_at),
        "zone": line.zone,
        "level": line.level,
        "topics": list(line.topics),
        "sentence": line.sentence.text,
    }


def _health(health: HealthReport) -> dict[str, Any]:
    return {
        "checked": health.checked,
        "ok": health.ok,
        "disabled": health.disabled,
        "offline": health.offline,
        "test_network": health.test_network,
        "failing": [_source(line) for line in health.failing],
        "quiet": [_source(line) for line in health.quiet],
        "never": [_source(line) for line in health.never],
    }


def _source(line: SourceLine) -> dict[str, Any]:
    return {
        "source": line.source,
        "name": line.name,
        "province": line.province,
        "reason": line.reason,
        "since": _time(line.since),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
