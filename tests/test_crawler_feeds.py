"""Feeds as sites really send them: every usual fault gives its links or a named refusal."""

from __future__ import annotations

import resource
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.errors import FeedUnreadable
from crawler.listings.dates import ZONES, read_date
from crawler.listings.feeds import read_feed

FEEDS = Path(__file__).parent / "feeds"
BASE = "https://kabarmusi.test/feed/"


def feed(name: str) -> bytes:
    return (FEEDS / name).read_bytes()


def rss(items: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    return f'{head}<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'


def test_rss_gives_every_entry_that_has_an_address_once_in_order() -> None:
    listing = read_feed(feed("rss20.xml"), BASE)
    assert [link.url for link in listing.links] == [
        "https://kabarmusi.test/2026/03/bupati-hadiri-rakor-pencegahan-korupsi/",
        "https://kabarmusi.test/2026/03/warga-gotong-royong-bersihkan-pasar/",
        "https://kabarmusi.test/2026/03/panen-raya/",
        "https://kabarmusi.test/2026/03/jembatan-baru-dibuka/",
        "https://kabarmusi.test/2026/03/sekda-kumpulkan-opd/",
        "https://slot-gacor.test/promo/hari-ini/",
        "https://kabarmusi.test/2026/03/besok-sudah-terjadi/",
    ]
    assert listing.problems == ("1 entry without address",)
    assert listing.further == ()


def test_titles_and_excerpts_are_plain_text() -> None:
    first = read_feed(feed("rss20.xml"), BASE).links[0]
    assert first.title == "Bupati Hadiri Rakor Pencegahan Korupsi “Bersama” KPK"
    assert first.text.startswith("Rapat digelar di pendopo & dihadiri camat. Artikel pertama")
    assert "<" not in first.text


def test_times_are_utc_and_one_without_zone_takes_the_zone_of_the_source() -> None:
    times = [link.published_at for link in read_feed(feed("rss20.xml"), BASE).links]
    assert times[0] == datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
    assert times[1] is None
    assert times[2] == datetime(2026, 3, 4, 3, 0, tzinfo=UTC)
    assert times[3] == datetime(2026, 3, 4, 1, 30, tzinfo=UTC)
    assert times[4] == datetime(2026, 3, 4, 2, 15, tzinfo=UTC)
    east = read_feed(feed("rss20.xml"), BASE, ZONES["WIT"]).links[3]
    assert east.published_at == datetime(2026, 3, 3, 23, 30, tzinfo=UTC)


def test_atom_takes_the_alternate_address_and_the_first_publication() -> None:
    links = read_feed(feed("atom.xml"), "https://suaralembah.test/feeds/posts/default").links
    assert [(link.url, link.title) for link in links] == [
        (
            "https://suaralembah.test/2026/03/inspektorat-paparkan-capaian-mcsp.html",
            "Inspektorat Paparkan Capaian MCSP & SPI",
        ),
        (
            "https://suaralembah.test/feeds/posts/2026/03/wali-kota-lantik-kepala-dinas.html",
            "Wali Kota Lantik Kepala Dinas",
        ),
    ]
    assert links[0].published_at == datetime(2026, 3, 3, 13, 5, tzinfo=UTC)


def test_rss_1_0_is_read_with_its_dublin_core_date() -> None:
    (link,) = read_feed(feed("rss10.xml"), "https://warta.test/rss").links
    assert link.url == "https://warta.test/berita/101/rakor-korsup-di-aula"
    assert link.published_at == datetime(2026, 3, 4, 1, 0, tzinfo=UTC)


def test_space_before_the_declaration_and_bare_ampersands_do_no_harm() -> None:
    links = read_feed(feed("space_and_bare_ampersand.xml"), "https://spasi.test/feed").links
    assert [link.url for link in links] == [
        "https://spasi.test/?p=77&cat=3",
        "https://spasi.test/?p=78",
    ]
    assert links[0].title == "Pasar & Terminal Ditata, Warga Senang"


@pytest.mark.parametrize("name", ["wrong_encoding.xml", "windows_declared_as_utf8.xml"])
def test_a_wrongly_declared_encoding_gives_the_right_letters(name: str) -> None:
    (link,) = read_feed(feed(name), "https://sandi.test/feed").links
    assert link.title == "Jum’at Bersih – “Gotong Royong”"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_byte_order_marks_and_wide_encodings_are_read(codec: str) -> None:
    text = rss("<item><title>Jum’at</title><link>https://a.test/berita/9/x</link></item>")
    (link,) = read_feed(text.encode(codec), "https://a.test/feed").links
    assert link.title == "Jum’at"


def test_a_truncated_feed_gives_the_whole_entries_and_says_so() -> None:
    listing = read_feed(feed("truncated.xml"), "https://potong.test/rss")
    assert [link.url for link in listing.links] == [
        "https://potong.test/berita/1/pertama-utuh-sampai-akhir",
        "https://potong.test/berita/2/kedua-utuh-juga",
    ]
    assert any("broken" in problem for problem in listing.problems)


def test_an_empty_but_valid_feed_is_no_failure() -> None:
    listing = read_feed(feed("empty.xml"), "https://kosong.test/feed")
    assert listing.links == ()
    assert listing.problems == ()


@pytest.mark.parametrize("body", [b"", b"   ", b"\x00\xff", b"{}", b"Maaf", feed("page.html")])
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(FeedUnreadable):
        read_feed(body, BASE)


def test_a_feed_of_comments_is_refused() -> None:
    with pytest.raises(FeedUnreadable, match="comments"):
        read_feed(feed("comments.xml"), BASE)


def test_an_old_public_doctype_without_entities_is_read() -> None:
    head = (
        '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//N//DTD RSS 0.91//EN" "http://a.test/r.dtd">'
    )
    item = "<item><title>t</title><link>https://a.test/berita/9/x</link></item>"
    assert len(read_feed(rss(item, head).encode(), "https://a.test/feed").links) == 1


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-be", "utf-32-le"])
def test_C01_an_entity_bomb_is_refused_at_once(codec: str) -> None:
    bomb = feed("entity_bomb.xml").decode().encode(codec)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    with pytest.raises(FeedUnreadable, match="entity"):
        read_feed(bomb, BASE)
    assert time.perf_counter() - started < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_C02_an_external_entity_reads_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "rahasia.txt"
    secret.write_text("isi-rahasia")
    body = feed("external_entity.xml").replace(b"@SECRET@", secret.as_uri().encode())
    with pytest.raises(FeedUnreadable, match="entity"):
        read_feed(body, BASE)


def test_C03_a_body_that_names_a_file_reads_no_file(tmp_path: Path) -> None:
    trap = tmp_path / "feed.xml"
    trap.write_bytes(feed("rss20.xml"))
    for body in (str(trap).encode(), trap.as_uri().encode(), b"http://127.0.0.1:9/feed"):
        with pytest.raises(FeedUnreadable):
            read_feed(body, BASE)


@pytest.mark.parametrize(
    ("filling", "reason"),
    [
        ("<item " + " ".join(f'a{n}="1"' for n in range(2000)) + "/>", "attributes"),
        ("<item><title>" + "&nbsp;" * 250_000 + "</title></item>", "references"),
        ("<b>" * 300, "deep"),
        ("<b/>" * 60_000, "tags"),
        ("</b>" * 120_000, "tags"),
    ],
)
def test_what_would_cost_a_parser_too_much_is_refused_at_once(filling: str, reason: str) -> None:
    started = time.perf_counter()
    with pytest.raises(FeedUnreadable, match=reason):
        read_feed(rss(filling).encode(), BASE)
    assert time.perf_counter() - started < 1


def test_markup_inside_cdata_is_no_depth() -> None:
    item = f"<item><link>/a/1</link><description><![CDATA[{'<b>' * 300}]]></description></item>"
    assert len(read_feed(rss(item).encode(), BASE).links) == 1


def test_only_the_first_thousand_entries_are_read() -> None:
    items = "".join(f"<item><link>/berita/{n}</link></item>" for n in range(1500))
    listing = read_feed(rss(items).encode(), BASE)
    assert len(listing.links) == 1000
    assert listing.links[-1].url == "https://kabarmusi.test/berita/999"
    assert listing.problems == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rabu, 04 Mar 2026 10:00:00 +0700", datetime(2026, 3, 4, 3, 0, tzinfo=UTC)),
        ("Jum'at, 6 Pebruari 2026 | 14.03 WIB", datetime(2026, 2, 6, 7, 3, tzinfo=UTC)),
        ("Kamis, 26 Nopember 2025 - 14:03 WITA", datetime(2025, 11, 26, 6, 3, tzinfo=UTC)),
        ("17 Agustus 2025 08:00:09 WIT", datetime(2025, 8, 16, 23, 0, 9, tzinfo=UTC)),
        ("Wed, 04 Mar 2026 10:00:00 GMT", datetime(2026, 3, 4, 10, 0, tzinfo=UTC)),
        ("Wed, 04 Mar 2026 10:00:00 -0000", datetime(2026, 3, 4, 10, 0, tzinfo=UTC)),
        ("Wed, 4 Mar 26 10:00 EST", datetime(2026, 3, 4, 15, 0, tzinfo=UTC)),
        ("2026-03-04T10:00:00+07:00", datetime(2026, 3, 4, 3, 0, tzinfo=UTC)),
        ("2026-03-04T10:00:00.123Z", datetime(2026, 3, 4, 10, 0, tzinfo=UTC)),
        ("2026-03-04 10:00:00", datetime(2026, 3, 4, 3, 0, tzinfo=UTC)),
        ("2026-03-04T10:00+0700", datetime(2026, 3, 4, 3, 0, tzinfo=UTC)),
        ("2026-03-04", datetime(2026, 3, 3, 17, 0, tzinfo=UTC)),
        ("4 Maret 2026", datetime(2026, 3, 3, 17, 0, tzinfo=UTC)),
        ("31 Feb 2026 10:00:00 +0700", None),
        ("Wed, 04 Mar 2026 25:00:00 +0700", None),
        ("03/04/2026 10:00", None),
        ("2 jam lalu", None),
        ("0000-00-00T00:00:00", None),
        ("-0001-11-30T00:00:00+00:00", None),
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("", None),
        ("2026-03-04T10:00:00+99:99", None),
    ],
)
def test_a_printed_date_is_read_or_refused(text: str, expected: datetime | None) -> None:
    assert read_date(text, ZONES["WIB"]) == expected
