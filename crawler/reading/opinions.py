"""A doubtful choice of the extractor -> a second one: precise mode, density, nearness to the title.

Asked only where the default's choice lies all over the page: it costs as much as the first.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from cssselect import SelectorError

from .blocks import HEADINGS, is_linked_heading, is_prose
from .container import Container, find_container, holder_of, is_side, size_of, within
from .lines import ends_story, is_caption, is_echo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from .document import Block

TEASERS = 3  # linked headings that make a choice doubtful
FAR = 60  # blocks after the title in which a short story begins and ends
NEAR = 3  # how much more the prose right after the title weighs
AGREED = 0.8  # 4-gram F1 from which two readings are the same


def is_doubtful(blocks: Sequence[Block], container: Container | None) -> bool:
    """Tell a choice that lies all over the page or is mostly no prose."""
    if container is None or container.element.tag in ("body", "html"):
        return True
    span = blocks[min(container.chosen) : max(container.chosen) + 1]
    if sum(is_linked_heading(b) for b in span) >= TEASERS:
        return True
    told = size_of(blocks, container.chosen)
    return size_of(blocks, (i for i in container.chosen if is_prose(blocks[i]))) < 0.5 * told


def second_opinion(
    blocks: Sequence[Block],
    lines: Sequence[str],
    precise: Sequence[str],
    first: Container | None,
    title: str,
) -> Container | None:
    """Ask the precise mode and the densest element where the default was all over the page."""
    opinions = [first, find_dense(blocks)]
    if agreement(lines, precise) < AGREED:
        opinions.append(find_container(blocks, precise))
    weighed = [(weigh(blocks, c), c) for c in opinions if c is not None]
    echoes = [i for i, block in enumerate(blocks) if is_echo(block.text, title)]
    headed = [i for i in echoes if blocks[i].element.tag in HEADINGS and not blocks[i].linked]
    at = next(iter(headed or echoes), None)
    near = find_near(blocks, at) if at is not None else None
    best = max(weighed, key=lambda pair: pair[0], default=None)
    if near is None:
        return best[1] if best else None
    if best and near.chosen <= set(best[1].blocks) and not is_doubtful(blocks, best[1]):
        return best[1]
    # What follows the title speaks louder than what is only much.
    return near if best is None or NEAR * weigh(blocks, near) >= best[0] else best[1]


def agreement(a: Sequence[str], b: Sequence[str]) -> float:
    """Give the F1 of two readings' 4-grams of words."""
    first, second = (Counter(_shingles(lines)) for lines in (a, b))
    total = sum(first.values()) + sum(second.values())
    return 2 * sum((first & second).values()) / total if total else 1.0


def _shingles(lines: Sequence[str]) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", " ".join(lines).casefold())
    yield from zip(words, words[1:], words[2:], words[3:], strict=False)


def find_dense(blocks: Sequence[Block]) -> Container | None:
    """Find the element in which most prose stands close together."""
    weight: Counter[HtmlElement] = Counter()
    for block in blocks:
        if is_prose(block):
            holder = block.element
            if holder.tag in ("p", "li", "blockquote", "h2", "h3", "td"):
                holder = holder.getparent()
            weight[holder] += len(block.text)
            if (above := holder.getparent()) is not None:
                weight[above] += len(block.text) // 2
    if not weight:
        return None
    element = weight.most_common(1)[0][0]
    everything = within(blocks, element, range(len(blocks)))
    prose = [i for i in everything.blocks if is_prose(blocks[i])]
    return within(blocks, element, prose)


def find_near(blocks: Sequence[Block], title: int) -> Container | None:
    """Find the prose that follows the title before anything leads elsewhere: short stories."""
    found: list[int] = []
    links = 0
    for i in range(title + 1, min(len(blocks), title + FAR)):
        block = blocks[i]
        if ends_story(block.text) or is_linked_heading(block):
            break
        links = links + 1 if block.linked * 2 >= len(block.text) else 0
        if links > 3 and found:
            break
        if is_prose(block) and not is_caption(block.text):
            found.append(i)
    if not found:
        return None
    return within(blocks, holder_of(blocks, found), found)


def weigh(blocks: Sequence[Block], container: Container) -> int:
    """Weigh a choice: its prose, less the links and scraps that its container holds."""
    inside = [blocks[i] for i in container.blocks]
    prose = sum(len(b.text) for b in inside if is_prose(b) and not is_side(b, container))
    return prose - 2 * sum(len(b.text) for b in inside if b.linked * 2 >= len(b.text))


def select_container(tree: HtmlElement, blocks: Sequence[Block], selector: str) -> Container | None:
    """Find the container that a source names; None where the page has no such element."""
    try:
        elements = tree.cssselect(selector)
    except SelectorError:
        return None
    if not elements:
        return None
    chosen = within(blocks, elements[0], range(len(blocks)))
    return chosen if chosen.chosen else None
