"""One TOML file per source -> Source; the id is the file's stem, the province its folder."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import tomlkit

from .addresses import host_of, join_address, under_site
from .addresses import registrable_host as registrable_host
from .errors import ConfigError
from .family import Family, read_families
from .new_source import find_site, given_address, given_code, make_id, write_new
from .region import NATIONAL, find_province, load_regions, province_slug
from .rules import ArticleRules as ArticleRules
from .source_file import SourceFile
from .tables import NAME, SHIPPED, build, nearest, quoted, read_toml, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from .region import Region

USUAL_LISTINGS = ("/feed/", "/")  # of a site whose family is not known
WRITTEN = ("name", "url", "family", "network", "region", "hosts", "listings")
LISTING_NAMES = ("kpk",)  # pure functions in crawler/listings/ that a source may name


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One site that we watch; its family's rules are already folded in by the loader.

    `listings` are absolute addresses given by the file or the family, in the order to try them;
    `listing` names a pure function in `crawler/listings/` for what no key can say.
    `declared` is true where the file gives no listings: look for feeds the front page declares.
    `slot` is the network where given, else the registrable host: what shares one pace.
    `region` is a code of the regions table; `province_code` is None for national sources.
    `every` and `delay` are seconds, None where the source takes the general pace.
    """

    id: str
    name: str
    url: str
    province: str
    slot: str
    timezone: str = "WIB"
    province_code: str | None = None
    region: str | None = None
    family: str | None = None
    network: str | None = None
    hosts: tuple[str, ...] = ()
    listings: tuple[str, ...] = ()
    listing: str | None = None
    declared: bool = False
    article: ArticleRules = field(default_factory=ArticleRules)
    every: float | None = None
    delay: float | None = None
    tls: Literal["strict", "lax"] = "strict"
    file: str = ""


def load_sources(
    home: Path | None, *, shipped: bool = True
) -> tuple[dict[str, Source], list[ConfigError]]:
    """Load all sources by id, and an error for each file that cannot be used.

    A home's file replaces the shipped one of its id whole, also where it lies in another
    province's folder; `shipped=False` gives the home's own sources alone.
    """
    families, errors = read_families(home)
    regions = load_regions()
    layers = [SHIPPED / "sources"] if shipped else []
    files: dict[str, Path] = {}
    for folder in [*layers, *([home / "sources"] if home else [])]:
        found, doubled = _files(folder)
        files |= found
        errors += doubled
    sources = {}
    for path in files.values():
        try:
            sources[path.stem] = load_source(path, families, regions)
        except ConfigError as error:
            errors.append(error)
    return dict(sorted(sources.items())), errors


def write_source(
    home: Path,
    *,
    url: str,
    name: str | None = None,
    province: str | None = None,
    region: str | None = None,
    family: str | None = None,
    network: str | None = None,
    listings: Iterable[str] = (),
    hosts: Iterable[str] = (),
    id: str | None = None,  # the word of the catalogue
    existing: Mapping[str, Source] | None = None,
) -> Source:
    """Write a new source's file into the home and give the source as it will be loaded.

    `province` and `region` may be a code, a folder's name or an official name; without either the
    source is national. `existing` spares loading all sources for each of many. Raises ConfigError,
    and writes nothing, where the site or the id is there already or a value is not allowed.
    """
    url = given_address(url)
    known = load_sources(home)[0] if existing is None else existing
    twin = find_site(url, known)
    if twin is not None:
        raise ConfigError(f"{quoted(url)} is watched already as {twin.id} ({twin.file})")
    code = given_code(region) or given_code(province)
    folder = NATIONAL if code is None else province_slug(code[:2])
    stem = make_id(url, known) if id is None else id
    if not NAME.fullmatch(stem):
        raise ConfigError(f"{quoted(stem)}: an id is small letters, digits and hyphens")
    if stem in known:
        raise ConfigError(f"the id {stem} is taken by {known[stem].file}")
    values = {
        "name": name or host_of(url).removeprefix("www."),
        "url": url,
        "family": family,
        "network": network,
        "region": code if code is not None and "." in code else None,
        "hosts": list(hosts) or None,
        "listings": list(listings) or None,
    }
    text = tomlkit.dumps({key: values[key] for key in WRITTEN if values[key] is not None})
    path = home / "sources" / folder / f"{stem}.toml"
    source = read_source(path, tomllib.loads(text), read_families(home)[0], load_regions())
    write_new(path, text)
    return source


