"""A topic file -> what is wrong with it, by line and key: for the curator before anything runs.

Beside what the loader refuses it finds combinations that no article can ever meet, levels that no
article can reach, and examples that the topic judges otherwise than its author.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from config.errors import ConfigError
from config.tables import LARGE_FILE, describe, read_text, read_toml
from config.topic import Topic, read_topic

from .compiled import compile_topics
from .labels import run_examples
from .lines import find_line, list_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from config.region import Region
    from config.topic import Combination


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to change; `line` counts from 1 and is None where the whole file is meant."""

    line: int | None
    key: str
    message: str


def check_topic(path: Path, regions: Mapping[str, Region]) -> list[Problem]:
    """Check a topic file; an empty list means that it loads, can match, and judges its examples."""
    try:
        values = read_toml(path, limit=LARGE_FILE)
        lines = list_lines(read_text(path, limit=LARGE_FILE))
    except ConfigError as error:
        return [Problem(line=None, key="", message=str(error))]
    named = values | {"id": path.stem, "revision": "x"}
    try:
        Topic.model_validate(named)
        topic = read_topic(path)
    except ValidationError as error:
        found = [one for told in error.errors(include_url=False) for one in _split(told)]
        return [_problem(lines, text) for text in found]
    except ConfigError as error:
        return [Problem(line=None, key="", message=str(error))]
    told = [*_never_met(topic), *_out_of_reach(topic)]
    problems = [_problem(lines, text) for text in told]
    return problems + _failing_examples(topic, regions, lines)


def _split(error: object) -> list[str]:
    """Give one text "key: message" for each thing that one pydantic error tells."""
    text = describe(Topic, error)  # type: ignore[arg-type]  # an item of ValidationError.errors()
    if text.startswith("file: "):
        text = text.removeprefix("file: found a table: ")
        return [part for part in text.split("; ") if part]
    return [text]


def _problem(lines: Mapping[tuple[str, ...], int], text: str) -> Problem:
    key, _, message = text.partition(": ")
    return Problem(line=find_line(lines, key), key=key, message=message)


def _never_met(topic: Topic) -> Iterator[str]:
    for name, concept in topic.concepts.items():
        if concept.since and concept.until and concept.since > concept.until:
            yield f"concepts.{name}.until: ends before it begins"
        never = set(concept.never)
        words = (*concept.words, *concept.misspelt)
        if words and not concept.includes and not concept.regions and never >= set(words):
            yield f"concepts.{name}.never: forbids every word of the concept"
    for number, combination in enumerate(topic.combinations):
        for reason in _why_never(topic, combination):
            yield f"combinations.{number}: {combination.id!r} can never be met: {reason}"


def _why_never(topic: Topic, combination: Combination) -> Iterator[str]:
    parts = {name: _parts(topic, name) for name in {*combination.all, *combination.without}}
    for name in combination.all:
        for other in combination.without:
            if parts[name] <= parts[other]:
                yield f"wherever {name!r} stands, {other!r} forbids it"
    spans = [(name, _span(topic, parts[name])) for name in combination.all]
    for index, (name, (since, until)) in enumerate(spans):
        for other, (begin, end) in spans[index + 1 :]:
            if max(since, begin) > min(until, end):
                yield f"{name!r} and {other!r} are never valid on the same day"


def _parts(topic: Topic, name: str) -> set[str]:
    """Give the concepts that have words of their own under a name."""
    concepts = topic.concepts
    return {
        one
        for one in topic.parts(name)
        if concepts[one].words or concepts[one].misspelt or concepts[one].regions
    }


def _span(topic: Topic, names: set[str]) -> tuple[str, str]:
    """Give the days between which any of these concepts may count, as ISO dates."""
    concepts = [topic.concepts[name] for name in names]
    since = min((one.since.isoformat() if one.since else "" for one in concepts), default="")
    until = max((one.until.isoformat() if one.until else "9999" for one in concepts), default="9")
    return since, until


def _out_of_reach(topic: Topic) -> Iterator[str]:
    levels = topic.levels
    worth = [concept.weight for concept in topic.concepts.values()]
    worth += [combination.weight for combination in topic.combinations]
    gains = sum(max(0.0, part) for one in worth for part in (one.title, one.lead, one.body))
    best = levels.start + min(gains, levels.most)
    for level in ("sure", "likely"):
        if best < getattr(levels, level):
            yield f"levels.{level}: no article can reach it, the most there is are {best:g} points"


def _failing_examples(
    topic: Topic, regions: Mapping[str, Region], lines: Mapping[tuple[str, ...], int]
) -> list[Problem]:
    problems = []
    for result in run_examples(compile_topics([topic], regions), topic):
        if result.passed:
            continue
        found = result.found
        wanted = "must match" if result.expected else "must not match"
        was = f"is {found.level} with {found.score:g} points" if found else "comes near nothing"
        why = f" ({found.why_not})" if found and found.why_not else ""
        key = f"examples.{result.number - 1}"
        message = f"{wanted} but {was}{why}: {result.title}"
        problems.append(Problem(line=find_line(lines, key), key=key, message=message))
    return problems
