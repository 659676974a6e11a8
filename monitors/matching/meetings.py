"""Where the concepts of a combination meet: sentence -> one hit of each.

Hits are looked up by sentence and paragraph, so the cost grows with the hits of the rarest concept
and not with the pairs of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .hits import Hit, is_near

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from config.topic import Combination, Distance

    from .layout import Layout

Meetings = dict[int, list[Hit]]  # sentence -> the hits that met there


class Places:
    """The hits of an article's concepts, sorted by sentence and by paragraph when asked for."""

    __slots__ = ("_paragraphs", "_sentences", "hits")

    def __init__(self, hits: Mapping[str, list[Hit]]) -> None:
        self.hits = hits
        self._sentences: dict[str, dict[int, list[Hit]]] = {}
        self._paragraphs: dict[str, dict[int, list[Hit]]] = {}

    def by_sentence(self, name: str) -> dict[int, list[Hit]]:
        """Give a concept's hits by sentence."""
        found = self._sentences.get(name)
        if found is None:
            found = self._sentences[name] = {}
            for hit in self.hits[name]:
                found.setdefault(hit.sentence, []).append(hit)
        return found

    def by_paragraph(self, name: str) -> dict[int, list[Hit]]:
        """Give a concept's hits by paragraph."""
        found = self._paragraphs.get(name)
        if found is None:
            found = self._paragraphs[name] = {}
            for hit in self.hits[name]:
                found.setdefault(hit.paragraph, []).append(hit)
        return found

    def near(self, hit: Hit, name: str, within: Distance, layout: Layout) -> Iterable[Hit]:
        """Give the hits of a concept that may stand within a distance of this one."""
        if within == "sentence":
            return self.by_sentence(name).get(hit.sentence, ())
        if within == "neighbours":
            return _around(self.by_sentence(name), hit.sentence)
        if within == "around":
            return _around(self.by_paragraph(name), hit.paragraph)
        if within == "paragraph":
            return self.by_paragraph(name).get(hit.paragraph, ())
        if isinstance(within, int):
            close = self.by_paragraph(name).get(hit.paragraph, ())
            return [other for other in close if is_near(hit, other, within, layout)]
        if within == "opening":
            opening = {layout.headline, *layout.lead}
            return [other for other in self.hits[name] if other.sentence in opening]
        return self.hits[name]


def find_meetings(combination: Combination, places: Places, layout: Layout) -> Meetings:
    """Give the sentences where all concepts of a combination meet, with one hit of each.

    The sentences are those of the first concept; every concept needs words of its own.
    """
    first, *rest = combination.all
    if not all(places.hits[name] for name in combination.all):
        return {}
    within = combination.within
    against = [name for name in combination.without if places.hits[name]]
    meetings: Meetings = {}
    for hit in places.hits[first]:
        if hit.sentence in meetings:
            continue
        if (
            within == "opening"
            and hit.sentence != layout.headline
            and (hit.sentence not in layout.lead)
        ):
            continue
        party = [hit]
        for name in rest:
            for other in places.near(hit, name, within, layout):
                if other not in party:
                    party.append(other)
                    break
            else:
                break
        else:
            if not any(places.near(hit, name, within, layout) for name in against):
                meetings[hit.sentence] = party
    return meetings


def _around(found: dict[int, list[Hit]], number: int) -> list[Hit]:
    return [
        *found.get(number, ()), *found.get(number + 1, ()), *found.get(number - 1, ())
    ]  # fmt: skip
