"""Stored pages are read again by the reader as it is now, without network -> what that changes.

Results are stored in batches; what topics then find enters the next digest as found later.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args

from config.errors import ConfigError, NotAnArticle
from crawler.reading.pool import ReadingFailed
from crawler.reading.version import READER
from monitors.joining import join_story, stored_story
from monitors.stages import match_new_articles
from monitors.storing import FURNITURE_REASON, keep_article
from storage.articles import load_article
from storage.database import find_reader
from storage.furniture import withdraw_articles
from storage.pages import load_body, newest_page_id, pages_after
from storage.parts import parts_of
from storage.readings import find_reading, finish_reading
from storage.text import text_hash
from storage.versions import compare

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlite_utils import Database

    from crawler.reading.pool import ReadingPool
    from monitors.joining import Story
    from monitors.loaded import Loaded
    from storage.pen import Pen
    from storage.readings import Reading
    from storage.records import Article

CHUNK = 500  # pages looked at at once
BATCH = 20  # results stored in one transaction
MOST_CHANGES = 1000  # told one by one; all are counted
COMPARED = (
    *("title", "published_at", "precision", "kind", "completeness", "dateline"),
    *("author", "editor", "marks", "doubts"),
)
What = Literal["new", "changed", "lost", "same", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A story to be read again: its pages and what is stored of it."""

    story: Story
    known: Reading
    old: Article | None
    cut: bool  # a part that is in the stored article is not kept any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What reading it again gave: the article now, or why there is none, and what that changes."""

    again: Again
    article: Article | None
    what: What
    reason: str | None = None
    changes: dict[str, Any] = field(default_factory=dict)


async def reread(
    home: Path,
    pen: Pen,
    pool: ReadingPool,
    config: Loaded,
    now: datetime,
    *,
    source: str | None = None,
    since: datetime | None = None,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Read the newest page of each address again, of a source and since a fetch where given.

    Gives counts by what became of a page, and `changes`, a list of at most MOST_CHANGES. With
    `dry_run` nothing is stored. Raises ConfigError for a source that nobody knows.
    """
    if source is not None and source not in config.sources:
        raise ConfigError(f"no such source: {source}")
    counts: Counter[str] = Counter()
    changes: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        after, stories = await asyncio.to_thread(_stories, home, after, source, since)
        for start in range(0, len(stories), BATCH):
            batch = stories[start : start + BATCH]
            results = await asyncio.gather(*(_read(home, pool, config, one, now) for one in batch))
            if not dry_run:
                await pen(partial(_store, results=results, config=config, now=now))
            counts.update(one.what for one in results)
            told = (one for one in results if one.what in ("new", "changed", "lost"))
            changes += [_told(one) for one in told][: MOST_CHANGES - len(changes)]
    if not dry_run:
        await match_new_articles(pen, config, now)
    total = {what: counts[what] for what in get_args(What)}
    return {
        "pages": counts.total(),
        **total,
        "reader": READER,
        "dry_run": dry_run,
        "changes": changes,
    }


def _stories(
    home: Path, after: int, source: str | None, since: datetime | None
) -> tuple[int | None, list[Again]]:
    """Give the next stories and the page id to go on after; None where no page follows."""
    crawl, ronda = find_reader(home, "crawl"), find_reader(home, "ronda")
    try:
        if crawl is None or ronda is None:
            return None, []
        pages = pages_after(crawl, after, CHUNK)
        stories = []
        for page in pages:
            if (source is not None and page.source != source) or (
                since is not None and page.fetched_at < since
            ):
                continue
            known = find_reading(ronda, page)
            if known is None or known.outcome not in ("article", "not_article", "set_aside"):
                continue
            if known.reason == FURNITURE_REASON or newest_page_id(crawl, page.url) != page.id:
                continue
            old = load_article(ronda, known.article) if known.article is not None else None
            if old is not None and old.page_sha256 != page.sha256:
                continue  # a twin of the page from which the article was read
            story = stored_story(crawl, ronda, page)
            joined = {p.url for p in parts_of(ronda, page.url) if p.state == "joined"}
            cut = not joined.isdisjoint(story.missing)
            stories.append(Again(story=story, known=known, old=old, cut=cut))
        return (pages[-1].id if pages else None), stories
    finally:
        for db in (crawl, ronda):
            if db is not None:
                db.close()


async def _read(
    home: Path, pool: ReadingPool, config: Loaded, again: Again, now: datetime
) -> Result:
    if again.cut:
        return Result(again=again, article=None, what="failed", reason="part_gone")
    story = await asyncio.to_thread(_with_body, home, again.story)
    article, _ = await join_story(pool, config, story, now)
    if isinstance(article, ReadingFailed):
        return Result(again=again, article=None, what="failed", reason=article.reason)
    if isinstance(article, NotAnArticle):
        what: What = "same" if again.old is None else "lost"
        return Result(again=again, article=None, what=what, reason=article.reason)
    if again.old is None:
        return Result(again=again, article=article, what="new")
    article = replace(article, url=again.old.url)  # an article keeps the address it is known by
    changes = _differences(again.old, article)
    return Result(
        again=again, article=article, what="changed" if changes else "same", changes=changes
    )


def _with_body(home: Path, story: Story) -> Story:
    crawl = find_reader(home, "crawl")
    if crawl is None:
        return story
    try:
        body = load_body(crawl, story.first.sha256 or "")
    finally:
        crawl.close()
    return replace(story, first=replace(story.first, body=body))


def _differences(old: Article, new: Article) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in COMPARED:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            found[name] = [before, after]
    if old.text_hash != text_hash(new.title, new.text) or (old.text and old.text != new.text):
        found["text"] = compare("", old.text, "", new.text)
    return found


def _store(db: Database, results: Sequence[Result], config: Loaded, now: datetime) -> None:
    for one in results:
        page = one.again.story.first
        end = partial(finish_reading, db, page, reader=READER, now=now)
        if one.what in ("new", "changed") and one.article is not None:
            keep_article(db, page, one.article, config, now, found_later=True)
        elif one.what == "lost" and one.again.old is not None:
            # What was told stays, and so does its reading.
            if one.again.old.id is not None and withdraw_articles(
                db, [one.again.old.id], one.reason or "lost"
            ):
                end("not_article", reason=one.reason)
        elif one.what == "same" and one.article is None:
            end("not_article", reason=one.reason)
        elif one.what == "same":
            end("article", article=one.again.known.article)


def _told(one: Result) -> dict[str, Any]:
    story = one.again.story
    told: dict[str, Any] = {"what": one.what, "source": story.first.source, "url": story.first.url}
    title = one.article.title if one.article else one.again.old.title if one.again.old else ""
    told["title"] = title
    if one.reason:
        told["reason"] = one.reason
    if one.changes:
        told["changes"] = {name: _plain(value) for name, value in one.changes.items()}
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, datetime) else value
