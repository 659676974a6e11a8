"""One TOML file per family of sites that are built alike -> Family."""

from __future__ import annotations

from dataclasses import dataclass, field

from .source import ArticleRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Sites whose pages are built alike; says nothing about pace.

    `listings` are paths relative to the site's address, in the order that costs the site least.
    """

    id: str
    name: str
    listings: tuple[str, ...] = ()
    article: ArticleRules = field(default_factory=ArticleRules)
