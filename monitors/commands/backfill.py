"""`ronda backfill ID --since DATE`: a source's older articles, through its pages and sitemaps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from config.errors import ConfigError
from monitors.daemon.daemon import Daemon, utc_now
from monitors.daemon.once import run_round
from monitors.stages import load_config
from storage.home import find_holder, make_home

from .options import HomeOption, JsonOption, find_home, show_json
from .orders import place_order
from .summary import round_summary

JAKARTA = ZoneInfo("Asia/Jakarta")


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("backfill")(backfill)


def backfill(
    source: Annotated[str, typer.Argument(help="The source's id.")],
    since: Annotated[str, typer.Option("--since", help="The first day, as 2026-03-04.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch a source's older articles, through its posts, pages and sitemaps; tells nothing now."""
    place = make_home(find_home(home))
    moment = _moment(since)
    config = load_config(place)
    if source not in config.sources:
        raise ConfigError(f"no such source: {source} (see `ronda sources list`)")
    if find_holder(place, "daemon") is not None:
        place_order(place, "backfill", {"source": source, "since": moment.isoformat()})
        typer.echo(f"{source} will be asked for its articles since {since}")
        return
    started = utc_now()
    whole = run_round(place, config, [source], None, _silent, moment)
    summary = round_summary(place, started)
    if as_json:
        show_json(summary)
    else:
        for line in summary["lines"]:
            typer.echo(line)
    if not whole or summary["failed"]:
        raise typer.Exit(1)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--since: found {text!r}; a day as 2026-03-04") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=JAKARTA)
    if moment > utc_now():
        raise ConfigError(f"--since: {text} lies ahead")
    return moment.astimezone(UTC)


def _silent(_: Daemon) -> None:
    """Say nothing while it runs; the summary says it all."""
