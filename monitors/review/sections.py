"""A stored digest -> its sections as they were sent, each article with its evidence marked.

Order and headings come from the digest's own json record; title and text from the archive.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from storage.articles import load_article
from storage.matches import matches_by_id
from storage.told import matches_told_in

from .marks import marked_paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

    from storage.digests import StoredDigest
    from storage.records import Article, Evidence, Level

    from .marks import Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class TextView:
    """One text of an event: the article that stands for it, where else it ran.

    `lead` are the paragraphs up to the first that holds evidence, `rest` those after it.
    """

    article: Article
    level: Level
    title: list[Piece]
    lead: list[list[Piece]]
    rest: list[list[Piece]]
    others: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """One event: its place and its texts."""

    title: str
    level: str
    where: str
    texts: list[TextView]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A province, or one of the digest's other parts (`late`, `found_later`, `more`)."""

    anchor: str
    kind: str
    name: str | None
    korsup: str | None
    events: list[EventView]


def digest_sections(db: Database, digest: StoredDigest) -> list[SectionView]:
    """Give a digest's sections in the order in which they were sent, what it counted only last."""
    texts = _texts(db, digest.id)
    record = json.loads(digest.json)
    sections = []
    for block in record["provinces"]:
        events = [_event(event, texts, in_province=True) for event in block["events"]]
        sections.append(
            SectionView(
                anchor=f"p{block['code'] or '0'}",
                kind="province",
                name=block["name"],
                korsup=block["korsup"],
                events=events,
            )
        )
    for kind in ("late", "found_later"):
        events = [_event(event, texts) for event in record[kind]]
        sections.append(_other(kind, events))
    sections.append(
        _other(
            "more",
            [
                EventView(title=text.article.title, level=text.level, where="", texts=[text])
                for text in texts.values()
            ],
        )
    )
    return [section for section in sections if section.events]


def _other(kind: str, events: list[EventView]) -> SectionView:
    return SectionView(anchor=kind, kind=kind, name=None, korsup=None, events=events)


def _event(
    event: dict[str, Any], texts: dict[int, TextView], *, in_province: bool = False
) -> EventView:
    """Take an event's texts out of those that wait for their place."""
    found = []
    for group in event["texts"]:
        here = [texts.pop(line["id"]) for line in group["articles"] if line["id"] in texts]
        if here:
            first, *others = here
            first.others.extend(
                {"url": text.article.url, "source": text.article.source} for text in others
            )
            found.append(first)
    where = [None if in_province else event["province_name"], event["place"]]
    return EventView(
        title=event["title"],
        level=event["level"],
        where=" · ".join(filter(None, where)),
        texts=found,
    )


def _texts(db: Database, digest: int) -> dict[int, TextView]:
    """Give every article that the digest told, by its id, in the order told."""
    evidence: dict[int, tuple[Level, list[Evidence]]] = {}
    for match in matches_by_id(db, matches_told_in(db, digest)):
        if match.article is not None:
            evidence.setdefault(match.article, (match.level, []))[1].extend(match.evidence)
    return dict(_views(db, evidence))


def _views(
    db: Database, evidence: dict[int, tuple[Level, list[Evidence]]]
) -> Iterator[tuple[int, TextView]]:
    for number, (level, pieces) in evidence.items():
        article = load_article(db, number)
        if article is None:
            continue
        paragraphs = marked_paragraphs(article, pieces, "text")
        marked = (n for n, line in enumerate(paragraphs, 1) if any(concept for _, concept in line))
        cut = next(marked, 1)
        yield (
            number,
            TextView(
                article=article,
                level=level,
                title=marked_paragraphs(article, pieces, "title")[0],
                lead=paragraphs[:cut],
                rest=paragraphs[cut:],
                others=[],
            ),
        )