def load_source(
    path: Path, families: Mapping[str, Family], regions: Mapping[str, Region]
) -> Source:
    """Load one source's file, its family folded in; raises ConfigError."""
    if not NAME.fullmatch(path.stem):
        raise ConfigError(f"{shown(path)}: a file's name is small letters, digits and hyphens")
    return read_source(path, read_toml(path), families, regions)


def read_source(
    path: Path, data: dict[str, Any], families: Mapping[str, Family], regions: Mapping[str, Region]
) -> Source:
    """Turn a file's parsed table into a source; raises ConfigError naming file and key."""
    given = build(SourceFile, data, file=path)
    province = _province(path)
    family = None
    if given.family is not None:
        family = families.get(given.family)
        if family is None:
            raise _wrong(path, "family", given.family, "no such family", families)
    if given.listing is not None and given.listing not in LISTING_NAMES:
        raise _wrong(path, "listing", given.listing, "no such listing", LISTING_NAMES)
    if given.listing is not None and not given.listings:
        raise ConfigError(f"{shown(path)}: listings: missing, listing reads what they give")
    zone = "WIB" if province is None else province.timezone
    if given.region is not None:
        zone = _region(path, given.region, province, regions).timezone
    usual = USUAL_LISTINGS if family is None else family.listings
    return Source(
        id=path.stem,
        name=given.name,
        url=given.url,
        province=path.parent.name,
        province_code=None if province is None else province.code,
        region=given.region,
        timezone=zone,
        slot=given.network or registrable_host(host_of(given.url)),
        family=given.family,
        network=given.network,
        hosts=given.hosts,
        listings=_listings(path, given.url, given.listings or under_site(given.url, usual)),
        listing=given.listing,
        declared=not given.listings,
        article=given.article.fold(ArticleRules() if family is None else family.article),
        every=given.pace.every,
        delay=given.pace.delay,
        tls=given.tls,
        file=str(path),
    )


def _files(folder: Path) -> tuple[dict[str, Path], list[ConfigError]]:
    """Walk one layer; two files of one id are an error, and the first by name is used."""
    found: dict[str, Path] = {}
    errors = []
    for path in sorted([*folder.glob("*/*.toml"), *folder.glob("*.toml")]):
        if path.stem in found:
            other = shown(found[path.stem])
            errors.append(ConfigError(f"{shown(path)}: the id {path.stem} is taken by {other}"))
        else:
            found[path.stem] = path
    return found, errors


def _province(path: Path) -> Region | None:
    folder = path.parent.name
    if folder == NATIONAL:
        return None
    try:
        return find_province(folder)
    except ConfigError as error:
        message = f"{shown(path)}: folder: {error}"
    raise ConfigError(message)


def _region(
    path: Path, code: str, province: Region | None, regions: Mapping[str, Region]
) -> Region:
    region = regions.get(code)
    if province is None:
        raise ConfigError(
            f"{shown(path)}: region: found {quoted(code)}, but the folder is national"
        )
    if region is None:
        within = [one for one in regions if one.startswith(province.code)]
        raise _wrong(path, "region", code, "no such code", within)
    if region.province_code != province.code:
        raise ConfigError(
            f"{shown(path)}: region: found {quoted(code)}, {region.official_name} in "
            f"{region.province}, but the folder is {path.parent.name}"
        )
    return region


def _listings(path: Path, url: str, listings: tuple[str, ...]) -> tuple[str, ...]:
    joined = []
    for one in listings:
        try:
            joined.append(join_address(url, one))
        except ValueError as error:
            message = f"{shown(path)}: listings: found {quoted(one)}: {error}"
            raise ConfigError(message) from None
    return tuple(dict.fromkeys(joined))


def _wrong(path: Path, key: str, found: str, what: str, allowed: Any) -> ConfigError:
    hint = nearest(found, allowed)
    return ConfigError(f"{shown(path)}: {key}: found {quoted(found)}, {what}{hint}")
