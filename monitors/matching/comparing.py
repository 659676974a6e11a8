"""A topic in force and a changed file of it + the archive -> what would be found and what lost.

The articles are met in a process of its own, so that a file in the making can neither stop nor
swell whoever asks.
"""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pebble import ProcessPool

from config.region import load_regions
from config.topic import load_topics, read_topic
from storage.articles import load_article
from storage.database import open_reader
from storage.narrowing import ids_before

from .archive import CHUNK, begin
from .labels import POSITIVE
from .matcher import Matcher, compile_topics, match_article

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from storage.records import Article, Match

SECONDS = 60  # for one chunk of the archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An article that only one of the two revisions matches, with that revision's points."""

    article: int
    url: str
    title: str
    level: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Matches that only the new revision has, those that only the old one has, and all counted."""

    seen: int
    before: int
    after: int
    found: tuple[Change, ...]
    lost: tuple[Change, ...]


def compare_archive(home: Path, path: Path, above: int, up_to: int) -> Comparison:
    """Meet the articles with ids in (above, up_to] with a file and with the topic of its name.

    Raises ConfigError for an invalid file, TimeoutError where a chunk takes over a minute.
    """
    read_topic(path)
    parts: list[Comparison] = []
    context = multiprocessing.get_context("forkserver")
    with ProcessPool(max_workers=1, context=context, initializer=begin) as pool:
        for high in range(up_to, above, -CHUNK):
            low = max(above, high - CHUNK)
            future = pool.schedule(compare_chunk, args=[home, path, low, high], timeout=SECONDS)
            parts.append(future.result())
    return Comparison(
        seen=sum(part.seen for part in parts),
        before=sum(part.before for part in parts),
        after=sum(part.after for part in parts),
        found=tuple(one for part in parts for one in part.found),
        lost=tuple(one for part in parts for one in part.lost),
    )


def compare_chunk(home: Path, path: Path, above: int, up_to: int) -> Comparison:
    """Compare over the articles with ids in (above, up_to]; what the child process runs."""
    old, new = _compile(home, path)
    db = open_reader(home, "ronda")
    try:
        ids = [number for number in ids_before(db, up_to + 1, CHUNK) if number > above]
        articles = [load_article(db, number) for number in ids]
    finally:
        db.close()
    return compare_topics(old, new, path.stem, (one for one in articles if one is not None))


def compare_topics(
    old: Matcher, new: Matcher, topic_id: str, articles: Iterable[Article]
) -> Comparison:
    """Match every article by both revisions; only sure and likely count as matches."""
    found: list[Change] = []
    lost: list[Change] = []
    seen = before = after = 0
    for article in articles:
        seen += 1
        was, will = (find_match(matcher, topic_id, article) for matcher in (old, new))
        before += was is not None
        after += will is not None
        if will and not was:
            found.append(_change(article, will))
        elif was and not will:
            lost.append(_change(article, was))
    return Comparison(seen=seen, before=before, after=after, found=tuple(found), lost=tuple(lost))


def find_lost(matcher: Matcher, topic_id: str, articles: Iterable[Article]) -> Iterator[Article]:
    """Give the articles that the topic does not match, or only nearly."""
    return (one for one in articles if find_match(matcher, topic_id, one) is None)


def find_match(matcher: Matcher, topic_id: str, article: Article) -> Match | None:
    """Give the topic's match of an article where it is sure or likely."""
    for match in match_article(matcher, article):
        if match.topic == topic_id and match.level in POSITIVE:
            return match
    return None


def _change(article: Article, match: Match) -> Change:
    return Change(
        article=article.id or 0,
        url=article.url,
        title=article.title,
        level=match.level,
        score=match.score,
    )


@lru_cache(maxsize=1)
def _compile(home: Path, path: Path) -> tuple[Matcher, Matcher]:
    topics, _ = load_topics(home)
    old = [topics[path.stem]] if path.stem in topics else []
    regions = load_regions()
    return compile_topics(old, regions), compile_topics([read_topic(path)], regions)
