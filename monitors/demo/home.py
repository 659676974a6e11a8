"""Writes a home whose sources are the sample web's sites, as a person would have written them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomlkit

from .sites import make_sites

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from .sites import Site

MONITOR = "peragaan"


def write_demo_home(
    home: Path,
    port: int,
    now: datetime,
    *,
    cron: str = "* * * * *",
    every: str = "5s",
    page_port: int = 0,
    sites: Iterable[Site] | None = None,
) -> list[Path]:
    """Write settings and source files for the sample web at `port`; give the paths written.

    `cron` is the slot of the demo's one monitor, `every` the time between two looks at a source.
    A file that stands already is replaced: the port is another one at every start.
    """
    written = [_write(home / "ronda.toml", _settings(cron, every, page_port), now)]
    for site in make_sites(port) if sites is None else sites:
        path = home / "sources" / site.province_slug / f"{site.id}.toml"
        written.append(_write(path, source_table(site), now))
    return written


def source_table(site: Site) -> dict[str, Any]:
    """Give what a person would write about a site: often little more than its address."""
    table: dict[str, Any] = {"name": site.name, "url": f"{site.base}/"}
    if site.bare:
        return table
    if site.family:
        table["family"] = site.family
    if site.network:
        table["network"] = site.network
    listings = _listings(site)
    if listings:
        table["listings"] = listings
    if site.only:
        table["article"] = {"only": list(site.only)}
    return table


def _listings(site: Site) -> list[str]:
    """Entry points that the family's usual ones do not give, or would give less well."""
    if "rest" in site.list_by:
        return [f"{site.base}{site.rest}?per_page=50"]
    if "news_sitemap" in site.list_by:
        return [f"{site.base}{site.feed}", f"{site.base}{site.news_sitemap}"]
    if site.theme == "goid":
        return [f"{site.base}{path}" for path in ("/berita", "/berita?page=2")]
    if site.theme == "disway" and not site.feed:
        return [f"{site.base}{path}" for path in site.sections[:1]]
    return []


def _settings(cron: str, every: str, page_port: int) -> dict[str, Any]:
    return {
        "crawl": {"first_contact": "all"},
        "pace": {"delay": 0.05, "every": every},
        "sources": {"shipped": False},
        "page": {"port": page_port},
        "network": {"test_hosts": {"*.test": "127.0.0.1"}},
        "monitors": {
            "pagi": False,
            MONITOR: {"topics": ["koordinasi-antikorupsi"], "cron": cron},
        },
    }


def _write(path: Path, table: dict[str, Any], now: datetime) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f"# Written by ronda demo, {now:%Y-%m-%d %H:%M} UTC.\n{tomlkit.dumps(table)}"
    path.write_text(text, "utf-8")
    return path
