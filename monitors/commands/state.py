"""`ronda status` and `ronda doctor`: how this home is, and checks of all it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from config.errors import ConfigError
from monitors.daemon.checks import run_checks
from monitors.digests.words import load_words
from monitors.stages import load_config
from storage.home import find_holder

from .options import HomeOption, JsonOption, find_home, show_json
from .summary import home_summary
from .terminal import OFFLINE, next_digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from monitors.loaded import Loaded


# More sources than this that fail for one reason are one line of `ronda status`.
ALIKE = 5
# How many of them are named; `ronda sources list --state failing` names all.
NAMED = 12


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("status")(status)
    app.command("doctor")(doctor)


def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show the state of this home; exit 1 where something fails."""
    place = find_home(home)
    pid = find_holder(place, "daemon")
    url = place / "page.url"
    value: dict[str, Any] = {
        "home": str(place),
        "daemon": pid,
        "page": url.read_text() if pid and url.exists() else None,
    }
    try:
        config = load_config(place, secrets=False)
    except ConfigError as error:
        if pid is None:
            raise
        # The daemon goes on with the settings that it has, which nobody else can read now.
        value["errors"] = [str(error)]
    else:
        value |= _details(place, config)
    if as_json:
        show_json(value)
    else:
        _print_status(value)
    if value["errors"] or value.get("failing"):
        raise typer.Exit(1)


def _details(place: Path, config: Loaded) -> dict[str, Any]:
    summary = home_summary(place, config)
    health = summary.pop("health")
    return {
        **summary,
        "failures": [
            {"source": line.source, "reason": line.reason, "since": line.since}
            for line in health.failing
        ],
        "next_digest": next_digest(config.settings, summary["now"]),
        "errors": [str(error) for error in config.errors],
    }


def _print_status(value: dict[str, Any]) -> None:
    if value.get("test_network"):
        typer.echo("TEST NETWORK: addresses of test_hosts lead to this machine")
    running = f"running (pid {value['daemon']})" if value["daemon"] else "not running"
    typer.echo(f"Home       {value['home']}")
    typer.echo(f"Daemon     {running}")
    if value["page"]:
        typer.echo(f"Page       {value['page']}")
    for error in value["errors"]:
        typer.echo(f"Error      {error}")
    if "sources" not in value:
        typer.echo("           The daemon goes on with the settings that it has.")
        return
    typer.echo(
        "Sources    {sources} watched, {reached} reached, {failing} failing, {quiet} quiet, "
        "{disabled} off".format(**value)
    )
    typer.echo("Articles   {articles} read, {matches} matched".format(**value))
    typer.echo(f"Digest     {value['next_digest']}")
    if value["offline"]:
        typer.echo(OFFLINE)
    for line in _failures(value["failures"]):
        typer.echo(f"  failing: {line}")


def _failures(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Name each failing source; many that fail alike share a line."""
    alike: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        reason = load_words("en").reason(row["reason"]) if row["reason"] else "no answer yet"
        alike.setdefault(reason, []).append(row)
    for reason, group in alike.items():
        if len(group) > ALIKE:
            names = ", ".join(row["source"] for row in group[:NAMED])
            more = f" and {len(group) - NAMED} more" if len(group) > NAMED else ""
            yield f"{len(group)} sources: {reason}: {names}{more}"
            continue
        for row in group:
            last = f", answered last {row['since']:%Y-%m-%d %H:%M} UTC" if row["since"] else ""
            yield f"{row['source']}: {reason}{last}"


def doctor(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Check machine, database, clock, disk, channels and sources; exit 1 where one fails."""
    place = find_home(home)
    checks = run_checks(place, load_config(place))
    if as_json:
        show_json([{"check": c.name, "state": c.state, "detail": c.detail} for c in checks])
    else:
        for check in checks:
            typer.echo(f"{check.state:5} {check.name}: {check.detail}")
    if any(check.state == "FAIL" for check in checks):
        raise typer.Exit(1)
