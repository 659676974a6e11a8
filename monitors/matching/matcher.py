"""Compiled topics + an article -> its matches and near misses, each with its evidence; pure."""

from __future__ import annotations

from bisect import bisect_left

from config.folding import Folded, fold
from storage.records import Article, Evidence, Match

from .compiled import CompiledTopic, Matcher, compile_topics
from .hits import Found, count_hits
from .layout import Layout, lay_out
from .scoring import Scored, score

__all__ = ["Matcher", "compile_topics", "match_article", "score_article"]


def match_article(matcher: Matcher, article: Article) -> list[Match]:
    """Match an article against every topic; only sure, likely and near_miss are given."""
    matches = []
    for compiled, scored, layout in score_article(matcher, article):
        if scored.level:
            matches.append(
                Match(
                    topic=compiled.topic.id,
                    revision=compiled.topic.revision,
                    score=scored.points,
                    level=scored.level,
                    evidence=_show(scored, layout, article),
                    why_not=scored.why_not,
                    article=article.id,
                )
            )
    return matches


def score_article(matcher: Matcher, article: Article) -> list[tuple[CompiledTopic, Scored, Layout]]:
    """Score an article by every topic whose phrases in it could make at least a near miss."""
    if matcher.automaton is None:
        return []
    folded = fold(f"{article.title}\n{article.text}")
    results = []
    layouts: dict[tuple[tuple[str, ...], tuple[str, ...]], Layout] = {}
    day = article.published_at.date() if article.published_at else None
    for number, found in sorted(_find(matcher, folded).items()):
        compiled = matcher.topics[number]
        if compiled.is_hopeless(found):
            continue
        key = (compiled.lines, compiled.inline)
        if key not in layouts:
            layouts[key] = lay_out(article.title, article.text, folded, *key)
        hits = count_hits(compiled, found, layouts[key], day)
        results.append((compiled, score(compiled, hits, layouts[key]), layouts[key]))
    return results


def _find(matcher: Matcher, folded: Folded) -> dict[int, Found]:
    """Run the automaton once and sort its hits by topic."""
    found: dict[int, Found] = {}
    assert matcher.automaton is not None
    meanings, offsets = matcher.meanings, folded.offsets
    for pattern, start, _end in matcher.automaton.find_matches_as_indexes(
        folded.words, overlapping=True
    ):
        length, by_topic = meanings[pattern]
        first = bisect_left(offsets, start + 1)
        for number, concepts in by_topic:
            if number in found:
                found[number].append((first, -length, concepts))
            else:
                found[number] = [(first, -length, concepts)]
    return found


def _show(scored: Scored, layout: Layout, article: Article) -> tuple[Evidence, ...]:
    """Cut the evidence out of the stored title and text."""
    evidence = []
    for hit, weight in sorted(scored.weights.items(), key=lambda one: one[0].first):
        in_title = hit.sentence == 0
        shift = 0 if in_title else layout.text_at
        start = layout.folded.starts[hit.first] - shift
        end = layout.folded.ends[hit.last] - shift
        evidence.append(
            Evidence(
                concept=hit.concept,
                phrase=(article.title if in_title else article.text)[start:end],
                field="title" if in_title else "text",
                paragraph=hit.paragraph,
                start=start,
                end=end,
                weight=round(weight, 4),
                version=article.version,
            )
        )
    return tuple(evidence)
