"""The Typer application: every noun's commands under their names, and how errors end it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import ExpectedError

from . import (
    archive,
    backfill,
    channels,
    config,
    demo,
    digest,
    export,
    run,
    service,
    sources,
    state,
    topics,
)
from .options import HomeOption, remember_home

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(
    name="ronda",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Ronda watches regional Indonesian news sites for anti-corruption coordination.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"ronda {version('ronda')}")
        raise typer.Exit


@app.callback()
def _main(
    home: HomeOption = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    remember_home(home)


for module in (run, demo, state, archive, backfill, digest, export, service):
    module.add_to(app)
for name, module in (
    ("sources", sources),
    ("topics", topics),
    ("channels", channels),
    ("config", config),
):
    app.add_typer(module.app, name=name)


def run_app(arguments: Sequence[str]) -> int:
    """Run one command line; gives its exit code. An ExpectedError is one line on stderr."""
    try:
        app(list(arguments), prog_name="ronda")
    except ExpectedError as error:
        typer.echo(f"ronda: {error}", err=True)
        return error.exit_code
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0
