"""What a block of visible text is by its look: prose, an item, another story's title."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from .document import Block

HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
PARAGRAPHS = frozenset(["p", "li", "blockquote", *HEADINGS])
NUMBERED = re.compile(r"^\d{1,2}\s?[.)]\s+\S")
PROSE = 60  # characters of a line that can only be a sentence
SENTENCE = re.compile(r"""[.!?…:;,]["'”’)\]]*(?:\s|$)""")


NO_LETTERS = re.compile(r"[\W_]+")


@lru_cache(maxsize=1024)  # the blocks of one page are compared several times
def letters(text: str) -> str:
    """Keep letters and digits only, folded: how blocks and lines are compared."""
    return NO_LETTERS.sub("", text.casefold())


def is_prose(block: Block) -> bool:
    """Tell a block that can only be running text."""
    return (
        len(block.text) >= PROSE
        and block.element.tag not in HEADINGS
        and block.linked * 2 < len(block.text)
        and SENTENCE.search(block.text) is not None
    )


def is_item(block: Block) -> bool:
    """Tell a numbered heading: an item of a list of pictures or facts."""
    heading = block.element.tag in HEADINGS
    return heading and block.linked == 0 and NUMBERED.match(block.text) is not None


def is_linked_heading(block: Block) -> bool:
    """Tell the linked title of another story."""
    if block.linked < 0.9 * len(block.text) or len(block.text.split()) < 4:
        return False
    nodes = [block.element, *itertools.islice(block.element.iterancestors(), 2)]
    return any(n.tag in HEADINGS for n in nodes) or "title" in (block.element.get("class") or "")


def holder(block: Block) -> HtmlElement:
    """Give the element that a paragraph stands in."""
    element = block.element
    return element.getparent() if element.tag in PARAGRAPHS else element


def making(element: HtmlElement) -> tuple[str, str]:
    """Give what tells elements made alike: tag and class."""
    return str(element.tag), element.get("class") or ""
