"""Sources -> OPML that feed readers take, or CSV; both can be imported again."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.etree import ElementTree  # writes only; what others wrote is read by lxml

from .region import NATIONAL, find_province

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .source import Source

FEED = re.compile(r"(?:^|[/.?=&_-])(?:feeds?|rss|atom)(?:[/.?=&_-]|\d|$)", re.IGNORECASE)
COLUMNS = ("id", "name", "url", "province", "region", "family", "network", "listings", "hosts")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run such a cell


def write_opml(sources: Iterable[Source], feeds: Mapping[str, Iterable[str]]) -> str:
    """Write sources in a folder per province; `feeds` are those learned, by the source's id.

    A source without a known feed becomes a plain link, which readers show and do not poll.
    """
    root = ElementTree.Element("opml", version="2.0")
    head = ElementTree.SubElement(root, "head")
    ElementTree.SubElement(head, "title").text = "Ronda"
    body = ElementTree.SubElement(root, "body")
    folders: dict[str, ElementTree.Element] = {}
    for source in sources:
        folder = folders.get(source.province)
        if folder is None:
            name = "Nasional" if source.province == NATIONAL else _name(source.province)
            folder = ElementTree.SubElement(body, "outline", text=name, title=name)
            folders[source.province] = folder
        known = [*feeds.get(source.id, ()), *filter(is_feed, source.listings)]
        kind = {"type": "rss", "xmlUrl": known[0]} if known else {"type": "link", "url": source.url}
        place = "/".join(["", source.province, *([source.region] if source.region else [])])
        names = {"text": source.name, "title": source.name}
        ElementTree.SubElement(
            folder, "outline", {**names, **kind, "htmlUrl": source.url, "category": place}
        )
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def write_csv(sources: Iterable[Source]) -> str:
    """Write a line per source; `listings` only where its file gives them."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for source in sources:
        listings = () if source.declared else source.listings
        cells = (source.id, source.name, source.url, source.province, source.region)
        lists = (" ".join(listings), " ".join(source.hosts))
        writer.writerow([_cell(one) for one in (*cells, source.family, source.network, *lists)])
    return buffer.getvalue()


def is_feed(url: str) -> bool:
    """Tell by its address whether a listing is a feed."""
    parts = urlsplit(url)
    return bool(FEED.search(f"{parts.path}?{parts.query}"))


def _name(province: str) -> str:
    return find_province(province).province


def _cell(value: str | None) -> str:
    text = value or ""
    return f"'{text}" if text.startswith(FORMULA) else text
