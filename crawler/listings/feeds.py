"""RSS and Atom of any age and health -> Listing; feedparser sees prepared bytes in memory only."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import feedparser

from config.errors import FeedUnreadable

from .dates import ZONES, read_date
from .intake import fit_for_xml, open_body, read_text
from .links import MAX_LINKS, Entry, Listing, counted, gather

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

ENTRY_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)


def read_feed(body: bytes, base: str, zone: tzinfo = ZONES["WIB"]) -> Listing:
    """Read a feed; times without zone take `zone`. Raises FeedUnreadable."""
    opened, problems = open_body(body)
    data = fit_for_xml(_first_entries(read_text(opened)))
    if data[:6].lower().startswith((b"<html", b"<head")):
        raise FeedUnreadable("a page in the place of a feed")
    feed = _parse(data)
    if not feed.get("version") and not feed.entries:
        raise FeedUnreadable("neither RSS nor Atom")
    entries = list(feed.entries)
    comments = sum("#comment" in _address(entry) for entry in entries)
    if comments and comments * 2 >= len(entries):
        raise FeedUnreadable("a feed of comments")
    if feed.get("bozo"):
        problems += ("broken xml",)
    listing = gather(_iter_entries(entries, zone), base, problems)
    if not listing.links and len(entries) > 0:
        raise FeedUnreadable("; ".join(counted(len(entries), "without address")))
    return listing


def _first_entries(text: str) -> str:
    """Cut out what follows the first 1,000 entries, up to the end of the last."""
    ends = [found.end() for found in ENTRY_END.finditer(text)]
    return text[: ends[MAX_LINKS - 1]] + text[ends[-1] :] if len(ends) > MAX_LINKS else text


def _parse(data: bytes) -> Any:
    """Only ever bytes in memory: given a text, feedparser opens the file or address it names."""
    try:
        return feedparser.parse(  # noqa: TID251  # the one allowed call: BytesIO, never a name
            io.BytesIO(data), response_headers={}, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # feedparser raises whatever its two parsers stumble over
        raise FeedUnreadable(f"feedparser gave up: {type(error).__name__}") from error


def _iter_entries(entries: list[Any], zone: tzinfo) -> Iterator[Entry]:
    for entry in entries:
        address = _address(entry)
        if "#comment" in address:
            continue
        printed = _text(entry, "published") or _text(entry, "created") or _updated(entry)
        yield Entry(
            url=address,
            title=_text(entry, "title"),
            text=_text(entry, "summary"),
            published_at=read_date(printed, zone),
        )


def _address(entry: Any) -> str:
    return _text(entry, "feedburner_origlink") or _text(entry, "link")


def _updated(entry: Any) -> str:
    return _text(entry, "updated") if "updated" in entry else ""


def _text(entry: Any, name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""
