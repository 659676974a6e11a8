"""`ronda sources`: list, show, import, export, enable, disable; add and check stand beside it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from config.errors import ConfigError
from config.export_list import is_feed, write_csv, write_opml
from config.import_list import read_source_list
from config.settings import load_settings
from config.source import Source, load_sources
from storage.database import find_reader
from storage.source_state import states
from storage.sources import disabled, entry_points

from . import coverage, source_add, source_check
from .options import HomeOption, JsonOption, find_home, show_json, show_rows
from .orders import place_order

app = typer.Typer(help="The catalogue of sites we watch.", no_args_is_help=True)
source_add.add_to(app)
source_check.add_to(app)

ProvinceOption = Annotated[
    str | None, typer.Option("--province", help="A province's name or code, or nasional.")
]
NetworkOption = Annotated[str | None, typer.Option("--network", help='A network, "-" for none.')]
FamilyOption = Annotated[str | None, typer.Option("--family", help='A family, "-" for none.')]


class State(StrEnum):
    """How a source is."""

    ok = "ok"
    failing = "failing"
    new = "new"
    off = "off"


class ListFormat(StrEnum):
    """What sources can be exported as."""

    opml = "opml"
    csv = "csv"


COLUMNS = ("source", "name", "province", "network", "family", "state", "last_ok", "url")


@app.command("list")
def list_(
    province: ProvinceOption = None,
    network: NetworkOption = None,
    family: FamilyOption = None,
    state: Annotated[State | None, typer.Option("--state", help="How they are.")] = None,
    by_province: Annotated[
        bool, typer.Option("--coverage", help="Count by province; name those without a source.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the sources with province, network, family and state."""
    place = find_home(home)
    sources, errors = _load(place)
    chosen = coverage.choose_sources(sources, province=province, network=network, family=family)
    rows = coverage.choose_rows(source_rows(place, chosen), state)
    if by_province:
        _show_coverage(rows, as_json=as_json)
    else:
        show_rows(rows, COLUMNS, as_json=as_json)
        if not as_json:
            provinces = Counter(row["province"] for row in rows)
            typer.echo(f"{len(rows)} sources in {len(provinces)} provinces", err=True)
    for error in errors:
        typer.echo(f"ronda: {error}", err=True)
    if errors:
        raise typer.Exit(1)


@app.command()
def show(source: str, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show one source: its file, its rules, its state."""
    place = find_home(home)
    found = _find(place, source)
    row = source_rows(place, {source: found})[0]
    value = {
        **asdict(found),
        "learned": [url for url, _ in _learned(place).get(source, [])],
        **{key: row[key] for key in ("state", "last_ok", "reason", "due")},
    }
    if as_json:
        show_json(value)
        return
    for key, item in value.items():
        if item not in (None, (), [], "", {}):
            typer.echo(f"{key:14} {item}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, JSON, OPML, or one address a line.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add every address of a list as a source; a bad row is named and passed."""
    rows = read_source_list(file)
    result = place_order(find_home(home), "import", {"rows": rows})["rows"]
    show_rows(result, ("source", "url", "error"), as_json=as_json)
    failed = sum(1 for row in result if "error" in row)
    if not as_json:
        typer.echo(f"{len(result) - failed} added, {failed} not", err=True)
    if failed:
        raise typer.Exit(1)


@app.command()
def export(
    format_: Annotated[ListFormat, typer.Option("--format")] = ListFormat.opml,
    province: ProvinceOption = None,
    network: NetworkOption = None,
    family: FamilyOption = None,
    home: HomeOption = None,
) -> None:
    """Print the sources as OPML for a feed reader, or as CSV; `import` reads both."""
    place = find_home(home)
    sources, errors = _load(place)
    chosen = coverage.choose_sources(sources, province=province, network=network, family=family)
    found = sorted(chosen.values(), key=lambda one: (one.province, one.id))
    if format_ is ListFormat.csv:
        typer.echo(write_csv(found), nl=False)
    else:
        typer.echo(write_opml(found, _learned_feeds(place)), nl=False)
    for error in errors:
        typer.echo(f"ronda: {error}", err=True)
    if errors:
        raise typer.Exit(1)


@app.command()
def enable(source: str, home: HomeOption = None) -> None:
    """Watch a source again."""
    _switch(source, home, enabled=True)


@app.command()
def disable(source: str, home: HomeOption = None) -> None:
    """Stop watching a source; what it brought stays."""
    _switch(source, home, enabled=False)


def source_rows(home: Path, sources: dict[str, Source]) -> list[dict[str, Any]]:
    """Give a row per source, with its state where the databases know one."""
    crawl, ronda = find_reader(home, "crawl"), find_reader(home, "ronda")
    known = states(crawl) if crawl else {}
    off = disabled(ronda) if ronda else set()
    for db in (crawl, ronda):
        if db is not None:
            db.close()
    rows = []
    for source in sources.values():
        state = known.get(source.id)
        if source.id in off:
            word = "off"
        elif state is None or state.polled_at is None:
            word = "new"
        else:
            word = "failing" if state.failures else "ok"
        rows.append(
            {
                "source": source.id,
                "name": source.name,
                "province": source.province,
                "network": source.network or "",
                "family": source.family or "",
                "state": word,
                "last_ok": state.ok_at.isoformat() if state and state.ok_at else None,
                "reason": state.reason if state else None,
                "due": state.due_at.isoformat() if state and state.due_at else None,
                "url": source.url,
            }
        )
    return sorted(rows, key=lambda row: (row["province"] or "", row["source"] or ""))


def _show_coverage(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    table = coverage.coverage_rows(rows)
    without = coverage.uncovered(table)
    if as_json:
        show_json({"provinces": table, **without})
        return
    show_rows(table, coverage.COLUMNS, as_json=False)
    for what, provinces in without.items():
        if provinces:
            typer.echo(f"{what.replace('_', ' ')}: {', '.join(provinces)}", err=True)
    if not any(without.values()):
        typer.echo("every province has a working source", err=True)


def _learned_feeds(home: Path) -> dict[str, list[str]]:
    return {
        name: [url for url, kind in points if kind == "feed" or is_feed(url)]
        for name, points in _learned(home).items()
    }


def _learned(home: Path) -> dict[str, list[tuple[str, str]]]:
    ronda = find_reader(home, "ronda")
    if ronda is None:
        return {}
    try:
        return entry_points(ronda)
    finally:
        ronda.close()


def _switch(source: str, home: Path | None, *, enabled: bool) -> None:
    place = find_home(home)
    _find(place, source)
    place_order(place, "switch", {"source": source, "enabled": enabled})
    typer.echo(f"{source} is {'on' if enabled else 'off'}")


def _find(home: Path, source: str) -> Source:
    sources, _ = _load(home)
    if source not in sources:
        raise ConfigError(f"no such source: {source} (see `ronda sources list`)")
    return sources[source]


def _load(home: Path) -> tuple[dict[str, Source], list[ConfigError]]:
    return load_sources(home, shipped=load_settings(home, secrets=False).sources.shipped)
