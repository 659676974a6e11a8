"""A parsed index page -> the address of its next page, at most one."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree

from crawler.reading.urls import belongs_to, canonical_url, is_article

if TYPE_CHECKING:
    from config.source import Source

MAX_ANCHORS = 5000
NEXT_TEXT = re.compile(
    r"(?:next|next page|older|older posts|selanjutnya|berikut(?:nya)?|muat lebih banyak"
    r"|(?:halaman|laman) (?:berikut(?:nya)?|selanjutnya)|pos(?:t|ting|tingan)?(?:-pos)? lama)?"
    r"\s*(?:[»›→>]+)?",
    re.IGNORECASE,
)


def find_next_page(root: etree._Element, base: str, source: Source) -> str | None:
    """Find the next page of an index: `rel`, class, words, then the number after the current."""
    anchors = [*islice(root.iter("a"), MAX_ANCHORS), *islice(root.iter("link"), MAX_ANCHORS)]
    here = canonical_url(base)
    number = _number_after_current(root)
    signs = (_has_rel, _has_class, _has_words, lambda a: "".join(a.itertext()).strip() == number)
    for sign in signs:
        for anchor in anchors:
            if not sign(anchor):
                continue
            url = canonical_url(anchor.get("href") or "", base)
            if url is None or url == here or not belongs_to(url, source):
                continue
            if not _is_story(url, source):
                return url
    return None


def _is_story(url: str, source: Source) -> bool:
    """Tell a story from a page of a list: "next" below a story or in a slider is one."""
    path = url.partition("?")[0].rstrip("/")
    slug = path.rpartition("/")[2]
    return is_article(url, source) and slug.count("-") >= 3


def _rel(element: etree._Element) -> list[str]:
    return (element.get("rel") or "").lower().split()


def _has_rel(anchor: etree._Element) -> bool:
    return "next" in _rel(anchor)


def _has_class(anchor: etree._Element) -> bool:
    words = re.split(r"[^a-z]+", (anchor.get("class") or "").lower())
    return "next" in words or "older" in words


def _has_words(anchor: etree._Element) -> bool:
    texts = (" ".join("".join(anchor.itertext()).split()), anchor.get("aria-label") or "")
    return any(text and NEXT_TEXT.fullmatch(text) for text in texts)


def _number_after_current(root: etree._Element) -> str | None:
    for element in root.iter(etree.Element):
        words = re.split(r"[^a-z]+", (element.get("class") or "").lower())
        if "current" in words or "active" in words or element.get("aria-current"):
            text = "".join(element.itertext()).strip()
            if text.isdecimal() and len(text) <= 5:
                return str(int(text) + 1)
    return None
