"""Sitemaps and their indexes: news first, bounded, and never a bomb."""

from __future__ import annotations

import gzip
import time
import tracemalloc
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.errors import FeedUnreadable
from crawler.listings.sitemaps import MAX_CHILDREN, MAX_LINKS, read_sitemap

FEEDS = Path(__file__).parent / "feeds"
INDEX = "https://peta.test/sitemap_index.xml"


def test_a_news_sitemap_gives_title_and_time_newest_first(now: datetime) -> None:
    body = (FEEDS / "sitemap_news.xml").read_bytes()
    listing = read_sitemap(body, "https://musi.tribun.test/sitemap-news.xml", now)
    assert [(link.url.rsplit("/", 1)[1], link.title) for link in listing.links] == [
        ("kpk-ingatkan-pemkab-soal-hibah", "KPK Ingatkan Pemkab soal Hibah & Bansos"),
        ("tanpa-tanggal-terbit-di-peta", ""),
        ("warga-perbaiki-tanggul-secara-swadaya", "Warga Perbaiki Tanggul Secara Swadaya"),
    ]
    assert listing.links[0].published_at == datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
    assert listing.problems == ("1 entry without address",)


def test_a_plain_sitemap_puts_the_last_changed_first_and_calls_no_change_a_publication(
    now: datetime,
) -> None:
    body = (FEEDS / "sitemap_plain.xml").read_bytes()
    listing = read_sitemap(body, "https://peta.test/sitemap.xml", now)
    assert [link.url for link in listing.links] == [
        "https://peta.test/berita/3/paling-baru-hari-ini",
        "https://peta.test/berita/2/kemarin-sore-di-pasar",
        "https://peta.test/berita/1/lama-sekali-tahun-lalu",
        "https://peta.test/berita/4/tanpa-tanggal-ubah",
    ]
    assert {link.published_at for link in listing.links} == {None}


def test_an_index_gives_its_own_article_sitemaps_newest_first_and_never_itself(
    now: datetime,
) -> None:
    listing = read_sitemap((FEEDS / "sitemap_index.xml").read_bytes(), INDEX, now)
    assert listing.links == ()
    assert listing.further == (
        "https://peta.test/post-sitemap3.xml.gz",
        "https://peta.test/post-sitemap2.xml",
        "https://peta.test/post-sitemap1.xml",
    )


def test_an_index_and_a_sitemap_are_bounded(now: datetime) -> None:
    many = "".join(f"<sitemap><loc>https://peta.test/s{n}.xml</loc></sitemap>" for n in range(2000))
    index = read_sitemap(f"<sitemapindex>{many}</sitemapindex>".encode(), INDEX, now)
    assert len(index.further) == MAX_CHILDREN
    urls = "".join(f"<url><loc>https://peta.test/b/{n}</loc></url>" for n in range(5000))
    listing = read_sitemap(f"<urlset>{urls}</urlset>".encode(), INDEX, now)
    assert len(listing.links) == MAX_LINKS
    assert any("5000" in problem for problem in listing.problems)


def test_a_compressed_sitemap_is_opened_also_when_cut_short(now: datetime) -> None:
    packed = gzip.compress((FEEDS / "sitemap_plain.xml").read_bytes())
    assert len(read_sitemap(packed, "https://peta.test/sitemap.xml.gz", now).links) == 4
    cut = read_sitemap(packed[:-9], "https://peta.test/sitemap.xml.gz", now)
    assert cut.links
    assert "gzip stream cut short" in cut.problems


def test_C01_a_gzip_bomb_and_an_entity_bomb_are_refused_at_once(now: datetime) -> None:
    packer = zlib.compressobj(1, wbits=31)
    bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(300)) + packer.flush()
    entities = (FEEDS / "entity_bomb.xml").read_bytes()
    tracemalloc.start()
    started = time.perf_counter()
    try:
        for body in (bomb, bomb + bomb, entities, gzip.compress(entities)):
            with pytest.raises(FeedUnreadable, match=r"larger than 2 MiB|entity"):
                read_sitemap(body, INDEX, now)
        assert time.perf_counter() - started < 1
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_C02_an_external_entity_in_a_sitemap_reads_nothing(now: datetime, tmp_path: Path) -> None:
    secret = tmp_path / "rahasia.txt"
    secret.write_text("https://peta.test/isi-rahasia")
    body = (
        f'<!DOCTYPE urlset SYSTEM "{secret.as_uri()}"><urlset><url><loc>https://peta.test/a-b-c-d'
        "</loc></url></urlset>"
    )
    assert [link.url for link in read_sitemap(body.encode(), INDEX, now).links] == [
        "https://peta.test/a-b-c-d"
    ]
    entity = (
        f'<!DOCTYPE u [<!ENTITY x SYSTEM "{secret.as_uri()}">]><u><url><loc>&x;</loc></url></u>'
    )
    with pytest.raises(FeedUnreadable, match="entity"):
        read_sitemap(entity.encode(), INDEX, now)


def test_a_feed_in_the_place_of_a_sitemap_is_read_as_the_feed_it_is(now: datetime) -> None:
    listing = read_sitemap((FEEDS / "rss10.xml").read_bytes(), "https://warta.test/s.xml", now)
    assert len(listing.links) == 1


def test_a_truncated_sitemap_gives_its_whole_entries(now: datetime) -> None:
    body = (FEEDS / "sitemap_news.xml").read_bytes()[:1100]
    listing = read_sitemap(body, "https://musi.tribun.test/sitemap-news.xml", now)
    assert listing.links
    assert any("broken" in problem for problem in listing.problems)


@pytest.mark.parametrize("body", [b"", b"<html><body/></html>", b"{}", b"\x1f\x8b", b"\x1f\x8bxx"])
def test_what_is_no_sitemap_is_refused(body: bytes, now: datetime) -> None:
    with pytest.raises(FeedUnreadable):
        read_sitemap(body, INDEX, now)
