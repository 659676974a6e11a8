"""`ronda search`, `explain`, `rematch`, `reread`: the archive, and the chain behind an address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from config.topic import load_topics
from monitors.digests.words import ZONES
from monitors.stages import load_config
from storage.articles import search_articles
from storage.database import open_reader

from .chain import explain_address
from .curating import lost_rulings
from .digest import read_day
from .options import HomeOption, JsonOption, find_home, show_json, show_rows
from .orders import place_order
from .topics import show_lost

if TYPE_CHECKING:
    from config.source import Source

OLDEST = datetime.min.replace(tzinfo=UTC)


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("search")(search)
    app.command("explain")(explain)
    app.command("rematch")(rematch)
    app.command("reread")(reread)


def search(
    words: Annotated[list[str], typer.Argument(help="Words that must all stand in it.")],
    home: HomeOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 20,
    as_json: JsonOption = False,
) -> None:
    """Search the archive, newest first."""
    place = find_home(home)
    db = open_reader(place, "ronda")
    try:
        found = search_articles(db, " ".join(words), limit=limit)
    finally:
        db.close()
    rows: list[dict[str, Any]] = [
        {
            "published_at": article.published_at or article.fetched_at,
            "source": article.source,
            "title": article.title,
            "url": article.url,
        }
        for article in found
    ]
    rows.sort(key=lambda row: row["published_at"] or OLDEST, reverse=True)
    if not as_json:
        sources = load_config(place, secrets=False).sources
        for row in rows:
            row["published_at"] = _local(row["published_at"], sources.get(row["source"]))
    show_rows(rows, ("published_at", "source", "title", "url"), as_json=as_json)
    if not rows and not as_json:
        typer.echo("nothing found", err=True)


def explain(
    address: Annotated[str, typer.Argument(metavar="URL-or-FILE")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the whole chain for one address, stopping where it broke; or how a file is read."""
    place = find_home(home)
    steps = explain_address(place, load_config(place, secrets=False), address, datetime.now(UTC))
    if as_json:
        show_json([{"step": s.name, "ok": s.ok, "detail": s.detail} for s in steps])
    else:
        for step in steps:
            typer.echo(f"{'ok  ' if step.ok else 'STOP'} {step.name}: {step.detail[0]}")
            for line in step.detail[1:]:
                typer.echo(f"       {line}")
    if not steps[-1].ok:
        raise typer.Exit(1)


def rematch(
    topic: Annotated[str | None, typer.Argument(help="Default: every topic.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Also where matches ruled relevant are lost.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let the archive meet a topic; what it finds enters the next digest as 'found later'.

    Stops with exit 1 where it would lose matches ruled relevant, unless --yes is said.
    """
    place = find_home(home)
    topics, _errors = load_topics(place)
    asked = [one for one in topics.values() if topic in (None, one.id)]
    lost = [] if yes else [row for one in asked for row in lost_rulings(place, one)]
    if lost:
        if as_json:
            show_json({"lost": lost})
        else:
            show_lost(lost)
            typer.echo("ronda: nothing was changed; say --yes to lose them", err=True)
        raise typer.Exit(1)
    result: dict[str, Any] = place_order(place, "rematch", {"topic": topic})
    if as_json:
        show_json(result)
        return
    typer.echo(", ".join(f"{key}: {value}" for key, value in result.items()))


def _local(moment: datetime | None, source: Source | None) -> str | None:
    """Write a time in its source's zone (WIB, WITA, WIT)."""
    if moment is None:
        return None
    zone = source.timezone if source else "WIB"
    return f"{moment.astimezone(ZoneInfo(ZONES[zone])):%Y-%m-%d %H:%M} {zone}"


def reread(
    source: Annotated[str | None, typer.Option("--source", help="Only this one's pages.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Only pages fetched since, YYYY-MM-DD (UTC).")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, store nothing.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read stored pages again, without network; what topics then find is 'found later'."""
    begin = read_day(since, "--since", ZoneInfo("UTC")).isoformat() if since else None
    payload = {"source": source, "since": begin, "dry_run": dry_run}
    result: dict[str, Any] = place_order(find_home(home), "reread", payload)
    if as_json:
        show_json(result)
        return
    for change in result.pop("changes"):
        what = ", ".join(change.get("changes", {})) or change.get("reason", "")
        typer.echo(f"{change['what']}\t{change['url']}\t{what}")
    typer.echo(", ".join(f"{key}: {value}" for key, value in result.items()))
