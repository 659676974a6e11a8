"""Everything shipped loads: one test per source and family, ids visible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.family import load_families, load_family
from config.globs import glob_matches
from config.region import find_province, find_region_code, load_regions, province_slug
from config.source import load_source, load_sources
from config.tables import SHIPPED

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = sorted((SHIPPED / "sources").glob("*/*.toml"))
FAMILIES = sorted((SHIPPED / "families").glob("*.toml"))
EXAMPLES = {
    "antara": ["/berita/612345/bupati-hadiri-rakor"],
    "tribun": ["/2025/11/9/rakor-di-griya-agung", "/2025/11/19/rakor", "/sumsel/1234567/rakor"],
    "wordpress": ["/2025/07/10/gubernur-hadiri-rakor", "/gubernur-hadiri-rakor/", "/index.php/a/"],
    "blogger": ["/2025/07/gubernur-hadiri-rakor.html"],
    "disway": ["/read/24321/wakil-wali-kota", "/palembang/read/24321/wakil-wali-kota"],
    "promedia": ["/daerah/1234567890/rakor", "/daerah/12345678901/rakor"],
}
NO_ARTICLES = {
    "antara": ["/terkini/2", "/berita/", "/foto/1/x"],
    "tribun": ["/tag/kpk", "/index-news", "/tag/123456/kpk"],
    "wordpress": ["/category/daerah/", "/page/2/", "/category/daerah/page/2/", "/wp-json/wp/v2/x"],
    "blogger": ["/search/label/kpk", "/p/tentang.html", "/2025/07/"],
    "disway": ["/kategori/daerah/15", "/read/24321/wakil-wali-kota/15"],
    "promedia": ["/daerah", "/daerah/12345/rakor", "/indeks-berita"],
}


def test_the_two_founding_outlets_are_shipped_with_bureaus_tribun_and_kpk():
    sources, errors = load_sources(None)
    assert errors == []
    assert sources["amperablitz"].url == "https://amperablitz.com/"
    assert sources["prabumulihpos"].slot == "disway"
    assert sum(one.network == "antara" for one in sources.values()) >= 28
    assert sum(one.network == "tribun" for one in sources.values()) >= 40
    assert sources["kpk"].province_code is None
    assert len(sources) == len(SOURCES)


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
