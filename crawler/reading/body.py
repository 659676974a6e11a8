"""Document -> the story's paragraphs: trafilatura proposes, the page's own blocks answer.

What trafilatura chose is found again among the visible blocks; the smallest container that holds it
gives back what is missing around it, and line rules take out what is not the story.
"""

from __future__ import annotations

import itertools
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trafilatura import bare_extraction
from trafilatura.meta import reset_caches
from trafilatura.xml import xmltotxt

from .lines import (
    ends_story,
    is_caption,
    is_credit,
    is_echo,
    is_link_label,
    is_link_line,
    is_noise,
    without_glued,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from .document import Document

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of pages; we count them
EVERY = 100  # pages between two resets of trafilatura's caches
_pages = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The story's paragraphs and where on the page they stand (indexes into the blocks)."""

    paragraphs: tuple[str, ...]
    first: int = 0
    last: int = 0


def read_body(document: Document, title: str) -> Body:
    """Read the story's paragraphs; empty where the page has none."""
    proposed = propose(document.tree)
    kept = tuple(_clean(proposed, title))
    return Body(paragraphs=kept)


def propose(tree: HtmlElement, *, precise: bool = False) -> list[str]:
    """Give trafilatura's lines."""
    if next(_pages) % EVERY == 0:
        reset_caches()
    found = bare_extraction(tree, include_comments=False, favor_precision=precise)
    if found is None or isinstance(found, dict):
        return []
    return [
        line for raw in xmltotxt(found.body, False).split("\n") if (line := " ".join(raw.split()))
    ]


def _clean(lines: Sequence[str], title: str) -> Iterator[str]:
    skip = False
    for line in lines:
        if ends_story(line):
            return
        if skip:
            skip = False
            if len(line) < 160 and not line.endswith((".", '"', "”")):
                continue
        if is_link_label(line):
            skip = True
            continue
        if is_link_line(line) or is_noise(line) or is_credit(line) or is_echo(line, title):
            continue
        if is_caption(line):
            continue
        if text := without_glued(line):
            yield re.sub(r"^[-•]\s+", "", text)
