"""JSON lists that only one site has -> Listing; a source names its function by `listing`.

kpk.go.id (2026): `/api/id/api/news?include=newsTags&page[size]=30&page[number]=1`, either as
JSON:API (`data[].attributes`) or flat, also one `data` deeper (a paginator).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin

from config.errors import FeedUnreadable

from .dates import ZONES, read_date
from .links import Entry, Listing, gather
from .wordpress import load_json, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

KPK_ARTICLES = "/id/ruang-informasi/berita/"


def kpk(body: bytes, base: str, zone: tzinfo = ZONES["WIB"]) -> Listing:
    """Read the news list of kpk.go.id. Raises FeedUnreadable."""
    rows = _rows(load_json(body))
    return gather([_kpk_entry(row, base, zone) for row in rows], base)


def _kpk_entry(row: dict[str, Any], base: str, zone: tzinfo) -> Entry:
    inner = row.get("attributes")
    news = inner if isinstance(inner, dict) else row
    slug = text_of(news.get("slug")).strip().strip("/")
    return Entry(
        url=urljoin(base, KPK_ARTICLES + quote(slug, safe="-._~%")) if slug else "",
        title=text_of(news.get("title")),
        text=text_of(news.get("content")),
        published_at=read_date(
            text_of(news.get("published_at")) or text_of(news.get("created_at")), zone
        ),
    )


def _rows(answer: Any) -> list[dict[str, Any]]:
    rows = answer
    for _ in range(2):
        if isinstance(rows, dict):
            rows = rows.get("data")
    if not isinstance(rows, list) or (rows is answer):
        raise FeedUnreadable("no list of news under data")
    return [row for row in rows if isinstance(row, dict)]


READERS: dict[str, Callable[[bytes, str, tzinfo], Listing]] = {"kpk": kpk}
