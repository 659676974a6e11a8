"""A page and its source -> Article: every rule of this room, called in reading order; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.errors import NotAnArticle
from storage.records import Article
from storage.text import clean_text

from .body import read_body
from .credits import read_credits, read_dateline
from .document import parse_document
from .times import read_times
from .title import fold, read_title
from .version import READER as READER

if TYPE_CHECKING:
    from datetime import datetime

    from config.source import Source
    from storage.records import Page

    from .document import Block, Document

SHORTEST = 60  # characters of a text that can be a story
AROUND = 12  # blocks after the title in which times and credits stand


def read_article(body: bytes, page: Page, source: Source, *, now: datetime) -> Article:
    """Read a page; raises NotAnArticle with a reason where it holds no story."""
    document = parse_document(body, page.content_type)
    if document is None:
        raise NotAnArticle("empty")
    url = page.final_url or page.url
    title = clean_text(read_title(document, source, page.listed_title))
    told = read_body(document, title)
    text = clean_text("\n".join(told.paragraphs))
    if urlsplit(url).path.strip("/") == "" and not urlsplit(url).query:
        raise NotAnArticle("index")
    if not title or len(text) < SHORTEST:
        raise NotAnArticle("empty")
    head = _around_title(document, title)
    times = read_times(document, page, source, head, now=now)
    lines = [b.text for b in head] + [b.text for b in document.blocks]
    credits = read_credits(document, lines, source.name)
    return Article(
        url=page.url,
        source=source.id,
        title=title,
        text=text,
        published_at=times.published_at,
        precision=times.precision,
        published_from=times.published_from,
        modified_at=times.modified_at,
        dateline=read_dateline(told.paragraphs[0]),
        author=credits.author,
        editor=credits.editor,
        marks=(*credits.marks, *page.marks),
        doubts=times.doubts,
        page_sha256=page.sha256,
        fetched_at=page.fetched_at,
    )


def _around_title(document: Document, title: str) -> list[Block]:
    """Give the blocks under the title's last heading, then the few above it."""
    folded = fold(title)
    places = [i for i, block in enumerate(document.blocks) if fold(block.text) == folded]
    if not places:
        return list(document.blocks[:AROUND])
    at = next((i for i in places if document.blocks[i].element.tag in ("h1", "h2")), places[-1])
    return [
        *document.blocks[at + 1 : at + 1 + AROUND],
        *reversed(document.blocks[max(0, at - 3) : at]),
    ]
