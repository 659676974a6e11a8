"""Everything shipped loads: one test per source and family, ids visible."""

from __future__ import annotations

import re
import time
import tomllib
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from config.addresses import host_of, registrable_host
from config.candidates import CANDIDATES, load_candidates
from config.family import load_families, load_family
from config.globs import glob_matches
from config.import_list import read_source_list
from config.region import (
    NATIONAL,
    find_province,
    find_region_code,
    load_regions,
    province_slug,
)
from config.source import load_source, load_sources
from config.tables import SHIPPED
from crawler.reading.urls import bare_host, belongs_to, is_article

if TYPE_CHECKING:
    from pathlib import Path

    from config.source import Source

SOURCES = sorted((SHIPPED / "sources").glob("*/*.toml"))
FAMILIES = sorted((SHIPPED / "families").glob("*.toml"))
EXAMPLES = {
    "antara": ["/berita/612345/bupati-hadiri-rakor"],
    "tribun": ["/2025/11/9/rakor-di-griya-agung", "/2025/11/19/rakor", "/sumsel/1234567/rakor"],
    "wordpress": ["/2025/07/10/gubernur-hadiri-rakor", "/gubernur-hadiri-rakor/", "/index.php/a/"],
    "blogger": ["/2025/07/gubernur-hadiri-rakor.html"],
    "disway": ["/read/24321/wakil-wali-kota", "/palembang/read/24321/wakil-wali-kota"],
    "promedia": [
        "/daerah/1234567890/rakor", "/daerah/12345678901/rakor", "/jawa-barat/pr-0123456/rakor"
    ],
    "suara": ["/read/2025/05/30/193235/kpk-dan-pemprov-gelar-rakor"],
    "detik": ["/jogja/berita/d-8181892/rakor", "/jatim/d-81/rakor"],
    "inews": ["/read/658463/rakor", "/berita/gubernur-hadiri-rakor"],
    "rri": ["/palembang/daerah/1345901/rakor", "/daerah/1944351/rakor"],
    "kompas": ["/read/2025/05/13/153741578/rakor", "/jawa-barat/read/2025/05/13/153741578/rakor"],
}  # fmt: skip
NO_ARTICLES = {
    "antara": ["/terkini/2", "/berita/", "/foto/1/x"],
    "tribun": ["/tag/kpk", "/index-news", "/tag/123456/kpk"],
    "wordpress": ["/category/daerah/", "/page/2/", "/category/daerah/page/2/", "/wp-json/wp/v2/x"],
    "blogger": ["/search/label/kpk", "/p/tentang.html", "/2025/07/"],
    "disway": ["/kategori/daerah/15", "/read/24321/wakil-wali-kota/15"],
    "promedia": ["/daerah", "/daerah/12345/rakor", "/indeks-berita"],
    "suara": ["/terkini", "/tag/kpk", "/read/2025/05/30", "/static/news/jogja-sitemap.xml"],
    "detik": ["/jatim/indeks", "/jatim", "/tag/kpk", "/jatim/foto/kpk"],
    "inews": ["/", "/tag/kpk", "/berita", "/indeks/2"],
    "rri": ["/palembang", "/palembang/daerah", "/rss", "/peraturan"],
    "kompas": ["/read", "/tag/kpk", "/jawa-barat", "/search/2025/05/13"],
}


def _url(path: Path) -> str:
    return str(tomllib.loads(path.read_text())["url"])


def test_the_two_founding_outlets_are_shipped_with_bureaus_tribun_and_kpk():
    sources, errors = load_sources(None)
    assert errors == []
    assert sources["amperablitz"].url == "https://amperablitz.com/"
    assert sources["prabumulihpos"].slot == "disway"
    assert sum(one.network == "antara" for one in sources.values()) >= 28
    assert sum(one.network == "tribun" for one in sources.values()) >= 40
    assert sources["kpk"].province_code is None


def test_the_whole_catalogue_is_loaded_and_quickly():
    load_sources(None)
    begun = time.process_time()
    sources, errors = load_sources(None)
    assert time.process_time() - begun < 2.0
    assert errors == []
    assert len(sources) == len(SOURCES) > 600


def test_every_province_has_sources():
    found = {path.parent.name for path in SOURCES}
    provinces = {province_slug(one.code) for one in load_regions().values() if len(one.code) == 2}
    assert found == provinces | {NATIONAL}


def test_no_site_is_watched_twice():
    """`www.` and `m.` are one host; only sections of one host may share it, and do not overlap."""
    sections: dict[str, list[Source]] = defaultdict(list)
    for source in load_sources(None)[0].values():
        for host in {host_of(source.url), *source.hosts}:
            sections[bare_host(f"//{host}")].append(source)
    shared = {host: found for host, found in sections.items() if len(found) > 1}
    assert set(shared) == {"detik.com", "rri.co.id"}
    for found in shared.values():
        assert len({one.slot for one in found}) == 1
        for one in found:
            path = urlsplit(one.url).path
            others = [other for other in found if other.url.startswith(one.url) and other != one]
            assert path == "/" or others == []


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if "/" in _url(path)[8:].strip("/")], ids=lambda one: one.stem
)
def test_a_section_of_a_shared_host_keeps_to_its_path(path: Path):
    source = load_source(path, load_families(None), load_regions())
    section = urlsplit(source.url).path
    host = source.url.removesuffix(section)
    assert not section.endswith("/")
    assert all(urlsplit(one).path.startswith(section) for one in source.listings)
    assert source.article.only
    assert all(glob.startswith(f"{section}/") for glob in source.article.only)
    desk = {"detik": "berita/d-123/rakor", "rri": "daerah/1345901/rakor"}[str(source.family)]
    assert is_article(f"{host}{section}/{desk}", source)
    assert not is_article(f"{host}/papua-raya/{desk}", source)


