"""Every listing of the sample web, whatever its faults, gives its articles and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from config.errors import FeedUnreadable
from config.source import load_sources
from crawler.listings.listing import declared_feeds, read_listing
from monitors.demo.home import write_demo_home
from monitors.demo.pages import Pages
from monitors.demo.routes import Answer, find_answer
from monitors.demo.sites import make_sites
from monitors.demo.web import SampleWeb

if TYPE_CHECKING:
    from pathlib import Path

    from config.source import Source
    from crawler.listings.listing import Listing
    from monitors.demo.sites import Site

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
PORT = 41234
SITES = [site.id for site in make_sites(PORT)]


@pytest.fixture(scope="module")
def web() -> SampleWeb:
    return SampleWeb(now=NOW, port=PORT)


@pytest.fixture(scope="module")
def pages(web: SampleWeb) -> Pages:
    return Pages(web)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Source]:
    home: Path = tmp_path_factory.mktemp("home")
    write_demo_home(home, PORT, NOW)
    found, errors = load_sources(home, shipped=False)
    assert not errors
    return found


def ask(web: SampleWeb, pages: Pages, site: Site, url: str) -> Answer:
    parts = urlsplit(url)
    return find_answer(web, pages, site, f"{parts.path}?{parts.query}".rstrip("?"))


def read(answer: Answer, url: str, source: Source) -> Listing:
    assert answer.status == 200, url
    return read_listing(None, answer.body, url, source, answer.content_type, NOW)


@pytest.mark.parametrize("name", SITES)
def test_the_front_page_and_those_after_it_give_every_article(
    name: str, web: SampleWeb, pages: Pages, sources: dict[str, Source]
) -> None:
    site, source = web.sites[name], sources[name]
    url: str | None = f"{site.base}/"
    titles: dict[str, str] = {}
    for _ in range(20):
        if url is None:
            break
        listing = read(ask(web, pages, site, url), url, source)
        titles |= {link.url: link.title for link in listing.links}
        url = listing.further[0] if listing.further else None
    truth = {article.url: article.title for article in web.articles_of(name)}
    assert set(titles) == set(truth)
    assert {url: " ".join(title.split()) for url, title in truth.items()} == titles


@pytest.mark.parametrize("name", SITES)
def test_feeds_sitemaps_and_lists_give_articles_only_and_their_true_time(
    name: str, web: SampleWeb, pages: Pages, sources: dict[str, Source]
) -> None:
    site, source = web.sites[name], sources[name]
    truth = {article.url: article for article in web.articles_of(name)}
    waiting = [
        site.base + path for path in (site.feed, site.sitemap, site.news_sitemap, site.rest) if path
    ]
    if "broken" in site.faults:
        url = waiting.pop(0)
        with pytest.raises(FeedUnreadable):
            read(ask(web, pages, site, url), url, source)
    for url in waiting:
        listing = read(ask(web, pages, site, url), url, source)
        assert {link.url for link in listing.links} <= set(truth)
        assert listing.links or listing.further
        waiting += listing.further
        for link in listing.links:
            if link.published_at:
                assert abs(link.published_at - truth[link.url].published_at) < timedelta(minutes=1)


@pytest.mark.parametrize("name", SITES)
def test_a_front_page_declares_the_feed_that_the_site_has(
    name: str, web: SampleWeb, pages: Pages
) -> None:
    site = web.sites[name]
    declared = declared_feeds(ask(web, pages, site, f"{site.base}/").body, f"{site.base}/")
    assert not any("comment" in url for url in declared)
    assert not declared or site.base + (site.feed or "") in declared
