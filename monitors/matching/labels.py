"""Labelled articles and a topic's own examples -> how well a topic judges them."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from config.errors import ConfigError
from storage.records import Article

from .matcher import Matcher, match_article

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from config.topic import Topic
    from storage.records import Match

POSITIVE = ("sure", "likely")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleResult:
    """What became of one example of a topic; `found` is None where nothing came near."""

    number: int
    title: str
    expected: bool
    passed: bool
    found: Match | None


def run_examples(matcher: Matcher, topic: Topic) -> list[ExampleResult]:
    """Match every example of a topic's file; the matcher must hold the topic."""
    results = []
    for number, example in enumerate(topic.examples, start=1):
        article = Article(url=f"example:{number}", source="", title=example.title,
                          text=example.text)  # fmt: skip
        found = _match(matcher, topic.id, article)
        matched = found is not None and found.level in POSITIVE
        results.append(
            ExampleResult(
                number=number,
                title=example.title or example.text[:60],
                expected=example.match,
                passed=matched == example.match,
                found=found,
            )
        )
    return results


def evaluate(matcher: Matcher, topic_id: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Judge labelled rows (`id, title, text, label, subtype`); borderline ones are only counted.

    Raises ConfigError for a row without text or label.
    """
    counts = {"positive": [0, 0], "negative": [0, 0]}  # label -> [right, wrong]
    borderline = 0
    by_subtype: dict[str, dict[str, int]] = {}
    by_label: dict[str, dict[str, int]] = {}
    false_alarms: list[dict[str, Any]] = []
    misses: list[dict[str, Any]] = []
    for number, row in enumerate(rows, start=1):
        label = row.get("label")
        if not isinstance(label, str) or not isinstance(row.get("text"), str):
            raise ConfigError(f"label row {number}: needs text and label")
        found = _match(matcher, topic_id, _article(row, number))
        matched = found is not None and found.level in POSITIVE
        tally = by_label.setdefault(label, {"rows": 0, "matched": 0})
        tally["rows"] += 1
        tally["matched"] += matched
        if label == "borderline":
            borderline += 1
            continue
        wanted = label == "positive"
        kind = f"{'positive' if wanted else 'negative'}/{row.get('subtype') or 'none'}"
        tally = by_subtype.setdefault(kind, {"rows": 0, "right": 0})
        tally["rows"] += 1
        tally["right"] += matched == wanted
        counts["positive" if wanted else "negative"][matched != wanted] += 1
        if matched != wanted:
            (misses if wanted else false_alarms).append(_error(row, number, found))
    right, missed = counts["positive"]
    alarms = counts["negative"][1]
    precision = _share(right, right + alarms)
    recall = _share(right, right + missed)
    return {
        "topic": topic_id,
        "rows": sum(counts["positive"]) + sum(counts["negative"]),
        "borderline": borderline,
        "precision": precision,
        "recall": recall,
        "f1": _share(2 * right, 2 * right + alarms + missed),
        "intervals": {
            "precision": _interval(right, right + alarms),
            "recall": _interval(right, right + missed),
            "f1": _interval(2 * right, 2 * right + alarms + missed),
        },
        "false_alarms": false_alarms,
        "misses": misses,
        "by_subtype": dict(sorted(by_subtype.items())),
        "by_label": dict(sorted(by_label.items())),
    }


def _match(matcher: Matcher, topic_id: str, article: Article) -> Match | None:
    return next((m for m in match_article(matcher, article) if m.topic == topic_id), None)


def _article(row: Mapping[str, Any], number: int) -> Article:
    return Article(
        url=str(row.get("id") or f"row:{number}"),
        source="",
        title=str(row.get("title") or ""),
        text=row["text"],
    )


def _error(row: Mapping[str, Any], number: int, found: Match | None) -> dict[str, Any]:
    return {
        "id": row.get("id") or number,
        "title": row.get("title") or row["text"][:80],
        "subtype": row.get("subtype"),
        "score": found.score if found else None,
        "level": found.level if found else None,
        "why_not": found.why_not if found else "farther away than a near miss",
        "evidence": [
            {"concept": one.concept, "phrase": one.phrase, "weight": one.weight}
            for one in (found.evidence if found else ())
            if one.weight
        ],
    }


def _interval(part: int, whole: int) -> list[float] | None:
    """Give the 95 % interval of a share after Wilson; for F1 it is an approximation."""
    if not whole:
        return None
    z = 1.96
    share, spread = part / whole, z * z / whole
    middle = (share + spread / 2) / (1 + spread)
    reach = z * sqrt(share * (1 - share) / whole + spread / (4 * whole)) / (1 + spread)
    return [round(max(0.0, middle - reach), 4), round(min(1.0, middle + reach), 4)]


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
