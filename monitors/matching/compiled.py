"""Topics and regions -> one automaton over all their phrases, and each topic's plan for scoring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick, MatchKind

from config.folding import fold_phrase

from .forms import spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from config.region import Region
    from config.topic import Concept, Topic

# Words before a name that say which kind of region is meant, where the bare name says nothing.
_KINDS = {
    "provinsi": ("provinsi", "pemprov", "gubernur"),
    "kabupaten": ("kabupaten", "kab", "pemkab", "bupati", "wabup"),
    "kota": ("kota", "pemkot", "pemko", "wali kota", "walikota", "wawali", "wawako"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledTopic:
    """A topic with its furniture folded; `whole` lists what each concept includes, itself first."""

    topic: Topic
    lines: tuple[str, ...]
    inline: tuple[str, ...]
    whole: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """Compiled topics; `meanings[pattern]` lists (topic number, concept) for each phrase."""

    topics: tuple[CompiledTopic, ...]
    automaton: AhoCorasick | None
    meanings: tuple[tuple[tuple[int, str], ...], ...]


def compile_topics(topics: Iterable[Topic], regions: Mapping[str, Region]) -> Matcher:
    """Compile topics; regions' names count for the concepts that ask for them."""
    meanings: dict[str, dict[tuple[int, str], None]] = {}
    compiled = []
    names = region_names(regions)
    for number, topic in enumerate(topics):
        for name, concept in topic.concepts.items():
            own = (s for word in (*concept.words, *concept.misspelt) for s in spellings(word))
            for spelling in own:
                meanings.setdefault(spelling, {})[number, name] = None
            if concept.regions:
                for region_name in names:
                    meanings.setdefault(region_name, {})[number, name] = None
            for phrase in concept.never:  # the longest hit wins, and this one means nothing
                for spelling in spellings(phrase):
                    meanings.setdefault(spelling, {}).pop((number, name), None)
                    meanings[spelling][number, ""] = None
        furniture = topic.furniture
        compiled.append(
            CompiledTopic(
                topic=topic,
                lines=tuple(fold_phrase(phrase) for phrase in furniture.lines),
                inline=tuple(fold_phrase(phrase) for phrase in furniture.inline),
                whole={name: _included(name, topic.concepts) for name in topic.concepts},
            )
        )
    patterns = [f" {spelling} " for spelling in meanings]
    automaton = AhoCorasick(patterns, MatchKind.Standard, store_patterns=False)
    return Matcher(
        topics=tuple(compiled),
        automaton=automaton if patterns else None,
        meanings=tuple(tuple(meaning) for meaning in meanings.values()),
    )


def region_names(regions: Mapping[str, Region]) -> tuple[str, ...]:
    """List the folded names that name a region by themselves or with the kind before them."""
    found: dict[str, None] = {}
    for region in regions.values():
        bare = fold_phrase(region.short_name)
        doubtful = "word" in region.ambiguity
        for kind in _KINDS.get(region.type, ()):
            found[f"{kind} {bare}"] = None
        for name in (region.official_name, region.short_name, *region.aliases):
            folded = fold_phrase(name)
            if (doubtful and folded == bare) or f": {name}".lower() in region.ambiguity.lower():
                continue
            if len(folded) < 4 and folded == folded.strip() and name != name.upper():
                continue
            found[folded] = None
            if len(folded) >= 9 and folded.count(" ") == 1:
                found[folded.replace(" ", "")] = None
    return tuple(found)


def _included(name: str, concepts: Mapping[str, Concept]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        one = waiting.pop(0)
        if one not in found:
            found[one] = None
            waiting += concepts[one].includes
    return tuple(found)
