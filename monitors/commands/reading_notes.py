"""How a page was read: each decision with what it rests on, each line left out and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import NotAnArticle
from storage.pages import load_page
from storage.parts import parts_of
from storage.versions import GONE, versions_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database

    from config.source import Source
    from storage.records import Article, Page


def read_with_notes(
    body: bytes, page: Page, source: Source, now: datetime
) -> tuple[Article, list[str]]:
    """Read a page here; gives the article and how it was read. Raises NotAnArticle."""
    # Here and not on top: it takes half a second and 30 MB, and other commands have no use for it.
    from crawler.reading.article import read_page

    reading = read_page(body, page, source, now=now)
    return reading.article, [f"{name}: {what}" for name, what in reading.notes]


def notes_of_page(crawl: Database, url: str, source: Source, now: datetime) -> list[str]:
    """Say how the stored page of an address is read by the reader as it is now."""
    page = load_page(crawl, url)
    if page is None or page.body is None:
        return []
    try:
        return read_with_notes(page.body, page, source, now)[1]
    except NotAnArticle as error:
        return [f"the reader as it is now takes it for no article: {error.reason}"]


def parts_read(crawl: Database, ronda: Database, url: str) -> list[str]:
    """Name the further pages of a story, and which of them are in it."""
    lines = []
    for part in parts_of(ronda, url):
        page = load_page(crawl, part.url)
        when = f", fetched {page.fetched_at:%Y-%m-%d %H:%M} UTC" if page else ""
        lines.append(f"further page {part.url}: {part.state}{when}")
    return lines


def history_of(ronda: Database, article: Article) -> list[str]:
    """Say what became of an article since it was first read."""
    assert article.id is not None  # it came from the database
    lines = []
    for version in versions_of(ronda, article.id):
        seen = f"{version.seen_at:%Y-%m-%d %H:%M} UTC"
        if version.change == GONE:
            lines.append(f"version {version.version}: page gone, seen {seen}")
            continue
        told = version.difference
        lines.append(
            f"version {version.version}: {version.change} changed, seen {seen}"
            f" (+{told.get('added_lines', 0)} -{told.get('removed_lines', 0)} lines)"
        )
    return lines
