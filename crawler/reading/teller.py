"""A container's blocks -> the story's paragraphs: what is lost comes back, what is not its goes.

Each line left out keeps its reason, so that a person can see why.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .blocks import HEADINGS, holder, is_item, is_prose, making
from .container import Container, is_captioned, is_side
from .credits import is_dateline
from .lines import (
    ends_story,
    is_caption,
    is_credit,
    is_echo,
    is_link_label,
    is_link_line,
    is_noise,
    is_summary_label,
    without_glued,
)
from .printed import find_printed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from .document import Block

TITLE_LENGTH = 170
ADDRESS = re.compile(r"^\W*(?:https?://|www\.)\S+\W*$")
GALLERY = re.compile(
    r"^\W*(?:\[?(?:foto|galeri|potret)\b|\d{1,2}\s+\w)|\b\d{1,2}\s+(?:potret|foto|momen|gaya)\b",
    re.IGNORECASE,
)
STOP = re.compile(r"""[.!?…]["'”’)\]]*\s*$""")
QUOTED = re.compile(r"""^\s*["“‘'«]""")
SIGNED = re.compile(r"^[*\s]*\([^()]{1,60}\)\W*$|^\W*\w{2,8}(?:/\w{2,12}){1,4}\W*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The story's paragraphs and where on the page they stand (indexes into the blocks)."""

    paragraphs: tuple[str, ...] = ()
    first: int = 0
    last: int = 0
    places: frozenset[int] = frozenset()
    container: str = ""
    doubtful: bool = False  # the first choice lay all over the page
    dropped: tuple[tuple[str, str], ...] = ()


class Teller:
    """Goes through a container's blocks in the order of the page and keeps the story's."""

    def __init__(self, blocks: Sequence[Block], container: Container, title: str) -> None:
        self.blocks = blocks
        self.container = container
        self.title = title
        self.gallery = GALLERY.search(title) is not None  # its captions are its text
        self.dropped: list[tuple[str, str]] = []
        self.last_chosen = max(container.chosen)
        self.first_chosen = min(container.chosen)
        prose = [i for i in container.chosen if is_prose(blocks[i])]
        self.begins = min(prose, default=self.first_chosen)
        self.makings = {making(holder(blocks[i])) for i in prose} | {making(container.element)}

    def tell(self) -> Body:
        """Give the story's paragraphs and where they stand."""
        kept: list[tuple[int, str]] = []
        label = ""  # a link label was just seen ("title") or linked titles are running ("links")
        for i in self.container.blocks:
            block = self.blocks[i]
            if ends_story(block.text) and self._is_end(i):
                self.dropped.append((block.text, "end of the story"))
                break
            if is_link_label(block.text):
                label = "title"
                self.dropped.append((block.text, "link label"))
                continue
            if is_summary_label(block.text) and i <= self.begins:
                label = "summary"
                self.dropped.append((block.text, "summary box"))
                continue
            reason = self._announced(block, label) if label else None
            if label != "summary" or not reason:
                label = "links" if reason and _linked(block) else ""
            reason = reason or self._reason(i, block)
            if reason:
                if i in self.container.chosen:
                    self.dropped.append((block.text, reason))
                continue
            if text := without_glued(block.text):
                kept.append((i, text))
        kept = self._without_trailing_headings(kept)
        if not kept:
            return Body(dropped=tuple(self.dropped))
        return Body(
            paragraphs=tuple(_without_echoes([text for _, text in kept])),
            places=frozenset(i for i, _ in kept),
            first=kept[0][0],
            last=kept[-1][0],
            container=describe(self.container.element),
            dropped=tuple(self.dropped),
        )

    def _is_end(self, i: int) -> bool:
        """Tell an ending heading from a box in the middle: prose of the story follows the box."""
        rest = [self.blocks[j] for j in self.container.chosen if j > i]
        prose = [b for b in rest if is_prose(b) and not is_side(b, self.container)]
        before = [j for j in self.container.chosen if j < i]
        return bool(before) and len(prose) < 2

    @staticmethod
    def _announced(block: Block, label: str) -> str | None:
        """Tell another story's title or a summary's item, announced by the label before it."""
        if label == "summary":
            return "summary box" if block.element.tag in ("li", "ul", "ol") else None
        alone = label == "title" and len(block.text) < TITLE_LENGTH and not STOP.search(block.text)
        return "link title" if alone or _linked(block) else None

    def _reason(self, i: int, block: Block) -> str | None:
        """Say why a block is no part of the story; None where it is one."""
        text = block.text
        if is_link_line(text) and not (
            is_prose(block) and STOP.search(text) and QUOTED.match(text)
        ):
            return "link line"
        if is_noise(text):
            return "noise"
        if is_credit(text) or (i > self.first_chosen and SIGNED.search(text)):
            return "credit"
        if is_echo(text, self.title):
            return "title again"
        if _linked(block) and block.element.tag not in HEADINGS and not ADDRESS.match(text):
            return "a link alone"
        inner, chosen = self.container, i in self.container.chosen
        if is_captioned(block, inner) or is_caption(text):
            return None if self.gallery and is_prose(block) else "caption"
        heading = block.element.tag in HEADINGS and not block.linked
        if not (chosen and (heading or is_prose(block))) and is_side(block, inner):
            return "side box"
        if i < self.begins and len(text) < 80 and _only_date(text):
            return "date line"
        if chosen:
            return None
        return None if self._belongs(i, block) else "not chosen"

    def _belongs(self, i: int, block: Block) -> bool:
        """Tell what the extractor lost: a bare text node, a lead, a heading or item between."""
        inside = self.first_chosen < i < self.last_chosen
        if is_item(block):
            return True
        if is_prose(block) and not _beside_picture(block):
            return inside or making(holder(block)) in self.makings
        if self.first_chosen - 3 < i < self.begins and is_dateline(block.text):
            return True
        if not inside:
            return False
        tag = block.element.tag
        return (tag in HEADINGS and block.linked == 0) or (
            tag in ("p", "li", "blockquote", "td") and block.linked * 2 < len(block.text)
        )

    def _without_trailing_headings(self, kept: list[tuple[int, str]]) -> list[tuple[int, str]]:
        while kept and self.blocks[kept[-1][0]].element.tag in HEADINGS:
            if is_item(self.blocks[kept[-1][0]]):
                break
            kept.pop()
        return kept


def _linked(block: Block) -> bool:
    return block.linked >= 0.85 * len(block.text.strip(" -–—>»•|"))


def _beside_picture(block: Block) -> bool:
    """Tell a caption without any mark: a short text in an element that holds a picture."""
    if len(block.text) > 250:
        return False
    for node in (block.element, block.element.getparent()):
        if node.tag in ("body", "article", "section", "main"):
            break
        if next(node.iter("img", "picture", "amp-img"), None) is not None:
            return sum(len(t) for t in node.itertext()) < 2 * len(block.text) + 40
    return False


def _only_date(text: str) -> bool:
    found = [] if text.endswith("-") else find_printed(text)
    return bool(found) and len(text) - sum(p.end - p.start for p in found) < 35


def _without_echoes(lines: list[str]) -> Iterator[str]:
    before = ""
    for line in lines:
        if line != before:
            yield line
        before = line


def describe(element: HtmlElement) -> str:
    """Give an element's short path: what a person looks for in the page's source."""
    parts = []
    for node in (element, *itertools.islice(element.iterancestors(), 2)):
        name = (node.get("class") or node.get("id") or "").split()
        parts.append(f"{node.tag}.{name[0]}" if name else str(node.tag))
    return " < ".join(parts)
