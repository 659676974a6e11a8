"""A front page, its family and robots.txt -> addresses that may list articles, cheapest first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler.listings.listing import declared_feeds
from crawler.reading.urls import bare_host, belongs_to, canonical_url, is_article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from config.family import Family
    from config.source import Source

    from .preview import Origin

MOST_DECLARED = 4
MOST_SITEMAPS = 3
MOST_SECTIONS = 3
USUAL_FEEDS = ("/feed/", "/rss", "/rss.xml")  # of a site whose family is not known
USUAL_SITEMAPS = ("/sitemap.xml", "/sitemap-news.xml")
POSTS = "/wp-json/wp/v2/posts?per_page=20"
FEED_PATH = re.compile(r"(?:/feeds?|/rss|/atom|\.(?:xml|rss|atom))(?:/|$)|/feeds/posts/", re.I)
SITEMAP_PATH = re.compile(r"sitemap|peta-?situs", re.I)
# A feed of one rubric, tag or author: asked after those that may be of everything.
PART = re.compile(
    r"/(?:category|kategori|tag|label|author|rubrik|kanal|topik)/|[?&](?:cat|tag)=", re.I
)
NO_ARTICLES = re.compile(r"(?:categor|tag|author|page|image|video|local|taxonom|user)[^/]*$", re.I)
NAMED = re.compile(r"(?im)^[ \t]*sitemap[ \t]*:[ \t]*(\S+)")
# Words by which menus name the list of all articles, the best first.
SECTION_WORDS = (
    "indeks", "index", "terkini", "terbaru", "berita", "news", "artikel", "arsip", "kabar",
    "siaran", "rilis", "informasi",
)  # fmt: skip
NO_SECTION = re.compile(r"(?:foto|video|galeri|agenda|populer|login|kontak|redaksi|tentang)", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address that may list articles, and who says so."""

    url: str
    origin: Origin
    kind: str | None = None


def feed_candidates(body: bytes, source: Source, family: Family | None) -> Iterator[Candidate]:
    """Give the declared feeds, those of one rubric last, then the family's usual feed paths."""
    declared = declared_feeds(body, source.url)[: MOST_DECLARED * 2]
    ordered = sorted(declared, key=lambda url: bool(PART.search(url)))[:MOST_DECLARED]
    for url in ordered:
        yield Candidate(url=url, origin="declared", kind="feed")
    usual = USUAL_FEEDS if family is None else family.listings
    for path in usual:
        if FEED_PATH.search(path) and not SITEMAP_PATH.search(path) and "wp-json" not in path:
            yield Candidate(url=urljoin(source.url, path), origin="usual", kind="feed")


def sitemap_candidates(
    robots: str, source: Source, family: Family | None, *, all_pages: bool = False
) -> Iterator[Candidate]:
    """Give the sitemaps that robots.txt names, news first, and the usual ones where it is silent.

    `all_pages` also gives those that a news search would leave out.
    """
    named = []
    for found in NAMED.findall(robots[:500_000])[:50]:
        url = canonical_url(found, source.url)
        if url and bare_host(url) == bare_host(source.url):
            named.append(url)
    named = [url for url in dict.fromkeys(named) if all_pages or not NO_ARTICLES.search(url)]
    named.sort(key=lambda url: "news" not in url.lower() and "berita" not in url.lower())
    for url in named[:MOST_SITEMAPS]:
        yield Candidate(url=url, origin="robots", kind="sitemap")
    own = [path for path in family.listings if SITEMAP_PATH.search(path)] if family else []
    for path in own or (() if named else USUAL_SITEMAPS):
        yield Candidate(url=urljoin(source.url, path), origin="usual", kind="sitemap")


def rest_candidates(
    root: HtmlElement, source: Source, family: Family | None
) -> Iterator[Candidate]:
    """Give WordPress's list of posts where the site is one, or says that it has it."""
    says = any((link.get("rel") or "") == "https://api.w.org/" for link in root.iter("link"))
    if says or (family is not None and family.id == "wordpress"):
        yield Candidate(url=urljoin(source.url, POSTS), origin="rest", kind="wordpress")


def section_candidates(
    root: HtmlElement, source: Source, family: Family | None
) -> Iterator[Candidate]:
    """Give the family's index pages and those that the page's links name as such."""
    given = 0
    for path in family.listings if family else ():
        if path != "/" and not (
            FEED_PATH.search(path) or SITEMAP_PATH.search(path) or "wp-json" in path
        ):
            given += 1
            yield Candidate(url=urljoin(source.url, path), origin="usual", kind="section")
    ranked: dict[str, int] = {}
    for anchor in root.iter("a"):
        url = canonical_url(anchor.get("href") or "", source.url)
        if url is None or not belongs_to(url, source) or is_article_like(url, source):
            continue
        text = " ".join(anchor.text_content().split()).lower()
        rank = _rank(text, urlsplit(url).path.lower())
        if rank is not None and not NO_SECTION.search(urlsplit(url).path):
            ranked[url] = min(rank, ranked.get(url, rank))
    for url in sorted(ranked, key=lambda one: (ranked[one], len(one)))[: MOST_SECTIONS - given]:
        yield Candidate(url=url, origin="page", kind="section")


def is_article_like(url: str, source: Source) -> bool:
    """Tell a story's address from that of a list: it has a slug of several words."""
    slug = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    return is_article(url, source) and slug.count("-") >= 3


def _rank(text: str, path: str) -> int | None:
    """Give how surely a link leads to the list of articles, less being surer; None where not."""
    if path in ("", "/") or len(text.split()) > 4:
        return None
    steps = re.split(r"[/_.-]+", path.strip("/"))
    for rank, word in enumerate(SECTION_WORDS):
        if word in steps or word in text.split():
            return rank * 2 + (len(steps) > 1)
    return None
