"""texts/sites.toml -> Site: who prints the sample web, how pages are built, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any, Literal

from .texts import load_data, typed_row

ZONES = {
    name: timezone(timedelta(hours=hours), name)
    for name, hours in (("WIB", 7), ("WITA", 8), ("WIT", 9))
}
FIRST = ("kabar", "gema", "rona", "tapak", "pelita", "warta", "jejak", "suluh", "lintas", "sorot")
SECOND = ("rimbun", "tebing", "hulu", "senja", "pinggir", "ladang", "muaro", "kelok")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site of the sample web; addresses carry the server's port.

    `clock` is what the metadata of its pages says about time, `faults` what its listings get wrong,
    `bare` that a person gave its address alone, `list_by` the listings a person would name.
    `theme` names the template; `weight` is about the size of a page in kB.
    """

    id: str
    name: str
    host: str
    theme: str
    province: str
    path: str
    dateline: str
    weight: int
    port: int = 0
    family: str | None = None
    network: str | None = None
    clock: Literal["right", "zone", "modified", "none"] = "right"
    feed: str | None = None
    feed_limit: int | None = None
    sitemap: str | None = None
    news_sitemap: str | None = None
    comments_feed: str | None = None
    rest: str | None = None
    sections: tuple[str, ...] = ()
    page_style: Literal["query", "offset"] | None = None
    validators: bool = True
    robots: bool = True
    crawl_delay: float | None = None
    faults: tuple[str, ...] = ()
    release: bool = False
    bare: bool = False
    twins: Literal["amp", "m"] | None = None
    list_by: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    page_size: int = 60

    @property
    def base(self) -> str:
        """The site's address without a slash at its end."""
        return f"http://{self.host}:{self.port}"

    @property
    def zone(self) -> timezone:
        """The zone that the site prints: that of its province."""
        return ZONES[load_data("sites")["provinces"][self.province]["timezone"]]

    @property
    def capital(self) -> str:
        """The capital of the site's province."""
        return str(load_data("sites")["provinces"][self.province]["capital"])

    @property
    def province_slug(self) -> str:
        """The folder of the site's province among the sources."""
        return str(load_data("sites")["provinces"][self.province]["slug"])

    def local(self, when: datetime) -> datetime:
        """Give the time on the site's wall."""
        return when.astimezone(self.zone)


@cache
def _shipped() -> tuple[Site, ...]:
    rows: list[dict[str, Any]] = load_data("sites")["site"]
    return tuple(Site(**typed_row(row)) for row in rows)


def make_sites(port: int, count: int | None = None) -> tuple[Site, ...]:
    """Make the sample web's sites, or `count` of them: clones with names of their own follow."""
    shipped = _shipped()
    provinces = sorted(load_data("sites")["provinces"])
    made = [replace(site, port=port) for site in shipped[:count]]
    for n in range(len(shipped), count or 0):
        model = shipped[n % len(shipped)]
        first, second = FIRST[n % len(FIRST)], SECOND[n // len(FIRST) % len(SECOND)]
        made.append(
            replace(
                model,
                port=port,
                id=f"{first}{second}{n}",
                name=f"{first.title()} {second.title()} {n}",
                host=f"{first}{second}{n}.test",
                province=provinces[n * 5 % len(provinces)],
                dateline="{CITY} – ",
                network=None,
                feed_limit=None,
                release=False,
            )
        )
    return tuple(made)
