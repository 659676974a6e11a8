"""Two revisions of a topic + articles -> what the newer one would find and what it would lose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .labels import POSITIVE
from .matcher import Matcher, match_article

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.records import Article, Match


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Matches by article that only the new revision has, and those that only the old one had."""

    seen: int
    found: tuple[tuple[Article, Match], ...]
    lost: tuple[tuple[Article, Match], ...]


def compare_topics(
    old: Matcher, new: Matcher, topic_id: str, articles: Iterable[Article]
) -> Comparison:
    """Match every article by both revisions; only sure and likely count as matches."""
    found: list[tuple[Article, Match]] = []
    lost: list[tuple[Article, Match]] = []
    seen = 0
    for article in articles:
        seen += 1
        before, after = (_match(matcher, topic_id, article) for matcher in (old, new))
        if after and not before:
            found.append((article, after))
        elif before and not after:
            lost.append((article, before))
    return Comparison(seen=seen, found=tuple(found), lost=tuple(lost))


def _match(matcher: Matcher, topic_id: str, article: Article) -> Match | None:
    for match in match_article(matcher, article):
        if match.topic == topic_id and match.level in POSITIVE:
            return match
    return None
