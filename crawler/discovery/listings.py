"""One candidate -> what it yields, judged; follows an index of sitemaps one step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.errors import FeedUnreadable
from crawler.listings.links import Listing
from crawler.listings.listing import read_listing
from crawler.reading.urls import bare_host

from .judging import judge_listing
from .preview import EntryPoint

if TYPE_CHECKING:
    from collections.abc import Collection

    from config.source import Source
    from storage.records import Link

    from .candidates import Candidate
    from .visitor import Got, Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield:
    """An entry point with the links that it gave."""

    point: EntryPoint
    links: tuple[Link, ...] = ()

    @property
    def urls(self) -> frozenset[str]:
        """The addresses of its articles."""
        return frozenset(link.url for link in self.links)


async def try_candidate(
    visitor: Visitor, candidate: Candidate, source: Source, front: Collection[str]
) -> Yield:
    """Ask for a candidate and judge what it yields."""
    got = await visitor.get(candidate.url)
    listing, why = _read(got, candidate.kind, source, visitor)
    if listing is None:
        return Yield(point=_dropped(candidate, why))
    url = _where_it_ended(candidate.url, got)
    kind = candidate.kind or "listing"
    if not listing.links and listing.further and kind in ("sitemap", "listing"):
        child = await visitor.get(listing.further[0])
        listing, why = _read(child, "sitemap", source, visitor)
        if listing is None:
            return Yield(point=_dropped(candidate, why))
        if _lasts(child.url):
            url = _where_it_ended(child.url, child)
    point = judge_listing(
        listing, url=url, kind=kind, origin=candidate.origin, front=front, now=visitor.now()
    )
    return Yield(point=point, links=listing.links)


def judge_front(got: Got, source: Source, visitor: Visitor) -> Yield:
    """Judge the front page as a listing: the last resort, and free, for it was asked already."""
    listing, _ = _read(got, "section", source, visitor)
    listing = listing or Listing()
    point = judge_listing(
        listing, url=source.url, kind="section", origin="page", front=(), now=visitor.now()
    )
    return Yield(point=point, links=listing.links)


def _read(
    got: Got, kind: str | None, source: Source, visitor: Visitor
) -> tuple[Listing | None, str]:
    if got.reason is not None:
        return None, got.reason
    if got.status != 200:
        return None, f"http_{got.status}"
    try:
        return (
            read_listing(kind, got.body, got.final_url, source, got.content_type, visitor.now()),
            "",
        )
    except FeedUnreadable as error:
        return None, str(error)


def _dropped(candidate: Candidate, why: str) -> EntryPoint:
    return EntryPoint(
        url=candidate.url,
        kind=candidate.kind or "listing",
        origin=candidate.origin,
        state="dropped",
        why=why,
    )


def _where_it_ended(url: str, got: Got) -> str:
    """Each redirect of an entry point would be paid at every visit."""
    return got.final_url if bare_host(got.final_url) == bare_host(url) else url


def _lasts(url: str) -> bool:
    """Tell a child that stays the newest from one that is numbered and fills up."""
    return not any(letter.isdigit() for letter in urlsplit(url).path)


def with_state(found: Yield, point: EntryPoint) -> Yield:
    """Give a yield with its point judged anew."""
    return replace(found, point=point)
