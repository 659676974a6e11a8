"""News sitemaps, plain sitemaps and their indexes -> Listing, newest first and bounded."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lxml import etree

from config.errors import FeedUnreadable
from crawler.reading.urls import bare_host, canonical_url

from .dates import ZONES, read_date
from .feeds import read_feed
from .intake import fit_for_xml, open_body, read_text
from .links import MAX_LINKS, Entry, Listing, gather

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

__all__ = ["MAX_CHILDREN", "MAX_LINKS", "read_sitemap"]

MAX_CHILDREN = 5
LONGEST_AGO = datetime(1970, 1, 1, tzinfo=UTC)
HUGE = 10_000  # entries; with more, only both ends are read
AHEAD = timedelta(minutes=5)
ENTRY_END = re.compile(r"</(?:\w+:)?url\s*>", re.IGNORECASE)
# Children of an index that never hold articles (WordPress plug-ins name them so).
NO_ARTICLES = ("category", "tag", "author", "page", "image", "video", "local", "taxonom", "user")


def read_sitemap(body: bytes, base: str, now: datetime, zone: tzinfo = ZONES["WIB"]) -> Listing:
    """Read a sitemap or index, also gzipped or a feed in its place. Raises FeedUnreadable.

    `lastmod` orders the links but is no publication: only a news sitemap gives times.
    """
    opened, problems = open_body(body)
    data = fit_for_xml(_both_ends(read_text(opened)))
    root, broken = _parse(data)
    problems += broken
    kind = _name(root)
    if kind == "urlset":
        rows = [_entry(url, now, zone) for url in root if _name(url) == "url"]
        rows.sort(key=lambda row: row[0], reverse=True)
        return gather((entry for _, entry in rows), base, problems)
    if kind == "sitemapindex":
        return Listing(further=tuple(_children(root, base, now, zone)), problems=problems)
    if kind in {"rss", "feed", "rdf"}:
        return read_feed(opened, base, zone)
    raise FeedUnreadable("neither sitemap nor feed")


def _both_ends(text: str) -> str:
    """Cut out the middle of a huge sitemap: the newest stand at one of its ends."""
    ends = [found.end() for found in ENTRY_END.finditer(text)]
    if len(ends) <= HUGE:
        return text
    return text[: ends[MAX_LINKS - 1]] + text[ends[-MAX_LINKS - 1] :]


def _parse(data: bytes) -> tuple[etree._Element, tuple[str, ...]]:
    for recover in (False, True):
        parser = etree.XMLParser(
            resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False,
            recover=recover, encoding="utf-8",
        )  # fmt: skip
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError:
            continue
        if root is not None:
            return root, ("broken xml",) if recover else ()
    raise FeedUnreadable("neither sitemap nor feed")


def _entry(url: etree._Element, now: datetime, zone: tzinfo) -> tuple[datetime, Entry]:
    news = next((child for child in url if _name(child) == "news"), None)
    published = title = None
    if news is not None:
        published = _past(read_date(_child(news, "publication_date"), zone), now)
        title = _child(news, "title")
    changed = _past(read_date(_child(url, "lastmod"), zone), now)
    entry = Entry(url=_child(url, "loc"), title=title or "", published_at=published)
    return published or changed or LONGEST_AGO, entry


def _children(index: etree._Element, base: str, now: datetime, zone: tzinfo) -> Iterator[str]:
    dated: dict[str, datetime] = {}
    own = canonical_url(base)
    for child in index:
        url = canonical_url(_child(child, "loc"), base)
        if _name(child) != "sitemap" or url in (None, own) or bare_host(url) != bare_host(base):
            continue
        changed = _past(read_date(_child(child, "lastmod"), zone), now) or LONGEST_AGO
        dated[url] = max(changed, dated.get(url, LONGEST_AGO))
    newest = sorted(dated, key=lambda url: dated[url], reverse=True)
    articles = [url for url in newest if not url.rsplit("/", 1)[1].startswith(NO_ARTICLES)]
    yield from (articles or newest)[:MAX_CHILDREN]


def _past(moment: datetime | None, now: datetime) -> datetime | None:
    return None if moment is None or moment > now + AHEAD else moment


def _child(element: etree._Element, name: str) -> str:
    for child in element:
        if _name(child) == name:
            return "".join(child.itertext()).strip()
    return ""


def _name(element: etree._Element) -> str:
    """Give the local name in lower case, whatever the namespace or an undeclared prefix."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""
