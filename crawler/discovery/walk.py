"""The walk over one site: front page, candidates in the order that costs it least, a few articles.

One request at a time, at most MOST_REQUESTS of them and about a minute: whatever a site asks of
us in patience comes off the number of its pages that are looked at.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.errors import ExpectedError, FeedUnreadable
from crawler.listings.intake import open_body
from crawler.listings.sections import parse_page
from crawler.reading.urls import bare_host, belongs_to
from storage.records import Page

from .candidates import (
    Candidate,
    feed_candidates,
    rest_candidates,
    section_candidates,
    sitemap_candidates,
)
from .front import is_feed, new_source, shut_reason
from .identity import NO_FACE, read_face
from .judging import ONE_MISSING, STALE, judge_completeness
from .listings import Yield, judge_front, try_candidate, with_state
from .preview import Preview, Sample
from .signs import recognise_family
from .summary import refuse, summarise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.html import HtmlElement

    from config.family import Family
    from config.source import Source
    from storage.records import Article, Link

    from .visitor import Got, Visitor

MOST_REQUESTS = 24
LISTINGS_UNTIL = 34.0  # seconds; later no further listing is asked
ARTICLES_UNTIL = 48.0
ARTICLES, FROM_LISTING = 5, 3  # read in all, and of them the newest of the listing
FEWEST_OF_FRONT = 8  # articles from which on a front page is as good as a rubric
NO_PATH = ("", "/")
TRY_PLAIN = frozenset(
    {"refused", "unreachable", "connection_lost", "tls", "certificate", "timeout"}
)


async def discover(
    visitor: Visitor,
    given: str,
    *,
    families: Mapping[str, Family],
    source: Source | None = None,
    known: tuple[tuple[str, str], ...] = (),
    only_known: bool = False,
    every: float = 900.0,
) -> Preview:
    """Walk over a site; `known` entry points (address, kind) are tried before all others.

    `source` is the site as it is watched already; `only_known` looks no further than what is
    known. Never raises for what a site does: the preview says why it is refused.
    """
    walk = _Walk(visitor, given, families, known, every)
    if source is not None:
        walk.watch(source)
    walk.only_known = only_known
    return await walk.run()


class _Walk:
    def __init__(
        self,
        visitor: Visitor,
        given: str,
        families: Mapping[str, Family],
        known: tuple[tuple[str, str], ...],
        every: float,
    ) -> None:
        self.visitor = visitor
        self.given = given
        self.families = families
        self.known = known
        self.every = every
        self.certificate: str | None = None
        self.tried: list[Yield] = []
        self.samples: dict[str, Sample] = {}
        self.source = new_source(given)
        self.family: Family | None = None
        self.root: HtmlElement | None = None
        self.face = NO_FACE
        self.watched = self.only_known = False

    def watch(self, source: Source) -> None:
        """Take the rules of a source that is watched instead of what its pages suggest."""
        self.source, self.watched = source, True
        self.family = self.families.get(source.family or "")

    async def run(self) -> Preview:
        got = await self._front()
        problem = shut_reason(got)
        if problem is not None:
            return self._refuse(problem, self.certificate)
        got = await self._settle(got)
        problem = shut_reason(got)
        if problem is not None:
            return self._refuse(problem)
        if not belongs_to(got.final_url, self.source):
            return self._refuse("moved", got.final_url)
        self.front = judge_front(got, self.source, self.visitor)
        chosen = await self._choose()
        if chosen is None:
            return self._refuse("no_articles")
        if not self.samples or not self._articles():
            await self._read_some(chosen)
        if not self._articles():
            return self._refuse("unreadable" if self.samples else "no_articles")
        return summarise(
            self.visitor,
            given=self.given,
            source=self.source,
            family=self.family,
            face=self.face,
            chosen=chosen,
            tried=self._tried(),
            samples=tuple(self.samples.values()),
            certificate=self.certificate,
            every=self.every,
        )

    async def _front(self) -> Got:
        got = await self.visitor.get(self.given)
        if got.reason in TRY_PLAIN and self.given.startswith("https://"):
            if got.reason == "certificate":
                why = self.visitor.certificate(self.given) or "not valid"
                self.certificate = f"its certificate is {why}"
            plain = await self.visitor.get("http://" + self.given.removeprefix("https://"))
            if plain.reason is None and plain.status == 200:
                return plain
        return got

    async def _settle(self, got: Got) -> Got:
        """Take the address where the site really is, and its family; give its front page."""
        given, final = urlsplit(self.given), urlsplit(got.final_url)
        if is_feed(got):
            self.known = ((got.final_url, "feed"), *self.known)
            got = await self.visitor.get(f"{final.scheme}://{final.netloc}/")
            given, final = urlsplit(got.url), urlsplit(got.final_url)
        self.front_got = got
        keep_path = given.path not in NO_PATH
        url = got.final_url if keep_path else f"{final.scheme}://{final.netloc}/"
        if not self.watched:
            moved = bare_host(self.given) != bare_host(url)
            hosts = (urlsplit(self.given).hostname or "",) if moved else ()
            self.source = new_source(url, hosts)
        try:
            body = open_body(got.body)[0]
            self.root = parse_page(body)
        except FeedUnreadable:
            return got  # a shell of scripts, or more than a parser should see: feeds may do
        text = body.decode("utf-8", "replace")
        self.face = read_face(self.root, url)
        if self.watched:
            return got
        self.family = recognise_family(self.root, text, url, self.families)
        self.source = replace(self.source, name=self.face.name or self.source.name)
        if self.family is not None:
            self.source = replace(self.source, family=self.family.id, article=self.family.article)
        return got

    def _candidates(self) -> Iterator[Candidate]:
        source, family, root = self.source, self.family, self.root
        for url, kind in self.known:
            yield Candidate(url=url, origin="known", kind=kind or None)
        if self.only_known:
            return
        yield from feed_candidates(self.front_got.body, source, family)
        yield from sitemap_candidates(self.visitor.robots(source.url)[0], source, family)
        if root is not None:
            yield from rest_candidates(root, source, family)
            yield from section_candidates(root, source, family)

    async def _choose(self) -> Yield | None:
        asked: set[str] = {self.source.url}
        for candidate in self._candidates():
            if candidate.url in asked:
                continue
            asked.add(candidate.url)
            if self._late(LISTINGS_UNTIL):
                break
            found = await try_candidate(self.visitor, candidate, self.source, self.front.urls)
            if found.point.state == "good" and not self._worth_less_than_front(found):
                await self._read_some(found)
                found = self._judged_by_articles(found)
            self.tried.append(found)
            if found.point.state == "good" and not self._worth_less_than_front(found):
                return found
        return await self._fall_back()

    async def _fall_back(self) -> Yield | None:
        """Take the front page itself, unless what it shows is no newer than a poor feed."""
        if self.only_known and not any(url == self.source.url for url, _ in self.known):
            return next((one for one in self.tried if one.point.state == "poor"), None)
        poor = [one for one in self.tried if one.point.state == "poor" and one.links]
        poor += [one for one in self.tried if one.point.state == "good"]
        poor.sort(key=lambda one: (one.point.newest is None, -len(one.links)))
        nearly = [one for one in poor if one.point.why == ONE_MISSING]
        if nearly or not self.front.links:
            poor = nearly or poor
            return poor[0] if poor else None
        await self._read_some(self.front)
        if self._all_stale(self.front) and poor:
            return poor[0]
        return self.front

    def _worth_less_than_front(self, found: Yield) -> bool:
        """A section that a menu names may be one rubric: it has to hold half of the front page."""
        point = found.point
        if point.kind != "section" or point.origin != "page":
            return False
        shown = len(self.front.links)
        return shown >= FEWEST_OF_FRONT and point.overlap * 2 < shown

    def _judged_by_articles(self, found: Yield) -> Yield:
        point = judge_completeness(found.point, found.urls, self._articles())
        if point.state == "good" and self._all_stale(found):
            point = replace(point, state="poor", why="its articles are old")
        return with_state(found, point)

    def _all_stale(self, found: Yield) -> bool:
        times = [
            article.published_at
            for article in self._articles()
            if article.url in found.urls and article.published_at is not None
        ]
        return len(times) >= 2 and all(self.visitor.now() - at > STALE for at in times)

    async def _read_some(self, found: Yield) -> None:
        """Read the listing's newest articles, and what the front page shows and it does not."""
        links = sorted(
            found.links,
            key=lambda one: -one.published_at.timestamp() if one.published_at else 0.0,
        )
        own = links[:FROM_LISTING]
        others = [one for one in self.front.links if one.url not in found.urls]
        others = others[: ARTICLES - FROM_LISTING]
        more = links[FROM_LISTING:ARTICLES] if not others else []
        for link in (*own, *others, *more):
            if link.url in self.samples:
                continue
            enough = len(self._articles()) >= FROM_LISTING
            if self._late(LISTINGS_UNTIL if enough else ARTICLES_UNTIL):
                return
            self.samples[link.url] = await self._sample(link)

    async def _sample(self, link: Link) -> Sample:
        got = await self.visitor.get(link.url)
        page = Page(
            url=link.url,
            source=self.source.id,
            status=got.status or 0,
            fetched_at=self.visitor.now(),
            final_url=got.final_url,
            content_type=got.content_type or None,
            body=got.body if got.status == 200 and got.reason is None else None,
            listed_title=link.title,
            listed_at=link.published_at,
        )
        if page.body is None:
            return Sample(page=page, reason=got.reason or f"http_{got.status}")
        try:
            return Sample(page=page, article=await self.visitor.read(page, self.source))
        except ExpectedError as error:
            return Sample(page=page, reason=getattr(error, "reason", str(error)))

    def _articles(self) -> list[Article]:
        return [one.article for one in self.samples.values() if one.article is not None]

    def _late(self, seconds: float) -> bool:
        return self.visitor.elapsed() > seconds or self.visitor.requests >= MOST_REQUESTS

    def _tried(self) -> tuple[Yield, ...]:
        front = [self.front] if hasattr(self, "front") else []
        return (*self.tried, *front)

    def _refuse(self, why: str, detail: str | None = None) -> Preview:
        return refuse(
            self.visitor,
            why,
            given=self.given,
            source=self.source,
            family=self.family,
            tried=self._tried(),
            samples=tuple(self.samples.values()),
            detail=detail,
        )
