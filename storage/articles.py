"""Article <-> rows: articles, their text, versions, daily counts, and the search index.

Nothing indexes by trigger: whoever changes what `article_search` shows calls `unindex_article`
before and `index_article` after, in one transaction, because the index deletes by the old values.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from .database import from_unix, to_unix, url_hash
from .days import day_number, local_day
from .records import Article
from .search import find_hits, index_article, unindex_article
from .text import clean_text, text_hash
from .topics import queue_article
from .versions import keep_version

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlite_utils import Database

_SELECT = (
    "SELECT a.id, a.url, a.source, a.title, t.text, a.published_at, a.precision,"
    " a.published_from, a.modified_at, a.kind, a.completeness, a.dateline, a.region, a.author,"
    " a.editor, a.marks, a.doubts, a.page_sha256, a.fetched_at, a.version, a.text_hash,"
    " a.copy_group, a.event FROM articles a JOIN article_texts t ON t.article = a.id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedArticle:
    """What storing an article did: a first sight, a change of title or text, or neither."""

    id: int
    new: bool
    changed: bool


def save_article(
    db: Database,
    article: Article,
    *,
    now: datetime,
    region: str | None,
    province: str | None,
    timezone: str,
    found_later: bool = False,
) -> SavedArticle:
    """Store an article under its address in the caller's transaction, and index it.

    A changed title or text keeps the old wording as a version and queues the article for the
    topics; `found_later` says that what they then find is no news. What was fetched before the
    stored copy changes nothing.
    """
    article = _cleaned(article)
    found = db.execute(
        "SELECT id FROM articles WHERE url_hash = ? AND url = ?",
        (url_hash(article.url), article.url),
    ).fetchone()
    if found is None:
        saved = _insert(db, article, now, region, province, timezone)
        if found_later:
            queue_article(db, saved.id, now, found_later=True)
        return saved
    return _update(db, int(found[0]), article, now, region, province, timezone, found_later)


def load_article(db: Database, article_id: int) -> Article | None:
    """Give one article with its text, None where there is none of this id."""
    row = db.execute(f"{_SELECT} WHERE a.id = ?", (article_id,)).fetchone()
    return None if row is None else _article(row)


def find_article(db: Database, url: str) -> Article | None:
    """Give the article stored under a canonical address."""
    row = db.execute(
        f"{_SELECT} WHERE a.url_hash = ? AND a.url = ?", (url_hash(url), url)
    ).fetchone()
    return None if row is None else _article(row)


def articles_after(db: Database, article_id: int, limit: int) -> list[Article]:
    """Give the next articles in the order of storing, those with an id above `article_id`."""
    rows = db.execute(
        f"{_SELECT} WHERE a.id > ? ORDER BY a.id LIMIT ?", (article_id, limit)
    ).fetchall()
    return [_article(row) for row in rows]


def newest_article(db: Database) -> int:
    """Give the highest article id, 0 where nothing is stored."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()[0])


def count_articles(db: Database) -> int:
    """Count the stored articles."""
    return int(db.execute("SELECT count(*) FROM articles").fetchone()[0])


