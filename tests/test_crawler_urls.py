"""Addresses: one form for the twins of an article, none for what is no web address."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.rules import ArticleRules
from config.source import Source
from crawler.reading.urls import belongs_to, canonical_url, is_article, settle_url, whole_url

BASE = "https://kabarmusi.test/berita/"


def make_source(url: str = "https://kabarmusi.test/", **changes: object) -> Source:
    values: dict[str, object] = {
        "id": "contoh",
        "name": "Contoh",
        "url": url,
        "province": "sumatera-selatan",
        "slot": "contoh.test",
    }
    return Source(**(values | changes))  # type: ignore[arg-type]  # values of a test


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("https://KabarMusi.test", "https://kabarmusi.test/"),
        ("HTTPS://kabarmusi.test:443/a/#isi", "https://kabarmusi.test/a/"),
        ("http://kabarmusi.test:80/a", "http://kabarmusi.test/a"),
        ("http://kabarmusi.test:8123/a", "http://kabarmusi.test:8123/a"),
        ("  https://kabarmusi.test/a b \n", "https://kabarmusi.test/a%20b"),
        ("https://kabarmusi.test./a", "https://kabarmusi.test/a"),
        ("https://kabarmusi。test/a", "https://kabarmusi.test/a"),
        ("https://berita．kabarmusi．test/a", "https://berita.kabarmusi.test/a"),
        ("https://bücher.test/a", "https://xn--bcher-kva.test/a"),
        ("//kabarmusi.test/a", "https://kabarmusi.test/a"),
        ("/a", "https://kabarmusi.test/a"),
        ("a", "https://kabarmusi.test/berita/a"),
        ("../a/./b/../c", "https://kabarmusi.test/a/c"),
        ("https://kabarmusi.test/../../a", "https://kabarmusi.test/a"),
        ("https://kabarmusi.test//a///b/", "https://kabarmusi.test/a/b/"),
        ("https://kabarmusi.test/%7Ea/%c3%a9/é", "https://kabarmusi.test/~a/%C3%A9/%C3%A9"),
        ("https://kabarmusi.test/100%/x", "https://kabarmusi.test/100%25/x"),
        ("https://kabarmusi.test/a?utm_source=x&utm_campaign=y", "https://kabarmusi.test/a"),
        ("https://kabarmusi.test/?p=123&fbclid=Iw", "https://kabarmusi.test/?p=123"),
        ("https://kabarmusi.test/a?id=5&ref=home&b=2", "https://kabarmusi.test/a?id=5&b=2"),
        ("https://kabarmusi.test/a?/berita/5", "https://kabarmusi.test/a?/berita/5"),
        ("https://kabarmusi.test/a?", "https://kabarmusi.test/a"),
        ("https://kabarmusi.test/a?amp", "https://kabarmusi.test/a"),
        ("https://kabarmusi.test/a?amp=1&noamp=mobile", "https://kabarmusi.test/a"),
        ("https://kabarmusi.test/2026/03/a.html?m=1", "https://kabarmusi.test/2026/03/a.html"),
        ("https://kabarmusi.test/a?m=202603", "https://kabarmusi.test/a?m=202603"),
        ("https://kabarmusi.test/a?pgrelated=2&share=wa", "https://kabarmusi.test/a"),
        ("https://kabarmusi.test/a/?replytocom=7#respond", "https://kabarmusi.test/a/"),
        ("https://kabarmusi.test/a/amp/", "https://kabarmusi.test/a/"),
        ("https://kabarmusi.test/a/amp", "https://kabarmusi.test/a"),
        ("https://kabarmusi.test/amp/berita/5/a", "https://kabarmusi.test/berita/5/a"),
        ("https://kabarmusi.test/amp/664501/a", "https://kabarmusi.test/read/664501/a"),
        ("https://kabarmusi.test/amp/664501", "https://kabarmusi.test/read/664501"),
        ("https://kabarmusi.test/kamp/a", "https://kabarmusi.test/kamp/a"),
        ("https://kabarmusi.test/amp/", "https://kabarmusi.test/amp/"),
        ("https://kabarmusi.test/a;jsessionid=ABC?x=1", "https://kabarmusi.test/a?x=1"),
        ("https://kabarmusi.test/a?page=1", "https://kabarmusi.test/a"),
        ("https://kabarmusi.test/a?page=2", "https://kabarmusi.test/a?page=2"),
        ("http://127.0.0.1:8000/a", "http://127.0.0.1:8000/a"),
        ("http://[::1]:8000/a", "http://[::1]:8000/a"),
    ],
)
def test_an_address_takes_its_one_form_and_keeps_it(given_url: str, expected: str) -> None:
    assert canonical_url(given_url, BASE) == expected
    assert canonical_url(expected) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "#atas",
        "javascript:alert(1)",
        "mailto:a@b.test",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://kabarmusi.test/a",
        "https://",
        "https:///a",
        "https://user@kabarmusi.test/",
        "https://user:pw@kabarmusi.test/",
        "https://kabarmusi.test:99999/",
        "https://kabarmusi.test:x/",
        "https://kabarmusi.test:0/",
        "https://kabar\nmusi.test/a",
        "https://kabarmusi.test/a\x00b",
        "https://kabar musi.test/",
        "https://kabarmusi.test\\@lain.test/",
        "https://[::1/a",
        "https://[fe80::1%eth0]/a",
        "https://..test/",
        "https://" + "a" * 64 + ".test/",
        "https://kabarmusi.test/" + "a" * 2000,
    ],
)
def test_what_is_no_web_address_is_none(url: str) -> None:
    assert canonical_url(url) is None


@given(st.text(max_size=60), st.sampled_from([None, BASE]))
@settings(deadline=None, max_examples=300)
def test_any_text_is_settled_at_once_or_refused(text: str, base: str | None) -> None:
    for candidate in (text, "http://" + text, BASE + text):
        url = canonical_url(candidate, base)
        assert url is None or canonical_url(url) == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://jabar.tribun.test/a", True),
        ("http://jabar.tribun.test/a", True),
        ("https://www.jabar.tribun.test/a", True),
        ("https://m.jabar.tribun.test/a", True),
        ("https://amp.jabar.tribun.test/a", True),
        ("https://jateng.tribun.test/a", False),
        ("https://tribun.test/a", False),
        ("https://jabar.tribun.test.lain.test/a", False),
        ("https://lain.test/jabar.tribun.test", False),
        ("https://kabarjabar.test/a", True),
        ("https://www.kabarjabar.test/a", True),
        ("ftp://jabar.tribun.test/a", False),
        ("", False),
    ],
)
def test_only_the_hosts_of_a_source_are_its_own(url: str, expected: bool) -> None:
    source = make_source("https://jabar.tribun.test/", hosts=("kabarjabar.test",))
    assert belongs_to(url, source) is expected


def test_a_port_is_part_of_the_demo_and_no_hindrance() -> None:
    source = make_source("http://www.kabarmusi.test:40123/")
    assert belongs_to("http://kabarmusi.test:40123/a", source)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", False),
        ("/?p=12", True),
        ("/index.php", False),
        ("/index.php?id=5", True),
        ("/index.php/2026/03/kabar/", True),
        ("/?s=kpk", False),
        ("/feed/", False),
        ("/kabar/feed/", False),
        ("/category/daerah/", False),
        ("/tag/kpk", False),
        ("/author/redaksi/", False),
        ("/reporter/nama-seseorang/", False),
        ("/kategori/12/pemerintahan/30", False),
        ("/terkini/2", False),
        ("/indeks-berita", False),
        ("/page/2/", False),
        ("/search/label/Daerah", False),
        ("/2026/03/", False),
        ("/2026/03/04/", False),
        ("/wp-content/uploads/a.jpg", False),
        ("/file/rencana-kerja-2026.pdf", False),
        ("/sitemap.xml", False),
        ("/listing-sendiri", False),
        ("/tentang-kami", False),
        ("/2026/03/bupati-hadiri-rakor/", True),
        ("/berita/881/skor-mcsp", True),
        ("/rakor", True),
        ("/tag-harga-naik-di-pasar", True),
    ],
)
def test_listings_and_the_front_page_are_no_articles(path: str, expected: bool) -> None:
    source = make_source(listings=("https://kabarmusi.test/listing-sendiri/",))
    assert is_article("https://kabarmusi.test" + path, source) is expected


def test_only_and_skip_decide_first() -> None:
    rules = ArticleRules(only=("/berita/*", "/tag/*"), skip=("/berita/foto/*", "*?print=*"))
    source = make_source(article=rules)
    site = "https://kabarmusi.test"
    assert is_article(site + "/berita/1/a", source)
    assert is_article(site + "/tag/sebuah-berita", source)
    assert not is_article(site + "/opini/1/a", source)
    assert not is_article(site + "/berita/foto/1", source)
    assert not is_article(site + "/berita/1?print=1", source)
    assert not is_article("https://lain.test/berita/1/a", source)


def test_S03_a_costly_glob_takes_no_time() -> None:
    rules = ArticleRules(only=("*a" * 10 + "b",))
    assert not is_article("https://kabarmusi.test/" + "a" * 1500, make_source(article=rules))


@pytest.mark.parametrize(
    ("rule", "family", "url", "whole", "one"),
    [
        ("?page=all", "promedia", "/d/1/a?page=2", "/d/1/a?page=all", "/d/1/a"),
        ("?page=all", "tribun", "/d/1/a?page=all", "/d/1/a?page=all", "/d/1/a"),
        ("?single=1", "detik", "/d/1/a?single=1", "/d/1/a?single=1", "/d/1/a"),
        ("/all", "inews", "/read/1/a/all", "/read/1/a/all", "/read/1/a"),
        (None, "disway", "/read/664501/a/15", "/read/664501/a", "/read/664501/a"),
        (None, "wordpress", "/kabar-musi/2/", "/kabar-musi/", "/kabar-musi/"),
        (None, "wordpress", "/archives/12/", "/archives/12/", "/archives/12/"),
        (None, None, "/d/1/a?page=2", "/d/1/a?page=2", "/d/1/a?page=2"),
    ],
)
def test_pages_of_one_article_are_one_where_the_rules_of_the_family_say_so(
    rule: str | None, family: str | None, url: str, whole: str, one: str
) -> None:
    source = make_source(family=family, article=ArticleRules(all_pages=rule))
    site = "https://kabarmusi.test"
    settled = settle_url(site + url, source, site + "/feed/")
    assert settled == site + one
    assert whole_url(settled, source) == site + whole


@pytest.mark.parametrize(
    ("url", "base", "expected"),
    [
        ("http://kabarmusi.test/a", "https://kabarmusi.test/f", "https://kabarmusi.test/a"),
        ("https://kabarmusi.test/a", "http://kabarmusi.test/f", "https://kabarmusi.test/a"),
        (
            "https://m.kabarmusi.test/a",
            "https://www.kabarmusi.test/",
            "https://www.kabarmusi.test/a",
        ),
        ("https://kabarmusi.test/a", "https://feeds.feedburner.com/k", "https://kabarmusi.test/a"),
        ("http://m.kabarmusi.test:81/a", "http://kabarmusi.test:81/", "http://kabarmusi.test:81/a"),
        ("http://kabarmusi.test:81/a", "https://kabarmusi.test/", "http://kabarmusi.test:81/a"),
    ],
)
def test_scheme_and_prefix_follow_the_listing_that_answered(
    url: str, base: str, expected: str
) -> None:
    assert settle_url(url, make_source(), base) == expected
