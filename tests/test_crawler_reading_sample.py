"""The sample web's families, with what is true about each article, as a second set for the reader.

Pages are asked for as the crawl would: the source's whole-text form, then what the reader wishes.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from config.source import load_sources
from crawler.reading.article import read_article
from crawler.reading.parts import join_parts
from crawler.reading.urls import whole_url
from monitors.demo.home import write_demo_home
from monitors.demo.pages import Pages
from monitors.demo.routes import find_answer
from monitors.demo.web import SampleArticle, SampleWeb
from storage.records import Article, Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.source import Source

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
PORT = 8099


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One article of the sample web and how it was read."""

    truth: SampleArticle
    article: Article
    family: str
    f1: float


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower()))


def f1(got: str, want: str) -> float:
    a, b = words(got), words(want)
    return 2 * sum((a & b).values()) / max(1, sum(a.values()) + sum(b.values()))


def fetch(web: SampleWeb, pages: Pages, truth: SampleArticle, url: str) -> Page | None:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    answer = find_answer(web, pages, web.sites[truth.site], target)
    if answer.status != 200:
        return None
    return Page(
        url=truth.url,
        source=truth.site,
        status=200,
        fetched_at=NOW,
        final_url=url,
        body=answer.body,
        content_type=answer.content_type,
        listed_at=truth.published_at if web.sites[truth.site].feed else None,
    )


def read_story(web: SampleWeb, pages: Pages, truth: SampleArticle, source: Source) -> Article:
    page = fetch(web, pages, truth, whole_url(truth.url, source)) or fetch(
        web, pages, truth, truth.url
    )
    assert page is not None
    assert page.body is not None
    first = read_article(page.body, page, source, now=NOW)
    further = [fetch(web, pages, truth, url) for url in first.further]
    parts = [read_article(p.body, p, source, now=NOW) for p in further if p and p.body]
    return join_parts(first, parts, missing=len(parts) < len(first.further))


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    home = tmp_path_factory.mktemp("demo")
    write_demo_home(home, PORT, NOW)
    sources, errors = load_sources(home, shipped=False)
    assert errors == []
    web = SampleWeb(now=NOW, port=PORT)
    pages = Pages(web)
    return list(_rows(web, pages, sources))


def _rows(web: SampleWeb, pages: Pages, sources: dict[str, Source]) -> Iterator[Row]:
    for site in web.sites.values():
        for truth in web.articles_of(site.id)[:12]:
            article = read_story(web, pages, truth, sources[site.id])
            score = f1(article.text, "\n".join(truth.paragraphs))
            yield Row(truth=truth, article=article, family=site.theme, f1=score)


def test_every_family_of_the_sample_web_is_read(rows: list[Row]) -> None:
    for family in {row.family for row in rows}:
        mine = [row.f1 for row in rows if row.family == family]
        assert sum(mine) / len(mine) >= 0.97, family
    assert sum(row.f1 for row in rows) / len(rows) >= 0.98


def test_paged_stories_come_whole(rows: list[Row]) -> None:
    paged = [row for row in rows if row.truth.breaks]
    assert len(paged) >= 3
    assert sum(row.f1 for row in paged) / len(paged) >= 0.97
    assert {row.article.completeness for row in paged} == {"whole"}


def test_no_link_line_of_the_sample_web_is_left(rows: list[Row]) -> None:
    for row in rows:
        assert not re.search(r"baca juga", row.article.text, re.IGNORECASE), row.truth.url
        for title, _ in row.truth.read_also:
            assert title not in row.article.text, row.truth.url


def test_titles_leads_and_times_of_the_sample_web_are_right(rows: list[Row]) -> None:
    minute = timedelta(minutes=1)
    for row in rows:
        truth, article = row.truth, row.article
        assert article.title == truth.title, truth.url
        assert f1(article.text.split("\n")[0], truth.paragraphs[0]) >= 0.8, truth.url
        assert article.published_at is not None, truth.url
        if article.precision == "minute":
            assert abs(article.published_at - truth.published_at) <= minute, truth.url
        else:
            assert abs(article.published_at - truth.published_at) < timedelta(days=1), truth.url
