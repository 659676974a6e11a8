"""A path of a site -> the answer that the site would give; knows no sockets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from .listings import find_listing
from .texts import load_data

if TYPE_CHECKING:
    from datetime import datetime

    from .pages import Pages
    from .sites import Site
    from .web import SampleArticle, SampleWeb

HTML = "text/html; charset=UTF-8"
PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, body and what belongs to it; `lasting` answers do not change with new articles."""

    status: int
    body: bytes = b""
    content_type: str = HTML
    changed_at: datetime | None = None
    location: str | None = None
    lasting: bool = False


def find_answer(web: SampleWeb, pages: Pages, site: Site, target: str) -> Answer:
    """Find what the site answers to a request target (path and query)."""
    parts = urlsplit(target)
    path, query = parts.path, dict(parse_qsl(parts.query))
    if path.endswith((".jpg", ".png")):
        return Answer(status=200, body=PIXEL, content_type="image/gif", lasting=True)
    found = find_listing(web, site, path, query)
    if found is not None:
        content_type, body = found
        changed = web.changed_at(site.id)
        return Answer(status=200, body=body, content_type=content_type, changed_at=changed)
    return (
        _article(web, pages, site, path, query)
        or _index(web, pages, site, path, query)
        or Answer(status=404, body=_not_found(site), lasting=False)
    )


def _article(
    web: SampleWeb, pages: Pages, site: Site, path: str, query: dict[str, str]
) -> Answer | None:
    if path == "/" and query.get("p", "").isdigit():
        found = _numbered(web, site, int(query["p"]))
        return Answer(status=301, location=found.url, lasting=True) if found else None
    article, page, amp = web.find(site.id, path), 1, False
    if article is None and site.theme.startswith("wordpress") and web.find(site.id, path + "/"):
        return Answer(status=301, location=f"{site.base}{path}/", lasting=True)
    if article is None and path.startswith("/amp/"):
        amp = True
        tail = path.removeprefix("/amp")
        article = web.find(site.id, tail) or _numbered(web, site, int(_digits(tail)))
    if article is None and site.page_style == "offset":
        head, _, offset = path.rpartition("/")
        if offset.isdigit() and int(offset) % 15 == 0:
            article, page = web.find(site.id, head), int(offset) // 15 + 1
    if article is None:
        return None
    if site.page_style == "query":
        page = 0 if query.get("page") == "all" else int(_digits(query.get("page", "1")) or 1)
    if page > len(article.breaks) + 1:
        return None
    amp = amp or "amp" in query or query.get("m") == "1"
    text = pages.article(site, article, page or None, amp=amp)
    return Answer(status=200, body=text.encode(), changed_at=article.modified_at, lasting=True)


def _index(
    web: SampleWeb, pages: Pages, site: Site, path: str, query: dict[str, str]
) -> Answer | None:
    """Front page, sections and tags; the front page and the site's sections list everything."""
    number = int(_digits(query.get("page", "1")) or 1)
    trunk = path.rstrip("/")
    head, _, last = trunk.rpartition("/")
    if last.isdigit() and head.endswith("/page"):
        trunk, number = head.removesuffix("/page"), int(last)
    elif last.isdigit() and site.page_style == "offset":
        trunk, number = head, int(last) // site.page_size + 1
    rubric = trunk.rpartition("/")[2].lower()
    articles = web.articles_of(site.id)
    if trunk == "" or trunk in site.sections:
        heading = site.name if trunk == "" else rubric.title()
    elif rubric in load_data("words")["rubrics"]:
        heading, articles = rubric.title(), [a for a in articles if a.rubric == rubric]
    elif "/tag/" in path:
        heading, articles = rubric.title(), articles[:5]
    else:
        return None
    size = max(site.page_size, web.page_size)
    shown = articles[(number - 1) * size : number * size]
    following = _next(site, trunk, query, number) if len(articles) > number * size else None
    body = pages.index(site, heading, shown, following).encode()
    return Answer(status=200, body=body, changed_at=web.changed_at(site.id))


def _next(site: Site, trunk: str, query: dict[str, str], number: int) -> str:
    if site.theme.startswith("wordpress"):
        return f"{site.base}{trunk}/page/{number + 1}/"
    if site.page_style == "offset":
        return f"{site.base}{trunk}/{number * site.page_size}"
    return f"{site.base}{trunk or '/'}?{urlencode(query | {'page': number + 1})}"


def _numbered(web: SampleWeb, site: Site, number: int) -> SampleArticle | None:
    return next((a for a in web.articles_of(site.id) if a.number == number), None)


def _digits(text: str) -> str:
    return "".join(c for c in text.strip("/").partition("/")[0] if c.isdigit()) or "0"


def _not_found(site: Site) -> bytes:
    return (
        f"<!doctype html><html><head><title>404 - {site.name}</title></head>"
        "<body><h1>Halaman tidak ditemukan</h1></body></html>"
    ).encode()
