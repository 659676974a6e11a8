"""A page and its source -> Article: every rule of this room, called in reading order; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import NotAnArticle
from storage.records import Article
from storage.text import clean_text

from .body import read_body, read_captions
from .canonical import article_address
from .credits import read_credits, read_dateline
from .document import parse_document
from .kinds import find_kind, is_index, refuse_by_sight
from .paging import find_further, is_cut
from .teller import Body
from .times import read_times
from .title import fold, read_title

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from config.source import Source
    from storage.records import Kind, Page

    from .document import Block, Document

SHORTEST = 60  # characters of a text that can be a story
LONGEST = 200_000  # characters; what is longer is cut with a mark
PICTURES = 3  # captions that make a photo page of one without a text
UNDER = 12  # blocks under the title in which times and credits stand
AFTER = 10  # blocks after the text in which credits stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An article and how it was read: each decision with what it rests on."""

    article: Article
    notes: tuple[tuple[str, str], ...]


def read_article(body: bytes, page: Page, source: Source, *, now: datetime) -> Article:
    """Read a page; raises NotAnArticle with a reason where it holds no story."""
    return read_page(body, page, source, now=now).article


def read_page(body: bytes, page: Page, source: Source, *, now: datetime) -> Reading:
    """Read a page and say how; raises NotAnArticle as `read_article` does."""
    document = parse_document(body, page.content_type)
    if document is None:
        raise NotAnArticle("empty")
    url = page.final_url or page.url
    title = clean_text(read_title(document, source, page.listed_title, url))
    if reason := refuse_by_sight(document, url, title):
        raise NotAnArticle(reason)
    kind, told = _told(document, title, source, find_kind(document, url, title))
    if is_index(document, told):
        raise NotAnArticle("index")
    text, cut = _cut(clean_text("\n".join(told.paragraphs)))
    if not title or len(text) < (SHORTEST if kind == "article" else 1):
        raise NotAnArticle("empty")
    head = _around_title(document, title, told)
    times = read_times(document, page, source, head, now=now)
    near = document.blocks[max(0, told.first - UNDER) : told.last + 1 + AFTER]
    credits = read_credits(document, [b.text for b in near], source.name)
    further = find_further(document, page, source)
    partial = bool(further) or cut or is_cut(document, told.paragraphs)
    article = Article(
        url=article_address(document, page, source),
        source=source.id,
        title=title,
        text=text,
        published_at=times.published_at,
        precision=times.precision,
        published_from=times.published_from,
        modified_at=times.modified_at,
        kind=kind,
        completeness="partial" if partial else "whole",
        dateline=read_dateline(" ".join(told.paragraphs[:2])),
        author=credits.author,
        editor=credits.editor,
        marks=(*credits.marks, *page.marks),
        doubts=times.doubts,
        further=further,
        page_sha256=page.sha256,
        fetched_at=page.fetched_at,
    )
    return Reading(article=article, notes=_notes(article, told))


def _told(document: Document, title: str, source: Source, kind: Kind) -> tuple[Kind, Body]:
    told = read_body(document, title, selector=source.article.body)
    if kind == "photo" or told.doubtful:
        captions = read_captions(document, title)
        if kind == "photo" and captions.paragraphs and (told.doubtful or not told.paragraphs):
            return kind, captions
        if kind == "article" and len(captions.paragraphs) >= PICTURES:
            return "photo", captions
    if kind != "article" and not told.paragraphs:
        described = document.meta("og:description", "description", "twitter:description")
        return kind, Body(paragraphs=(described,) if described else ())
    return kind, told


def _cut(text: str) -> tuple[str, bool]:
    if len(text) <= LONGEST:
        return text, False
    return text[:LONGEST].rpartition("\n")[0] + "\n[…]", True


def _notes(article: Article, told: Body) -> tuple[tuple[str, str], ...]:
    notes = [
        ("kind", article.kind),
        ("completeness", article.completeness),
        ("body", told.container or "the extractor's own lines"),
        ("time", article.published_from or "none found"),
    ]
    notes += [("doubt", doubt) for doubt in article.doubts]
    notes += [("further page", url) for url in article.further]
    notes += [(f"left out, {reason}", line[:120]) for line, reason in told.dropped]
    return tuple(notes)


def _around_title(document: Document, title: str, told: Body) -> Sequence[Block]:
    """Give the blocks under the title's heading that are not the story's, then the few above it."""
    folded = fold(title)
    blocks = document.blocks
    places = [i for i, block in enumerate(blocks) if fold(block.text) == folded]
    if not places:
        return [b for i, b in enumerate(blocks[:UNDER]) if i not in told.places]
    headings = [i for i in places if blocks[i].element.tag in ("h1", "h2")]
    at = headings[0] if headings else max([i for i in places if i < told.first], default=places[-1])
    under = [blocks[i] for i in range(at + 1, len(blocks[: at + 40])) if i not in told.places]
    return [*under[:UNDER], *reversed(blocks[max(0, at - 3) : at])]
