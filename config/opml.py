"""OPML from elsewhere -> rows to write as sources.

A foreign file may be hostile: no DOCTYPE, no entities, nothing fetched.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .errors import ConfigError
from .region import find_region_code
from .tables import printable, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")


def iter_outlines(text: str, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give each outline that holds an address as a row, with its line; raises ConfigError."""
    from lxml import etree  # only for files that are OPML

    if re.search(r"<!\s*(?:doctype|entity)", text, re.IGNORECASE):
        raise ConfigError(f"{shown(path)}: a DOCTYPE has no place in OPML")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(DECLARATION.sub("", text).encode(), parser)
    except etree.XMLSyntaxError as error:
        message = f"{shown(path)}: no OPML: {printable(str(error.msg))}"
        raise ConfigError(message) from None
    if str(root.tag).casefold() != "opml":
        raise ConfigError(f"{shown(path)}: no OPML, its root is {printable(str(root.tag))}")
    for outline in root.iter("outline"):
        row = _row(outline)
        if row is not None:
            yield f"line {outline.sourceline}", row


def _row(outline: Any) -> dict[str, Any] | None:
    given = {str(key).casefold(): str(value).strip() for key, value in outline.items()}
    feed = given.get("xmlurl", "")
    url = given.get("htmlurl") or given.get("url") or _front(feed)
    if not url:
        return None
    row: dict[str, Any] = {"url": url}
    name = " ".join((given.get("title") or given.get("text") or "").split())
    if name:
        row["name"] = name
    places = [step for step in re.split("[/,]", given.get("category", "")) if step]
    for folder in outline.iterancestors("outline"):
        places.insert(0, str(folder.get("text") or folder.get("title") or ""))
    codes = [code for place in places if (code := find_region_code(place)) is not None]
    if codes:
        row["region"] = max(codes, key=len)
    if feed:
        row["listings"] = [feed]
    return row


def _front(feed: str) -> str:
    parts = urlsplit(feed)
    return f"{parts.scheme}://{parts.netloc}/" if parts.netloc else feed
