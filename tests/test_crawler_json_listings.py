"""Listings in JSON: WordPress REST and the lists that only one site has."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.errors import FeedUnreadable
from config.source import LISTING_NAMES
from crawler.listings.dates import ZONES
from crawler.listings.json_lists import READERS, kpk
from crawler.listings.wordpress import read_posts

FEEDS = Path(__file__).parent / "feeds"
POSTS = "https://kabarmusi.test/wp-json/wp/v2/posts"
KPK = "https://www.kpk.go.id/api/id/api/news?include=newsTags&page[size]=30&page[number]=1"


def test_posts_give_address_title_excerpt_and_time() -> None:
    listing = read_posts((FEEDS / "posts.json").read_bytes(), POSTS)
    assert [(link.url, link.title) for link in listing.links] == [
        (
            "https://kabarmusi.test/2026/03/kpk-surati-kepala-daerah/",
            "KPK Surati Kepala Daerah, Minta Data “Pokir” & Hibah",
        ),
        ("https://kabarmusi.test/?p=500", "Hanya Jam Setempat"),
        ("https://kabarmusi.test/2026/02/tanggal-nol/", "Judul Polos"),
    ]
    assert listing.links[0].published_at == datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
    assert listing.links[0].text == "Surat diterima Senin. […]"
    assert listing.links[1].published_at == datetime(2026, 3, 4, 0, 30, tzinfo=UTC)
    assert listing.links[2].published_at is None
    assert listing.problems == ("2 entries without address",)
    east = read_posts((FEEDS / "posts.json").read_bytes(), POSTS, ZONES["WITA"]).links[1]
    assert east.published_at == datetime(2026, 3, 3, 23, 30, tzinfo=UTC)


def test_a_warning_printed_before_the_json_does_no_harm() -> None:
    body = b"\xef\xbb\xbf<br />\n<b>Warning</b>: x[1]\n" + (FEEDS / "posts.json").read_bytes()
    assert len(read_posts(body, POSTS).links) == 3


def test_a_refusal_by_wordpress_is_named() -> None:
    with pytest.raises(FeedUnreadable, match="rest_no_route"):
        read_posts((FEEDS / "posts_error.json").read_bytes(), POSTS)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[" * 200_000, b"[1,", b'"x"', b"[" + b"9" * 5000 + b"]", b"\xff\xfe"]
)
def test_what_is_no_list_of_posts_is_refused_or_empty(body: bytes) -> None:
    with contextlib.suppress(FeedUnreadable):
        assert read_posts(body, POSTS).links == ()


def test_no_posts_are_no_failure() -> None:
    assert read_posts(b"[]", POSTS).links == ()


@pytest.mark.parametrize("name", ["kpk_jsonapi.json", "kpk_flat.json"])
def test_the_kpk_list_is_read_in_both_shapes(name: str) -> None:
    link = kpk((FEEDS / name).read_bytes(), KPK).links[0]
    assert link.url == (
        "https://www.kpk.go.id/id/ruang-informasi/berita/kpk-gelar-rakor-se-kepulauan"
    )
    assert link.title == "KPK Gelar Rakor se-Kepulauan"
    assert link.text == "Rapat berlangsung dua hari."
    assert link.published_at == datetime(2026, 3, 3, 3, 0, tzinfo=UTC)


def test_the_kpk_list_counts_what_has_no_address() -> None:
    listing = kpk((FEEDS / "kpk_jsonapi.json").read_bytes(), KPK)
    assert len(listing.links) == 1
    assert listing.problems == ("1 entry without address",)


@pytest.mark.parametrize("body", [b"{}", b'{"message": "Too Many Attempts."}', b"<html>", b"[]"])
def test_what_is_no_kpk_list_is_refused(body: bytes) -> None:
    with pytest.raises(FeedUnreadable):
        kpk(body, KPK)


def test_every_name_that_a_source_may_give_has_its_function() -> None:
    assert set(READERS) == set(LISTING_NAMES)
