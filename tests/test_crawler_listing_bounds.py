"""Listings that are too much are refused before they are parsed, or read as far as is useful."""

from __future__ import annotations

import time
import tracemalloc
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from config.errors import FeedUnreadable
from crawler.listings.listing import read_listing
from crawler.listings.sitemaps import MAX_CHILDREN, MAX_LINKS, read_sitemap
from crawler.polls import CHILDREN, Answer, Poll
from tests.make_source import make_source

if TYPE_CHECKING:
    from collections.abc import Callable

SITE = "https://peta.test"
BASE = f"{SITE}/sitemap.xml"
KINDS = (None, "feed", "sitemap", "wordpress", "section")
NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)

MONSTERS: dict[str, Callable[[], bytes]] = {
    "200,000 nested tags": lambda: b"<html><body>" + b"<div>" * 200_000,
    "200,000 nested tags in a feed": lambda: b"<rss><channel>" + b"<a>" * 200_000,
    "50,001 tags": lambda: b"<html><body>" + b"<i>x</i>" * 50_001,
    "257 deep": lambda: b"<rss>" + b"<a>" * 257 + b"</a>" * 257 + b"</rss>",
    "over 2 MiB": lambda: b"<html>" + b" " * (2 * 1024 * 1024),
    "one tag of 200,000 attributes": lambda: b"<html><a " + b"x=1 " * 200_000 + b">",
    "half-open tags": lambda: b"<html>" + b"<a " * 300_000,
    "comments half open": lambda: b"<html>" + b"<!--" * 300_000,
    "brackets alone": lambda: b"<html>" + b"<" * 1_000_000,
    "deep JSON": lambda: b"[" * 500_000,
    "a title of 1.9 MB": lambda: b"<rss><channel><item><title>" + b"x " * 950_000,
}


@pytest.mark.parametrize("name", MONSTERS)
def test_C04_a_listing_that_costs_too_much_is_refused_within_a_second(name: str) -> None:
    body = MONSTERS[name]()
    for kind in KINDS:
        begun = time.process_time()
        assert read(kind, body) <= MAX_LINKS
        assert time.process_time() - begun < 1.0, kind
    tracemalloc.start()
    for kind in KINDS:
        read(kind, body)
    assert tracemalloc.get_traced_memory()[1] < 60_000_000
    tracemalloc.stop()


def read(kind: str | None, body: bytes) -> int:
    """Read a listing; give the number of its links, 0 where it was refused."""
    try:
        listing = read_listing(kind, body, f"{SITE}/", make_source(SITE), "text/html", NOW)
    except FeedUnreadable:
        return 0
    return len(listing.links)


@pytest.mark.parametrize("newest_last", [False, True])
def test_C30_of_50_001_addresses_the_newest_are_kept(newest_last: bool) -> None:
    numbers = range(50_001) if newest_last else range(50_000, -1, -1)
    rows = "".join(
        f"<url><loc>/b/{n}</loc>" + ("<lastmod>2026-03-03</lastmod>" if n > 49_900 else "")
        + "</url>"
        for n in numbers
    )  # fmt: skip
    body = f"<urlset>{rows}</urlset>".encode()
    assert len(body) < 2 * 1024 * 1024
    listing = read_sitemap(body, BASE, NOW)
    assert len(listing.links) == MAX_LINKS
    found = {link.url for link in listing.links}
    assert {f"{SITE}/b/{n}" for n in range(49_901, 50_001)} <= found


@pytest.mark.parametrize(
    "root",
    [
        '<urlset xmlns="http://salah.test/ruang">',
        '<urlset xmlns="https://www.sitemaps.org/schemas/sitemap/0.9">',
        "<urlset>",
        '<s:urlset xmlns:s="http://www.google.com/schemas/sitemap/0.84">',
    ],
)
def test_C30_a_wrong_namespace_and_relative_addresses_are_read(root: str) -> None:
    prefix = "s:" if root.startswith("<s:") else ""
    body = (
        f"{root}<{prefix}url><{prefix}loc>/berita/satu</{prefix}loc></{prefix}url>"
        f"<{prefix}url><{prefix}loc> berita/dua </{prefix}loc></{prefix}url></{prefix}urlset>"
    )
    found = [link.url for link in read_sitemap(body.encode(), BASE, NOW).links]
    assert found == [f"{SITE}/berita/satu", f"{SITE}/berita/dua"]


def test_C30_an_index_that_names_itself_and_others_for_ever_ends() -> None:
    """Each child is an index again; the poll reads few of them and no address twice."""
    source = make_source(SITE, listings=(BASE,))
    poll = Poll(source, crawl=1, known={}, touches=lambda _: False, now=NOW)
    asked: list[str] = []
    while (ask := poll.next_ask()) is not None:
        asked.append(ask.url)
        children = [BASE, ask.url, *(f"{SITE}/peta-{len(asked)}-{n}.xml" for n in range(40))]
        rows = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in children)
        body = f"<sitemapindex>{rows}</sitemapindex>".encode()
        poll.take(ask, Answer(status=200, body=body, final_url=ask.url))
    assert len(asked) == len(set(asked)) == 1 + min(CHILDREN, MAX_CHILDREN)
    assert poll.reason == "empty"
