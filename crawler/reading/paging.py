"""A page's links -> the further pages of the same story.

A family may say how to get the whole text; else the page's own pager does. What is not there yet
makes the article partial.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urljoin, urlsplit

from lxml import etree

from .urls import belongs_to, whole_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from config.source import Source
    from storage.records import Page

    from .document import Document

LIKELY = etree.XPath(
    "//*[self::a or self::link][contains(@href, $last) or starts-with(normalize-space(@href), '?')]"
)
MOST = 20  # further pages of one story
PARAMETERS = frozenset(["page", "hal", "halaman", "paged", "p", "start", "pg", "laman", "part"])
WHOLE_WORDS = re.compile(
    r"^\W*(?:tampilkan|lihat|baca|show|view)\s+(?:semua|seluruh|all|full)\b|^\W*(?:semua|single|full|all)\s*(?:halaman|page)?\W*$",
    re.IGNORECASE,
)
WHOLE_FORM = re.compile(
    r"(?:[?&](?:page|halaman|hal)=(?:all|semua)|[?&](?:single|full|showpage)=(?:1|all)|/(?:all|full|semua))$"
)
NEXT_WORDS = re.compile(
    r"^\W*(?:(?:halaman|laman|page)\s+)?(?:selanjutnya|berikutnya|next)(?:\s+(?:page|halaman))?\W*$|lanjut(?:kan)?\s+(?:ke\s+)?halaman",
    re.IGNORECASE,
)
NUMBER = re.compile(r"^\W*(\d{1,2})\W*$")
CUT = re.compile(
    r"(?:\[\s*(?:…|\.{3})\s*\]|\(\s*(?:bersambung|more)\s*\.*…?\))\W*$|…\s*$", re.IGNORECASE
)
PAYWALL = re.compile(
    r"\b(?:konten|artikel|berita)\s+(?:ini\s+)?(?:khusus|premium|berbayar|eksklusif)\b.{0,80}\b(?:pelanggan|langganan|berlangganan|member|anggota)"
    r"|\b(?:berlangganan|langganan|login|masuk|daftar)\b.{0,40}\b(?:untuk|agar)\b.{0,30}\b(?:melanjutkan|membaca|lanjut)",
    re.IGNORECASE,
)


def find_further(document: Document, page: Page, source: Source) -> tuple[str, ...]:
    """Give the addresses of the story's rest, the whole-text form alone if there is one."""
    here = page.final_url or page.url
    if WHOLE_FORM.search(here) or _has_mark(here, source):
        return ()
    numbered: dict[int, str] = {}
    loose: list[str] = []
    root = _root(here)
    last = root.rpartition("/")[2]
    if not root:
        return ()
    for anchor in LIKELY(document.tree, last=last):  # most links of a page go elsewhere
        href = (anchor.get("href") or "").strip()
        if not href.startswith("?") and last not in href.partition("?")[0]:
            continue  # a button that shares the address
        address = _address(anchor, href, here)
        number = _part(address, here) if address else None
        if address is None or number is None or not belongs_to(address, source):
            continue
        words = " ".join(anchor.text_content().split())[:60] if anchor.tag == "a" else ""
        if WHOLE_FORM.search(address) or (WHOLE_WORDS.search(words) and number == 0):
            return (address,)
        following = NEXT_WORDS.search(words) or "next" in (anchor.get("rel") or "").split()
        if number and (NUMBER.match(words) or following or _in_pager(anchor)):
            numbered.setdefault(number, address)
        elif following:
            loose.append(address)
    parts = tuple(numbered[n] for n in sorted(numbered))[:MOST] or tuple(loose[:1])
    if parts and source.article.all_pages:
        return (whole_url(page.url, source),)
    return parts


def _has_mark(here: str, source: Source) -> bool:
    mark = source.article.all_pages
    return mark is not None and mark.lstrip("?&/") in re.split(r"[?&/]", here)


def _root(here: str) -> str:
    """Give the path that all parts of the story share."""
    return re.sub(r"/(?:\d{1,3}|page/\d{1,3})$", "", urlsplit(here).path.rstrip("/"))


def _address(anchor: HtmlElement, href: str, here: str) -> str | None:
    if anchor.tag == "link" and "next" not in (anchor.get("rel") or "").lower().split():
        return None
    try:
        return urljoin(here, href).partition("#")[0]
    except ValueError:
        return None


def _part(address: str, here: str) -> int | None:
    """Give which part of the story here an address is; 0 for a form without number, None for none.

    Parts share the story's path: they add a page parameter, a number or a word behind it.
    """
    try:
        there, base = urlsplit(address), urlsplit(here)
    except ValueError:
        return None
    path, root = there.path.rstrip("/"), _root(here)
    if path in (root, base.path.rstrip("/")):
        mine = dict(parse_qsl(base.query))
        new = [(k.lower(), v) for k, v in parse_qsl(there.query) if mine.get(k) != v]
        pages = [v for k, v in new if k in PARAMETERS or k in ("single", "showpage")]
        if len(new) != 1 or not pages:
            return None
        return _number(pages[0])
    if path.startswith(root + "/") and not there.query:
        rest = path[len(root) + 1 :]
        if rest in ("all", "full", "semua"):
            return 0
        found = re.fullmatch(r"(?:page/|halaman/|hal-?)?(\d{1,3})", rest)
        return _number(found.group(1)) if found else None
    return None


def _number(text: str) -> int | None:
    if text.isdigit():
        return int(text) if 1 < int(text) < 500 else None
    return 0 if text.lower() in ("all", "semua") else None


def _in_pager(anchor: HtmlElement) -> bool:
    nodes = [anchor, *anchor.iterancestors()][:5]
    return any(
        re.search(r"pag(?:ing|ination|er|e-)|halaman|nav", f"{n.get('class')} {n.get('id')}")
        for n in nodes
    )


def is_cut(document: Document, paragraphs: Sequence[str]) -> bool:
    """Tell a story behind a paywall, and a text that breaks off and points elsewhere."""
    free = document.story.get("isAccessibleForFree")
    if free is False or str(free).lower() == "false":
        return True
    if paragraphs and CUT.search(paragraphs[-1]):
        return True
    return any(len(b.text) < 300 and PAYWALL.search(b.text) for b in document.blocks)
