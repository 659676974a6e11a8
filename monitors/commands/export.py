"""`ronda export`: articles, matches, events and links as CSV or JSON lines."""

from __future__ import annotations

import csv
import io
import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from storage.database import open_reader
from storage.exports import iter_articles, iter_events, iter_links, iter_matches

from .options import HomeOption, find_home

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

app = typer.Typer(help="Rows for other programs; documented fields.", no_args_is_help=True)


class Format(StrEnum):
    """What rows can be written as."""

    csv = "csv"
    jsonl = "jsonl"


FormatOption = Annotated[Format, typer.Option("--format")]


def add_to(parent: typer.Typer) -> None:
    """Register this module's commands."""
    parent.add_typer(app, name="export")


@app.command()
def articles(
    home: HomeOption = None,
    format_: FormatOption = Format.csv,
    text: Annotated[bool, typer.Option("--text", help="Add the article's body.")] = False,
) -> None:
    """Export articles: title, link, times, place; --text adds the body."""
    _write(find_home(home), "ronda", lambda db: iter_articles(db, text=text), format_)


@app.command()
def matches(home: HomeOption = None, format_: FormatOption = Format.csv) -> None:
    """Export matches and near misses with their evidence."""
    _write(find_home(home), "ronda", iter_matches, format_)


@app.command()
def events(home: HomeOption = None, format_: FormatOption = Format.csv) -> None:
    """Export events with their articles."""
    _write(find_home(home), "ronda", iter_events, format_)


@app.command()
def links(home: HomeOption = None, format_: FormatOption = Format.csv) -> None:
    """Export links with state, tries and reason."""
    _write(find_home(home), "crawl", iter_links, format_)


def _write(home: Path, name: Any, rows: Any, format_: Format) -> None:
    db = open_reader(home, name)
    try:
        lines = _csv_lines(rows(db)) if format_ is Format.csv else _json_lines(rows(db))
        for line in lines:
            typer.echo(line)
    finally:
        db.close()


def _json_lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False)


def _csv_lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(buffer, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow({key: _cell(value) for key, value in row.items()})
        yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue().removesuffix("\n")
    buffer.seek(0)
    buffer.truncate()
    return text


def _cell(value: Any) -> Any:
    """Write lists as JSON; quote what a spreadsheet would take for a formula."""
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
