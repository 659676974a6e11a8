"""The one door for listings: sniffs the kind, keeps to the source, fails in one way only."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import FeedUnreadable
from config.rules import ArticleRules
from config.source import Source
from crawler.listings.listing import Listing, read_listing

FEEDS = Path(__file__).parent / "feeds"
NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
SOURCE = Source(
    id="kabarmusi",
    name="Kabar Musi",
    url="https://www.kabarmusi.test/",
    province="sumatera-selatan",
    slot="kabarmusi.test",
    listings=("https://kabarmusi.test/feed/",),
)
BODIES = [path.read_bytes() for path in sorted(FEEDS.iterdir())]


@pytest.mark.parametrize(
    ("name", "address", "content_type", "links"),
    [
        ("rss20.xml", "/feed/", "application/rss+xml", 6),
        ("rss20.xml", "/feed/", "text/html; charset=UTF-8", 6),
        ("posts.json", "/wp-json/wp/v2/posts", "application/json", 3),
        ("posts.json", "/wp-json/wp/v2/posts", None, 3),
        ("section_wordpress_classic.html", "/category/daerah/", "text/html", 3),
    ],
)
def test_the_kind_is_sniffed_from_the_body(
    name: str, address: str, content_type: str | None, links: int
) -> None:
    body = (FEEDS / name).read_bytes()
    base = "https://kabarmusi.test" + address
    listing = read_listing(None, body, base, SOURCE, content_type, NOW)
    assert len(listing.links) == links
    assert {link.url.split("/")[2] for link in listing.links} == {"kabarmusi.test"}


def test_entries_of_other_hosts_are_dropped_and_counted() -> None:
    body = (FEEDS / "rss20.xml").read_bytes()
    listing = read_listing("feed", body, "https://kabarmusi.test/feed/", SOURCE, None, NOW)
    assert "1 entry of another host" in listing.problems
    assert not any("gacor" in link.url for link in listing.links)


def test_a_time_in_the_future_is_unknown() -> None:
    body = (FEEDS / "rss20.xml").read_bytes()
    listing = read_listing(None, body, "https://kabarmusi.test/feed/", SOURCE, None, NOW)
    late = next(link for link in listing.links if "besok" in link.url)
    assert late.published_at is None
    assert listing.links[0].published_at == datetime(2026, 3, 4, 1, 0, tzinfo=UTC)


def test_twins_of_one_article_take_the_form_under_which_the_listing_answered() -> None:
    items = "".join(
        f"<item><title>t</title><link>{link}</link></item>"
        for link in (
            "http://kabarmusi.test/2026/03/a/",
            "https://www.kabarmusi.test/2026/03/a/?utm_source=x",
            "https://m.kabarmusi.test/2026/03/a/amp/",
            "https://amp.kabarmusi.test/2026/03/a/",
        )
    )
    body = f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()
    listing = read_listing(None, body, "https://www.kabarmusi.test/feed/", SOURCE, None, NOW)
    assert [link.url for link in listing.links] == ["https://www.kabarmusi.test/2026/03/a/"]


def test_only_and_skip_of_the_source_hold_for_feeds_too() -> None:
    source = Source(
        id="x",
        name="x",
        url="https://kabarmusi.test/",
        province="nasional",
        slot="x",
        article=ArticleRules(only=("/2026/*",), skip=("*panen*",)),
    )
    body = (FEEDS / "rss20.xml").read_bytes()
    listing = read_listing(None, body, "https://kabarmusi.test/feed/", source, None, NOW)
    assert len(listing.links) == 5
    assert "1 entry that is no article" in listing.problems


def test_the_list_that_a_source_names_is_read_by_its_function() -> None:
    source = Source(
        id="kpk",
        name="KPK",
        url="https://www.kpk.go.id/",
        province="nasional",
        slot="kpk.go.id",
        listing="kpk",
    )
    body = (FEEDS / "kpk_jsonapi.json").read_bytes()
    listing = read_listing(None, body, "https://www.kpk.go.id/api/id/api/news", source, None, NOW)
    assert listing.links[0].url.endswith("/berita/kpk-gelar-rakor-se-kepulauan")


def test_a_feed_address_that_answers_a_page_is_unreadable() -> None:
    body = (FEEDS / "section_wordpress_classic.html").read_bytes()
    for base in ("https://kabarmusi.test/feed/", "https://kabarmusi.test/rss/terkini.xml"):
        with pytest.raises(FeedUnreadable, match="page"):
            read_listing(None, body, base, SOURCE, "text/html", NOW)


def test_sitemaps_are_known_by_their_root_even_when_packed() -> None:
    source = Source(
        id="peta", name="Peta", url="https://peta.test/", province="nasional", slot="peta.test"
    )
    body = gzip.compress((FEEDS / "sitemap_index.xml").read_bytes())
    listing = read_listing(None, body, "https://peta.test/sitemap_index.xml", source, None, NOW)
    assert len(listing.further) == 3


def test_a_listing_over_2_MiB_is_refused_before_it_is_read() -> None:
    body = (FEEDS / "rss20.xml").read_bytes() + b" " * (2 * 1024 * 1024)
    with pytest.raises(FeedUnreadable, match="larger"):
        read_listing(None, body, "https://kabarmusi.test/feed/", SOURCE, None, NOW)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(FeedUnreadable, match="kind"):
        read_listing("telepati", b"<rss/>", "https://kabarmusi.test/", SOURCE, None, NOW)


KINDS = st.sampled_from([None, "feed", "sitemap", "wordpress", "section", "kpk"])


@given(body=st.binary(max_size=300), kind=KINDS)
@settings(deadline=None, max_examples=150)
def test_any_bytes_give_a_listing_or_feed_unreadable(body: bytes, kind: str | None) -> None:
    _read(body, kind)


@given(
    body=st.sampled_from(BODIES),
    cuts=st.lists(
        st.tuples(st.integers(0, 5000), st.integers(0, 40), st.binary(max_size=6)), max_size=6
    ),
    kind=KINDS,
)
@settings(deadline=None, max_examples=200)
def test_any_damage_gives_a_listing_or_feed_unreadable(
    body: bytes, cuts: list[tuple[int, int, bytes]], kind: str | None
) -> None:
    for at, length, put in cuts:
        at %= len(body) + 1
        body = body[:at] + put + body[at + length :]
    _read(body, kind)


def _read(body: bytes, kind: str | None) -> None:
    try:
        listing = read_listing(kind, body, "https://kabarmusi.test/x", SOURCE, None, NOW)
    except FeedUnreadable:
        return
    assert isinstance(listing, Listing)
    for link in listing.links:
        assert link.url.startswith(("http://", "https://"))
        assert link.published_at is None or link.published_at.tzinfo is UTC
