"""`ronda sources add URL`: visit a site, show what watching it would mean, and begin to."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from monitors.daemon.adding import try_source

from .options import HomeOption, JsonOption, find_home, show_json
from .orders import place_order


def add_to(app: typer.Typer) -> None:
    """Put the command into the group."""
    app.command()(add)


def add(
    url: Annotated[str, typer.Argument(help="The site's address, or its name alone.")],
    name: Annotated[str | None, typer.Option("--name", help="Its masthead, if not seen.")] = None,
    region: Annotated[
        str | None,
        typer.Option("--region", help="Province, kabupaten or kota: name, folder or code."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the preview and store nothing.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a site by its address: find its entry points, read a few articles, grade it, watch it."""
    payload = {"url": url, "name": name, "region": region}
    place = find_home(home)
    if not as_json:
        typer.echo(f"looking at {url} (at most a minute)", err=True)
    if dry_run:
        result = asyncio.run(try_source(place, payload))
    else:
        result = place_order(place, "add", payload)
    if as_json:
        show_json(result)
        return
    for line in preview_lines(result):
        typer.echo(line)


def preview_lines(result: dict[str, Any]) -> list[str]:
    """Put a preview in words, the grade first."""
    region = result["region"]
    place = f"{region['name']} ({region['code']})" if region["code"] else "national"
    built = result["family"] or "no known family"
    if result["network"]:
        built += f", network {result['network']}"
    lines = [
        f"{result['name']}  {result['url']}",
        f"grade      {result['grade']}{'' if not result['reasons'] else ': '}"
        f"{'; '.join(result['reasons'])}",
        f"region     {place}, {result['timezone']}; language {result['language'] or 'unknown'}",
        f"built as   {built}",
        f"robots     {_robots(result)}",
    ]
    for point in result["entry_points"]:
        newest = f", newest {point['newest'][:16]}" if point["newest"] else ""
        lines.append(
            f"entry      {point['url']} ({point['kind']}, {point['found']}; "
            f"{point['articles']} articles{newest})"
        )
    lines += [
        f"not used   {point['url']}: {point['why'] or 'costs more'}" for point in result["tried"]
    ]
    for article in result["articles"]:
        lines += _article_lines(article)
    rate = result["articles_per_day"]
    lines.append(
        f"estimate   {'unknown' if rate is None else rate} articles, "
        f"{result['requests_per_day']:.0f} requests a day"
    )
    lines += [f"note       {note}" for note in result["notes"]]
    lines.append(f"visit      {result['requests']} requests, {result['seconds']} s")
    if "file" in result:
        lines.append(f"watched    as {result['source']}, in {result['file']}")
    else:
        lines.append("watched    no: a trial, nothing was stored")
    return lines


def _robots(result: dict[str, Any]) -> str:
    words = "allows it" if result["robots"] == "allows" else "has no robots.txt"
    if result["crawl_delay"]:
        words += f", asks for {result['crawl_delay']:g} s between requests"
    return words


def _article_lines(article: dict[str, Any]) -> list[str]:
    if "title" not in article:
        return [f"no article {article['url']}: {', '.join(article['missing'])}"]
    lines = [
        f"article    {article['title']}",
        f"           {article['published_at'] or 'no time'}, {article['words']} words",
        f"           {article['first']} […] {article['last']}",
    ]
    if article["missing"]:
        lines.append(f"           missing: {', '.join(article['missing'])}")
    if article["topics"]:
        lines.append(f"           topic: {', '.join(article['topics'])}")
    return lines
