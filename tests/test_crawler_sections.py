"""Index pages of every family: articles are told from menus, tags and paging by their shape."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import FeedUnreadable
from config.family import load_families
from config.rules import ArticleRules
from config.source import Source
from crawler.listings.listing import declared_feeds
from crawler.listings.sections import read_section

FEEDS = Path(__file__).parent / "feeds"


def make_source(url: str, **changes: object) -> Source:
    values: dict[str, object] = {
        "id": "contoh",
        "name": "Contoh",
        "url": url,
        "province": "sumatera-selatan",
        "slot": "contoh.test",
    }
    return Source(**(values | changes))  # type: ignore[arg-type]  # values of a test


SHAPES = [
    (
        "wordpress_classic",
        "https://kabarmusi.test/category/daerah/",
        [
            (
                "/2026/03/bupati-hadiri-rakor-pencegahan-korupsi/",
                "Bupati Hadiri Rakor Pencegahan Korupsi",
            ),
            ("/sekda-kumpulkan-opd-bahas-aset-daerah/", "Sekda Kumpulkan OPD Bahas Aset Daerah"),
            ("/?p=812", "Jalan Desa Rusak Mulai Diperbaiki"),
        ],
        ["/category/daerah/page/2/"],
    ),
    (
        "wordpress_block",
        "https://blok.test/",
        [
            ("/pemkot-genjot-mcsp-jelang-tenggat/", "Pemkot Genjot MCSP Jelang Tenggat"),
            ("/petani-kopi-panen-lebih-awal/", "Petani Kopi Panen Lebih Awal"),
        ],
        ["/?query-1-page=2"],
    ),
    (
        "disway",
        "https://musi.disway.test/kategori/12/pemerintahan",
        [
            ("/read/664501/kpk-dan-pemkab-bahas-aset", "KPK dan Pemkab Bahas Penertiban Aset"),
            ("/read/664502/rapat-paripurna", "Rapat Paripurna DPRD Berlangsung Alot"),
            ("/ogan/read/664503/lomba-perahu-bidar", "Lomba Perahu Bidar Kembali Digelar"),
        ],
        ["/kategori/12/pemerintahan/30"],
    ),
    (
        "tribun",
        "https://musi.tribun.test/index-news?date=2026-3-4",
        [
            ("/2026/03/4/kpk-ingatkan-pemkab-soal-hibah", "KPK Ingatkan Pemkab soal Hibah"),
            ("/daerah/1204511/warga-perbaiki-tanggul", "Warga Perbaiki Tanggul Secara Swadaya"),
        ],
        ["/index-news?date=2026-3-4&page=2"],
    ),
    (
        "antara",
        "https://musi.antara.test/terkini",
        [
            (
                "/berita/881001/pemprov-raih-skor-mcsp-tertinggi",
                "Pemprov raih skor MCSP tertinggi",
            ),
        ],
        ["/terkini/2"],
    ),
    (
        "promedia",
        "https://www.radarmusi.test/daerah",
        [
            (
                "/daerah/63512345678/pemkab-musi-perkuat-apip",
                "Pemkab Musi Perkuat APIP Bersama KPK",
            ),
            ("/daerah/63512345679/lampu-jalan", "Lampu Jalan Kota Kembali Menyala"),
        ],
        ["/daerah?page=2"],
    ),
    (
        "blogger",
        "https://suaralembah.test/",
        [
            (
                "/2026/03/inspektorat-paparkan-capaian-mcsp.html",
                "Inspektorat Paparkan Capaian MCSP Kabupaten",
            )
        ],
        ["/search?updated-max=2026-03-01T00:00:00%2B07:00&max-results=7"],
    ),
    (
        "goid",
        "https://musikab.test/berita",
        [
            (
                "/berita/bupati-terima-audiensi-satgas-korsup-kpk",
                "Bupati Terima Audiensi Satgas Korsup KPK",
            ),
            ("/read/1204", "Dinas Kesehatan Buka Layanan Malam"),
            ("/index.php?module=news_detail&id=88", "Penyerahan Sertifikat Tanah untuk Warga"),
        ],
        ["/berita?page=2"],
    ),
]
FAMILIES = {"wordpress_classic": "wordpress", "wordpress_block": "wordpress", "goid": None}


@pytest.mark.parametrize(("name", "base", "links", "further"), SHAPES, ids=[s[0] for s in SHAPES])
def test_a_section_gives_its_articles_and_the_next_page(
    name: str, base: str, links: list[tuple[str, str]], further: list[str]
) -> None:
    front = base[: base.index("/", 8) + 1]
    family = FAMILIES.get(name, name)
    rules = load_families(None)[family].article if family else ArticleRules()
    source = make_source(front, article=rules, family=family, listings=(base,))
    body = (FEEDS / f"section_{name}.html").read_bytes()
    listing = read_section(body, base, source)
    assert [(link.url, link.title) for link in listing.links] == [
        (front[:-1] + path, title) for path, title in links
    ]
    assert list(listing.further) == [front[:-1] + path for path in further]


def test_a_page_without_articles_says_so() -> None:
    source = make_source("https://kosong.test/")
    listing = read_section(b"<html><body><p>Domain dijual</p>", "https://kosong.test/", source)
    assert listing.links == ()
    assert listing.problems == ("no article links",)


@pytest.mark.parametrize("body", [b"", b"\x00" * 50, b"%PDF-1.7 \x00\x01", b"\x89PNG\r\n", b"{}"])
def test_what_is_no_page_is_refused(body: bytes) -> None:
    with pytest.raises(FeedUnreadable):
        read_section(body, "https://kosong.test/", make_source("https://kosong.test/"))


def test_a_base_address_in_the_head_is_obeyed_only_on_the_own_host() -> None:
    page = (
        '<html><head><base href="%s"></head><body>'
        '<a href="read/77123/a">Empat kata atau lebih disini</a></body></html>'
    )
    source = make_source("https://dasar.test/")
    own = read_section((page % "https://dasar.test/sub/").encode(), "https://dasar.test/", source)
    assert own.links[0].url == "https://dasar.test/sub/read/77123/a"
    alien = read_section((page % "https://lain.test/").encode(), "https://dasar.test/", source)
    assert alien.links[0].url == "https://dasar.test/read/77123/a"


def test_a_page_of_links_and_a_deep_page_take_no_time() -> None:
    many = b"".join(
        b'<a href="/read/%d/x">satu dua tiga empat</a>' % n for n in range(10_000, 30_000)
    )
    source = make_source("https://besar.test/")
    listing = read_section(b"<html><body>" + many, "https://besar.test/", source)
    assert 0 < len(listing.links) <= 1000
    with pytest.raises(FeedUnreadable, match="deep"):
        read_section(b"<html>" + b"<div>" * 5000, "https://besar.test/", source)
    with pytest.raises(FeedUnreadable, match="tags"):
        read_section(b"<html>" + b"<b></b>" * 60_000, "https://besar.test/", source)
    assert read_section(b"<html>" + b"<p>x<li>y<br>" * 5000, "https://besar.test/", source)


def test_declared_feeds_are_the_own_ones_without_comments_in_order() -> None:
    body = (FEEDS / "section_wordpress_classic.html").read_bytes()
    assert declared_feeds(body, "https://www.kabarmusi.test/") == (
        "https://kabarmusi.test/feed/",
        "https://www.kabarmusi.test/category/daerah/feed/",
        "http://feeds.feedburner.com/kabarmusi",
    )
    assert declared_feeds(b"\x00\xff<<<", "https://kabarmusi.test/") == ()
    assert declared_feeds(b"", "https://kabarmusi.test/") == ()
