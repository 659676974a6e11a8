"""What pages do wrong, row by row of the failure list: the part that lives in reading."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from config.errors import NotAnArticle
from config.source import ArticleRules, Source
from crawler.reading.article import LONGEST, read_article
from crawler.reading.charset import decode_page
from crawler.reading.credits import read_dateline, read_marks
from crawler.reading.lines import (
    ends_story,
    is_caption,
    is_credit,
    is_link_label,
    is_link_line,
    is_noise,
)
from crawler.reading.parts import join_parts
from crawler.reading.pool import ReadingPool, prepare
from crawler.reading.printed import find_printed
from storage.records import Article, Page

SEEN = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
TITLE = "Bupati Hadiri Rakor Pencegahan Korupsi"
SENTENCE = "Bupati menghadiri rapat koordinasi pencegahan korupsi di aula kantor pemerintah daerah."
URL = "https://kabarcontoh.test/2026/03/04/bupati-hadiri-rakor"


def source(**changes: Any) -> Source:
    values: dict[str, Any] = {
        "id": "kabarcontoh",
        "name": "Kabar Contoh",
        "url": "https://kabarcontoh.test/",
        "province": "nasional",
        "slot": "kabarcontoh.test",
    }
    return Source(**(values | changes))


def page(url: str = URL, **changes: Any) -> Page:
    values: dict[str, Any] = {
        "url": url,
        "source": "kabarcontoh",
        "status": 200,
        "fetched_at": SEEN,
        "final_url": url,
    }
    return Page(**(values | changes))


def html(*paragraphs: str, head: str = "", title: str = TITLE) -> bytes:
    body = "".join(
        f"<p>{p}</p>" for p in paragraphs or [f"{SENTENCE} Bagian {n}." for n in range(4)]
    )
    return (
        f"<html><head><meta property='og:title' content='{title}'>{head}</head>"
        f"<body><article><h1>{title}</h1><div class='isi'>{body}</div></article></body></html>"
    ).encode()


def read(body: bytes, url: str = URL, **changes: Any) -> Article:
    return read_article(body, page(url), source(**changes), now=SEEN)


def in_pool(body: bytes, *, seconds: float = 10.0) -> Article:
    async def run() -> Article:
        pool = ReadingPool(workers=1, seconds=seconds)
        await pool.start()
        try:
            return await pool.read(body, page(), source(), SEEN)
        finally:
            await pool.close()

    prepare()
    return asyncio.run(run())


def test_C06_a_page_at_the_download_limit_is_read_within_time_and_memory() -> None:
    filler = f"<p>{SENTENCE}</p>".encode() * 200
    junk = b"<div class='iklan' data-x='" + b"y" * 1000 + b"'></div>"
    body = html().replace(b"</article>", filler + b"</article>" + junk * 7500)
    assert len(body) > 7_500_000
    began = time.monotonic()
    article = in_pool(body)
    assert SENTENCE in article.text
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("depth", [2_000, 100_000])
def test_C07_text_under_nested_tags_is_not_lost(depth: int) -> None:
    told = "".join(f"<p>{SENTENCE} Satgas Korsup hadir, bagian {n}.</p>" for n in range(3))
    body = f"<html><head><title>{TITLE}</title></head><body>{'<div>' * depth}{told}".encode()
    article = read(body)
    assert article.title == TITLE
    assert article.text.count("Satgas Korsup") == 3


WORDS = "“Rapat” – café, naïveté, Rp 5.000 … selesai"
CHARSETS = ("utf-8", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig")
SAID = (
    "utf-8",
    "windows-1252",
    "iso-8859-1",
    "utf-16",
    "x-tidak-ada",
    "ascii",
    "base64",
    "",
    "koi8-r",
    "big5",
)


# A wrong charset in which every byte means something cannot be told from a right one.
BELIEVED = {("cp1252", "koi8-r"), ("cp1252", "big5")}
PAIRS = [(real, said) for real in CHARSETS for said in SAID if (real, said) not in BELIEVED]


@pytest.mark.parametrize(("real", "said"), PAIRS)
def test_C09_text_is_readable_whatever_charset_is_said(real: str, said: str) -> None:
    head = f'<meta charset="{said}">' if said else ""
    text = f"<html><head>{head}<title>{TITLE}</title></head><body><p>{WORDS} {SENTENCE * 20}</p>"
    told = decode_page(text.encode(real), f"text/html; charset={said}" if said else None)
    assert WORDS in told
    assert "\0" not in told


def test_C10_stray_bytes_do_not_throw_the_declared_charset_away() -> None:
    body = html(f"{SENTENCE} pesBADisir", head="<meta charset='utf-8'>").replace(
        b"BAD", b"\xff\xfe"
    )
    assert "pesisir" in read(body).text
    declared = "Rapat “koordinasi” – " + SENTENCE * 30
    odd = declared.encode("cp1252").replace(b"daerah", b"dae\x81rah", 1)
    assert decode_page(odd, "text/html; charset=windows-1252").startswith("Rapat “koordinasi” –")


HIDERS = ["\u200b", "\u200c", "\u200d", "\u00ad", "\u202e", "\u2060", "\ufeff", "\u2066", "\u200f"]
HIDDEN = ["KPK", "Korsup", "MCSP", "rakor", "gratifikasi", "inspektorat"]


def test_C12_no_invisible_character_stays_inside_a_keyword() -> None:
    odd = [h.join(w) for w in HIDDEN for h in HIDERS] + [
        w[0] + h + w[1:] for w in HIDDEN for h in HIDERS * 3
    ]
    assert len(odd) >= 200
    told = [f"{SENTENCE} Catatan {n}: {w} tercatat." for n, w in enumerate(odd)]
    article = read(html(*told, title=TITLE + " \u200bK\u00adPK"))
    assert article.title == TITLE + " KPK"
    for word in HIDDEN:
        assert article.text.count(f" {word} tercatat.") == len(odd) // len(HIDDEN)


def test_C13_a_huge_title_and_a_huge_text_are_cut_with_a_mark() -> None:
    article = read(html(title="Rakor " * 170_000))
    assert len(article.title) <= 300
    assert article.title.endswith("…")
    article = read(html(*[f"{SENTENCE} Baris {n}." for n in range(10_000)]))
    assert len(article.text) <= LONGEST + 10
    assert article.text.endswith("\n[…]")
    assert article.completeness == "partial"


def test_C13_ten_thousand_tags_under_a_story_do_not_matter() -> None:
    tags = "".join(f"<a href='/tag/{n}'>tagar nomor {n}</a> " for n in range(10_000))
    article = read(
        html().replace(b"</article>", f"<div class='tags'>{tags}</div></article>".encode())
    )
    assert article.text.count("\n") == 3


TWINS = [
    URL,
    URL + "/",
    URL + "/amp/",
    URL + "?amp=1",
    URL + "?page=all",
    URL + "?utm_source=wa&utm_medium=grup",
    URL + "?fbclid=abc",
    URL.replace("https://", "http://"),
    URL.replace("https://", "https://www."),
    URL.replace("https://", "https://m."),
    URL.replace("https://", "https://amp."),
    URL + "?m=1",
    URL + "?noamp=mobile",
    URL + "?pgrelated=2",
    URL + "?source=terkini",
    URL + "#komentar",
    URL + "/all",
    URL + "?outputType=amp",
    URL.replace("https://", "HTTPS://").replace("kabarcontoh.test", "KABARCONTOH.test"),
    URL + "/2",
]


@pytest.mark.parametrize("twin", TWINS)
def test_C16_every_twin_of_an_article_is_one_article(twin: str) -> None:
    body = html(head=f"<link rel='canonical' href='{URL}'>")
    assert read(body, twin).url == URL


LIES = [
    "/",
    "https://kabarcontoh.test",
    "https://lain.test/2026/03/04/bupati-hadiri-rakor",
    "https://kabarcontoh.test/2026/03/01/berita-pertama",
    "https://kabarcontoh.test/category/daerah/",
    "javascript:void(0)",
    "file:///etc/passwd",
    "http://[",
    "",
]


@pytest.mark.parametrize("lie", LIES)
def test_C17_a_canonical_that_is_not_this_story_is_ignored(lie: str) -> None:
    assert read(html(head=f"<link rel='canonical' href='{lie}'>")).url == URL


LOST = [
    "Halaman Tidak Ditemukan",
    "404",
    "Page Not Found",
    "Oops! Ada yang salah",
    "Berita tidak ditemukan",
    "Error 404 - Not Found",
    "Artikel Tidak Tersedia",
    "Laman tidak ditemukan",
    "Maaf, berita yang anda cari tidak ditemukan",
    "Konten sudah dihapus",
]
LOST_TEXTS = [
    "Maaf, halaman yang Anda cari tidak ditemukan atau sudah dipindahkan oleh pengelola situs ini.",
    "Silakan kembali ke beranda atau gunakan kotak pencarian untuk menemukan berita lain.",
    "It looks like nothing was found at this location. Maybe try one of the links below?",
]


@pytest.mark.parametrize("text", LOST_TEXTS)
@pytest.mark.parametrize("title", LOST)
def test_C20_a_page_not_found_with_status_200_is_no_article(title: str, text: str) -> None:
    with pytest.raises(NotAnArticle) as caught:
        read(html(text, title=title))
    assert caught.value.reason == "soft_404"


def part(text: str, **changes: Any) -> Article:
    article = Article(url=URL, source="kabarcontoh", title=TITLE, text=text)
    return replace(article, **changes)


def test_C22_parts_of_a_story_are_joined_without_repetition() -> None:
    lines = [f"{SENTENCE} Alinea {n}." for n in range(6)]
    first = part("\n".join(lines[:3]), completeness="partial", further=(URL + "?page=2",))
    second = part("\n".join(lines[2:]), editor="Wati")
    joined = join_parts(first, [second])
    assert joined.text.split("\n") == lines
    assert (joined.completeness, joined.further, joined.editor) == ("whole", (), "Wati")


def test_C22_the_whole_text_replaces_the_first_part() -> None:
    lines = [f"{SENTENCE} Alinea {n}." for n in range(6)]
    first = part("\n".join(lines[:2]), completeness="partial", further=(URL + "?page=all",))
    joined = join_parts(first, [part("\n".join(lines))])
    assert joined.text.split("\n") == lines
    assert joined.completeness == "whole"


def test_C22_a_story_whose_second_page_is_missing_stays_partial() -> None:
    first = part(SENTENCE, completeness="partial", further=(URL + "?page=2",))
    assert join_parts(first, []).completeness == "partial"
    assert join_parts(first, [], missing=True).further == first.further


def test_C22_the_whole_form_of_the_source_is_what_is_wished_for() -> None:
    pager = f"<div class='paging'><a href='{URL}/2'>2</a></div>".encode()
    body = html().replace(b"</article>", pager + b"</article>")
    assert read(body).further == (URL + "/2",)
    rules = ArticleRules(all_pages="/all")
    assert read(body, article=rules).further == (URL + "/all",)
    assert read(body, URL + "/all", article=rules).completeness == "whole"


@pytest.mark.parametrize(
    "path", ["/login?next=/berita/1", "/auth/masuk", "/sso/login", "/wp-login.php"]
)
def test_C23_a_login_page_in_place_of_the_story_is_no_article(path: str) -> None:
    form = "<form><input type='password' name='sandi'></form>"
    body = html(SENTENCE, form, title="Masuk")
    moved = page(final_url="https://kabarcontoh.test" + path)
    with pytest.raises(NotAnArticle) as caught:
        read_article(body, moved, source(), now=SEEN)
    assert caught.value.reason == "login"


NASTY = [
    "9",
    "9 ",
    "# ",
    "#a ",
    "a ",
    ",.",
    "(",
    "( ",
    "- ",
    "baca ",
    "foto: ",
    "hal 1 ",
    "x.",
    "|",
    "/a",
    "a/",
    "wib ",
    "1:1 ",
]


@pytest.mark.parametrize("scrap", NASTY)
@pytest.mark.parametrize("end", ["", "!", "a", ")"])
def test_no_line_rule_takes_long(scrap: str, end: str) -> None:
    line = (scrap * 400)[:399] + end
    began = time.process_time()
    for rule in (is_noise, is_link_line, is_link_label, is_caption, is_credit, ends_story):
        rule(line)
    find_printed(line)
    read_marks([line])
    read_dateline(line)
    assert time.process_time() - began < 0.1
