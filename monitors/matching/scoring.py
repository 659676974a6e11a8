"""Hits by concept -> points, level and evidence; a sum over named concepts and combinations.

The points of a match are `levels.start` plus the weights of its evidence: nothing else counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .meetings import Meetings, Places, find_meetings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.topic import Topic, Weight
    from storage.records import Level

    from .compiled import CompiledTopic
    from .hits import Hit
    from .layout import Layout


@dataclass(frozen=True, slots=True)
class Scored:
    """What an article is worth to a topic; `weights` holds the share of every hit that counted."""

    points: float
    level: Level | None
    weights: dict[Hit, float]
    why_not: str | None


def score(compiled: CompiledTopic, hits: Mapping[str, list[Hit]], layout: Layout) -> Scored:
    """Add up what counts and name the level."""
    topic = compiled.topic
    places = Places(hits)
    weights: dict[Hit, float] = {}
    met: dict[str, Meetings] = {}
    for name, weight in compiled.weighty:
        if hits[name]:
            _add(weights, places.by_sentence(name), weight, layout)
    for combination in topic.combinations:
        meetings = find_meetings(combination, places, layout)
        if meetings:
            met[combination.id] = meetings
            _add(weights, meetings, combination.weight, layout)
    levels = topic.levels
    weights = _limit(weights, levels.most)
    points = round(levels.start + sum(weights.values()), 4)
    lacking = bool(topic.required) and not any(name in met for name in topic.required)
    if points < levels.near_miss:
        return Scored(points, None, weights, None)
    if lacking:
        return Scored(points, "near_miss", weights, _what_lacks(topic, hits))
    if points < levels.likely:
        return Scored(points, "near_miss", weights, _what_lowers(topic, weights, points))
    return Scored(points, "sure" if points >= levels.sure else "likely", weights, None)


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


def _limit(weights: dict[Hit, float], most: float) -> dict[Hit, float]:
    """Scale what speaks for a match down to `most` points."""
    total = sum(weight for weight in weights.values() if weight > 0)
    if total <= most:
        return weights
    scale = most / total
    return {hit: weight * scale if weight > 0 else weight for hit, weight in weights.items()}


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
        "paragraph": "in one paragraph", "around": "in neighbouring paragraphs",
        "opening": "in title and lead", "article": "in the article",
    }[within]  # fmt: skip
