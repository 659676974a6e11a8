"""`ronda run` and `ronda round`: the daemon, and one round to its end."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from config.errors import ConfigError
from monitors.daemon.daemon import Daemon, utc_now
from monitors.daemon.due import poll_is_over
from monitors.daemon.once import run_round
from monitors.daemon.serve import run_daemon, snapshot
from monitors.review.app import Desk, create_app
from monitors.stages import load_config
from storage.home import find_holder, make_home

from .logs import log_to
from .options import HomeOption, JsonOption, find_home, show_json
from .orders import place_order
from .summary import round_summary
from .terminal import watch

FIRST_CONTACT = "How many of a new source's newest articles to take: a number or 'all'."


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("run")(run)
    app.command("round")(round_)


def run(home: HomeOption = None) -> None:
    """Run the daemon in the foreground: schedule, rounds, page."""
    place = make_home(find_home(home))
    live = log_to(place)
    config = load_config(place)
    typer.echo(f"Ronda keeps its home in {place}")
    run_daemon(place, config, make_page, lambda daemon, stop: watch(daemon, stop, live=live))


def make_page(daemon: Daemon) -> Any:
    """Build the page of a running daemon."""
    return create_app(
        Desk(
            home=daemon.home,
            config=lambda: daemon.config,
            state=lambda: snapshot(daemon),
            pen=daemon.pen,
        )
    )


def round_(
    home: HomeOption = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until all is read, matched and grouped.")
    ] = False,
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Only this source; may be repeated.")
    ] = None,
    first_contact: Annotated[
        str | None, typer.Option("--first-contact", help=FIRST_CONTACT)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Poll now; --wait: crawl, read, match and group to the end. Tells nothing."""
    place = make_home(find_home(home))
    if first_contact is not None and first_contact != "all" and not first_contact.isdigit():
        raise ConfigError(f"--first-contact: a number or 'all', not {first_contact!r}")
    config = load_config(place)
    for name in source or ():
        if name not in config.sources:
            raise ConfigError(f"no such source: {name} (see `ronda sources list`)")
    started = utc_now()
    if find_holder(place, "daemon") is None:
        log_to(place, quiet=True)
        whole = run_round(place, config, source, first_contact, _progress())
    else:
        payload = {"sources": source, "first_contact": first_contact}
        wishes = place_order(place, "poll", payload)["wishes"]
        if not wait:
            lines = [f"{len(wishes)} sources will be polled now; `ronda status` shows how it goes"]
            _show({"sources": len(wishes), "failed": [], "lines": lines}, as_json=as_json)
            return
        chosen = source if source is not None else list(config.sources)
        while not poll_is_over(place, wishes, chosen, utc_now()):
            time.sleep(0.5)
        whole = True
    summary = round_summary(place, started)
    _show(summary, as_json=as_json)
    if not whole or summary["failed"]:
        raise typer.Exit(1)


def _show(summary: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(summary)
        return
    for line in summary["lines"]:
        typer.echo(line)


def _progress() -> Any:
    """Give a function that prints what the crawl reports, a line per finished source."""
    shown: list[str] = []

    def tell(daemon: Daemon) -> None:
        for line in daemon.counts.news:
            if line not in shown:
                shown.append(line)
                typer.echo(line, err=True)

    return tell
