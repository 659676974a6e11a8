"""WordPress REST (`/wp-json/wp/v2/posts`) -> Listing."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from config.errors import FeedUnreadable

from .dates import ZONES, read_date
from .intake import open_body, read_text
from .links import Entry, Listing, gather

if TYPE_CHECKING:
    from datetime import datetime, tzinfo


def read_posts(body: bytes, base: str, zone: tzinfo = ZONES["WIB"]) -> Listing:
    """Read a list of posts; `date` without `date_gmt` takes `zone`. Raises FeedUnreadable."""
    posts = load_json(body)
    if isinstance(posts, dict):
        said = str(posts.get("code") or posts.get("message") or "no list of posts")
        raise FeedUnreadable(f"WordPress answered {said[:80]}")
    if not isinstance(posts, list):
        raise FeedUnreadable("no list of posts")
    entries = [
        Entry(
            url=text_of(post.get("link")),
            title=_rendered(post.get("title")),
            text=_rendered(post.get("excerpt")),
            published_at=_time(post, zone),
        )
        for post in (row if isinstance(row, dict) else {} for row in posts)
    ]
    return gather(entries, base)


def load_json(body: bytes) -> Any:
    """Read JSON, also behind a warning that PHP printed before it. Raises FeedUnreadable."""
    opened, _ = open_body(body)
    text = read_text(opened)
    starts = [0] + [at for mark in ("[{", "{") if (at := text.find(mark)) > 0]
    for start in starts:
        try:
            return json.loads(text[start:])
        except (ValueError, RecursionError):
            continue
    raise FeedUnreadable("no JSON")


def text_of(value: Any) -> str:
    """Give a JSON value where it is text, else an empty text."""
    return value if isinstance(value, str) else ""


def _rendered(value: Any) -> str:
    return text_of(value.get("rendered")) if isinstance(value, dict) else text_of(value)


def _time(post: dict[str, Any], zone: tzinfo) -> datetime | None:
    return read_date(text_of(post.get("date_gmt")), UTC) or read_date(
        text_of(post.get("date")), zone
    )
