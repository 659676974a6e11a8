"""Rows of sources -> those that are asked for, and what each province has of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from config.candidates import load_candidates
from config.errors import ConfigError
from config.new_source import given_code
from config.region import NATIONAL, load_regions, province_slug
from config.tables import nearest, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from config.region import Region
    from config.source import Source

WORKING = frozenset({"ok", "quiet"})  # states in which a source brings what it has
COLUMNS = ("province", "sources", "working", "failing", "new", "off", "candidates")
NONE = "-"  # asks for what has no network, or no family


def choose_sources(
    sources: Mapping[str, Source],
    *,
    province: str | None = None,
    network: str | None = None,
    family: str | None = None,
) -> dict[str, Source]:
    """Choose by place (code, folder or name), network and family; raises ConfigError."""
    found = dict(sources)
    if province is not None:
        code = given_code(province)
        folder = NATIONAL if code is None else province_slug(code[:2])
        found = {
            name: one
            for name, one in found.items()
            if one.province == folder and (code is None or len(code) == 2 or one.region == code)
        }
    if network is not None:
        _check(network, "network", (one.network for one in sources.values()))
        found = {name: one for name, one in found.items() if (one.network or NONE) == network}
    if family is not None:
        _check(family, "family", (one.family for one in sources.values()))
        found = {name: one for name, one in found.items() if (one.family or NONE) == family}
    return found


def choose_rows(rows: Iterable[dict[str, Any]], state: str | None) -> list[dict[str, Any]]:
    """Choose the rows of sources in a state."""
    return [row for row in rows if state is None or row["state"] == state]


def coverage_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Count each province's sources by how they are, provinces without any included.

    `failing` is every state that is neither working, new nor off.
    """
    waiting = Counter((row.get("region") or "")[:2] for row in load_candidates())
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        state = row["state"]
        known = "working" if state in WORKING else state if state in {"new", "off"} else "failing"
        counts.setdefault(row["province"], Counter())[known] += 1
    places = [(one.code, province_slug(one.code)) for one in _provinces()]
    table = []
    for code, folder in [*places, ("", NATIONAL)]:
        count = counts.get(folder, Counter())
        numbers = {name: count[name] for name in ("working", "failing", "new", "off")}
        table.append(
            {
                "province": folder,
                "code": code,
                "sources": count.total(),
                **numbers,
                "candidates": waiting[code],
            }
        )
    return table


def uncovered(table: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Name the provinces without a working source: those known so, and those not asked yet."""
    without = [row for row in table if row["code"] and not row["working"]]
    return {
        "without_working_source": [row["province"] for row in without if not row["new"]],
        "not_asked_yet": [row["province"] for row in without if row["new"]],
    }


def _provinces() -> list[Region]:
    return [one for one in load_regions().values() if one.level == "provinsi"]


def _check(name: str, what: str, known: Iterable[str | None]) -> None:
    names = {one or NONE for one in known}
    if name not in names:
        raise ConfigError(f'no source has the {what} "{printable(name)}"{nearest(name, names)}')
