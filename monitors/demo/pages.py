"""Renders the sample web's pages: an article or a list of articles, in its site's theme."""

from __future__ import annotations

from importlib.resources import files
from random import Random
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FunctionLoader

from .furniture import (
    image_url,
    make_card,
    make_furniture,
    printed_time,
    section_path,
    tag_path,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .furniture import Furniture
    from .sites import Site
    from .web import SampleArticle, SampleWeb

POPULAR = 8


class Pages:
    """Renders pages of one web; what stands around the articles is drawn once per site."""

    def __init__(self, web: SampleWeb) -> None:
        self._web = web
        self._jinja = Environment(
            loader=FunctionLoader(_load_template), autoescape=True, trim_blocks=True
        )
        self._furniture: dict[str, Furniture] = {}
        self._around: dict[str, dict[str, Any]] = {}

    def article(self, site: Site, article: SampleArticle, page: int | None, *, amp: bool) -> str:
        """Render an article's page; `page` None means the whole text."""
        cuts = [0, *article.breaks, len(article.paragraphs)]
        pages = len(cuts) - 1 if page is not None else 1
        shown = article.paragraphs
        if page is not None:
            shown = article.paragraphs[cuts[page - 1] : cuts[page]]
        return self._render(
            site,
            a=article,
            p=self._parts(site, article),
            paragraphs=shown,
            page=page or 1,
            pages=pages,
            last_page=page is None or page == pages,
            amp=amp,
            related=self._related(site, article),
        )

    def index(
        self, site: Site, heading: str, articles: Sequence[SampleArticle], following: str | None
    ) -> str:
        """Render a list of articles; `following` is the address of the next page of it."""
        items = [make_card(site, article) for article in articles]
        return self._render(site, a=None, heading=heading, items=items, next=following, page=1)

    def _render(self, site: Site, **values: Any) -> str:
        furniture = self._furniture.get(site.id)
        if furniture is None:
            furniture = self._furniture[site.id] = make_furniture(site)
        template = self._jinja.get_template(f"{site.theme}.html")
        return template.render(site=site, f=furniture, **self._standing(site), **values)

    def _standing(self, site: Site) -> dict[str, Any]:
        """The sidebars and the header's clock: drawn once, so that pages keep their ETag."""
        if site.id not in self._around:
            old = [a for a in self._web.articles_of(site.id) if a.published_at <= self._web.now]
            naming = [a for a in old if "KPK" in a.title and a.label == "look_alike"]
            naming += [a for a in old if "KPK" in a.title and a.label == "on_topic"][:2]
            popular = [*naming[: POPULAR - 2], *[a for a in old if a not in naming][3:5]]
            self._around[site.id] = {
                "popular": [make_card(site, a) for a in popular],
                "latest": [make_card(site, a) for a in old[:8]],
                "clock": printed_time(site, self._web.now),
            }
        return self._around[site.id]

    def _parts(self, site: Site, article: SampleArticle) -> dict[str, Any]:
        die = Random(article.url)
        claimed = article.modified_at if site.clock == "modified" else article.published_at
        return {
            "excerpt": " ".join(article.paragraphs[0].split()[:24]),
            "image": image_url(site, article, "1024x683"),
            "srcset": f"{image_url(site, article, '768x512')} 768w",
            "when": printed_time(site, article.published_at),
            "claimed": printed_time(site, claimed),
            "modified": printed_time(site, article.modified_at),
            "rubric_url": section_path(site, article.rubric),
            "views": die.randint(40, 4000),
            "tags": [(t, tag_path(site, t)) for t in (article.rubric.title(), site.capital)],
            "summary": [text.split(". ")[0] for text in article.paragraphs[1:3]],
        }

    def _related(self, site: Site, article: SampleArticle) -> list[dict[str, Any]]:
        older = [
            a
            for a in self._web.articles_of(site.id)
            if a.published_at < article.published_at and a.url != article.url
        ]
        return [make_card(site, a) for a in older[1:7]]


def _load_template(name: str) -> str:
    return (files("monitors.demo") / "templates" / name).read_text("utf-8")
