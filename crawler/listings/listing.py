"""The one door for listings: bytes of any kind -> Listing that keeps to its source."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.errors import FeedUnreadable
from crawler.reading.urls import (
    bare_host,
    belongs_to,
    canonical_url,
    is_article,
    settle_url,
)

from .dates import ZONES
from .feeds import read_feed
from .intake import open_body
from .json_lists import READERS
from .links import Listing, counted, merge
from .sections import parse_page, read_section
from .sitemaps import read_sitemap
from .wordpress import read_posts

if TYPE_CHECKING:
    from config.source import Source
    from storage.records import Link

__all__ = ["Listing", "declared_feeds", "read_listing"]

AHEAD = timedelta(minutes=5)
FEED_HOSTS = ("feeds.feedburner.com", "feeds2.feedburner.com", "feedproxy.google.com")
FEED_TYPES = re.compile(r"application/(?:rss|atom|rdf)\+xml|text/xml", re.I)
FEED_ADDRESS = re.compile(r"(?:/feed|/rss|/atom|\.(?:xml|rss|atom|rdf|gz)|/posts/default)/?$", re.I)
# What may stand before a document's root: declarations, comments, whitespace.
PROLOGUE = re.compile(r"(?:\s|<\?[^<>]*\?>|<!--(?:[^-]|-(?!->))*-->|<![^<>\[]*>)*")
ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
ROOTS = {"rss": "feed", "feed": "feed", "rdf": "feed", "urlset": "sitemap",
         "sitemapindex": "sitemap"}  # fmt: skip


def read_listing(
    kind: str | None,
    body: bytes,
    base: str,
    source: Source,
    content_type: str | None,
    now: datetime,
) -> Listing:
    """Read a listing of a given or sniffed kind; keeps own articles only. Raises FeedUnreadable.

    `base` is the address under which the listing finally answered. Kinds: feed, sitemap,
    wordpress, section, or the name of a function in `json_lists`.
    """
    kind = kind or _sniff(body, base, source, content_type)
    zone = ZONES.get(source.timezone, ZONES["WIB"])
    if kind == "feed":
        listing = read_feed(body, base, zone)
    elif kind == "sitemap":
        listing = read_sitemap(body, base, now, zone)
    elif kind == "wordpress":
        listing = read_posts(body, base, zone)
    elif kind == "section":
        listing = read_section(body, base, source)
    elif kind in READERS:
        listing = READERS[kind](body, base, zone)
    else:
        raise FeedUnreadable(f"no such kind of listing: {kind}")
    own = _keep_own(listing, base, source, now)
    return replace(own, is_page=kind == "section")


def declared_feeds(body: bytes, base: str) -> tuple[str, ...]:
    """List the feeds that a page declares, in order: its own host's, none of comments."""
    try:
        root = parse_page(open_body(body)[0])
    except FeedUnreadable:
        return ()
    found: dict[str, None] = {}
    for link in root.iter("link"):
        said = f"{link.get('title') or ''} {link.get('href') or ''}".lower()
        url = canonical_url(link.get("href") or "", base)
        if (
            url
            and "alternate" in (link.get("rel") or "").lower().split()
            and FEED_TYPES.match((link.get("type") or "").strip())
            and "comment" not in said
            and "komentar" not in said
            and (bare_host(url) == bare_host(base) or urlsplit(url).hostname in FEED_HOSTS)
        ):
            found[url] = None
    return tuple(found)


def _sniff(body: bytes, base: str, source: Source, content_type: str | None) -> str:
    """Look at the body first; servers call feeds `text/html` and pages `text/xml`."""
    opened, _ = open_body(body)
    head = opened[:4096].replace(b"\0", b"").decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if head.startswith(("[", "{")) or "json" in (content_type or "").lower():
        return source.listing or "wordpress"
    found = ROOT.match(head, PROLOGUE.match(head).end())  # type: ignore[union-attr]  # may be empty
    name = found[1].lower() if found else ""
    if name in ROOTS:
        return ROOTS[name]
    path = urlsplit(base).path
    if "/wp-json/" in path:
        return "wordpress"
    if FEED_ADDRESS.search(path):
        raise FeedUnreadable("a feed's address answered a page")
    return "section"


def _keep_own(listing: Listing, base: str, source: Source, now: datetime) -> Listing:
    kept: dict[str, Link] = {}
    foreign = no_article = 0
    for link in listing.links:
        if not belongs_to(link.url, source):
            foreign += 1
            continue
        url = settle_url(link.url, source, base)
        if not is_article(url, source):
            no_article += 1
            continue
        ahead = link.published_at is not None and link.published_at > now + AHEAD
        own = replace(link, url=url, published_at=None if ahead else link.published_at)
        kept[url] = merge(kept[url], own) if url in kept else own
    return Listing(
        links=tuple(kept.values()),
        further=listing.further,
        problems=(
            *listing.problems,
            *counted(foreign, "of another host"),
            *counted(
                no_article, "that is no article" if no_article == 1 else "that are no articles"
            ),
        ),
    )
