"""The event's region: said kinds decide, bare names do not, the longest name wins."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.region import Region, load_regions
from config.source import Source
from monitors.facts.regions import find_region
from storage.records import Article

Make = Callable[..., Article]


def region(code: str, name: str, kind: str, aliases: str = "", ambiguity: str = "") -> Region:
    province = "provinsi" if kind == "provinsi" else "kabupaten/kota"
    return Region(
        code=code, level=province, official_name=f"{kind.title()} {name}",  # type: ignore[arg-type]  # one of the two levels
        type=kind, short_name=name, province_code=code[:2], province="", ambiguity=ambiguity,
        aliases=tuple(aliases.split("|")) if aliases else (), korsup_wilayah="II", timezone="WIB",
    )  # fmt: skip


OTHER = "alias with other meanings (needs Pemkab/Bupati or province context): Mura"
REGIONS = {
    r.code: r
    for r in (
        region("16", "Sumatera Selatan", "provinsi", "Sumsel|Pemprov Sumsel"),
        region("16.05", "Musi Rawas", "kabupaten", "Pemkab Musi Rawas|Mura", OTHER),
        region("16.71", "Palembang", "kota", "Pemkot Palembang"),
        region("16.73", "Lubuklinggau", "kota", "Lubuk Linggau|Pemkot Lubuklinggau"),
        region("16.74", "Prabumulih", "kota", "Pemkot Prabumulih"),
        region("31", "DKI Jakarta", "provinsi", "Jakarta|DKI|Pemprov DKI"),
        region("32", "Jawa Barat", "provinsi", "Jabar"),
        region("32.01", "Bogor", "kabupaten", "Pemkab Bogor", "same bare name as 32.71"),
        region("32.71", "Bogor", "kota", "Pemkot Bogor", "same bare name as 32.01"),
        region("33", "Jawa Tengah", "provinsi", "Jateng"),
        region("33.18", "Pati", "kabupaten", "Pemkab Pati", "everyday word or other place"),
        region("62.12", "Murung Raya", "kabupaten", "Mura", OTHER),
        region("62", "Kalimantan Tengah", "provinsi", "Kalteng"),
        region("81", "Maluku", "provinsi", "", "prefix of another province name"),
        region("81.02", "Maluku Tenggara", "kabupaten", "Malra"),
    )
}


def source(**changes: str) -> Source:
    return Source(id="s", name="S", url="https://s.test/", province="x", slot="s.test", **changes)  # type: ignore[arg-type]  # region and province only


@pytest.mark.parametrize(
    ("title", "text", "code"),
    [
        ("Wakil Wali Kota Prabumulih Hadir", "Rakor digelar di Palembang, Sumsel.", "16.74"),
        ("Rakor KPK", "JAKARTA, S.COM \u2014 Gubernur Sumatera Selatan hadir di Jakarta.", "16"),
        ("Maluku Tenggara Ikuti Rakor", "", "81.02"),
        ("Bupati Pati Temui KPK", "", "33.18"),
        ("Menjaga Sepenuh Hati", "Sari pati singkong dan batu.", None),
        ("Rakor di Bogor", "Bogor menjadi tuan rumah.", "32"),
        ("Wali Kota Bogor Temui KPK", "", "32.71"),
        ("BUPATI BOGOR TEMUI KPK", "", "32.01"),
        ("Lubuk Linggau Ikut Rakor", "", "16.73"),
        ("Rakor se-Sumatera Selatan", "Pemkot Palembang dan Pemkot Prabumulih hadir.", "16"),
        ("Tiga Daerah", "Pemkot Palembang dan Pemkot Prabumulih hadir.", "16"),
        ("Pemprov DKI Temui KPK", "", "31"),
        ("KPK Gelar Rakor", "Rakor digelar di Jakarta.", None),
    ],
)  # fmt: skip
def test_the_region_of_an_event(
    make_article: Make, title: str, text: str, code: str | None
) -> None:
    assert find_region(make_article(title=title, text=text), None, REGIONS) == code


def test_a_doubtful_alias_asks_the_source_where_it_stands(make_article: Make) -> None:
    article = make_article(title="Mura Raih Skor Tertinggi", text="")
    assert find_region(article, None, REGIONS) is None
    assert find_region(article, source(province_code="16"), REGIONS) == "16.05"
    assert find_region(article, source(province_code="62"), REGIONS) == "62.12"


def test_a_source_gives_its_own_region_only_where_nothing_else_does(make_article: Make) -> None:
    silent = make_article(title="KPK Gelar Rakor", text="Rakor digelar kemarin.")
    assert find_region(silent, source(region="16.71", province_code="16"), REGIONS) == "16.71"
    assert find_region(silent, source(province_code="16"), REGIONS) == "16"
    speaking = make_article(title="Bupati Bogor Temui KPK", text="")
    assert find_region(speaking, source(region="16.71", province_code="16"), REGIONS) == "32.01"


def test_every_shipped_region_is_found_by_its_official_name(make_article: Make) -> None:
    regions = load_regions()
    lost = [
        region.official_name
        for code, region in regions.items()
        if find_region(make_article(title=region.official_name, text=""), None, regions) != code
    ]
    assert lost == []
