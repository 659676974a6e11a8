"""`regions.csv` -> Region; codes and names follow the Kemendagri decree of 2025."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from .errors import ConfigError
from .tables import LARGE_FILE, SHIPPED, nearest, printable, read_text

NATIONAL = "nasional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A province, kabupaten or kota with the names that the press gives it.

    `ambiguity` is free text where a bare name does not decide; `timezone` is WIB, WITA or WIT.
    """

    code: str
    level: Literal["provinsi", "kabupaten/kota"]
    official_name: str
    type: str
    short_name: str
    province_code: str
    province: str
    aliases: tuple[str, ...]
    ambiguity: str
    korsup_wilayah: str
    timezone: str


def load_regions() -> dict[str, Region]:
    """Load all provinces, kabupaten and kota by code, in the order of their codes."""
    return dict(_regions())


def province_slug(code: str) -> str:
    """Turn a province's code into the name of its folder: "16" -> "sumatera-selatan"."""
    region = _regions().get(code)
    if region is None or region.level != "provinsi":
        raise ConfigError(f'no province has the code "{printable(code)}"')
    return _slug(region)


def find_province(slug: str) -> Region:
    """Find the province of a folder; raises ConfigError with the nearest name."""
    provinces = _provinces()
    if slug not in provinces:
        raise ConfigError(
            f'"{printable(slug)}" is no province'
            + nearest(slug, [*provinces, NATIONAL]).replace("; allowed", "; folders")
        )
    return provinces[slug]


@lru_cache(maxsize=4096)
def find_region_code(text: str) -> str | None:
    """Find the code meant by a code, a province's folder or its name; None where nothing fits."""
    text = text.strip()
    regions = _regions()
    if text in regions:
        return text
    folded = text.casefold()
    for region in regions.values():
        names = {region.official_name.casefold()}
        if region.level == "provinsi":
            names |= {region.short_name.casefold(), region.province.casefold(), _slug(region)}
        if folded in names:
            return region.code
    return None


def _slug(region: Region) -> str:
    return region.short_name.casefold().replace(" ", "-")


@lru_cache(maxsize=1)
def _provinces() -> dict[str, Region]:
    return {_slug(one): one for one in _regions().values() if one.level == "provinsi"}


@lru_cache(maxsize=1)
def _regions() -> dict[str, Region]:
    text = read_text(SHIPPED / "regions.csv", limit=LARGE_FILE)
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    regions = {}
    for row in csv.DictReader(lines, strict=True):
        aliases = tuple(one for one in row.pop("aliases").split("|") if one)
        level: Literal["provinsi", "kabupaten/kota"] = (
            "provinsi" if row.pop("level") == "provinsi" else "kabupaten/kota"
        )
        regions[row["code"]] = Region(**row, level=level, aliases=aliases)
    return regions