def search_articles(
    db: Database,
    words: str,
    *,
    limit: int = 20,
    before: int | None = None,
    source: str | None = None,
    province: str | None = None,
    region: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> list[Article]:
    """Give the articles that hold every word, newest stored first.

    `before` is the id of the last article already shown; `since` and `until` are local days,
    both included. No input is an error: what has no letter or digit finds nothing.
    """
    hits = find_hits(
        db,
        words,
        limit=limit,
        before=before,
        source=source,
        province=province,
        region=region,
        since=None if since is None else day_number(since),
        until=None if until is None else day_number(until),
    )
    loaded = (load_article(db, hit.article) for hit in hits)
    return [article for article in loaded if article is not None]


def place_article(db: Database, article_id: int, region: str | None, province: str | None) -> None:
    """Set where an article's event took place, and index it anew where that changed."""
    row = db.execute("SELECT region, province FROM articles WHERE id = ?", (article_id,)).fetchone()
    if row is None or tuple(row) == (region, province):
        return
    unindex_article(db, article_id)
    db.execute(
        "UPDATE articles SET region = ?, province = ? WHERE id = ?", (region, province, article_id)
    )
    index_article(db, article_id)


def drop_text(db: Database, article_id: int) -> None:
    """Forget an article's text, of which title, link, times and hash stay (`keep_text`)."""
    unindex_article(db, article_id)
    db.execute("UPDATE article_texts SET text = '' WHERE article = ?", (article_id,))
    index_article(db, article_id)


def _insert(
    db: Database,
    article: Article,
    now: datetime,
    region: str | None,
    province: str | None,
    zone: str,
) -> SavedArticle:
    columns = _columns(article, now, region, province)
    columns["day"] = local_day(article.published_at or now, zone)
    columns |= {
        "url_hash": url_hash(article.url),
        "url": article.url,
        "source": article.source,
        "first_seen": to_unix(now),
    }
    names = ", ".join(columns)
    marks = ", ".join(f":{name}" for name in columns)
    added = db.execute(
        f"INSERT INTO articles ({names}) VALUES ({marks})",  # noqa: S608  # names are ours
        columns,
    ).lastrowid
    article_id = int(added or 0)
    db.execute("INSERT INTO article_texts VALUES (?, ?)", (article_id, article.text))
    index_article(db, article_id)
    _count(db, article.source, columns["day"], 1)
    return SavedArticle(id=article_id, new=True, changed=False)


def _update(
    db: Database,
    article_id: int,
    article: Article,
    now: datetime,
    region: str | None,
    province: str | None,
    zone: str,
    found_later: bool,
) -> SavedArticle:
    source, title, text, version, fetched_at, day, first_seen, published_at = db.execute(
        "SELECT a.source, a.title, t.text, a.version, a.fetched_at, a.day,"
        " a.first_seen, a.published_at"
        " FROM articles a JOIN article_texts t ON t.article = a.id WHERE a.id = ?",
        (article_id,),
    ).fetchone()
    columns = _columns(article, now, region, province)
    if columns["fetched_at"] < fetched_at:
        return SavedArticle(id=article_id, new=False, changed=False)
    if article.published_at is None and published_at is not None:
        for name in ("published_at", "precision", "published_from"):
            del columns[name]
    moment = article.published_at or from_unix(published_at) or from_unix(first_seen) or now
    columns["day"] = local_day(moment, zone)
    what = [
        name
        for name, old, new in (("title", title, article.title), ("text", text, article.text))
        if old != new
    ]
    unindex_article(db, article_id)
    if what:
        columns["version"] = version + 1
        keep_version(db, article_id, version, "+".join(what), article, now)
        queue_article(db, article_id, now, found_later=found_later)
        db.execute(
            "UPDATE article_texts SET text = ? WHERE article = ?", (article.text, article_id)
        )
    columns["gone_at"] = None  # its page has just answered
    pairs = ", ".join(f"{name} = :{name}" for name in columns)
    db.execute(
        f"UPDATE articles SET {pairs} WHERE id = :id",  # noqa: S608  # names are ours
        columns | {"id": article_id},
    )
    index_article(db, article_id)
    if columns["day"] != day:
        _count(db, source, day, -1)
        _count(db, source, columns["day"], 1)
    return SavedArticle(id=article_id, new=False, changed=bool(what))


def _columns(
    article: Article, now: datetime, region: str | None, province: str | None
) -> dict[str, Any]:
    return {
        "title": article.title,
        "published_at": to_unix(article.published_at),
        "precision": article.precision,
        "published_from": article.published_from,
        "modified_at": to_unix(article.modified_at),
        "fetched_at": to_unix(article.fetched_at or now),
        "region": region,
        "province": province,
        "kind": article.kind,
        "completeness": article.completeness,
        "dateline": article.dateline,
        "author": article.author,
        "editor": article.editor,
        "marks": json.dumps(article.marks),
        "doubts": json.dumps(article.doubts),
        "text_hash": text_hash(article.title, article.text),
        "page_sha256": article.page_sha256,
    }


def _cleaned(article: Article) -> Article:
    changes: dict[str, Any] = {}
    for field in fields(article):
        value = getattr(article, field.name)
        if isinstance(value, str):
            changes[field.name] = clean_text(value)
        elif isinstance(value, tuple):
            changes[field.name] = tuple(clean_text(item) for item in value)
    return replace(article, **changes)


def _count(db: Database, source: str, day: int, change: int) -> None:
    db.execute(
        "INSERT INTO article_counts (source, day, articles) VALUES (?, ?, ?)"
        " ON CONFLICT (source, day) DO UPDATE SET articles = articles + excluded.articles",
        (source, day, change),
    )


def _article(row: tuple[Any, ...]) -> Article:
    return Article(
        id=row[0],
        url=row[1],
        source=row[2],
        title=row[3],
        text=row[4],
        published_at=from_unix(row[5]),
        precision=row[6],
        published_from=row[7],
        modified_at=from_unix(row[8]),
        kind=row[9],
        completeness=row[10],
        dateline=row[11],
        region=row[12],
        author=row[13],
        editor=row[14],
        marks=tuple(json.loads(row[15])),
        doubts=tuple(json.loads(row[16])),
        page_sha256=row[17],
        fetched_at=from_unix(row[18]),
        version=row[19],
        text_hash=row[20],
        group=row[21],
        event=row[22],
    )
