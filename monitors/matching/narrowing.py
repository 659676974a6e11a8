"""A compiled topic -> the phrases without one of which no article can match it.

Every way to a match (a required combination, or whatever gains points) needs all of its parts; the
rarest part of each way in this archive is enough to narrow by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.narrowing import compose_any, count_any

from .forms import spellings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

    from config.topic import Topic

    from .compiled import CompiledTopic

MOST = 0.2  # of the archive; a query that finds more is no faster than reading everything


def choose_query(db: Database, compiled: CompiledTopic, up_to: int) -> str | None:
    """Give the query that finds every candidate, None where reading all articles is as fast."""
    ways = find_ways(compiled)
    if ways is None:
        return None
    stop = max(1, int(up_to * MOST))
    counts: dict[str, int] = {}
    chosen: set[str] = set()
    for way in ways:
        best: tuple[int, set[str]] | None = None
        for concepts in way:
            phrases = _phrases(compiled.topic, concepts)
            if not phrases:
                continue
            query = compose_any(phrases)
            if query not in counts:
                counts[query] = count_any(db, query, up_to, stop)
            if best is None or counts[query] < best[0]:
                best = counts[query], phrases
        if best is None or best[0] >= stop:
            return None
        chosen |= best[1]
    query = compose_any(chosen)
    return query if chosen and count_any(db, query, up_to, stop) < stop else None


def find_ways(compiled: CompiledTopic) -> list[tuple[frozenset[str], ...]] | None:
    """List the ways to a match, each as the groups of concepts that must all be there.

    None where an article may match without any phrase.
    """
    topic = compiled.topic
    if topic.required:
        return [
            tuple(frozenset(compiled.whole[name]) for name in one.all)
            for one in topic.combinations
            if one.id in topic.required
        ]
    if topic.levels.start >= topic.levels.likely:
        return None
    return [groups for groups, _most in compiled.hopes]


def _phrases(topic: Topic, concepts: Iterable[str]) -> set[str]:
    """Give the spellings of these concepts; none where names of regions are among them."""
    found: set[str] = set()
    for name in concepts:
        concept = topic.concepts[name]
        if concept.regions:
            return set()
        for word in (*concept.words, *concept.misspelt):
            found.update(spellings(word.removeprefix("^")))
    return found
