"""One TOML file per source -> Source; the id is the file's stem, the province its folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRules:
    """How a site's articles are told apart and read whole; globs over the address, never regexes.

    `only` and `skip` are globs on the path (and query); `body` is a CSS selector;
    `all_pages` is what makes the whole story one page ("?page=all", "/all", "?single=1").
    """

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    body: str | None = None
    all_pages: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One site that we watch; its family's rules are already folded in by the loader.

    `listings` are absolute addresses given by the file or the family, in the order to try them;
    `listing` names a pure function in `crawler/listings/` for what no key can say.
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
