"""Stories in parts: wish for the further pages that a page reveals, join them when they are there.

Such a story is stored once its parts came, or cannot come now: then partial, and joined when they
come after all.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from config.errors import NotAnArticle
from crawler.reading.parts import join_parts
from crawler.reading.pool import ReadingFailed
from crawler.reading.urls import canonical_url
from crawler.reading.version import READER
from monitors.storing import keep_article, source_of
from storage.database import find_reader
from storage.links import find_link
from storage.pages import latest_answer, load_page
from storage.parts import parts_of, settle_parts, waiting_stories, wish_parts
from storage.readings import finish_reading
from storage.rounds import wish_was_taken

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from crawler.reading.pool import ReadingPool
    from monitors.loaded import Loaded
    from storage.parts import Part
    from storage.pen import Pen
    from storage.records import Article, Page

log = logging.getLogger(__name__)

# A wish that no crawl has heard for so long does not hold a story back any more.
PATIENCE = timedelta(hours=1)
CAME = (200, 304)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story whose parts are settled: its first page and what there is of the others."""

    first: Page
    parts: tuple[Page, ...]
    missing: tuple[str, ...]


def wish_rest(db: Database, page: Page, article: Article, now: datetime) -> bool:
    """Wish for the rest of a story that its page reveals; False where there is none to wish for."""
    urls = [canonical_url(url) for url in article.further]
    wanted = [url for url in dict.fromkeys(urls) if url is not None and url != page.url]
    if not wanted:
        return False
    wish_parts(db, page.url, page.source, wanted, now)
    finish_reading(db, page, "waiting", reader=READER, now=now)
    return True


async def join_stories(
    home: Path, pen: Pen, pool: ReadingPool, config: Loaded, now: datetime
) -> int:
    """Join and store the stories whose parts came or cannot come now; gives their number."""
    stories = await asyncio.to_thread(_settled, home, now)
    for story in stories:
        article, missing = await join_story(pool, config, story, now)
        await pen(
            partial(_store, story=story, article=article, missing=missing, config=config, now=now)
        )
    return len(stories)


async def join_story(
    pool: ReadingPool, config: Loaded, story: Story, now: datetime
) -> tuple[Article | NotAnArticle | ReadingFailed, list[str]]:
    """Read a story's pages and join them; gives the article (or why it is none) and what lacks."""
    try:
        first = await _read(pool, config, story.first, now)
    except (NotAnArticle, ReadingFailed) as error:
        return error, list(story.missing)
    missing = list(story.missing)
    others = []
    for page in story.parts:
        try:
            others.append(await _read(pool, config, page, now))
        except (NotAnArticle, ReadingFailed) as error:
            log.warning("part not read url=%s reason=%s", page.url, error)
            missing.append(page.url)
    return join_parts(first, others, missing=bool(missing)), missing


def stored_story(crawl: Database, ronda: Database, first: Page) -> Story:
    """Give a story with those of its parts that are stored, whenever they came."""
    parts = parts_of(ronda, first.url)
    pages = [load_page(crawl, part.url) for part in parts]
    return Story(
        first=first,
        parts=tuple(page for page in pages if page is not None),
        missing=tuple(part.url for part, page in zip(parts, pages, strict=True) if page is None),
    )


def count_waiting(ronda: Database, sources: Collection[str] | None) -> int:
    """Count the stories (of these sources, or of all) that wait for a part."""
    return sum(
        sources is None or parts[0].source in sources for parts in waiting_stories(ronda).values()
    )


def unheard(crawl: Database, ronda: Database, sources: Collection[str]) -> bool:
    """Say whether a part is wished for that no crawl has heard of yet."""
    return any(
        part.state == "waiting" and part.source in sources and not wish_was_taken(crawl, part.wish)
        for parts in waiting_stories(ronda).values()
        for part in parts
    )


async def _read(pool: ReadingPool, config: Loaded, page: Page, now: datetime) -> Article:
    if page.body is None:
        raise ReadingFailed("error", "its body is gone")
    return await pool.read(page.body, page, source_of(page, config), now)


def _settled(home: Path, now: datetime) -> list[Story]:
    crawl, ronda = find_reader(home, "crawl"), find_reader(home, "ronda")
    try:
        if crawl is None or ronda is None:
            return []
        found = []
        for story, parts in waiting_stories(ronda).items():
            states = [_came(crawl, part, now) for part in parts]
            first = load_page(crawl, story)
            if first is None or None in states:
                continue
            pages = [load_page(crawl, p.url) for p, came in zip(parts, states, strict=True) if came]
            there = tuple(page for page in pages if page is not None)
            have = {page.url for page in there}
            missing = tuple(part.url for part in parts if part.url not in have)
            found.append(Story(first=first, parts=there, missing=missing))
        return found
    finally:
        for db in (crawl, ronda):
            if db is not None:
                db.close()


def _came(crawl: Database, part: Part, now: datetime) -> bool | None:
    """Say whether a part came; None while it may come any moment."""
    answer = latest_answer(crawl, part.url, part.wished_at)
    if answer is not None and answer.status in CAME:
        return True
    if not wish_was_taken(crawl, part.wish):
        return False if now - part.wished_at > PATIENCE else None
    link = find_link(crawl, part.url)
    if link is not None and link.due_at is not None and link.due_at <= now:
        return False if now - part.wished_at > PATIENCE else None
    return False  # refused, failed, put off, or of a source that is switched off


def _store(
    db: Database,
    story: Story,
    article: Article | NotAnArticle | ReadingFailed,
    missing: list[str],
    config: Loaded,
    now: datetime,
) -> None:
    if isinstance(article, NotAnArticle):
        reason = article.reason
        finish_reading(db, story.first, "not_article", reader=READER, now=now, reason=reason)
    elif isinstance(article, ReadingFailed):
        reason = article.reason
        finish_reading(db, story.first, "set_aside", reader=READER, now=now, reason=reason)
    else:
        keep_article(db, story.first, article, config, now)
    settle_parts(db, story.first.url, missing, now)
