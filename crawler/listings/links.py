"""What every kind of listing gives -> Listing: links once each, further listings, problems."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.reading.urls import canonical_url
from storage.records import Link

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

MAX_LINKS = 1000
LONGEST_TITLE = 300
LONGEST_TEXT = 500
TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)(?:\s[^<>]*)?/?>|<!--.*?-->", re.DOTALL)
INLINE = frozenset({
    "a", "abbr", "b", "bdi", "big", "cite", "code", "em", "font", "i", "mark", "small",
    "span", "strong", "sub", "sup", "u",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a listing gave: links in its order (newest first), listings that continue it.

    `further` holds child sitemaps, newest first, or the one next page. `problems` are words
    for the crawl's row; none of them made the listing useless. `is_page` tells a page whose links
    were picked (a section) from a list that is made to be read.
    """

    links: tuple[Link, ...] = ()
    further: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    is_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a listing as it stands there: address and texts still raw."""

    url: str
    title: str = ""
    text: str = ""
    published_at: datetime | None = None


def gather(entries: Iterable[Entry], base: str, problems: Iterable[str] = ()) -> Listing:
    """Turn raw entries into links with canonical addresses, each address once."""
    found: dict[str, Link] = {}
    without = total = 0
    for entry in entries:
        total += 1
        if total > MAX_LINKS:
            continue
        url = canonical_url(entry.url, base)
        if url is None:
            without += 1
        else:
            title = plain_text(entry.title)[:LONGEST_TITLE]
            text = plain_text(entry.text[: 8 * LONGEST_TEXT])[:LONGEST_TEXT]
            link = Link(url=url, title=title, text=text, published_at=entry.published_at)
            found[url] = merge(found[url], link) if url in found else link
    said = [*problems, *counted(without, "without address")]
    if total > MAX_LINKS:
        said.append(f"{total} entries, read {MAX_LINKS}")
    return Listing(links=tuple(found.values()), problems=tuple(said))


def merge(first: Link, second: Link) -> Link:
    """Keep the first of two links to one address and fill in what it lacks."""
    return replace(
        first,
        title=first.title or second.title,
        text=first.text or second.text,
        published_at=first.published_at or second.published_at,
    )


def counted(number: int, what: str) -> list[str]:
    """Say how many entries share a fault: no line for none of them."""
    if not number:
        return []
    return [f"{number} {'entry' if number == 1 else 'entries'} {what}"]


def plain_text(markup: str) -> str:
    """Strip tags and entities; block tags part words, inline tags do not."""
    text = TAG.sub(lambda tag: "" if (tag[1] or "").lower() in INLINE else " ", markup)
    return " ".join(html.unescape(text).split())
