"""A front page -> the family whose signs it shows, by points; the signs are data."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.globs import glob_matches
from crawler.reading.urls import bare_host, canonical_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml.html import HtmlElement

    from config.family import Family

GENERATOR, HOST, ADDRESS, MARKUP, SHAPE = 4, 4, 2, 1, 2
ENOUGH = 3
MOST = 2  # signs of one kind that count
FEWEST_SHAPED = 4  # links that have to look alike
SHARE = 0.6  # of the links that look like articles of anything
ATTRIBUTES = ("href", "src", "data-src", "content")


def recognise_family(
    root: HtmlElement, text: str, url: str, families: Mapping[str, Family]
) -> Family | None:
    """Find the family of a front page; None where too little speaks for any."""
    generator = " ".join(
        (meta.get("content") or "").strip().lower()
        for meta in root.iter("meta")
        if (meta.get("name") or "").lower() == "generator"
    )
    addresses = _addresses(root)
    markup = text.lower()
    paths = _article_like(root, url)
    host = bare_host(url)
    points = {
        name: _points(family, generator, addresses, markup, paths, host)
        for name, family in families.items()
    }
    best = max(points, key=lambda name: points[name], default=None)
    return families[best] if best is not None and points[best] >= ENOUGH else None


def network_of(url: str, family: Family | None) -> str | None:
    """Give the network of a site that lies under one of its family's own hosts."""
    if family is None or not _is_under(bare_host(url), family.signs.hosts):
        return None
    return family.signs.network


def _points(
    family: Family,
    generator: str,
    addresses: str,
    markup: str,
    paths: list[str],
    host: str,
) -> int:
    signs = family.signs
    points = GENERATOR if any(generator.startswith(sign) for sign in signs.generator) else 0
    points += HOST if _is_under(host, signs.hosts) else 0
    points += ADDRESS * min(MOST, sum(sign in addresses for sign in signs.addresses))
    points += MARKUP * min(MOST, sum(sign in markup for sign in signs.markup))
    shaped = sum(any(glob_matches(glob, path) for glob in family.article.only) for path in paths)
    if shaped >= FEWEST_SHAPED and shaped >= SHARE * len(paths):
        points += SHAPE
    return points


def _is_under(host: str, owners: Iterable[str]) -> bool:
    return any(host == owner or host.endswith(f".{owner}") for owner in owners)


def _addresses(root: HtmlElement) -> str:
    found = []
    for element in root.iter():
        if isinstance(element.tag, str):
            found += [value for name in ATTRIBUTES if (value := element.get(name))]
    return "\n".join(found).lower()[:1_000_000]


def _article_like(root: HtmlElement, url: str) -> list[str]:
    """Paths of own links with a long last step: what every family's articles have."""
    own = bare_host(url)
    paths: dict[str, None] = {}
    for anchor in root.iter("a"):
        link = canonical_url(anchor.get("href") or "", url)
        if link is not None and bare_host(link) == own:
            path = urlsplit(link).path
            if path.rstrip("/").rpartition("/")[2].count("-") >= 2:
                paths[path] = None
    return list(paths)
