"""Where a topic's phrases stand in an article -> the hits that count, by concept.

A hit inside a longer hit of the same topic is part of the longer name and does not count; then the
concepts' own conditions are asked (`needs`, `unless`, `since`, `until`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from config.topic import Condition, Distance

    from .compiled import CompiledTopic
    from .layout import Layout


@dataclass(frozen=True, slots=True)
class Hit:
    """Words `first` to `last` (both counted) of the article satisfy a concept."""

    first: int
    last: int
    sentence: int
    paragraph: int
    concept: str


Found = list[tuple[int, int, tuple[str, ...]]]  # first word, last word, concepts


def count_hits(
    compiled: CompiledTopic, found: Found, layout: Layout, day: date | None
) -> dict[str, list[Hit]]:
    """Give the hits that count for every concept, included concepts folded in."""
    concepts = compiled.topic.concepts
    own = _longest(found, layout)
    raw = {
        name: [hit for part in parts for hit in own.get(part, ())]
        for name, parts in compiled.whole.items()
    }
    kept: dict[str, list[Hit]] = {}
    for name, hits in own.items():
        concept = concepts[name]
        if day and ((concept.since and day < concept.since) or
                    (concept.until and day > concept.until)):  # fmt: skip
            continue
        if concept.needs:
            hits = [hit for hit in hits if _stands(hit, concept.needs, raw, layout)]
        if concept.unless:
            hits = [hit for hit in hits if not _stands(hit, concept.unless, raw, layout)]
        kept[name] = hits
    return {
        name: sorted(
            (hit for part in parts for hit in kept.get(part, ())), key=lambda hit: hit.first
        )
        for name, parts in compiled.whole.items()
    }


def _longest(found: Found, layout: Layout) -> dict[str, list[Hit]]:
    own: dict[str, list[Hit]] = {}
    reach, begun = -1, -1
    for first, last, names in sorted(found, key=lambda one: (one[0], -one[1])):
        if last <= reach and not (first == begun and last == reach):
            continue
        if last > reach:
            reach, begun = last, first
        sentence = layout.sentence_of(first)
        if sentence in layout.furniture:
            continue
        paragraph = layout.paragraphs[sentence]
        for name in names if "" not in names else ():
            own.setdefault(name, []).append(Hit(first, last, sentence, paragraph, name))
    return own


def _stands(
    hit: Hit, condition: Condition, raw: Mapping[str, Iterable[Hit]], layout: Layout
) -> bool:
    return any(
        other is not hit and is_near(hit, other, condition.within, layout)
        for name in condition.any
        for other in raw[name]
    )


def is_near(hit: Hit, other: Hit, within: Distance, layout: Layout) -> bool:
    """Tell whether two hits stand within a distance of each other."""
    if within == "sentence":
        return hit.sentence == other.sentence
    if within == "neighbours":
        return abs(hit.sentence - other.sentence) <= 1
    if within == "paragraph":
        return hit.paragraph == other.paragraph
    if within == "opening":
        return other.sentence == 0 or other.sentence in layout.lead
    if within == "article":
        return True
    gap = max(hit.first, other.first) - min(hit.last, other.last) - 1
    return hit.paragraph == other.paragraph and gap <= int(within)