def test_sites_that_share_servers_share_one_pace():
    """A host under an owner's domain belongs to that owner's network, and to no other."""
    owners = {
        "antaranews.com": "antara", "tribunnews.com": "tribun", "suara.com": "suara",
        "detik.com": "detik", "kompas.com": "kompas", "rri.co.id": "rri", "inews.id": "inews",
        "jawapos.com": "jawapos", "disway.id": "disway", "bacakoran.co": "disway",
        "pikiran-rakyat.com": "promedia", "fajar.co.id": "fajar",
    }  # fmt: skip
    found: dict[str, set[str | None]] = defaultdict(set)
    for source in load_sources(None)[0].values():
        for host in (host_of(source.url), *source.hosts):
            found[registrable_host(host)].add(source.network)
    assert {host: found[host] for host in owners} == {host: {owners[host]} for host in owners}
    assert [host for host, networks in found.items() if len(networks) > 1] == []


def test_the_shipped_papers_with_two_hosts_are_one_source():
    source = load_sources(None)[0]["linggaupos"]
    assert belongs_to("https://linggaupos.bacakoran.co/read/1/rakor", source)
    assert belongs_to("https://linggaupos.disway.id/read/1/rakor", source)
    assert {host_of(one) for one in source.listings} == {host_of(source.url), *source.hosts}


def test_candidates_can_be_imported_and_none_is_watched_already():
    rows = read_source_list(CANDIDATES)
    assert len(rows) > 140
    assert len({bare_host(row["url"]) for row in rows}) == len(rows)
    assert len(load_candidates()) == len(rows)
    known, families = load_sources(None)[0], load_families(None)
    watched = {bare_host(f"//{host}") for one in known.values()
               for host in (host_of(one.url), *one.hosts)}  # fmt: skip
    for row in rows:
        assert bare_host(row["url"]) not in watched, row
        assert row.get("region") is None or row["region"] in load_regions()
        assert row.get("family") is None or row["family"] in families
        assert row.get("network") is None or row["network"] in {one.slot for one in known.values()}


def test_candidates_tell_what_is_known_of_them():
    lines = [line for line in CANDIDATES.read_text().splitlines() if not line.startswith("#")]
    columns = ["url", "name", "region", "family", "network", "town", "group", "year", "notes"]
    assert lines[0].split(",") == columns
    section = (SHIPPED / "README.md").read_text().split("### Candidates")[1].split("\n## ")[0]
    assert [column for column in columns if f"`{column}`" not in section] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_shipped_source_loads_with_a_place_and_an_entry_point(path: Path):
    source = load_source(path, load_families(None), load_regions())
    assert source.id == path.stem
    assert source.listings
    assert source.timezone in {"WIB", "WITA", "WIT"}
    assert source.declared == ("\nlistings" not in path.read_text())
    if source.province_code is not None:
        assert province_slug(source.province_code) == path.parent.name
        assert find_province(path.parent.name).timezone == source.timezone
    if source.network is not None:
        assert source.slot == source.network
    text = path.read_text()
    assert text.startswith("# ")
    assert not re.search(r"github|http", text.partition("name = ")[0])
    assert source.name == source.name.strip()
    assert urlsplit(source.url).query == ""


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_a_shipped_family_tells_articles_from_indexes(path: Path):
    rules = load_family(path).article

    def counts(address: str) -> bool:
        chosen = not rules.only or any(glob_matches(one, address) for one in rules.only)
        return chosen and not any(glob_matches(one, address) for one in rules.skip)

    assert [one for one in EXAMPLES[path.stem] if not counts(one)] == []
    assert [one for one in NO_ARTICLES[path.stem] if counts(one)] == []


def test_regions_are_38_provinces_and_514_kabupaten_and_kota():
    regions = load_regions()
    provinces = [one for one in regions.values() if one.level == "provinsi"]
    assert len(provinces) == 38
    assert len(regions) == 38 + 514
    assert len({province_slug(one.code) for one in provinces}) == 38
    assert all(find_province(province_slug(one.code)) == one for one in provinces)
    assert regions["16.71"].province == "Sumatera Selatan"
    assert "Pemkot Palembang" in regions["16.71"].aliases


@pytest.mark.parametrize(
    ("text", "code"),
    [("16.71", "16.71"), ("16", "16"), ("sumatera-selatan", "16"), ("DKI Jakarta", "31"),
     ("kota palembang", "16.71"), ("Atlantis", None), ("", None)],
)  # fmt: skip
def test_a_region_is_found_by_code_folder_or_name(text: str, code: str | None):
    assert find_region_code(text) == code
