"""Document -> the story's paragraphs: trafilatura proposes, the page's own blocks answer.

What trafilatura chose is found again among the visible blocks; the smallest container that holds it
gives back what is missing around it, and line rules take out what is not the story.
"""

from __future__ import annotations

import html
import itertools
import logging
import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from trafilatura import bare_extraction
from trafilatura.meta import reset_caches
from trafilatura.settings import Extractor

from .blocks import PROSE
from .container import find_container, is_captioned, within
from .document import squeeze
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
from .opinions import is_doubtful, second_opinion, select_container
from .teller import STOP, TITLE_LENGTH, Body, Teller

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from .document import Document

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of pages; we count them
EVERY = 100  # pages between two resets of trafilatura's caches
UNSEEN_TEXT = re.compile(
    r"<(script|style|noscript|template)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE
)
BREAKS = re.compile(
    r"</?(?:p|div|br|li|h[1-6]|tr|td|table|ul|ol|article|section)\b[^>]*>", re.IGNORECASE
)
TAGS = re.compile(r"<[^>]*>")
_pages = itertools.count(1)


def read_body(document: Document, title: str, *, selector: str | None = None) -> Body:
    """Read the story's paragraphs; empty where the page has none.

    `selector` is a source's own word on where its stories stand (CSS).
    """
    if selector and (container := select_container(document.tree, document.blocks, selector)):
        return Teller(document.blocks, container, title).tell()
    lines = propose(document.tree)
    container = find_container(document.blocks, lines)
    doubtful = is_doubtful(document.blocks, container)
    if doubtful:
        precise = propose(document.tree, precise=True)
        container = second_opinion(document.blocks, lines, precise, container, title)
    if container is not None:
        return replace(Teller(document.blocks, container, title).tell(), doubtful=doubtful)
    told = document.story.get("articleBody")
    if isinstance(told, str) and len(told) > PROSE:  # the page itself is filled by scripts
        lines = list(flat_lines(told))
    elif not lines:
        bare = document.text.replace("\n", " ")
        lines = [line for line in flat_lines(bare) if len(line) >= PROSE]
    return Body(paragraphs=tuple(_clean(lines, title)), doubtful=True)


def read_captions(document: Document, title: str) -> Body:
    """Read a photo page: the captions after its title are its text."""
    blocks = document.blocks
    start = next((i for i, b in enumerate(blocks) if is_echo(b.text, title)), -1) + 1
    kept: dict[str, int] = {}
    for i in range(start, len(blocks)):
        if kept and ends_story(blocks[i].text):
            break
        text, container = (
            blocks[i].text,
            within(blocks, blocks[i].element.getroottree().getroot(), ()),
        )
        if len(text) >= PROSE and blocks[i].linked == 0 and is_captioned(blocks[i], container):
            kept.setdefault(text, i)
    places = list(kept.values())
    if not places:
        return Body()
    return Body(paragraphs=tuple(kept), first=places[0], last=places[-1], container="captions")


def flat_lines(text: str) -> Iterator[str]:
    """Read lines from markup that no parser could hold (a hundred thousand nested tags)."""
    bare = UNSEEN_TEXT.sub(" ", text)
    for line in BREAKS.sub("\n", bare).split("\n"):
        if told := squeeze(html.unescape(TAGS.sub(" ", line))):
            yield told


def propose(tree: HtmlElement, *, precise: bool = False) -> list[str]:
    """Give trafilatura's lines."""
    if next(_pages) % EVERY == 0:
        reset_caches()
    found = bare_extraction(tree, options=_options(precise))
    if found is None or isinstance(found, dict):
        return []
    return [line for raw in (found.text or "").split("\n") if (line := " ".join(raw.split()))]


@cache  # reading its settings anew for each page costs a tenth of a small page
def _options(precise: bool) -> Extractor:
    return Extractor(output_format="python", comments=False, precision=precise)


def _clean(lines: Sequence[str], title: str) -> Iterator[str]:
    """Clean lines that could not be found again on the page."""
    label = False
    for line in lines:
        if ends_story(line):
            return
        announced = label and len(line) < TITLE_LENGTH and not STOP.search(line)
        label = is_link_label(line)
        if announced or label or is_link_line(line) or is_noise(line) or is_credit(line):
            continue
        if is_echo(line, title) or is_caption(line):
            continue
        if text := without_glued(line):
            yield re.sub(r"^[-•]\s+", "", text)
