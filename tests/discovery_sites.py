"""Generated news sites with random class names and orders, and what is true about each of them.

The same seed gives the same sites. Each is of one of the usual families, with one of its hints
taken away or spoilt; `Truth` says which entry points, family and region are right.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape
from random import Random
from typing import TYPE_CHECKING

from tests.discovery_pages import (
    ACTS,
    FEEDS,
    HINTS,
    INDEXES,
    MAP_SPACE,
    MONTHS,
    NEWS_SPACE,
    PATTERNS,
    PLACES,
    RUBRICS,
    SECTIONS,
    SENTENCES,
    SUBJECTS,
    THINGS,
    WHENS,
    WIB,
    Printer,
    Story,
)
from tests.web import Told

if TYPE_CHECKING:
    from tests.web import Web


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is right for one site: `good` paths may stand first, `bad` ones nowhere."""

    host: str
    url: str
    name: str
    family: str | None
    province: str
    region: str | None
    hint: str
    good: frozenset[str]
    bad: frozenset[str]


def build_site(web: Web, number: int, *, seed: int, now: datetime) -> Truth:
    """Put the site of this number on a web and say what is true about it."""
    return _Maker(web, number, seed, now).build()


class _Maker(Printer):
    def __init__(self, web: Web, number: int, seed: int, now: datetime) -> None:
        die = Random(f"{seed}/{number}")
        super().__init__(web, list(PATTERNS)[number % len(PATTERNS)], die)
        self.now = now
        self.hint = HINTS[(number // len(PATTERNS) * 2 + number) % len(HINTS)]
        if self.hint == "rest" and self.kind != "wordpress":
            self.hint = "sections"
        code, self.province, self.town, town_code, short = die.choice(PLACES)
        self.code = code
        self.place = die.choice(("town", "title", "host")) if self.kind != "goid" else "town"
        first = die.choice(("Kabar", "Suara", "Warta", "Gema", "Lensa", "Jejak"))
        if self.kind == "goid":
            self.name = f"Pemerintah {self.town}"
        else:
            self.name = (
                f"{first} {die.choice(('Pagi', 'Hulu', 'Pesisir', 'Rakyat', 'Kita'))} {number}"
            )
        tail = short if self.place == "host" else die.choice(("media", "pos", "kita"))
        self.host = f"{first.lower()}{number}{'' if self.kind == 'goid' else tail}.test"
        if self.place == "host":
            self.host = f"{first.lower()}{number}-{tail}.test"
        self.region = town_code if self.place == "town" else None
        self.stories = self._stories()

    def build(self) -> Truth:
        self._tell_stories()
        good, bad = self._listings()
        index = INDEXES.get(self.kind)
        self._sections(index)
        url = self.web.url(self.host)
        if self.hint == "twins":
            self.web.tell(
                f"m.{self.host}",
                "/",
                Told(status=301, headers={"Location": self.web.url(f"www.{self.host}")}),
            )
            for (host, path), told in list(self.web.pages.items()):
                if host == self.host:
                    self.web.tell(f"www.{self.host}", path, told)
            url = self.web.url(f"m.{self.host}")
        family = None if self.kind == "goid" else self.kind
        return Truth(
            host=self.host,
            url=url,
            name=self.name,
            family=family,
            province=self.code,
            region=self.region,
            hint=self.hint,
            good=frozenset(good),
            bad=frozenset(bad),
        )

    def _stories(self) -> list[Story]:
        die, made = self.die, []
        gap = die.choice((0.7, 2.0, 5.0))
        for n in range(36):
            words = [die.choice(some) for some in (SUBJECTS, ACTS, THINGS, WHENS)]
            title = f"{' '.join(words)} {n}"
            slug = title.lower().replace(" ", "-")
            at = self.now - timedelta(hours=gap * n + 1, minutes=die.randint(0, 30))
            local, rubric = at.astimezone(WIB), die.choice(RUBRICS)
            path = PATTERNS[self.kind].format(
                year=local.year,
                month=local.month,
                day=local.day,
                number=900100 - n,
                slug=slug,
                rubric=rubric,
            )
            body = tuple(" ".join(die.sample(SENTENCES, 3)) for _ in range(die.randint(3, 6)))
            lead = f"{self.town.removeprefix('Kota ').removeprefix('Kabupaten ').upper()} - "
            made.append(
                Story(
                    number=900100 - n,
                    path=path,
                    title=title,
                    rubric=rubric,
                    at=at,
                    paragraphs=(lead + body[0], *body[1:]),
                )
            )
        return made

    def _tell_stories(self) -> None:
        for story in self.stories:
            printed = story.at.astimezone(WIB)
            form = self.die.choice(("ld", "meta", "printed"))
            head = body = ""
            if form == "ld":
                data = {
                    "@context": "https://schema.org",
                    "@type": "NewsArticle",
                    "headline": story.title,
                    "datePublished": printed.isoformat(),
                }
                head = f'<script type="application/ld+json">{json.dumps(data)}</script>'
            elif form == "meta":
                head = f'<meta property="article:published_time" content="{printed.isoformat()}">'
            else:
                month = MONTHS[printed.month - 1]
                body = f"<div>{printed.day} {month} {printed:%Y %H:%M} WIB</div>"
            text = "".join(f"<p>{escape(one)}</p>" for one in story.paragraphs)
            main = (
                f'<div class="{self.names[0]}"><h1>{escape(story.title)}</h1>{body}'
                f'<div class="{self.names[1]}">{text}</div></div>'
            )
            self._page(story.path, story.title, main, head)

    def _listings(self) -> tuple[set[str], set[str]]:
        feed, hint, good, bad = FEEDS[self.kind], self.hint, set(), set()
        declared: list[tuple[str, str]] = []
        whole = hint in ("whole", "undeclared", "comments", "foreign", "partial", "twins")
        if whole:
            self._feed(feed, self.stories[:15])
            good.add(feed)
            if hint != "undeclared":
                declared.append((feed, self.name))
        if hint == "comments":
            spoilt = [replace(s, path=f"{s.path}#comment-{s.number}") for s in self.stories[:8]]
            self._feed("/umpan-warga.xml", spoilt)
            bad.add("/umpan-warga.xml")
        if hint == "foreign":
            self._feed("/umpan-mitra.xml", self.stories[:8], host="mitra-lain.test")
            bad.add("/umpan-mitra.xml")
        if hint == "partial":
            of = [s for s in self.stories if s.rubric == self.stories[0].rubric]
            self._feed("/umpan-pilihan.xml", of)
            bad.add("/umpan-pilihan.xml")
        if hint == "stale":
            old = [
                replace(story, at=story.at - timedelta(days=400), path=f"{story.path}-lama")
                for story in self.stories[:10]
            ]
            self._feed(feed, old)
            declared.append((feed, self.name))
            bad.add(feed)
        for path in bad:
            if path != feed:
                declared.insert(0, (path, "Berita"))
        if hint in ("sitemap", "stale"):
            news = self.die.random() < 0.5
            path = "/sitemap-news.xml" if news else "/peta/pos.xml"
            rows = "".join(self._row(s, news) for s in self.stories[:30])
            self._tell(path, f"<urlset {MAP_SPACE} {NEWS_SPACE}>{rows}</urlset>")
            index = f"<sitemap><loc>{self.web.url(self.host, path)}</loc></sitemap>"
            self._tell("/peta.xml", f"<sitemapindex {MAP_SPACE}>{index}</sitemapindex>")
            named = self.die.choice((path, "/peta.xml"))
            text = f"User-agent: *\nDisallow: /rahasia\nSitemap: {self.web.url(self.host, named)}\n"
            self.web.tell(self.host, "/robots.txt", Told(body=text.encode(), kind="text/plain"))
            good |= {path, "/peta.xml"}
        if hint == "rest":
            posts = [
                {
                    "link": self.web.url(self.host, s.path),
                    "title": {"rendered": s.title},
                    "date_gmt": s.at.strftime("%Y-%m-%dT%H:%M:%S"),
                }
                for s in self.stories[:20]
            ]
            for query in ("?per_page=20", ""):
                self.web.tell(
                    self.host,
                    f"/wp-json/wp/v2/posts{query}",
                    Told(body=json.dumps(posts).encode(), kind="application/json"),
                )
                good.add(f"/wp-json/wp/v2/posts{query}")
        if hint == "sections":
            good |= {INDEXES.get(self.kind, "/"), "/"} if self.kind != "goid" else {"/berita"}
        self.declared = declared
        return good, bad

    def _sections(self, index: str | None) -> None:
        front = self.stories[:3] if self.kind == "goid" else self.stories[:14]
        self._page(
            "/", f"{self.name} - {self._tagline()}", self._cards(front), self._head(front=True)
        )
        if index:
            for page in range(3):
                path = index if page == 0 else f"{index}?page={page + 1}"
                following = f'<a href="{index}?page={page + 2}">Berikutnya</a>' if page < 2 else ""
                self._page(
                    path,
                    f"Indeks - {self.name}",
                    self._cards(self.stories[page * 12 : page * 12 + 12]) + following,
                )
        for rubric in RUBRICS:
            of = [s for s in self.stories if s.rubric == rubric]
            self._page(
                SECTIONS[self.kind].format(rubric),
                f"{rubric.title()} - {self.name}",
                self._cards(of),
            )
