"""Every miniature page in tests/pages is read as the expectation beside it says."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import NotAnArticle
from config.source import ArticleRules, Source
from crawler.reading.article import read_article
from storage.records import Article, Page

PAGES = Path(__file__).parent / "pages"
NAMES = sorted(p.stem for p in PAGES.glob("*.toml"))
SEEN = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
EXPECTS = frozenset(
    """title published precision found doubts no_doubts kind completeness dateline author editor
    marks first last text address contains lacks paragraphs further modified
    not_article""".split()  # noqa: SIM905  # a string reads better
)
GIVES = {"shows", "url", "seen", "content_type", "listed_title", "listed_at", "source"}


def make_source(**changes: Any) -> Source:
    values: dict[str, Any] = {
        "id": "kabarcontoh",
        "name": "Kabar Contoh",
        "url": "https://kabarcontoh.test/",
        "province": "nasional",
        "slot": "kabarcontoh.test",
    }
    return Source(**(values | changes))


def read(body: bytes, given: dict[str, Any]) -> Article:
    url = given.get("url", "https://kabarcontoh.test/berita/1/rakor")
    changes = dict(given.get("source", {}))
    rules = {k: changes.pop(k) for k in ("body", "all_pages") if k in changes}
    seen = datetime.fromisoformat(given["seen"]) if "seen" in given else SEEN
    listed = given.get("listed_at")
    page = Page(
        url=url,
        source="kabarcontoh",
        status=200,
        fetched_at=seen,
        final_url=url,
        body=body,
        content_type=given.get("content_type", "text/html"),
        listed_title=given.get("listed_title", ""),
        listed_at=datetime.fromisoformat(listed) if listed else None,
    )
    source = make_source(**changes, article=ArticleRules(**rules))
    return read_article(body, page, source, now=seen)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_read_as_its_expectation_says(name: str) -> None:
    want = tomllib.loads((PAGES / f"{name}.toml").read_text("utf-8"))
    assert want["shows"], "each expectation says what its page shows"
    assert set(want) <= EXPECTS | GIVES
    assert set(want) & EXPECTS, "a page that expects nothing tests nothing"
    body = (PAGES / f"{name}.html").read_bytes()
    if "not_article" in want:
        with pytest.raises(NotAnArticle) as caught:
            read(body, want)
        assert caught.value.reason == want["not_article"]
        return
    article = read(body, want)
    lines = article.text.split("\n")
    for key in (
        "title",
        "precision",
        "kind",
        "completeness",
        "dateline",
        "author",
        "editor",
        "text",
    ):
        if key in want:
            assert getattr(article, key) == (want[key] or None), article.doubts
    for key, at in (("published", article.published_at), ("modified", article.modified_at)):
        if key in want:
            assert (at.isoformat() if at else "") == _utc(want[key]), (
                article.published_from,
                article.doubts,
            )
    if "address" in want:
        assert article.url == want["address"]
    if "found" in want:
        assert article.published_from == want["found"]
    for key, line in (("first", lines[0]), ("last", lines[-1])):
        if key in want:
            assert line.startswith(want[key]), article.text
    for text in want.get("contains", ()):
        assert text in article.text
    for text in want.get("lacks", ()):
        assert text not in article.text, article.text
    if "paragraphs" in want:
        assert len(lines) == want["paragraphs"], article.text
    for text in want.get("doubts", ()):
        assert any(text in doubt for doubt in article.doubts), article.doubts
    if want.get("no_doubts"):
        assert article.doubts == ()
    if "marks" in want:
        assert list(article.marks) == want["marks"]
    if "further" in want:
        assert list(article.further) == want["further"]


def _utc(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat() if text else ""


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(), min_size=1, max_size=40))
def test_C11_no_character_can_break_what_is_stored(odd: str) -> None:
    sentence = "Bupati membuka rapat koordinasi pencegahan korupsi di aula kantor. " * 3
    body = (
        f"<html><body><article><h1>Rapat Koordinasi Dibuka Bupati</h1><p>{sentence}{odd}</p>"
        f"<p>{odd}{sentence}</p><p>{sentence}</p></article></body></html>"
    ).encode("utf-8", "surrogatepass")
    try:
        article = read(body, {"listed_title": "Rapat Koordinasi Dibuka Bupati" + odd})
    except NotAnArticle:
        return
    for text in (article.title, article.text):
        text.encode("utf-8")
        assert "\0" not in text
        assert not any(ord(c) < 32 and c not in "\n\t" for c in text)
        assert not any(0x7F <= ord(c) <= 0x9F for c in text)
