"""What many commands share: the home, `--json`, tables, and asking a running daemon."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import platformdirs
import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="The home folder (else RONDA_HOME, else the data folder)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def remember_home(home: Path | None) -> None:
    """Keep a `--home` given before the command, for the command and its child processes."""
    if home is not None:
        os.environ["RONDA_HOME"] = str(home.expanduser().absolute())


def find_home(home: Path | None) -> Path:
    """Give the home: the option, else RONDA_HOME, else the platform's data folder."""
    named = home or os.environ.get("RONDA_HOME") or platformdirs.user_data_dir("ronda")
    return Path(named).expanduser().absolute()


def show_json(value: Any) -> None:
    """Print a value as JSON, one object or list."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def show_rows(rows: Sequence[dict[str, Any]], columns: Iterable[str], *, as_json: bool) -> None:
    """Print rows as JSON, as a table on a terminal, or as tab-separated lines elsewhere."""
    if as_json:
        show_json(list(rows))
        return
    console = Console()
    names = list(columns)
    if not console.is_terminal:
        for row in rows:
            typer.echo("\t".join(_cell(row.get(name)) for name in names))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(name)) for name in names))
    console.print(table)


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("\n", " ").replace("\t", " ")
