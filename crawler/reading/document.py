"""Bytes of a page -> Document: parsed once, with its metas, its JSON-LD and its visible blocks.

Readers share the tree and never change it; who must prune takes a copy.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lxml import etree, html

from .charset import decode_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INLINE = frozenset(
    """a abbr acronym amp-img b bdi bdo big cite code data del dfn em font i img ins kbd label mark
    q s samp small span strong sub sup time tt u var wbr""".split()  # noqa: SIM905  # forty words
)
UNSEEN = frozenset(
    """script style noscript template svg iframe select option textarea head title object audio
    video canvas math amp-ad amp-analytics""".split()  # noqa: SIM905  # a string reads better
)
STORY_TYPES = (
    "newsarticle",
    "reportagenewsarticle",
    "article",
    "blogposting",
    "liveblogposting",
    "report",
    "webpage",
)
FIELD = re.compile(
    r'"(datePublished|dateModified|dateCreated|headline|articleBody)"\s*:\s*"((?:[^"\\]|\\.){1,2000})"'
)
INVISIBLE = dict.fromkeys(  # zero width, soft hyphen, marks of direction: they hide words
    [0xAD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)]
)
PARSER = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}>")


@dataclass(frozen=True, slots=True)
class Block:
    """A run of visible text that a reader sees as one line or paragraph."""

    text: str
    element: html.HtmlElement  # the innermost block element around it
    linked: int  # how many of its characters stand in links


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed page; `story` is what its JSON-LD says of the story, empty where it says nothing."""

    text: str
    tree: html.HtmlElement
    metas: Mapping[str, tuple[str, ...]]
    story: Mapping[str, Any]
    blocks: tuple[Block, ...]

    def meta(self, *names: str) -> str | None:
        """Give the first filled meta among the names, in the order given."""
        for name in names:
            for value in self.metas.get(name, ()):
                if value:
                    return value
        return None


def parse_document(body: bytes, content_type: str | None = None) -> Document | None:
    """Parse a page; None where there is no markup at all."""
    text = XML_DECLARATION.sub("", decode_page(body, content_type))
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=PARSER)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    return Document(
        text=text,
        tree=tree,
        metas=_metas(tree),
        story=_story(tree),
        blocks=tuple(_blocks(tree)),
    )


def squeeze(text: str) -> str:
    """Fold every run of white space into one blank and leave out what nobody can see."""
    return " ".join((text if text.isascii() else text.translate(INVISIBLE)).split())


def _metas(tree: html.HtmlElement) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        content = squeeze(meta.get("content") or "")
        for key in ("property", "name", "itemprop"):
            if name := meta.get(key):
                found.setdefault(name.strip().lower(), []).append(content)
    return {name: tuple(values) for name, values in found.items()}


def _story(tree: html.HtmlElement) -> dict[str, Any]:
    """Choose the JSON-LD object that is the story: by type, then by how much it says."""
    best: tuple[int, dict[str, Any]] | None = None
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        for thing in _things(script.text or ""):
            rank = _rank(thing)
            if rank and (best is None or rank > best[0]):
                best = (rank, thing)
    return best[1] if best else {}


def _rank(thing: dict[str, Any]) -> int:
    kinds = thing.get("@type", "")
    names = [str(k).lower() for k in (kinds if isinstance(kinds, list) else [kinds])]
    places = [STORY_TYPES.index(n) for n in names if n in STORY_TYPES]
    if not places and "" not in names:
        return 0
    says = sum(1 for key in ("datePublished", "headline") if thing.get(key))
    return says * 10 + (len(STORY_TYPES) - min(places, default=len(STORY_TYPES))) if says else 0


def _things(text: str) -> Iterator[dict[str, Any]]:
    text = text.strip().removeprefix("<!--").removeprefix("//<![CDATA[").removeprefix("<![CDATA[")
    text = text.strip().removesuffix("-->").removesuffix("]]>").removesuffix("//").strip(" \t\r\n;")
    try:
        waiting: list[Any] = [json.loads(text, strict=False)]
    except (ValueError, RecursionError):
        broken = {m.group(1): _unescape(m.group(2)) for m in reversed([*FIELD.finditer(text)])}
        if broken:
            yield broken  # a comma too many is usual; the fields are there all the same
        return
    seen = 0
    while waiting and seen < 500:
        seen += 1
        thing = waiting.pop(0)
        if isinstance(thing, list):
            waiting += thing
        elif isinstance(thing, dict):
            yield thing
            waiting += [
                v for k, v in thing.items() if k in ("@graph", "mainEntity", "itemReviewed")
            ]


def _unescape(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text


def _blocks(tree: html.HtmlElement) -> Iterator[Block]:
    """Walk the page as it is seen: block elements and <br> end a line, inline ones do not."""
    body = tree.find("body")
    if body is None:
        return
    parts: list[str] = []
    linked = 0
    stack: list[html.HtmlElement] = []
    link_depth = 0
    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if not isinstance(tag, str):
            if event == "end" and element.tail:
                parts.append(element.tail)
            continue
        inline = tag in INLINE
        if event == "start":
            if tag in UNSEEN:
                walk.skip_subtree()
                continue
            if tag == "a":
                link_depth += 1
            if not inline:
                if parts and (text := squeeze("".join(parts))):
                    yield Block(text, stack[-1] if stack else body, min(linked, len(text)))
                parts, linked = [], 0
                if tag != "br":
                    stack.append(element)
            if element.text:
                parts.append(element.text)
                if link_depth:
                    linked += len(squeeze(element.text))
            continue
        if tag == "a" and link_depth:
            link_depth -= 1
        if not inline and tag not in UNSEEN:
            if parts and (text := squeeze("".join(parts))):
                yield Block(text, stack[-1] if stack else body, min(linked, len(text)))
            parts, linked = [], 0
            if tag != "br" and stack:
                stack.pop()
        if element.tail and element is not body:
            parts.append(element.tail)
            if link_depth:
                linked += len(squeeze(element.tail))
