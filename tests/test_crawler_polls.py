"""A poll asks little, and finds its way when a listing is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from config.source import Source
from crawler.asks import Answer
from crawler.polls import Poll

if TYPE_CHECKING:
    from datetime import datetime

    from storage.source_state import ListingState

SITE = "https://contoh.test"
FEED = f"{SITE}/feed/"
MAP = f"{SITE}/sitemap.xml"
SOURCE = Source(
    id="contoh",
    name="Contoh",
    url=f"{SITE}/",
    province="nasional",
    slot="contoh.test",
    listings=(FEED, MAP, f"{SITE}/"),
    declared=True,
)
HOUR = timedelta(hours=1)


def rss(*names: str) -> bytes:
    items = "".join(
        f"<item><title>Judul {name}</title><link>{SITE}/berita/{name}</link></item>"
        for name in names
    )
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


def page(*names: str, feeds: tuple[str, ...] = ()) -> bytes:
    heads = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{feed}">' for feed in feeds
    )
    links = "".join(
        f'<h2><a href="{SITE}/berita/judul-yang-panjang-{name}">'
        f"Judul yang panjang sekali tentang daerah {name}</a></h2>"
        for name in names
    )
    return f"<html><head>{heads}</head><body><main>{links}</main></body></html>".encode()


def index(*names: str) -> bytes:
    rows = "".join(f"<sitemap><loc>{SITE}/{name}</loc></sitemap>" for name in names)
    return f"<sitemapindex>{rows}</sitemapindex>".encode()


def child(*names: str) -> bytes:
    rows = "".join(f"<url><loc>{SITE}/berita/{name}</loc></url>" for name in names)
    return f"<urlset>{rows}</urlset>".encode()


class Site:
    """A site without a network: answers by address, and keeps what was asked, poll after poll."""

    def __init__(self, now: datetime, source: Source = SOURCE) -> None:
        self.now = now
        self.source = source
        self.known: dict[str, ListingState] = {}
        self.pages: dict[str, bytes | int | str] = {}
        self.learned: list[tuple[str, str]] = []
        self.asked: list[str] = []

    def poll(self, **changes: Any) -> Poll:
        poll = Poll(
            self.source,
            crawl=1,
            known=self.known,
            learned=self.learned,
            touches=lambda text: "kpk" in text.lower(),
            now=self.now,
            **changes,
        )
        self.asked = []
        while (ask := poll.next_ask()) is not None:
            self.asked.append(ask.url)
            poll.take(ask, self.answer(ask.url, ask.etag))
        self.known |= poll.listings
        self.now += HOUR
        return poll

    def answer(self, url: str, etag: str | None) -> Answer:
        told = self.pages.get(url, 404)
        if isinstance(told, int):
            return Answer(status=told, final_url=url)
        if isinstance(told, str):
            return Answer(reason=told)
        mine = str(hash(told))
        if etag == mine:
            return Answer(status=304, final_url=url)
        return Answer(status=200, body=told, final_url=url, etag=mine)


@pytest.fixture
def site(now: datetime) -> Site:
    return Site(now)


def paths(poll: Poll) -> list[str]:
    return [entry.link.url.removeprefix(f"{SITE}/berita/") for entry in poll.found]


def test_the_first_listing_that_works_is_enough(site: Site) -> None:
    site.pages = {FEED: rss("a", "b"), MAP: child("c"), f"{SITE}/": page("d")}
    poll = site.poll()
    assert site.asked == [FEED]
    assert paths(poll) == ["a", "b"]
    assert poll.reason is None


def test_an_idle_poll_is_one_request_with_validators(site: Site) -> None:
    site.pages = {FEED: rss("a")}
    site.poll()
    for _ in range(5):
        poll = site.poll()
        assert site.asked == [FEED]
        assert poll.listings[FEED].status == 304
        assert (poll.reason, poll.found) == (None, [])


def test_once_a_day_the_whole_listing_is_asked_for(site: Site) -> None:
    site.pages = {FEED: rss("a")}
    statuses = [site.poll().listings[FEED].status for _ in range(26)]
    assert statuses.count(200) == 2
    assert statuses[24] == 200


@pytest.mark.parametrize("told", [404, 410, 403, rss(), b"<rss><channel>", page()])
def test_a_listing_that_gives_nothing_is_followed_by_the_next_one(
    site: Site, told: bytes | int
) -> None:
    site.pages = {FEED: told, MAP: child("c")}
    poll = site.poll()
    assert site.asked == [FEED, MAP]
    assert paths(poll) == ["c"]
    assert poll.listings[FEED].failures == (0 if told == rss() else 1)
    site.poll()
    assert site.asked == [MAP]


def test_a_better_listing_is_looked_at_again_once_a_day(site: Site) -> None:
    site.pages = {MAP: child("c")}
    site.poll()
    asked = []
    for _ in range(30):
        site.poll()
        asked += site.asked
    assert asked.count(FEED) == 1
    site.pages[FEED] = rss("a")
    for _ in range(24):
        site.poll()
    assert site.asked == [FEED]


@pytest.mark.parametrize("told", ["timeout", "dns", "refused", 500, 503, 429, "robots_unreachable"])
def test_a_host_that_is_not_well_is_asked_once(site: Site, told: int | str) -> None:
    site.pages = {FEED: told, MAP: child("c")}
    poll = site.poll()
    assert site.asked == [FEED]
    assert poll.reason == (f"http_{told}" if isinstance(told, int) else told)


def test_a_working_listing_that_dies_is_replaced_in_the_same_poll(site: Site) -> None:
    site.pages = {FEED: rss("a"), MAP: child("c")}
    site.poll()
    site.pages[FEED] = 404
    poll = site.poll()
    assert site.asked == [FEED, MAP]
    assert (poll.reason, paths(poll)) == (None, ["c"])


def test_without_a_feed_the_front_page_serves_as_a_section(site: Site) -> None:
    site.pages = {f"{SITE}/": page("satu", "dua")}
    poll = site.poll()
    assert site.asked == [FEED, MAP, f"{SITE}/"]
    assert len(poll.found) == 2
    site.poll()
    assert site.asked == [f"{SITE}/"]


def test_a_feed_that_the_front_page_declares_is_preferred_and_remembered(site: Site) -> None:
    declared = f"{SITE}/rss/terbaru"
    site.pages = {f"{SITE}/": page("satu", feeds=(declared,)), declared: rss("a", "b")}
    poll = site.poll()
    assert site.asked == [FEED, MAP, f"{SITE}/", declared]
    assert paths(poll) == ["a", "b"]
    site.poll()
    assert site.asked == [declared]


def test_a_declared_feed_that_is_empty_leaves_the_front_page(site: Site) -> None:
    declared = f"{SITE}/rss/terbaru"
    site.pages = {f"{SITE}/": page("satu", feeds=(declared,)), declared: rss()}
    poll = site.poll()
    assert len(poll.found) == 1
    assert poll.reason is None
    site.poll()
    assert site.asked == [f"{SITE}/"]


def test_an_index_gives_its_children_also_while_it_stays_the_same(site: Site) -> None:
    site.pages = {MAP: index("a.xml", "b.xml"), f"{SITE}/a.xml": child("1")}
    site.pages[f"{SITE}/b.xml"] = child("2")
    assert paths(site.poll()) == ["1", "2"]
    site.pages[f"{SITE}/a.xml"] = child("1", "3")
    poll = site.poll()
    assert site.asked == [MAP, f"{SITE}/a.xml", f"{SITE}/b.xml"]
    assert paths(poll) == ["1", "3"]


def test_what_a_file_names_is_asked_whole_and_dead_ones_once_a_day(now: datetime) -> None:
    site = Site(now, replace(SOURCE, declared=False, listings=(FEED, MAP)))
    site.pages = {FEED: rss("a"), MAP: 404}
    assert [len(site.poll().listings) for _ in range(5)] == [2, 2, 2, 1, 1]
    site.pages[MAP] = child("c")
    asked = [site.poll() for _ in range(24)]
    assert any(paths(poll) == ["c"] for poll in asked)
    assert not any(poll.reason for poll in asked)


def test_learned_entry_points_come_before_the_family_s_usual_ones(site: Site) -> None:
    site.learned = [(MAP, "sitemap")]
    site.pages = {MAP: child("c"), FEED: rss("a")}
    assert paths(site.poll()) == ["c"]
    assert site.asked == [MAP]


def test_a_source_whose_listings_all_fail_says_why(site: Site) -> None:
    poll = site.poll()
    assert site.asked == [FEED, MAP, f"{SITE}/"]
    assert (poll.reason, poll.found) == ("http_404", [])


def test_titles_decide_what_is_fetched_first(site: Site) -> None:
    site.pages = {FEED: rss("biasa", "KPK")}
    assert [entry.touches for entry in site.poll().found] == [False, True]


def test_an_answer_from_somewhere_else_is_refused(site: Site, monkeypatch: Any) -> None:
    def elsewhere(url: str, _: str | None) -> Answer:
        return Answer(status=200, body=rss("a"), final_url="https://parkir.example/")

    monkeypatch.setattr(site, "answer", elsewhere)
    assert site.poll().reason == "redirect_out"


def test_a_valid_feed_that_never_held_anything_is_a_quiet_site_s(now: datetime) -> None:
    site = Site(now, replace(SOURCE, declared=False, listings=(FEED,)))
    site.pages = {FEED: rss()}
    for _ in range(3):
        poll = site.poll()
        assert (poll.reason, poll.found) == (None, [])
    site.pages[FEED] = rss("pertama")
    poll = site.poll()
    assert (poll.reason, paths(poll)) == (None, ["pertama"])


def test_a_feed_that_held_links_and_is_empty_now_is_named(now: datetime) -> None:
    site = Site(now, replace(SOURCE, declared=False, listings=(FEED,)))
    site.pages = {FEED: rss("a", "b")}
    assert site.poll().reason is None
    site.pages[FEED] = rss()
    assert [site.poll().reason for _ in range(3)] == ["empty"] * 3
    site.pages[FEED] = rss("c")
    poll = site.poll()
    assert (poll.reason, paths(poll)) == (None, ["c"])


def test_a_list_of_other_sites_articles_is_not_a_quiet_one(now: datetime) -> None:
    site = Site(now, replace(SOURCE, declared=False, listings=(FEED,)))
    site.pages = {FEED: rss("a").replace(b"contoh.test/berita", b"lain.example/berita")}
    assert site.poll().reason == "empty"


def test_an_empty_feed_does_not_hide_the_listing_that_works(site: Site) -> None:
    site.pages = {FEED: rss(), MAP: child("a")}
    assert paths(site.poll()) == ["a"]
    site.poll()
    assert site.asked == [MAP]


def test_a_site_whose_lists_are_all_empty_costs_one_request_and_is_found_when_it_begins(
    site: Site,
) -> None:
    site.pages = {FEED: rss(), MAP: child()}
    assert site.poll().reason is None
    assert site.asked == [FEED, MAP, f"{SITE}/"]
    assert site.poll().reason is None
    assert site.asked == [FEED]
    site.pages[MAP] = child("a")
    assert any(paths(site.poll()) == ["a"] for _ in range(30))
