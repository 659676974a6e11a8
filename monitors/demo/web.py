"""The sample web: invented sites and articles on one port, and what is true about each of them.

The same seed, time and port give the same web; `publish` adds to it while it is served.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from .events import Report, plan_event, plan_reports
from .sites import Site, make_sites
from .texts import Label, load_data, load_stories

if TYPE_CHECKING:
    from datetime import datetime

RELEASE_CREDITS = ("(ril)", "(*/rls)", "(Humas)", "(rls/red)", "(ril/adv)", "(Diskominfo)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleArticle:
    """What is true about one article; `paragraphs` as printed, with the dateline in the first.

    `published_at` is the truth, whatever the clock of the page says. `breaks` are the paragraphs
    where a further page begins, `read_also` the titles and addresses of inline "Baca juga" lines.
    """

    number: int
    site: str
    url: str
    path: str
    title: str
    paragraphs: tuple[str, ...]
    published_at: datetime
    modified_at: datetime
    label: Label
    event: str | None
    story: str
    rubric: str
    dateline: str
    author: str
    editor: str
    credit: str | None
    caption: str
    breaks: tuple[int, ...] = ()
    read_also: tuple[tuple[str, str], ...] = ()

    def gold(self) -> dict[str, Any]:
        """Give what is true about the article as JSON can carry it."""
        values = asdict(self)
        for key in ("published_at", "modified_at"):
            values[key] = values[key].isoformat()
        return values


class SampleWeb:
    """Sites and their articles, newest first; `version` counts the changes of each site."""

    def __init__(
        self,
        *,
        now: datetime,
        port: int,
        seed: int = 1,
        sites: int | None = None,
        articles: int | None = None,
    ) -> None:
        self.now = now
        self.port = port
        self.seed = seed
        self.page_size = articles or 0
        self.sites: dict[str, Site] = {}
        self.hosts: dict[str, Site] = {}
        self.version: dict[str, int] = {}
        self._of: dict[str, list[SampleArticle]] = {}
        self._by_path: dict[tuple[str, str], SampleArticle] = {}
        self._live = 0
        for site in make_sites(port, sites):
            self.add_site(site)
        made = tuple(self.sites.values())
        reports = plan_reports(made, now, seed, articles)
        for report in sorted(reports, key=lambda r: (r.at, r.site)):
            self.publish(report)

    def add_site(self, site: Site) -> Site:
        """Add a site without articles; its port becomes the web's."""
        site = replace(site, port=self.port)
        self.sites[site.id] = self.hosts[site.host] = site
        self.version[site.id] = 0
        self._of[site.id] = []
        return site

    @property
    def articles(self) -> list[SampleArticle]:
        """All articles, newest first."""
        every = [article for articles in self._of.values() for article in articles]
        return sorted(every, key=lambda a: (a.published_at, a.url), reverse=True)

    def articles_of(self, site: str) -> list[SampleArticle]:
        """The articles of one site, newest first."""
        return self._of[site]

    def find(self, site: str, path: str) -> SampleArticle | None:
        """Find the article that a path of a site names."""
        return self._by_path.get((site, path))

    def changed_at(self, site: str) -> datetime:
        """The time of the site's newest change."""
        articles = self._of[site]
        return articles[0].published_at if articles else self.now

    def publish(self, report: Report) -> SampleArticle:
        """Put a report on its site: listings and front page hold it from now on."""
        site = self.sites[report.site]
        article = self._print(site, report)
        older = self._of[site.id]
        older.insert(0, article)
        if len(older) > 1 and older[1].published_at > article.published_at:
            older.sort(key=lambda a: a.published_at, reverse=True)
        self._by_path[site.id, article.path] = article
        self.version[site.id] += 1
        return article

    def publish_next(self, now: datetime, site: str | None = None) -> SampleArticle:
        """Publish one more on-topic event, on the site or on the next one in turn."""
        stories = [story for story in load_stories("on_topic") if story.reserve]
        sites = list(self.sites.values())
        chosen = self.sites[site] if site else sites[self._live % len(sites)]
        story = stories[self._live % len(stories)]
        self._live += 1
        return self.publish(
            replace(
                plan_event(story, [chosen], now, f"live-{self._live}", self.seed)[0],
                at=now,
            )
        )

    def _print(self, site: Site, report: Report) -> SampleArticle:
        draft, local = report.draft, site.local(report.at)
        die = Random(f"{self.seed}/{site.id}/{draft.title}/{report.at.isoformat()}")
        number = 180_000 + len(self._of[site.id]) * 7
        path = self._path(site, number, draft.title, draft.rubric, local)
        dateline = site.dateline.format(
            CITY=site.capital.upper(),
            City=site.capital,
            HOST=site.host.upper(),
            Host=site.host.capitalize(),
        )
        words = load_data("words")
        is_release = draft.story.startswith("rilis")
        credit = (
            die.choice(RELEASE_CREDITS) if is_release else die.choice(("(red)", "(*)", None, None))
        )
        caption = f"Suasana kegiatan yang diberitakan. (Foto: Dok. {site.name})"
        return SampleArticle(
            number=number,
            site=site.id,
            url=site.base + path,
            path=path,
            title=draft.title,
            paragraphs=(dateline + draft.paragraphs[0], *draft.paragraphs[1:]),
            published_at=report.at.replace(second=0, microsecond=0),
            modified_at=report.at.replace(second=0, microsecond=0)
            + timedelta(minutes=die.choice((0, 4, 95))),
            label=draft.label,
            event=report.event,
            story=draft.story,
            rubric=draft.rubric,
            dateline=dateline,
            author="Tim Redaksi" if is_release else die.choice(words["reporters"]),
            editor=die.choice(words["editors"]),
            credit=credit,
            caption=f"{draft.title}--" if site.theme == "disway" else caption,
            breaks=_breaks(site, draft.paragraphs),
            read_also=self._read_also(site, die),
        )

    def _path(self, site: Site, number: int, title: str, rubric: str, local: datetime) -> str:
        for suffix in ("", *(f"-{n}" for n in range(2, 1000))):
            path = site.path.format(
                year=local.year,
                month=local.month,
                day=local.day,
                number=number,
                rubric=rubric,
                slug=make_slug(title) + suffix,
            )
            if (site.id, path) not in self._by_path:
                return path
        raise ValueError(f"no free address for {title!r}")

    def _read_also(self, site: Site, die: Random) -> tuple[tuple[str, str], ...]:
        older = self._of[site.id]
        naming = [a for a in older if "KPK" in a.title][:4]
        drawn = die.sample(older[:8], min(1, len(older))) + die.sample(naming, min(1, len(naming)))
        return tuple(dict.fromkeys((a.title, a.url) for a in drawn))


def make_slug(title: str) -> str:
    """Make the part of an address that repeats the title."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-")


def _breaks(site: Site, paragraphs: tuple[str, ...]) -> tuple[int, ...]:
    """Long stories of sites with paged articles go over two pages."""
    long = sum(len(p.split()) for p in paragraphs) >= 300
    return (len(paragraphs) // 2 + 1,) if site.page_style and long else ()
