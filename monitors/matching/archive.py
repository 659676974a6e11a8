"""The archive meets one topic, in a process of its own -> chunks of what matched.

The process opens `ronda.db` read-only and hands its results back; whoever asked stores them.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pebble import ProcessPool

from config.errors import ConfigError
from config.region import load_regions
from config.topic import load_topics
from storage.articles import articles_after
from storage.database import open_reader
from storage.records import Match  # noqa: TC001  # a field of a value that is pickled

from .matcher import Matcher, compile_topics, match_article

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from concurrent.futures import Future
    from pathlib import Path

CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Articles above `after` up to `last` met the topic, each in the version named.

    `found` has the matches by article.
    """

    after: int
    last: int
    versions: dict[int, int]
    found: dict[int, Match]


async def iter_archive(home: Path, topic: str, revision: str, up_to: int) -> AsyncIterator[Chunk]:
    """Match every stored article up to the id `up_to`, oldest first, a chunk at a time.

    Raises ConfigError where the topic's file is not of this revision any more.
    """
    context = multiprocessing.get_context("forkserver")
    pool = ProcessPool(max_workers=1, context=context, initializer=_begin)
    try:
        after = 0
        while after < up_to:
            future: Future[Chunk] = await asyncio.to_thread(
                pool.schedule, match_chunk, args=[home, topic, revision, after, up_to]
            )
            chunk = await asyncio.wrap_future(future)
            if not chunk.versions:
                return
            yield chunk
            after = chunk.last
    finally:
        pool.stop()  # type: ignore[no-untyped-call]  # Pebble leaves it bare
        await asyncio.to_thread(pool.join, 5)


def match_chunk(home: Path, topic: str, revision: str, after: int, up_to: int) -> Chunk:
    """Match the next `CHUNK` articles above the id `after`; what the child process runs."""
    matcher = _compile(home, topic, revision)
    db = open_reader(home, "ronda")
    try:
        articles = {
            article.id: article
            for article in articles_after(db, after, CHUNK)
            if article.id is not None and article.id <= up_to
        }
    finally:
        db.close()
    return Chunk(
        after=after,
        last=max(articles, default=after),
        versions={number: article.version for number, article in articles.items()},
        found={
            number: match
            for number, article in articles.items()
            for match in match_article(matcher, article)
        },
    )


@lru_cache(maxsize=1)
def _compile(home: Path, topic: str, revision: str) -> Matcher:
    topics, _ = load_topics(home)
    if topic not in topics or topics[topic].revision != revision:
        raise ConfigError(f"topic {topic}: its file was changed meanwhile; try again")
    return compile_topics([topics[topic]], load_regions())


def _begin() -> None:
    """Tie the process to the fork server's life, which is tied to ours."""
    from crawler.reading import leash  # here: its import ties the process that imports it

    leash.tie()
