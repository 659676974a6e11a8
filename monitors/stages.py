"""The two stages between crawl and digest: pages -> articles, articles -> matches in groups.

Each asks the databases what is not done yet, so a crash, a restart and a long sleep are the same.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Any

from config.errors import ConfigError, NotAnArticle, StorageError
from crawler.reading.pool import ReadingFailed
from crawler.reading.version import READER
from monitors.grouping.copies import group_article
from monitors.joining import count_waiting, wish_rest
from monitors.loaded import Loaded as Loaded  # noqa: TC001  # callers take it from here
from monitors.loaded import load_config as load_config
from monitors.matching.archive import iter_archive
from monitors.matching.matcher import match_article
from monitors.storing import keep_article, source_of
from storage.articles import (
    articles_after,
    drop_text,
    load_article,
    newest_article,
)
from storage.database import find_reader, open_reader
from storage.matches import matched_between, matches_of, save_matches
from storage.pages import load_body
from storage.parts import find_part, reopen_part
from storage.readings import (
    fail_reading,
    find_reading,
    finish_reading,
    give_back,
    set_read_up_to,
    start_reading,
)
from storage.revisits import schedule_revisits
from storage.topics import (
    advance_topics,
    begin_topics,
    count_unmatched,
    is_found_later,
    leave_queue,
    queue_again,
    queued_articles,
)
from storage.unread import count_unread, find_unread

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from crawler.reading.pool import ReadingPool
    from monitors.matching.archive import Chunk
    from storage.parts import Part
    from storage.pen import Pen
    from storage.records import Article, Page
    from storage.unread import Unread

log = logging.getLogger(__name__)

# Articles matched in one transaction: short, so that nothing else waits long for the pen.
BATCH = 20


async def read_new_pages(
    home: Path, pen: Pen, pool: ReadingPool, config: Loaded, now: datetime, *, limit: int = 200
) -> int:
    """Read up to `limit` new pages, as many at a time as there are workers; gives their number.

    Each page ends as an article, a reason why it is none, or a failure that is tried once more.
    """
    crawl = await asyncio.to_thread(find_reader, home, "crawl")
    if crawl is None:
        return 0
    try:
        unread = await asyncio.to_thread(_find_unread, home, crawl, limit)
        if unread.mark > unread.old_mark:
            await pen(lambda db: set_read_up_to(db, unread.crawl_file, unread.mark))
        waiting = list(reversed(unread.pages))
        work = partial(_work_off, waiting, crawl, pen, pool, config, now)
        await _together([work() for _ in range(config.settings.reading.workers)])
    finally:
        crawl.close()
    return len(unread.pages)


async def match_new_articles(pen: Pen, config: Loaded, now: datetime) -> int:
    """Match and group every article that a topic has yet to meet; gives their number."""
    done = 0
    while count := await pen(lambda db: _match_batch(db, config, now)):
        done += count
    return done


async def rematch(
    home: Path, pen: Pen, config: Loaded, topic: str | None, now: datetime
) -> dict[str, Any]:
    """Let the archive meet a topic (or all); what is found is marked as found later.

    Gives counts: `articles` that were looked at, `matches` found anew, `gone` that do not hold
    any more. Raises ConfigError for a topic that is not loaded.
    """
    if topic is not None and topic not in config.topics:
        known = ", ".join(sorted(config.topics)) or "none"
        raise ConfigError(f"no topic {topic!r}; there are: {known}")
    total = {"articles": 0, "matches": 0, "gone": 0}
    for name in [topic] if topic else sorted(config.topics):
        revision = config.topics[name].revision
        up_to = await pen(newest_article)
        async for chunk in iter_archive(home, name, revision, up_to):
            counts = await pen(partial(_store_chunk, chunk=chunk, topic=name, now=now))
            total["articles"] += len(chunk.versions)
            total["matches"] += counts[0]
            total["gone"] += counts[1]
    return total


def pending(home: Path, sources: Collection[str] | None = None) -> int:
    """Count the pages not read, the stories that wait for a part, the articles not matched yet.

    Of stories, those of `sources` count, where given.
    """
    crawl, ronda = find_reader(home, "crawl"), find_reader(home, "ronda")
    try:
        unread = count_unread(crawl, ronda) if crawl else 0
        if ronda is None:
            return unread
        return unread + count_waiting(ronda, sources) + count_unmatched(ronda)
    finally:
        for db in (crawl, ronda):
            if db is not None:
                db.close()


def _find_unread(home: Path, crawl: Database, limit: int) -> Unread:
    ronda = open_reader(home, "ronda")
    try:
        return find_unread(crawl, ronda, limit)
    finally:
        ronda.close()


async def _together(work: Collection[Coroutine[Any, Any, None]]) -> None:
    """Await all; when one fails or we are cancelled, the others are stopped and waited for."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _work_off(
    waiting: list[Page],
    crawl: Database,
    pen: Pen,
    pool: ReadingPool,
    config: Loaded,
    now: datetime,
) -> None:
    while waiting:
        await _read_page(waiting.pop(), crawl, pen, pool, config, now)


