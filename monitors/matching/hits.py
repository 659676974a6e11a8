"""Where a topic's phrases stand in an article -> the hits that count, by concept.

A hit inside a longer hit of the same topic is part of the longer name and does not count; then the
concepts' own conditions are asked (`needs`, `unless`, `since`, `until`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from config.folding import Folded
    from config.topic import Condition, Distance

    from .compiled import CompiledTopic
    from .layout import Layout


class Hit(NamedTuple):
    """Words `first` to `last` (both counted) of the article satisfy a concept."""

    first: int
    last: int
    sentence: int
    paragraph: int
    concept: str


Found = list[tuple[int, int, tuple[str, ...]]]  # first word, length (negative), concepts


def count_hits(
    compiled: CompiledTopic, found: Found, layout: Layout, day: date | None
) -> dict[str, list[Hit]]:
    """Give the hits that count for every concept, included concepts folded in."""
    concepts = compiled.topic.concepts
    own = _longest(found, layout)
    _drop_homonyms(own, found, layout)
    raw: dict[str, list[Hit]] = {}
    kept: dict[str, list[Hit]] = {}
    for name, hits in own.items():
        concept = concepts[name]
        if day and ((concept.since and day < concept.since) or
                    (concept.until and day > concept.until)):  # fmt: skip
            continue
        if concept.needs:
            near = _raw(concept.needs, compiled, own, raw)
            hits = [hit for hit in hits if _stands(hit, concept.needs, near, layout)]
        if concept.unless:
            near = _raw(concept.unless, compiled, own, raw)
            hits = [hit for hit in hits if not _stands(hit, concept.unless, near, layout)]
        kept[name] = hits
    return {name: _union(parts, kept) for name, parts in compiled.whole.items()}


def _drop_homonyms(own: dict[str, list[Hit]], found: Found, layout: Layout) -> None:
    """Drop an abbreviation where the article spells out another meaning: "Serikat ... (SPI)"."""
    folded, whole = layout.folded, layout.whole
    spans: set[tuple[int, int]] | None = None
    for name, hits in own.items():
        for hit in hits:
            start = folded.starts[hit.first]
            if hit.last > hit.first or whole[start - 1 : start] != "(":
                continue
            letters = _spelt(hit, folded)
            begun = range(hit.first - len(letters), hit.first)
            if begun[0] < 0 or "".join(folded.words[folded.offsets[w]] for w in begun) != letters:
                continue
            if spans is None:
                spans = {(first, first - length - 1) for first, length, _names in found}
            if (begun[0], begun[-1]) not in spans:
                own[name] = [one for one in hits if _spelt(one, folded) != letters]
                break


def _spelt(hit: Hit, folded: Folded) -> str:
    begin, last = folded.offsets[hit.first], folded.offsets[hit.last]
    return folded.words[begin : folded.words.find(" ", last)]


def _union(parts: tuple[str, ...], hits: Mapping[str, list[Hit]]) -> list[Hit]:
    there = [hits[part] for part in parts if hits.get(part)]
    if len(there) < 2:
        return there[0] if there else []
    return sorted(hit for some in there for hit in some)


def _longest(found: Found, layout: Layout) -> dict[str, list[Hit]]:
    own: dict[str, list[Hit]] = {}
    reach, begun = -1, -1
    for first, length, names in sorted(found):
        last = first - length - 1
        if last <= reach and not (first == begun and last == reach):
            continue
        if last > reach:
            reach, begun = last, first
        sentence = layout.sentence_of(first)
        if sentence in layout.furniture:
            continue
        paragraph = layout.paragraphs[sentence]
        if "" in names:
            continue
        for name in names:
            if name.startswith("^"):
                if not layout.begins_line(first):
                    continue
                name = name[1:]
            own.setdefault(name, []).append(Hit(first, last, sentence, paragraph, name))
    return own


def _raw(
    condition: Condition,
    compiled: CompiledTopic,
    own: Mapping[str, list[Hit]],
    raw: dict[str, list[Hit]],
) -> list[Hit]:
    """Give the hits a condition asks about, as they stand before any condition is asked."""
    for name in condition.any:
        if name not in raw:
            raw[name] = _union(compiled.whole[name], own)
    return [hit for name in condition.any for hit in raw[name]]


def _stands(hit: Hit, condition: Condition, near: list[Hit], layout: Layout) -> bool:
    within = condition.within
    return any(other is not hit and is_near(hit, other, within, layout) for other in near)


def is_near(hit: Hit, other: Hit, within: Distance, layout: Layout) -> bool:
    """Tell whether two hits stand within a distance of each other."""
    if within == "sentence":
        return hit.sentence == other.sentence
    if within == "neighbours":
        return abs(hit.sentence - other.sentence) <= 1
    if within == "paragraph":
        return hit.paragraph == other.paragraph
    if within == "around":
        return abs(hit.paragraph - other.paragraph) <= 1
    if within == "opening":
        return other.sentence == 0 or other.sentence in layout.lead
    if within == "article":
        return True
    gap = max(hit.first, other.first) - min(hit.last, other.last) - 1
    return hit.paragraph == other.paragraph and gap <= int(within)
