"""The first answer of a site: is it a door, a shut door, or a feed; and a source to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.source import Source, registrable_host

from .candidates import FEED_PATH

if TYPE_CHECKING:
    from .visitor import Got

DOORS_SHUT = frozenset({401, 402, 403, 429, 451})
CHALLENGES = (b"just a moment", b"cf-chl", b"error code: 1015", b"attention required")


def new_source(url: str, hosts: tuple[str, ...] = ()) -> Source:
    """Give the source that an address would be, before anything is known of it."""
    host = urlsplit(url).hostname or ""
    return Source(
        id="kandidat",
        name=host.removeprefix("www."),
        url=url,
        province="nasional",
        slot=registrable_host(host),
        hosts=hosts,
        declared=True,
    )


def shut_reason(got: Got) -> str | None:
    """Say why a front page cannot be used, None where it can."""
    if got.reason is not None:
        return got.reason
    if got.status in DOORS_SHUT:
        return "blocked"
    if got.status != 200:
        head = got.body[:20_000].lower()
        return "blocked" if any(sign in head for sign in CHALLENGES) else f"http_{got.status}"
    return None


def is_feed(got: Got) -> bool:
    """Tell whether the address that was given is itself a feed."""
    head = got.body[:1000].lower()
    return (b"<rss" in head or b"<feed" in head or b"<rdf" in head) and (
        b"<html" not in head or bool(FEED_PATH.search(urlsplit(got.final_url).path))
    )
