"""Index pages of any site -> Listing; articles are told from menus, tags and paging by shape.

What a source's `only` globs accept is taken as it is; else an address needs the shape of an
article and a title of four words, outside menus and footers.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lxml import etree
from lxml import html as lxml_html

from config.errors import FeedUnreadable
from crawler.reading.urls import (
    bare_host,
    belongs_to,
    canonical_url,
    has_identity,
    is_article,
    settle_url,
)

from .intake import open_body, read_text, refuse_crowds
from .links import Entry, Listing, gather
from .paging import find_next_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.source import Source

MAX_ANCHORS = 5000
ROOT = re.compile(r"<(?:!doctype\s+html|html|head|body|div|a|p|table|title|meta)\b", re.I)
DATED = re.compile(r"/20\d\d/\d\d?/")
NUMBERED = re.compile(r"(?:[a-z]{1,2}-)?\d{4,}")
FURNITURE = re.compile(r"(?:.*[-_])?(?:menu|nav|navbar|breadcrumbs?|footer|topbar|copyright)"
                       r"(?:[-_].*)?$", re.I)  # fmt: skip
# Words that WordPress puts on an article or a page to say what it is about or has.
SAYS = ("tag-", "category-", "has-", "with-", "no-", "post-", "type-")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
INVITATION = re.compile(
    r"(?:baca|selengkapnya|read more|lanjut|tinggalkan|komentar|\d+ (?:komentar|comment)|lihat"
    r"|bagikan|share|permalink|foto:|dok|gambar|image)",
    re.IGNORECASE,
)


def read_section(body: bytes, base: str, source: Source) -> Listing:
    """Read an index page; `further` holds its next page. Raises FeedUnreadable for no page."""
    opened, problems = open_body(body)
    root = parse_page(opened)
    base = _own_base(root, base)
    furniture = _furniture(root)
    listing = gather(_iter_articles(root, base, source, furniture), base, problems)
    if not listing.links:  # a theme that calls its whole page a menu
        listing = gather(_iter_articles(root, base, source, set()), base, problems)
    following = find_next_page(root, base, source)
    return Listing(
        links=listing.links,
        further=(following,) if following else (),
        problems=listing.problems if listing.links else (*listing.problems, "no article links"),
    )


def parse_page(body: bytes) -> lxml_html.HtmlElement:
    """Parse a page; raises FeedUnreadable for what is none or costs too much."""
    text = read_text(body)
    if not ROOT.search(text, 0, 20_000):
        raise FeedUnreadable("no page")
    refuse_crowds(text, html=True)
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=False)
    try:
        root = lxml_html.document_fromstring(text.encode(), parser=parser)
    except (etree.LxmlError, AssertionError, ValueError) as error:
        raise FeedUnreadable("no page") from error
    if not isinstance(root, lxml_html.HtmlElement):
        raise FeedUnreadable("no page")
    return root


def has_article_shape(url: str) -> bool:
    """Tell whether an address looks like an article's: long slug, date or number in it."""
    parts = urlsplit(url)
    steps = [step for step in parts.path.split("/") if step]
    return (
        has_identity(parts.query)
        or bool(DATED.search(parts.path))
        or any(NUMBERED.fullmatch(step) for step in steps)
        or bool(steps and steps[-1].count("-") >= 3)
    )


def _iter_articles(
    root: lxml_html.HtmlElement, base: str, source: Source, furniture: set[etree._Element]
) -> Iterator[Entry]:
    """Give each article address once, at its first place, with the best title on the page."""
    titles: dict[str, tuple[bool, str]] = {}
    for anchor in islice(root.iter("a"), MAX_ANCHORS):
        url = canonical_url(anchor.get("href") or "", base)
        if url is None or anchor in furniture or not belongs_to(url, source):
            continue
        url = settle_url(url, source, base)
        if is_article(url, source) and (source.article.only or has_article_shape(url)):
            known = titles.get(url, (False, ""))
            titles[url] = max(known, _title(anchor), key=lambda title: (title[0], len(title[1])))
    for url, (_, title) in titles.items():
        if source.article.only or len(title.split()) >= 4:
            yield Entry(url=url, title=title)


def _title(anchor: etree._Element) -> tuple[bool, str]:
    """Give a title and whether it is a heading; a card's heading beats its whole text."""
    for heading in anchor.iter(*HEADINGS):
        if text := _words("".join(heading.itertext())):
            return True, text
    texts = [_words("".join(anchor.itertext())), _words(anchor.get("title") or "")]
    for image in anchor.iter("img"):
        texts += [_words(image.get("title") or ""), _words(image.get("alt") or "")]
    best = max((text for text in texts if not INVITATION.match(text)), key=len, default="")
    parents = (anchor.getparent(), getattr(anchor.getparent(), "getparent", lambda: None)())
    headed = any(parent is not None and parent.tag in HEADINGS for parent in parents)
    return headed and bool(best), best


def _words(text: str) -> str:
    return " ".join(text.split())


def _furniture(root: lxml_html.HtmlElement) -> set[etree._Element]:
    """Collect nav, footer and what calls itself so, with all that they hold."""
    found: set[etree._Element] = set()
    for element in root.iter(etree.Element):
        if element.getparent() in found or _is_furniture(element):
            found.add(element)
    return found


def _is_furniture(element: etree._Element) -> bool:
    if element.tag in {"nav", "footer"}:
        return True
    if element.tag in {"html", "body", "main", "article"}:
        return False
    names = f"{element.get('class') or ''} {element.get('id') or ''}".lower().split()
    return any(FURNITURE.match(name) and not name.startswith(SAYS) for name in names)


def _own_base(root: lxml_html.HtmlElement, base: str) -> str:
    """Obey <base href> only where it stays on the host that answered."""
    for element in root.iter("base"):
        url = canonical_url(element.get("href") or "", base)
        if url and bare_host(url) == bare_host(base):
            return url
    return base
