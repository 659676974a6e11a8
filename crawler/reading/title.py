"""A page's title -> the story's own: the heading inside og:title, else og:title without the site.

A section name in `h1` is no title, nor is a masthead.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .blocks import NO_LETTERS
from .document import squeeze

if TYPE_CHECKING:
    from config.source import Source

    from .document import Document

LONGEST = 300  # characters of a title; more is cut with a mark
MOST = 80  # headings of a page that are looked at
SLUG = 3  # words of a slug that can speak for a title
FIT = 0.6  # share of the slug's words that a title must say to be taken for it
JOINT = re.compile(r"\s+[-–—|»«·•:]+\s+|\s*\|+\s*|\s+::\s+")
CUT = re.compile(r"\s*(?:\.{2,}|…)\s*\Z")
PREFIX = re.compile(r"[^:]{3,40}(:\s)")
PAGE = re.compile(
    r"\s*[-–—|(,]*\s*(?:page|halaman|hal\.?|laman)\s+(?:\d+|all|semua)\)?\s*\Z", re.IGNORECASE
)
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″'‘’‚‛`´′", '"'))


@lru_cache(maxsize=1024)  # the blocks of one page are compared several times
def fold(text: str) -> str:
    """Fold case, quotes, white space and compatibility forms for comparing titles."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return squeeze(text.translate(QUOTES).casefold())


def read_title(document: Document, source: Source, listed: str = "", url: str = "") -> str:
    """Give the story's title; empty where the page has none."""
    story = document.story.get("headline")
    told = [
        _clean(text)
        for text in (
            document.meta("og:title"),
            document.meta("twitter:title"),
            story if isinstance(story, str) else None,
            _head_title(document),
        )
        if text
    ]
    headings = [_clean(h.text_content()) for h in document.tree.iter("h1", "h2", "h3", "h4")]
    headings = [h for h in headings[:MOST] if len(h) > 3]
    names = _site_names(document, source)
    title = next((h for whole in told if (h := _heading_within(whole, headings, names))), "")
    if not title:
        bare = (strip_site(whole, names) for whole in told)
        title = next((b for b in bare if b and _letters(fold(b)) not in names), "")
    return _cut(_checked(title, document, headings, names, _clean(listed), url))


def _checked(
    title: str, document: Document, headings: list[str], names: set[str], listed: str, url: str
) -> str:
    """Doubt a title that says nothing of what the address says: one title for every page."""
    slug = _slug_words(url)
    if title and (len(slug) < SLUG or _fit(title, slug) > 0):
        return title
    own = [b.text for b in document.blocks if b.linked * 2 < len(b.text) and len(b.text) < 200]
    if len(slug) >= SLUG:
        for candidates in (headings, [listed], own):
            best = max(candidates, key=lambda c: _fit(c, slug), default="")
            if _fit(best, slug) >= FIT:
                return best
    if title:
        return title
    plain = [h for h in headings if len(h.split()) > 2 and _letters(fold(h)) not in names]
    shown = [h for h in plain if h in own]
    return next(
        (c for c in (*([listed] if listed in own else []), *shown, listed, *plain) if c), ""
    )


def _slug_words(url: str) -> set[str]:
    """Give the words of an address's slug, the longest step of its path."""
    steps = [set(re.findall(r"[a-z]{3,}", step.lower())) for step in urlsplit(url).path.split("/")]
    return max(steps, key=len)


def _fit(title: str, slug: set[str]) -> float:
    """Tell how much of the slug the title says."""
    return len(slug & set(re.findall(r"[a-z]{3,}", fold(title)))) / max(1, len(slug))


def _clean(text: str) -> str:
    return squeeze(html.unescape(text)).strip("\u200b\ufeff ")


def _cut(title: str) -> str:
    return title if len(title) <= LONGEST else title[: LONGEST - 1].rstrip() + "…"


def _head_title(document: Document) -> str | None:
    element = document.tree.find(".//head/title")
    return element.text if element is not None else None


def _heading_within(whole: str, headings: list[str], names: set[str]) -> str | None:
    """Choose the longest heading that stands in the told title, or that the told one cuts short."""
    told = fold(whole)
    shortened = fold(CUT.sub("", whole)) if CUT.search(whole) else None
    bare = fold(strip_site(whole, names) or whole)
    best = ""
    for heading in headings:
        folded = fold(heading)
        if _letters(folded) in names:
            continue
        # half of the told title at least: "Otomotif" stands in many titles and is none
        inside = folded in told and len(folded) * 2 > len(bare)
        cut = shortened is not None and len(shortened) > 20 and folded.startswith(shortened)
        if (inside or cut) and len(heading) > len(best):
            best = heading
    return best or None


def strip_site(title: str, names: set[str]) -> str:
    """Take the site's name, its section and a page number off both ends of a title."""
    title = PAGE.sub("", title)
    for _ in range(6):
        ends = [(m.start(), m.end()) for m in JOINT.finditer(title)]
        if prefix := PREFIX.match(title):
            ends.insert(0, prefix.span(1))
        ends = [(a, b) for a, b in ends if title[:a].strip() and title[b:].strip()]
        if ends and _is_site(title[ends[-1][1] :], names):
            title = title[: ends[-1][0]].strip()
            continue
        before = [b for a, b in ends if _is_site(title[:a], names)]
        if not before:
            break
        title = title[max(before) :].strip()
    return PAGE.sub("", title)


def _is_site(part: str, names: set[str]) -> bool:
    """Tell the site's name in a part: alone, or with a section word ("Bisnis Contoh.com")."""
    letters = _letters(fold(part))
    if not letters:
        return True
    if letters in names:
        return True
    return len(part.split()) <= 5 and any(
        len(n) > 4 and (letters.startswith(n) or letters.endswith(n)) for n in names
    )


def _site_names(document: Document, source: Source) -> set[str]:
    hosts = [
        re.sub(r"^https?://(?:www\.|m\.)?", "", source.url).split("/")[0].split(":")[0],
        *source.hosts,
    ]
    names = {
        source.name,
        document.meta("og:site_name") or "",
        document.meta("application-name") or "",
    }
    publisher = document.story.get("publisher")
    if isinstance(publisher, dict) and isinstance(publisher.get("name"), str):
        names.add(publisher["name"])
    for host in hosts:
        names.add(host)
        names.update(p for p in host.split(".")[:-1] if len(p) > 4)
    return {letters for name in names if len(letters := _letters(fold(name))) > 2}


def _letters(text: str) -> str:
    return NO_LETTERS.sub("", text)
