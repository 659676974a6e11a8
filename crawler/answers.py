"""What an answer amounts to: a page to keep, or the reason why it is none."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from storage.records import Page

from .pipeline import Failed, Fetched
from .reading.urls import belongs_to
from .reasons import status_reason

if TYPE_CHECKING:
    from scrapy.http import Response

    from .under_way import Fetch

# Marks that guards put on an answer and that stay with its page and article.
SUSPECT = "suspect"  # it may lack its end
LAX = "lax_tls"  # it came over a connection that nobody verified
MARKS = frozenset({SUSPECT, LAX})
# First bytes of what is no page though it may be printable; the rest betrays itself by controls.
NOT_PAGES = (
    *(
        b"%PDF",
        b"PK\x03\x04",
        b"GIF8",
        b"RIFF",
        b"ID3",
        b"OggS",
        b"Rar!",
        b"MZ",
        b"wOF",
        b"7z\xbc\xaf",
    ),
    *(
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"\x1f\x8b",
        b"\x7fELF",
        b"\xd0\xcf\x11\xe0",
        b"\x1a\x45\xdf\xa3",
    ),
)
CONTROLS = bytes({*range(9), *range(14, 27), *range(28, 32)})
WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")  # UTF-16 is full of NUL
PAGE_SIGNS = (b"<html", b"<!doctype html", b"<head", b"<body")
DAY = 86_400.0  # seconds; whoever asks us to wait longer is asked again after it
PAGE_TYPES = ("text/html", "application/xhtml+xml")


def judge_answer(response: Response, fetch: Fetch, now: datetime) -> Fetched | Failed:
    """Give the page that an answer is, or why it is none."""
    reason = page_problem(response, fetch)
    whole = reason is None and response.status == 200
    page = Page(
        url=fetch.link.url,
        source=fetch.source.id,
        status=response.status,
        fetched_at=now,
        final_url=response.url,
        etag=header(response, "ETag"),
        last_modified=header(response, "Last-Modified"),
        content_type=header(response, "Content-Type"),
        body=response.body if whole else None,
        marks=tuple(flag for flag in response.flags if flag in MARKS) if whole else (),
    )
    if reason is None:
        return Fetched(fetch=fetch, page=page)
    wait = retry_after(response)
    return Failed(fetch=fetch, reason=reason, url=response.url, page=page, retry_after=wait)


def page_problem(response: Response, fetch: Fetch) -> str | None:
    """Say why an answer is no page to keep, None for a page and for "not changed"."""
    if response.status == 304:
        return None
    if not belongs_to(response.url, fetch.source):
        return "redirect_out"
    if response.status != 200:
        return status_reason(response.status)
    if not is_page(header(response, "Content-Type") or "", response.body):
        return "not_html"
    return None


def is_page(content_type: str, body: bytes) -> bool:
    """Say whether a body is HTML: by its first bytes, then by what its server calls it."""
    head = body.lstrip()[:2048].lower()
    if head.startswith(WIDE):
        head = head.replace(b"\0", b"")
    controls = len(head) - len(head.translate(None, CONTROLS))
    if not head or controls * 50 > len(head) or body.startswith(NOT_PAGES):
        return False
    if content_type.split(";")[0].strip().lower() in PAGE_TYPES:
        return True
    return any(sign in head for sign in PAGE_SIGNS)


def header(response: Response, name: str) -> str | None:
    """Give a header as text."""
    value = response.headers.get(name)
    return None if value is None else value.decode("latin-1").strip()


def retry_after(response: Response, now: datetime | None = None) -> float | None:
    """Read Retry-After, in seconds from `now`: a date or a number, from a second to a day.

    None for what is neither.
    """
    value = header(response, "Retry-After") or ""
    if value.isascii() and value.isdigit():
        seconds = float(value[:12])
    else:
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 1.0), DAY)
