"""`ronda config check`: every file checked, and in words what will run when."""

from __future__ import annotations

import typer

from config.explain import cautions, explain_config
from monitors.stages import load_config

from .options import HomeOption, JsonOption, find_home, show_json

app = typer.Typer(help="Settings and data files.", no_args_is_help=True)


@app.callback()
def _config() -> None:
    """Keep `config` a group, though it has one command yet."""


@app.command()
def check(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Check all files and say in words what will run when; exit 2 where one is wrong."""
    place = find_home(home)
    config = load_config(place)
    names = {topic.id: topic.name("en") for topic in config.topics.values()}
    lines = explain_config(config.settings, config.sources, names, config.regions)
    lines += [f"caution: {line}" for line in cautions(config.settings, place)]
    errors = [str(error) for error in config.errors]
    if as_json:
        show_json({"home": str(place), "lines": lines, "errors": errors})
    else:
        typer.echo(f"home: {place}")
        for line in lines:
            typer.echo(line)
    for error in errors:
        typer.echo(f"ronda: {error}", err=True)
    if errors:
        raise typer.Exit(2)