async def _read_page(
    page: Page, crawl: Database, pen: Pen, pool: ReadingPool, config: Loaded, now: datetime
) -> None:
    end = partial(finish_reading, page=page, reader=READER, now=now)
    known, part = await pen(lambda db: (find_reading(db, page), find_part(db, page.url)))
    if known is not None and known.hopeless:
        await pen(partial(end, outcome="set_aside", reason=known.reason or "lost"))
        return
    body = await asyncio.to_thread(load_body, crawl, page.sha256 or "")
    if body is None:
        await pen(partial(end, outcome="set_aside", reason="body_gone"))
        return
    if part is not None:
        await pen(partial(_keep_part, page=page, part=part, now=now))
        return
    source = source_of(page, config)
    try:
        # Shielded: were we stopped here, the attempt is surely counted before it is given back.
        await asyncio.shield(pen(lambda db: start_reading(db, page, now)))
        article = await pool.read(body, page, source, now)
        await _keep(
            pen,
            page,
            partial(_store, page=page, article=article, config=config, now=now),
        )
    except NotAnArticle as error:
        await pen(partial(end, outcome="not_article", reason=error.reason))
    except ReadingFailed as error:
        log.warning("page not read url=%s reason=%s", page.url, error)
        await pen(partial(fail_reading, page=page, reason=error.reason))
    except asyncio.CancelledError:
        await asyncio.shield(pen(lambda db: give_back(db, page)))
        raise


async def _keep(pen: Pen, page: Page, store: Callable[[Database], None]) -> None:
    """Store an article; one that cannot be stored is a failure of its page and stops no other."""
    try:
        await pen(store)
    except (sqlite3.OperationalError, StorageError):
        raise  # disk or file: every other article would fail as well
    except Exception:
        log.exception("article not stored url=%s", page.url)
        await pen(partial(fail_reading, page=page, reason="error"))


def _store(db: Database, page: Page, article: Article, config: Loaded, now: datetime) -> None:
    if not (article.further and wish_rest(db, page, article, now)):
        keep_article(db, page, article, config, now)


def _keep_part(db: Database, page: Page, part: Part, now: datetime) -> None:
    """End the reading of a page that is a part: its story is joined when all parts are there."""
    finish_reading(db, page, "part", reader=READER, now=now)
    reopen_part(db, part)


def _match_batch(db: Database, config: Loaded, now: datetime) -> int:
    marks = begin_topics(db, {name: t.revision for name, t in config.topics.items()}, now)
    if not marks:
        return 0
    articles = articles_after(db, min(marks.values()), BATCH)
    for article in articles:
        asked = {topic for topic, mark in marks.items() if mark < (article.id or 0)}
        _match(db, article, config, asked, now)
    if articles:
        advance_topics(db, marks, articles[-1].id or 0)
        return len(articles)
    queue = queued_articles(db, now, BATCH)
    for article_id in queue:
        changed = load_article(db, article_id)
        if changed is not None:
            _match(db, changed, config, set(marks), now)
    return len(queue)


def _match(
    db: Database, article: Article, config: Loaded, asked: Collection[str], now: datetime
) -> None:
    """Match, store and group one article; one that fails is put off and stops no other."""
    assert article.id is not None  # it came from the database
    try:
        with db.atomic():
            matches = [m for m in match_article(config.matcher, article) if m.topic in asked]
            later = is_found_later(db, article.id)
            save_matches(db, article.id, matches, now, found_later=later, judged=asked)
            if matches:
                group_article(db, article.id, now)
            if not later and any(match.level != "near_miss" for match in matches):
                schedule_revisits(db, article.id, now)
            leave_queue(db, article.id)
            if config.settings.keep_text == "matched" and not matches_of(db, article.id):
                drop_text(db, article.id)
    except sqlite3.OperationalError:
        raise  # disk or file: every other article would fail as well
    except Exception:
        log.exception("article not matched id=%s url=%s", article.id, article.url)
        queue_again(db, article.id, now)


def _store_chunk(db: Database, chunk: Chunk, topic: str, now: datetime) -> tuple[int, int]:
    """Store what a chunk of the archive matched; gives how many are new and how many gone."""
    before = set(matched_between(db, topic, chunk.after, chunk.last))
    for article_id in before | set(chunk.found):
        article = load_article(db, article_id)
        if article is None or article.version != chunk.versions.get(article_id):
            continue  # it changed meanwhile and is in the queue
        match = chunk.found.get(article_id)
        found = [match] if match else []
        save_matches(db, article_id, found, now, found_later=True, judged=[topic])
        if match:
            group_article(db, article_id, now)
    after = set(matched_between(db, topic, chunk.after, chunk.last))
    return len(after - before), len(before - after)
