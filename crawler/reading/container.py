"""Chosen lines and a page's blocks -> the smallest container that holds nearly all of them.

What a source's learned template would be built on: the container's path is stable over its pages.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .blocks import holder, is_item, is_prose, letters, making

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lxml.html import HtmlElement

    from .document import Block

NEARLY_ALL = 0.95
SHORT = 16  # letters; a shorter block must equal a chosen line, being part of one proves nothing
SIDE = re.compile(
    r"""(?:^|[\s_-])(?:
    caption|figcaption|figure|credit|copyright|photo-?(?:credit|source|desc|caption)|img-?caption|wp-caption-text
    |related\w*|terkait|bacajuga|baca-?juga|baca|lihatjuga|also|readmore|read-?more|recommend\w*|rekomendasi|populer|popular|trending|terkini|latest|newsfeed
    |share\w*|sharing|social|sosmed|medsos|follow\w*|subscribe|newsletter|whatsapp
    |tags?|tagar|topics?|topik|breadcrumbs?|pagination|pager|paging|page-links|nav|navbar|menu|widget|sidebar
    |ads?|advert\w*|adsense|banner|iklan|sponsor\w*|promo|parallax|billboard|outbrain|taboola|mgid|dable
    |comments?|komentar|disqus|respond|footer|modal|popup|toolbar|rating|vote|subscription
    |author-?(?:box|bio|info|table)?|about-?author|penulis|editor|redaksi|byline|post-?views?|counter|share
    )(?=$|[\s_-]|\d)""",
    re.VERBOSE | re.IGNORECASE,
)
CAPTIONED = re.compile(
    r"(?:^|[\s_-])(?:caption|figcaption|wp-caption\w*|img-?caption|photo-?(?:credit|source|desc|caption)"
    r"|image-?(?:credit|source|desc|caption)|sumber-?foto|keterangan)(?=$|[\s_-]|\d)",
    re.IGNORECASE,
)
CAPTION_TAGS = frozenset(["figcaption", "figure", "aside", "nav", "footer", "form", "button"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """An element of the page, the blocks within it and which of them were chosen."""

    element: HtmlElement
    blocks: tuple[int, ...]
    chosen: frozenset[int]
    trusted: frozenset[HtmlElement]  # they hold two chosen paragraphs: no side box, however called


def find_container(blocks: Sequence[Block], lines: Iterable[str]) -> Container | None:
    """Find the container of the chosen lines; None where the blocks do not hold them."""
    keys = [letters(line) for line in lines]
    chosen = _chosen(blocks, keys)
    if not chosen or size_of(blocks, chosen) < 0.6 * sum(map(len, keys)):
        return None
    prose = {i for i in chosen if is_prose(blocks[i])}
    element = holder_of(blocks, prose or chosen)
    return _widened(blocks, within(blocks, element, chosen))


def size_of(blocks: Sequence[Block], places: Iterable[int]) -> int:
    return sum(len(letters(blocks[i].text)) for i in places)


def holder_of(blocks: Sequence[Block], places: Iterable[int]) -> HtmlElement:
    """Give the deepest element that holds nearly all letters of the blocks."""
    places = list(places)
    total = size_of(blocks, places)
    weight: Counter[HtmlElement] = Counter()
    depth: dict[HtmlElement, int] = {}
    for i in places:
        path = [blocks[i].element, *blocks[i].element.iterancestors()]
        size = len(letters(blocks[i].text))
        for place, element in enumerate(path):
            weight[element] += size
            depth[element] = len(path) - place
    enough = [e for e, w in weight.items() if w >= NEARLY_ALL * total]
    return max(enough, key=lambda e: depth[e])


def _widened(blocks: Sequence[Block], container: Container) -> Container:
    """Climb while the parent adds prose of the same making: pages and items in sibling elements."""
    node = container.element
    makings = {making(holder(blocks[i])) for i in container.chosen if is_prose(blocks[i])}
    for _ in range(4):
        parent = node.getparent()
        if parent is None or parent.tag in ("body", "html"):
            break
        wider = within(blocks, parent, container.chosen)
        inside = set(container.blocks)
        added = [blocks[i] for i in wider.blocks if i not in inside]
        prose = [b for b in added if (is_prose(b) or is_item(b)) and not is_side(b, wider)]
        alike = [b for b in prose if is_item(b) or making(holder(b)) in makings]
        told, linked = sum(len(b.text) for b in prose), sum(b.linked for b in added)
        if (len(alike) > 1 and linked <= 0.2 * told) or _has_twins(node, prose):
            container = wider
        node = parent
    return container


def _has_twins(node: HtmlElement, prose: Sequence[Block]) -> bool:
    """Tell pages or items of one story: siblings made alike that hold prose and no own title."""
    name = node.get("class")
    for twin in node.getparent().iterchildren(node.tag) if name else ():
        if twin is node or twin.get("class") != name or _is_another(twin):
            continue
        mine = [b for b in prose if twin is b.element or twin in b.element.iterancestors()]
        told = sum(len(b.text) for b in mine)
        if told and sum(len(a.text_content()) for a in twin.iter("a")) <= 0.3 * told:
            return True
    return False


def _is_another(twin: HtmlElement) -> bool:
    """Tell a story of its own: a main heading, a linked heading or a time of publication."""
    return bool(twin.xpath(".//h1 | .//h2//a | .//h3//a | .//a//h2 | .//a//h3 | .//time"))


def within(blocks: Sequence[Block], element: HtmlElement, chosen: Iterable[int]) -> Container:
    """Describe an element as a container."""
    inside = _descendants(blocks, element)
    kept = frozenset(chosen) & set(inside)
    holds: Counter[HtmlElement] = Counter()
    for i in kept:
        if is_prose(blocks[i]):
            holds.update(_path(blocks[i].element, element))
    return Container(
        element=element,
        blocks=tuple(inside),
        chosen=kept,
        trusted=frozenset(e for e, count in holds.items() if count > 1),
    )


def _path(element: HtmlElement, holder: HtmlElement) -> Iterator[HtmlElement]:
    for node in (element, *element.iterancestors()):
        if node is holder:
            return
        yield node


def _descendants(blocks: Sequence[Block], element: HtmlElement) -> list[int]:
    known: dict[HtmlElement, bool] = {element: True}

    def belongs(node: HtmlElement | None) -> bool:
        path = []
        while node is not None and node not in known:
            path.append(node)
            node = node.getparent()
        answer = node is not None and known[node]
        known.update(dict.fromkeys(path, answer))
        return answer

    return [i for i, block in enumerate(blocks) if belongs(block.element)]


def _chosen(blocks: Sequence[Block], keys: Sequence[str]) -> set[int]:
    whole = "\n".join(keys)
    short = {key for key in keys if len(key) < SHORT}
    found = set()
    seen: set[str] = set()
    for i, block in enumerate(blocks):
        key = letters(block.text)
        if not key or (key in seen and len(key) > 60):
            continue  # the same paragraph twice on a page is a teaser and the story
        if (len(key) >= SHORT and key in whole) or key in short:
            found.add(i)
            seen.add(key)
    return found


def is_side(block: Block, container: Container) -> bool:
    """Tell a block that stands in a related list, a share bar, a caption or the like."""
    return _called(block, container, SIDE)


def is_captioned(block: Block, container: Container) -> bool:
    """Tell a block that stands in a figure or in an element called a caption."""
    return _called(block, container, CAPTIONED)


def _called(block: Block, container: Container, names: re.Pattern[str]) -> bool:
    for element in _path(block.element, container.element):
        if element in container.trusted:
            continue
        if element.tag in CAPTION_TAGS:
            return True
        for key in ("class", "id"):
            if (name := element.get(key)) and names.search(name):
                return True
    return False
