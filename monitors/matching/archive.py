"""The archive meets one topic, in a process of its own -> chunks of what matched, newest first.

The process opens `ronda.db` read-only and hands its results back; whoever asked stores them. Where
the full-text index finds less than a fifth of the archive, only that is read.
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
from storage.articles import load_article
from storage.database import open_reader
from storage.narrowing import ids_before
from storage.records import Match  # noqa: TC001  # a field of a value that is pickled

from .matcher import Matcher, compile_topics, match_article
from .narrowing import choose_query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from concurrent.futures import Future
    from pathlib import Path

CHUNK = 500  # articles in one answer of the process


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
    """Match the stored articles up to the id `up_to`, newest first, a chunk at a time.

    Raises ConfigError where the topic's file is not of this revision any more.
    """
    context = multiprocessing.get_context("forkserver")
    pool = ProcessPool(max_workers=1, context=context, initializer=begin)
    try:
        before = up_to + 1
        while before > 1:
            future: Future[Chunk] = await asyncio.to_thread(
                pool.schedule, match_chunk, args=[home, topic, revision, before, up_to]
            )
            chunk = await asyncio.wrap_future(future)
            yield chunk
            before = chunk.after + 1
    finally:
        pool.stop()  # type: ignore[no-untyped-call]  # Pebble leaves it bare
        await asyncio.to_thread(pool.join, 5)


def match_chunk(home: Path, topic: str, revision: str, before: int, up_to: int) -> Chunk:
    """Match the next `CHUNK` articles below the id `before`; what the child process runs."""
    matcher = _compile(home, topic, revision)
    db = open_reader(home, "ronda")
    try:
        query = _choose(home, topic, revision, up_to)
        ids = ids_before(db, before, CHUNK, query=query, topic=topic)
        loaded = (load_article(db, number) for number in ids)
        articles = {article.id: article for article in loaded if article and article.id}
    finally:
        db.close()
    return Chunk(
        after=ids[-1] - 1 if ids else 0,
        last=before - 1,
        versions={number: article.version for number, article in articles.items()},
        found={
            number: match
            for number, article in articles.items()
            for match in match_article(matcher, article)
        },
    )


@lru_cache(maxsize=1)
def _choose(home: Path, topic: str, revision: str, up_to: int) -> str | None:
    """Choose once for the whole walk how the archive is narrowed."""
    db = open_reader(home, "ronda")
    try:
        return choose_query(db, _compile(home, topic, revision).topics[0], up_to)
    finally:
        db.close()


@lru_cache(maxsize=1)
def _compile(home: Path, topic: str, revision: str) -> Matcher:
    topics, _ = load_topics(home)
    if topic not in topics or topics[topic].revision != revision:
        raise ConfigError(f"topic {topic}: its file was changed meanwhile; try again")
    return compile_topics([topics[topic]], load_regions())


def begin() -> None:
    """Tie the process to the fork server's life, which is tied to ours."""
    from crawler.reading import leash  # here: its import ties the process that imports it

    leash.tie()
