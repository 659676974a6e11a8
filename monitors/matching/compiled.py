"""Topics and regions -> one automaton over all their phrases, and each topic's plan for scoring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick, MatchKind

from config.folding import fold_phrase
from config.topic import Weight

from .forms import spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from config.region import Region
    from config.topic import Topic

    from .hits import Found

_OFFICES = ("pemprov ", "pemkab ", "pemkot ", "pemko ", "pemda ")
LONG_NAME = 9  # letters: "palangka raya" is also written in one word, "bau bau" is in the table


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledTopic:
    """A topic with its furniture folded; `whole` lists what each concept includes, itself first.

    `weighty` are the concepts that are worth points by themselves; `hopes` say which concepts
    must all be there to gain at most so many points.
    """

    topic: Topic
    lines: tuple[str, ...]
    inline: tuple[str, ...]
    whole: dict[str, tuple[str, ...]]
    weighty: tuple[tuple[str, Weight], ...]
    hopes: tuple[tuple[tuple[frozenset[str], ...], float], ...]

    def is_hopeless(self, found: Found) -> bool:
        """Tell whether these phrases could not make a near miss wherever they stood."""
        there = {name.removeprefix("^") for _first, _length, names in found for name in names}
        points = self.topic.levels.start
        for wanted, most in self.hopes:
            if all(not there.isdisjoint(names) for names in wanted):
                points += most
        return points < self.topic.levels.near_miss


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """Compiled topics; `meanings[pattern]` gives a phrase's length and, by topic, its concepts.

    A concept with ^ before it counts only where the phrase begins a line, the concept "" says that
    the phrase means nothing and hides what is inside it.
    """

    topics: tuple[CompiledTopic, ...]
    automaton: AhoCorasick | None
    meanings: tuple[tuple[int, tuple[tuple[int, tuple[str, ...]], ...]], ...]


def compile_topics(topics: Iterable[Topic], regions: Mapping[str, Region]) -> Matcher:
    """Compile topics; regions' names count for the concepts that ask for them."""
    meanings: dict[str, dict[tuple[int, str], None]] = {}
    compiled: list[CompiledTopic] = []
    names = region_names(regions)
    for number, topic in enumerate(topics):
        for name, concept in topic.concepts.items():
            for word in (*concept.words, *concept.misspelt):
                mark = "^" if word.startswith("^") else ""
                for spelling in spellings(word.removeprefix("^")):
                    meanings.setdefault(spelling, {})[number, mark + name] = None
            if concept.regions:
                for region_name in names:
                    meanings.setdefault(region_name, {})[number, name] = None
            for phrase in concept.never:  # the longest hit wins, and this one means nothing
                for spelling in spellings(phrase):
                    meanings.setdefault(spelling, {}).pop((number, name), None)
                    meanings[spelling][number, ""] = None
        compiled.append(_compile(topic))
    patterns = [f" {spelling} " for spelling in meanings]
    automaton = AhoCorasick(patterns, MatchKind.Standard, store_patterns=False)
    return Matcher(
        topics=tuple(compiled),
        automaton=automaton if patterns else None,
        meanings=tuple(
            (spelling.count(" ") + 1, _by_topic(meaning)) for spelling, meaning in meanings.items()
        ),
    )


def _compile(topic: Topic) -> CompiledTopic:
    whole = {name: topic.parts(name) for name in topic.concepts}
    weighty = tuple(
        (name, concept.weight)
        for name, concept in topic.concepts.items()
        if concept.weight != Weight()
    )
    worth: list[tuple[tuple[str, ...], Weight]] = [((name,), weight) for name, weight in weighty]
    worth += [(one.all, one.weight) for one in topic.combinations]
    return CompiledTopic(
        topic=topic,
        lines=tuple(fold_phrase(phrase) for phrase in topic.furniture.lines),
        inline=tuple(fold_phrase(phrase) for phrase in topic.furniture.inline),
        whole=whole,
        weighty=weighty,
        hopes=tuple(
            (tuple(frozenset(whole[name]) for name in names), most)
            for names, weight in worth
            if (most := sum(max(0.0, one) for one in (weight.title, weight.lead, weight.body)))
        ),
    )


def _by_topic(meaning: Iterable[tuple[int, str]]) -> tuple[tuple[int, tuple[str, ...]], ...]:
    grouped: dict[int, list[str]] = {}
    for number, concept in meaning:
        grouped.setdefault(number, []).append(concept)
    return tuple((number, tuple(concepts)) for number, concepts in grouped.items())


def region_names(regions: Mapping[str, Region]) -> tuple[str, ...]:
    """List the folded names of regions that mean nothing else.

    Words before a name (Pemkab, Bupati, Wali Kota) are left to the topic's own concepts.
    """
    found: dict[str, None] = {}
    for region in regions.values():
        bare = fold_phrase(region.short_name)
        doubted = "everyday word" in region.ambiguity
        _, _, listed = region.ambiguity.partition("province context): ")
        doubted_aliases = {fold_phrase(part) for part in listed.split(";")[0].split(",") if part}
        for name in (region.official_name, region.short_name, *region.aliases):
            folded = fold_phrase(name)
            if folded.startswith(_OFFICES) or (doubted and folded == bare):
                continue
            if folded in doubted_aliases:
                continue
            found[folded] = None
            if len(folded) >= LONG_NAME and folded.count(" ") == 1:
                found[folded.replace(" ", "")] = None
    return tuple(found)
