"""The sample web: its size and spread, what its pages and listings look like, how it changes."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import socket
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import trafilatura

from config.candidates import load_candidates
from config.errors import FeedUnreadable
from config.region import find_province, load_regions
from config.settings import load_settings
from config.source import load_sources
from crawler.listings.feeds import read_feed
from crawler.listings.listing import read_listing
from crawler.listings.sitemaps import read_sitemap
from monitors.demo.home import write_demo_home
from monitors.demo.script import load_counts, load_gold, publish_article, running_web
from monitors.demo.server import CONTROL, Server, serving
from monitors.demo.sites import make_sites
from monitors.demo.texts import load_data
from monitors.demo.web import SampleArticle, SampleWeb, make_slug
from tests.seed_sites import add_seed_sites

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.source import Source

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
SITES = [site.id for site in make_sites(0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


def ask(url: str, **headers: str) -> Got:
    """Ask the sample web on loopback, whatever host the address names."""
    parts = urlsplit(url)
    line = http.client.HTTPConnection("127.0.0.1", parts.port or 0, timeout=10)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    line.request("GET", target, headers={"Host": parts.netloc, **names})
    answer = line.getresponse()
    got = Got(
        status=answer.status,
        headers={name.lower(): value for name, value in answer.getheaders()},
        body=answer.read(),
    )
    line.close()
    return got


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(lambda port: SampleWeb(now=NOW, port=port)) as server:
        yield server


@pytest.fixture(scope="module")
def web(server: Server) -> SampleWeb:
    return server.web


@pytest.fixture(scope="module")
def sources(web: SampleWeb, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Source]:
    home = tmp_path_factory.mktemp("demo") / "home"
    write_demo_home(home, web.port, NOW)
    found, errors = load_sources(home, shipped=False)
    assert errors == []
    return found


def test_the_web_is_as_large_as_promised(web: SampleWeb) -> None:
    assert len(web.sites) >= 10
    assert len({site.theme for site in web.sites.values()}) >= 7
    assert all(len(web.articles_of(site)) >= 25 for site in web.sites)
    assert len({site.province for site in web.sites.values()}) >= 8
    assert len({a.url for a in web.articles}) == len(web.articles)


def test_the_demo_adds_less_than_500_kb_to_the_wheel() -> None:
    folder = Path(str(files("monitors.demo")))
    sizes = [f.stat().st_size for f in folder.rglob("*") if f.is_file() and f.suffix != ".pyc"]
    assert 50_000 < sum(sizes) < 500_000


def test_labels_are_spread_over_sites_and_events(web: SampleWeb) -> None:
    labels = Counter(a.label for a in web.articles)
    assert labels["on_topic"] >= 25
    assert labels["look_alike"] >= 50
    assert labels["ordinary"] >= 200
    assert len({a.event for a in web.articles if a.event}) >= 13
    assert all((a.event is not None) == (a.label == "on_topic") for a in web.articles)
    for site in web.sites:
        assert {a.label for a in web.articles_of(site)} == {"on_topic", "look_alike", "ordinary"}
    stories = {a.story for a in web.articles if a.label == "look_alike"}
    assert len(stories) >= 12


def test_one_release_stands_on_six_sites_with_one_text(web: SampleWeb) -> None:
    printed = [a for a in web.articles if a.story == "rilis-rakor-wilayah"]
    assert len({a.site for a in printed}) == 6
    assert len({a.paragraphs[1:] for a in printed}) == 1
    assert len({a.paragraphs[0].removeprefix(a.dateline) for a in printed}) == 1
    assert len({a.dateline for a in printed}) > 3


def test_articles_are_of_the_last_days_and_of_usual_length(web: SampleWeb) -> None:
    for a in web.articles:
        assert NOW - timedelta(days=8) < a.published_at <= NOW
        assert 200 <= sum(len(p.split()) for p in a.paragraphs) <= 420, a.url
        assert "{" not in a.title + "".join(a.paragraphs)
    late = {a.event for a in web.articles if a.event and a.published_at < NOW - timedelta(hours=48)}
    assert late


def test_texts_differ_as_news_does(web: SampleWeb) -> None:
    bodies = {a.paragraphs for a in web.articles}
    assert len(bodies) >= len(web.articles) - 6
    titles = Counter(a.title for a in web.articles if a.label == "ordinary")
    assert max(titles.values()) <= 3


def test_the_same_seed_time_and_port_give_the_same_web() -> None:
    one, two = (SampleWeb(now=NOW, port=8000) for _ in range(2))
    other = SampleWeb(now=NOW, port=8000, seed=2)
    gold = [a.gold() for a in one.articles]
    assert gold == [a.gold() for a in two.articles]
    assert gold != [a.gold() for a in other.articles]
    assert one.publish_next(NOW).gold() == two.publish_next(NOW).gold()


def test_gold_travels_as_json(web: SampleWeb) -> None:
    gold = web.articles[0].gold()
    assert json.loads(json.dumps(gold))["published_at"] == web.articles[0].published_at.isoformat()


def test_a_scaled_web_clones_sites_under_names_of_their_own() -> None:
    web = SampleWeb(now=NOW, port=8000, sites=30, articles=40)
    assert len(web.sites) == len({s.host for s in web.sites.values()}) == 30
    assert all(len(web.articles_of(site)) == 40 for site in web.sites)
    assert all(
        len(web.articles_of(s)) <= max(x.page_size, web.page_size) for s, x in web.sites.items()
    )
    assert len(SampleWeb(now=NOW, port=8000, sites=3).sites) == 3


def test_places_are_real_and_outlets_are_not() -> None:
    regions = load_regions()
    names = {region.short_name for region in regions.values()}
    for code, row in load_data("sites")["provinces"].items():
        assert find_province(row["slug"]).code == code
        assert regions[code].timezone == row["timezone"]
        assert regions[code].korsup_wilayah == row["wilayah"]
        for name in row["regencies"] + row["cities"]:
            assert name in names
    shipped, _ = load_sources(None)
    real_hosts = {urlsplit(source.url).hostname or "" for source in shipped.values()}
    real_names = {_plain(source.name) for source in shipped.values()} | _candidates()
    for site in make_sites(8000, 60):
        assert site.host.endswith(".test")
        assert site.host not in real_hosts
        assert _plain(site.name) not in real_names


def _candidates() -> set[str]:
    """Names of further real outlets that are known and not watched."""
    return {_plain(row["name"]) for row in load_candidates()}


def _plain(name: str) -> str:
    return make_slug(name).replace("-", "")


@pytest.mark.parametrize("site", SITES)
def test_every_page_of_a_site_is_as_heavy_as_real_ones(web: SampleWeb, site: str) -> None:
    front = ask(web.sites[site].base + "/")
    assert front.status == 200
    assert 40_000 <= len(front.body) <= 150_000
    for article in web.articles_of(site):
        got = ask(article.url)
        assert got.status == 200
        assert int(got.headers["content-length"]) == len(got.body)
        assert 40_000 <= len(got.body) <= 150_000


@pytest.mark.parametrize("site", SITES)
def test_plain_extraction_mostly_works_and_leaks(web: SampleWeb, site: str) -> None:
    """The pages are worth reading well: an ordinary tool finds the text, with strange lines."""
    leaks = 0
    for article in web.articles_of(site)[:4]:
        url = article.url + ("?page=all" if article.breaks else "")
        text = trafilatura.extract(ask(url).text, url=url) or ""
        want = Counter(" ".join(article.paragraphs[: (article.breaks or (None,))[0]]).split())
        assert (want & Counter(text.split())).total() >= 0.85 * want.total()
        leaks += any(title in text for title, _ in article.read_also)
    assert leaks > 0 or web.sites[site].theme == "goid"


@pytest.mark.parametrize("site", SITES)
def test_sidebars_name_the_commission_beside_news_that_do_not(web: SampleWeb, site: str) -> None:
    plain = next(
        a
        for a in web.articles_of(site)
        if a.label == "ordinary" and "KPK" not in "".join((a.title, *a.paragraphs))
    )
    assert "KPK" in ask(plain.url).text


def test_pages_carry_clocks_that_err(web: SampleWeb) -> None:
    def claimed(site: str) -> tuple[SampleArticle, str | None]:
        article = next(a for a in web.articles_of(site) if a.modified_at > a.published_at)
        found = re.search(r'"datePublished": ?"([^"]+)"', ask(article.url).text)
        return article, found[1] if found else None

    article, said = claimed("kabarlembah")
    assert said is not None
    assert datetime.fromisoformat(said) == article.published_at
    article, said = claimed("gemamaleo")
    assert said is not None
    assert datetime.fromisoformat(said) == article.modified_at
    article, said = claimed("suararanahkita")
    assert said is not None
    assert datetime.fromisoformat(said) == article.published_at + timedelta(hours=7)
    article, said = claimed("porospriangan")
    assert said is None
    local = web.sites["porospriangan"].local(article.published_at)
    assert f'content_PublishedDate" content="{local:%Y-%m-%d %H:%M:%S}"' in ask(article.url).text


@pytest.mark.parametrize(
    ("site", "second", "whole"),
    [
        ("porospriangan", "?page=2", "?page=all"),
        ("warnakapuas", "?page=2", "?page=all"),
        ("posseberang", "/15", None),
    ],
)
def test_long_stories_go_over_two_pages(
    web: SampleWeb, site: str, second: str, whole: str | None
) -> None:
    article = next(a for a in web.articles_of(site) if a.breaks)
    cut = article.breaks[0]
    last, lead = article.paragraphs[-1], article.paragraphs[1]
    assert article.paragraphs[cut] == article.paragraphs[cut:][0]
    first = ask(article.url).text
    assert lead in first
    assert last not in first
    assert last in ask(article.url + second).text
    if whole:
        text = ask(article.url + whole).text
        assert lead in text
        assert last in text


def test_twins_show_the_same_article(web: SampleWeb) -> None:
    antara = web.articles_of("kantorkabar-kaltim")[0]
    twin = ask(web.sites[antara.site].base + "/amp" + antara.path)
    assert twin.status == 200
    assert f'rel="canonical" href="{antara.url}"' in twin.text
    blogger = web.articles_of("catatankampungutara")[0]
    assert ask(blogger.url + "?m=1").status == 200
    classic = web.articles_of("gemamaleo")[0]
    moved = ask(f"{web.sites['gemamaleo'].base}/?p={classic.number}")
    assert (moved.status, moved.headers["location"]) == (301, classic.url)
    assert ask(classic.url.rstrip("/")).status == 301


def test_an_unchanged_answer_costs_a_304_where_the_site_honours_validators(web: SampleWeb) -> None:
    for url in (web.sites["kabarlembah"].base + "/feed/", web.articles_of("warnakapuas")[0].url):
        first = ask(url)
        again = ask(url, If_None_Match=first.headers["etag"])
        assert (again.status, again.body) == (304, b"")
        dated = ask(url, If_Modified_Since=first.headers["last-modified"])
        assert dated.status == 304
        assert ask(url, If_None_Match='"other"').status == 200
    plain = ask(web.sites["posseberang"].base + "/kategori/daerah")
    assert not {"etag", "last-modified"} & set(plain.headers)


def test_bodies_are_compressed_for_who_asks(web: SampleWeb) -> None:
    url = web.articles[0].url
    packed = ask(url, Accept_Encoding="gzip, deflate")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == ask(url).body
    assert len(packed.body) * 2 < len(ask(url).body)


def test_unknown_hosts_paths_and_methods_are_refused(web: SampleWeb) -> None:
    assert ask(f"http://unknown.test:{web.port}/").status == 404
    assert ask(web.sites["kabarlembah"].base + "/no/such/page/").status == 404
    assert ask(web.sites["portal-tapin"].base + "/robots.txt").status == 404
    robots = ask(web.sites["lontarsenja"].base + "/robots.txt").text
    assert "Crawl-delay: 0.1" in robots
    assert "Sitemap: " in ask(web.sites["kabarlembah"].base + "/robots.txt").text


@pytest.mark.parametrize(
    "site", [s.id for s in make_sites(0) if s.feed and "broken" not in s.faults]
)
def test_feeds_can_be_read_in_spite_of_their_faults(web: SampleWeb, site: str) -> None:
    made = web.sites[site]
    listing = read_feed(ask(f"{made.base}{made.feed}").body, f"{made.base}{made.feed}")
    urls = {link.url for link in listing.links}
    assert urls == {a.url for a in web.articles_of(site)[: made.feed_limit]}


def test_feeds_have_the_usual_faults(web: SampleWeb) -> None:
    def feed(site: str) -> str:
        return ask(f"{web.sites[site].base}{web.sites[site].feed}").text

    assert feed("gemamaleo").startswith("\ufeff")
    assert re.search(r" & ", feed("kabarlembah"))
    assert "<link>/2026/" in feed("lontarsenja")
    assert "content:encoded>" not in feed("suararanahkita")
    assert "content:encoded>" in feed("kabarlembah")
    with pytest.raises(FeedUnreadable):
        read_feed(feed("warnakapuas").encode(), web.sites["warnakapuas"].base)
    stale = ask(web.sites["catatankampungutara"].base + "/sitemap.xml").text
    assert len(set(re.findall(r"<lastmod>([^<]+)", stale))) == 1
    comments = ask(web.sites["kabarlembah"].base + "/comments/feed/").text
    assert "Komentar pada" in comments


def test_the_site_with_a_broken_feed_has_a_sitemap_that_works(web: SampleWeb) -> None:
    url = web.sites["warnakapuas"].base + "/sitemap-news.xml"
    listing = read_sitemap(ask(url).body, url, NOW)
    assert {link.url for link in listing.links} == {a.url for a in web.articles_of("warnakapuas")}
    titles = {link.title for link in listing.links}
    assert titles == {a.title for a in web.articles_of("warnakapuas")}


def test_wordpress_answers_with_json(web: SampleWeb) -> None:
    rows: list[dict[str, Any]] = json.loads(
        ask(web.sites["suararanahkita"].base + "/wp-json/wp/v2/posts?per_page=5").body
    )
    assert [row["link"] for row in rows] == [a.url for a in web.articles_of("suararanahkita")[:5]]


@pytest.mark.parametrize("site", SITES)
def test_the_listings_that_a_home_names_hold_every_event(
    web: SampleWeb, sources: dict[str, Source], site: str
) -> None:
    source = sources[site]
    wanted = {a.url for a in web.articles_of(site) if a.label == "on_topic"}
    for url in source.listings or (source.url,):
        got = ask(url)
        if got.status != 200:
            continue
        kind = got.headers["content-type"]
        try:
            first = read_listing(None, got.body, url, source, kind, NOW)
        except FeedUnreadable:
            continue
        assert wanted <= {link.url for link in first.links}
        return
    pytest.fail(f"no listing of {site} answers")


def test_the_demo_home_is_one_that_loads(
    web: SampleWeb, sources: dict[str, Source], tmp_path: Path
) -> None:
    written = write_demo_home(tmp_path / "home", web.port, NOW, cron="30 6 * * *")
    settings = load_settings(tmp_path / "home")
    assert settings.network.test_hosts == {"*.test": "127.0.0.1"}
    assert settings.pace.delay == 0.05
    assert settings.crawl.first_contact == "all"
    assert settings.sources.shipped is False
    assert {m.cron for m in settings.monitors.values()} == {"30 6 * * *"}
    assert len(written) == len(web.sites) + 1
    assert set(sources) == set(web.sites)
    for name, source in sources.items():
        assert source.timezone == web.sites[name].zone.tzname(None)
    assert sum(source.family is None for source in sources.values()) >= 3


def test_a_published_article_changes_every_listing_of_its_site() -> None:
    with serving(lambda port: SampleWeb(now=NOW, port=port)) as server:
        web = server.web
        for site in web.sites.values():
            listed = [path for path in (site.feed, site.news_sitemap, site.rest) if path]
            listed = ["/", *(p for p in listed if "broken" not in site.faults or p != site.feed)]
            before = {path: ask(site.base + path) for path in listed}
            article = web.publish_next(NOW + timedelta(minutes=5), site.id)
            assert article.label == "on_topic"
            assert web.articles_of(site.id)[0] == article
            for path, old in before.items():
                new = ask(site.base + path, If_None_Match=old.headers.get("etag", ""))
                assert new.status == 200, (site.id, path)
                assert article.path in new.text
                assert article.path not in old.text
            assert ask(article.url).status == 200


def test_old_pages_stay_as_they_are_when_news_comes() -> None:
    with serving(lambda port: SampleWeb(now=NOW, port=port)) as server:
        old = server.web.articles_of("kabarlembah")[3]
        tag = ask(old.url).headers["etag"]
        server.web.publish_next(NOW + timedelta(minutes=5), "kabarlembah")
        assert ask(old.url, If_None_Match=tag).status == 304


def test_published_events_are_new_ones() -> None:
    web = SampleWeb(now=NOW, port=8000)
    known = {a.event for a in web.articles}
    made = [web.publish_next(NOW + timedelta(minutes=n)) for n in range(20)]
    assert len({a.event for a in made}) == 20
    assert not known & {a.event for a in made}


def test_the_server_runs_as_a_process_and_dies_with_its_parent(
    child_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONPATH", "PYTHONWARNINGS"):
        monkeypatch.setenv(name, child_environment[name])
    with running_web(more=("--sites", "2", "--now", NOW.isoformat())) as port:
        gold = load_gold(port)
        assert {row["site"] for row in gold} == set(SITES[:2])
        new = publish_article(port, "gemamaleo")
        assert new["label"] == "on_topic"
        assert load_gold(port)[0]["url"] == new["url"]
        assert ask(new["url"]).status == 200
        rows = {(r["host"], r["path"], r["status"]): r for r in load_counts(port)}
        row = rows["gemamaleo.test", urlsplit(new["url"]).path, 200]
        assert row["requests"] == 1
        assert row["bytes"] > 40_000
        assert ask(f"http://{CONTROL}:{port}/_demo/nothing").status == 404
    with pytest.raises(ConnectionRefusedError):
        ask(f"http://{CONTROL}:{port}/_demo/gold")


def test_the_server_starts_from_another_folder(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    command = [sys.executable, "-P", "-m", "monitors.demo.server", "--sites", "1"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, **child_environment}, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=20, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["port"] > 0
    assert done.stderr == b""


def test_the_server_stops_silently_with_connections_open(
    child_environment: dict[str, str],
) -> None:
    command = [sys.executable, "-P", "-m", "monitors.demo.server", "--sites", "1"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=child_environment, stdin=pipe, stdout=pipe, stderr=pipe
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        port = json.loads(process.stdout.readline())["port"]
        kept = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        kept.request("GET", "/", headers={"Host": f"kabarlembah.test:{port}"})
        assert kept.getresponse().read()
        with socket.create_connection(("127.0.0.1", port), timeout=10) as rude:
            rude.sendall(b"no http\r\n\r\n")
            assert rude.recv(100) == b""
        process.stdin.close()
        assert process.wait(10) == 0
        assert process.stderr.read() == b""
        kept.close()


def test_one_connection_carries_many_requests(web: SampleWeb) -> None:
    line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=10)
    for article in web.articles_of("kabarlembah")[:3]:
        line.request("GET", article.path, headers={"Host": f"kabarlembah.test:{web.port}"})
        assert article.title in line.getresponse().read().decode().replace("&amp;", "&")
    line.close()


def test_seed_articles_stand_in_pages_of_their_outlets_shape() -> None:
    with serving(lambda port: SampleWeb(now=NOW, port=port, sites=1)) as server:
        first, second = add_seed_sites(server.web)
        page = ask(first.url).text
        assert f"{first.title}--</figcaption>" in page
        assert 'BACA JUGA:<a href="' in page
        assert "Wawako Prabumulih Franky Nasril Pimpin Rapat Teknis TKKSD" in page
        assert all(p in page for p in first.paragraphs[:2])
        assert first.path in ask(server.web.sites[first.site].base + "/kategori/daerah").text
        page = ask(second.url).text
        assert second.paragraphs[0].startswith("AmperaBlitz.com, Palembang —")
        assert all(p in page for p in second.paragraphs)
        feed = server.web.sites[second.site].base + "/feed/"
        assert second.url in {link.url for link in read_feed(ask(feed).body, feed).links}
