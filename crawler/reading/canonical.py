"""What a page says its address is -> the address under which its article is known.

A canonical that names the front page, another site or another story is a template's mistake:
followed blindly it would swallow every new article.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .urls import belongs_to, canonical_url, has_identity

if TYPE_CHECKING:
    from config.source import Source
    from storage.records import Page

    from .document import Document

NUMBER = re.compile(r"\d{4,}")
EXTENSION = re.compile(r"\.(?:s?html?|php|aspx?|amp)$", re.IGNORECASE)


def article_address(document: Document, page: Page, source: Source) -> str:
    """Give the address of a page's article: the canonical one where it can be believed."""
    here = page.final_url or page.url
    claims = [
        canonical_url(link.get("href") or "", here)
        for link in document.tree.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    ]
    claim = next((c for c in claims if c), None)
    if claim is None or claim == page.url or not belongs_to(claim, source):
        return page.url
    if _same_story(claim, page.url) or (
        has_identity(urlsplit(page.url).query) and _agreed(document, claim, here)
    ):
        return claim
    return page.url


def _same_story(a: str, b: str) -> bool:
    """Tell two addresses of one story: same slug or same long number."""
    first, second = _slug(a), _slug(b)
    if not first or not second:
        return False
    if first == second:
        return True
    numbers = set(NUMBER.findall(first)) & set(NUMBER.findall(second))
    return bool(numbers) and (first in second or second in first)


def _slug(url: str) -> str:
    steps = [EXTENSION.sub("", s) for s in urlsplit(url).path.lower().split("/") if s]
    while steps and (
        steps[-1] in ("amp", "all", "full")
        or (len(steps) > 1 and steps[-1].isdigit() and len(steps[-1]) < 4)
    ):
        steps.pop()
    return steps[-1] if steps else ""


def _agreed(document: Document, claim: str, here: str) -> bool:
    """Tell that a second part of the page names the same address: "?p=12" holds no slug."""
    main = document.story.get("mainEntityOfPage") or document.story.get("url")
    named = main.get("@id") if isinstance(main, dict) else main
    told = [named if isinstance(named, str) else None, document.meta("og:url")]
    return bool(_slug(claim)) and any(canonical_url(t, here) == claim for t in told if t)
