"""Hits by concept -> points, level and evidence; a sum over named concepts and combinations.

The points of a match are `levels.start` plus the weights of its evidence: nothing else counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.topic import Weight

from .hits import Hit, is_near

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.topic import Combination, Topic
    from storage.records import Level

    from .layout import Layout

_NOTHING = Weight()
Meetings = dict[int, list[Hit]]  # sentence -> the hits that met there


@dataclass(frozen=True, slots=True)
class Scored:
    """What an article is worth to a topic; `weights` holds the share of every hit that counted."""

    points: float
    level: Level | None
    weights: dict[Hit, float]
    why_not: str | None


def score(topic: Topic, hits: Mapping[str, list[Hit]], layout: Layout) -> Scored:
    """Add up what counts and name the level."""
    weights: dict[Hit, float] = {}
    met: dict[str, Meetings] = {}
    for name, concept in topic.concepts.items():
        if hits[name] and concept.weight != _NOTHING:
            alone: Meetings = {}
            for hit in hits[name]:
                alone.setdefault(hit.sentence, []).append(hit)
            _add(weights, alone, concept.weight, layout)
    for combination in topic.combinations:
        meetings = find_meetings(combination, hits, layout)
        if meetings:
            met[combination.id] = meetings
            _add(weights, meetings, combination.weight, layout)
    points = round(topic.levels.start + sum(weights.values()), 4)
    levels = topic.levels
    lacking = bool(topic.required) and not any(name in met for name in topic.required)
    if points < levels.near_miss:
        return Scored(points, None, weights, None)
    if lacking:
        return Scored(points, "near_miss", weights, _what_lacks(topic, hits))
    if points < levels.likely:
        return Scored(points, "near_miss", weights, _what_lowers(topic, weights, points))
    return Scored(points, "sure" if points >= levels.sure else "likely", weights, None)


def find_meetings(
    combination: Combination, hits: Mapping[str, list[Hit]], layout: Layout
) -> Meetings:
    """Give the sentences where all concepts of a combination meet, with one hit of each."""
    groups = [hits[name] for name in combination.all]
    if not all(groups):
        return {}
    against = [hit for name in combination.without for hit in hits[name]]
    meetings: Meetings = {}
    for hit in groups[0]:
        if hit.sentence in meetings:
            continue
        party = [hit]
        for group in groups[1:]:
            near = next((other for other in group if _meets(hit, other, combination, layout)), None)
            if near is None:
                break
            party.append(near)
        else:
            if not any(is_near(hit, other, combination.within, layout) for other in against):
                meetings[hit.sentence] = party
    return meetings


def _meets(hit: Hit, other: Hit, combination: Combination, layout: Layout) -> bool:
    if other.first == hit.first and other.last == hit.last and other.concept == hit.concept:
        return False
    if combination.within == "opening" and not (hit.sentence == 0 or hit.sentence in layout.lead):
        return False
    return is_near(hit, other, combination.within, layout)


def _add(weights: dict[Hit, float], meetings: Meetings, weight: Weight, layout: Layout) -> None:
    """Share a signal's points among the hits that gave them."""
    title = meetings.get(layout.headline, [])
    lead = [sentence for sentence in meetings if sentence in layout.lead]
    body = [sentence for sentence in meetings if sentence and sentence not in layout.lead]
    _share(weights, title, weight.title)
    if lead:
        _share(weights, meetings[lead[0]], weight.lead)
    for sentence in body[: weight.most]:
        _share(weights, meetings[sentence], weight.body / weight.most)


def _share(weights: dict[Hit, float], hits: list[Hit], points: float) -> None:
    if points:
        for hit in hits:
            weights[hit] = weights.get(hit, 0.0) + points / len(hits)


def _what_lacks(topic: Topic, hits: Mapping[str, list[Hit]]) -> str:
    """Name, of the required combination that came nearest, what is missing."""
    wanted = [one for one in topic.combinations if one.id in topic.required]
    nearest = min(wanted, key=lambda one: sum(not hits[name] for name in one.all))
    missing = [label(topic, name) for name in nearest.all if not hits[name]]
    where = _where(nearest.within)
    if missing:
        return f"no {' and no '.join(missing)}"
    names = [label(topic, name) for name in nearest.all]
    return f"{', '.join(names[:-1])} and {names[-1]} never meet {where}"


def _what_lowers(topic: Topic, weights: Mapping[Hit, float], points: float) -> str:
    short = f"{topic.levels.likely - points:.1f} points short"
    lowering: dict[str, float] = {}
    for hit, weight in weights.items():
        if weight < 0:
            lowering[hit.concept] = lowering.get(hit.concept, 0.0) + weight
    if not lowering:
        return f"{short}: too little of it in title, lead and body"
    worst = sorted(lowering, key=lambda name: lowering[name])[:2]
    return f"{short}: lowered by {' and '.join(label(topic, name) for name in worst)}"


def label(topic: Topic, name: str) -> str:
    """Give the words by which people know a concept."""
    return topic.concepts[name].label or name.replace("_", " ")


def _where(within: str | int) -> str:
    if isinstance(within, int):
        return f"within {within} words"
    return {
        "sentence": "in one sentence", "neighbours": "within two sentences",
        "paragraph": "in one paragraph", "opening": "in title and lead",
        "article": "in the article",
    }[within]  # fmt: skip
