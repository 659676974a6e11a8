"""One TOML file per family of sites that are built alike -> Family."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from .addresses import join_address
from .errors import ConfigError
from .rules import ArticleRules, ArticleTable, Line, Short, as_tuple, says
from .tables import NAME, SHIPPED, Table, build, read_toml, shown

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What a front page of a family shows; all in small letters, compared as plain text.

    `generator` begins the page's meta of that name, `addresses` stand in what it links to or
    loads, `markup` in its source. `hosts` are the owner's own, whose sites share `network`.
    """

    generator: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    markup: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    network: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Sites whose pages are built alike; says nothing about pace.

    `listings` are paths relative to the site's address, in the order that costs the site least.
    """

    id: str
    name: str
    listings: tuple[str, ...] = ()
    article: ArticleRules = field(default_factory=ArticleRules)
    signs: Signs = field(default_factory=lambda: Signs())


def _check_path(path: str) -> None:
    if "://" in path:
        raise ValueError('a family gives paths that start with "/", no addresses')
    join_address("https://site.example/", path)


Path_ = Annotated[Short, AfterValidator(says(_check_path))]


def _check_sign(text: str) -> None:
    if not text.isascii() or not text.isprintable() or text != text.lower():
        raise ValueError("a sign is ASCII in small letters")


Sign = Annotated[Short, AfterValidator(says(_check_sign))]
SignList = Annotated[tuple[Sign, ...], BeforeValidator(as_tuple), Field(max_length=20)]


class SignsTable(Table):
    """[signs] of a family's file."""

    generator: SignList = ()
    addresses: SignList = ()
    markup: SignList = ()
    hosts: SignList = ()
    network: Sign | None = None


class FamilyFile(Table):
    """A family's file as it is written."""

    name: Line
    listings: Annotated[tuple[Path_, ...], BeforeValidator(as_tuple), Field(max_length=20)] = ()
    article: ArticleTable = Field(default_factory=ArticleTable)
    signs: SignsTable = Field(default_factory=SignsTable)


def load_families(home: Path | None) -> dict[str, Family]:
    """Load shipped and home families by id; raises ConfigError for the first file that fails."""
    families, errors = read_families(home)
    for error in errors:
        raise error
    return families


def read_families(home: Path | None) -> tuple[dict[str, Family], list[ConfigError]]:
    """Load what can be loaded; a home's file replaces the shipped one of its id whole."""
    files: dict[str, Path] = {}
    for folder in [SHIPPED / "families", *([home / "families"] if home else [])]:
        files |= {path.stem: path for path in sorted(folder.glob("*.toml"))}
    families, errors = {}, []
    for path in files.values():
        try:
            families[path.stem] = load_family(path)
        except ConfigError as error:
            errors.append(error)
    return families, errors


def load_family(path: Path) -> Family:
    """Load one family's file; raises ConfigError."""
    if not NAME.fullmatch(path.stem):
        raise ConfigError(f"{shown(path)}: a file's name is small letters, digits and hyphens")
    given = build(FamilyFile, read_toml(path), file=path)
    return Family(
        id=path.stem,
        name=given.name,
        listings=given.listings,
        article=given.article.fold(ArticleRules()),
        signs=Signs(**given.signs.model_dump()),
    )
