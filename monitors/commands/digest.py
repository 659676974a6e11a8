"""`ronda digest` and `ronda schedule`: compose without telling; the next sends in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from config.errors import ConfigError
from monitors.digests.compose import compose_digest
from monitors.digests.render import render
from monitors.digests.slots import next_slots
from monitors.digests.words import load_words
from monitors.health import source_health
from monitors.stages import load_config
from storage.database import open_reader

from .options import HomeOption, JsonOption, find_home, show_json

if TYPE_CHECKING:
    from config.settings import Monitor, Settings

SENDS = 5


class Format(StrEnum):
    """What a digest can be printed as."""

    txt = "txt"
    html = "html"
    json = "json"


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("digest")(digest)
    app.command("schedule")(schedule)


def digest(
    home: HomeOption = None,
    monitor: Annotated[str | None, typer.Option("--monitor", help="Default: the first.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Date, YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Date, YYYY-MM-DD.")] = None,
    format_: Annotated[Format, typer.Option("--format")] = Format.txt,
) -> None:
    """Compose a digest of what matched in a span of days; tells and stores nothing."""
    place = find_home(home)
    config = load_config(place, secrets=False)
    chosen = find_monitor(config.settings, monitor)
    zone = ZoneInfo(chosen.timezone)
    now = datetime.now(UTC)
    end = read_day(until, "--until", zone) + timedelta(days=1) if until else now
    begin = read_day(since, "--since", zone) if since else end - timedelta(days=1)
    if begin >= end:
        raise ConfigError("--since must lie before --until")
    language = chosen.language or config.settings.language
    network = bool(config.settings.network.test_hosts)
    db = open_reader(place, "ronda")
    try:
        composed = compose_digest(
            db,
            chosen,
            since=begin,
            until=end,
            now=now,
            health=source_health(place, config.sources, now, test_network=network),
            sources=config.sources,
            regions=config.regions,
            topics=config.topics,
            language=language,
            untold=False,
            period=True,
        )
    finally:
        db.close()
    typer.echo(render(composed, language, format_.value))


def schedule(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show the next five sends of every monitor, in words."""
    config = load_config(find_home(home), secrets=False)
    now = datetime.now(UTC)
    rows = [
        {
            "monitor": monitor.name,
            "words": load_words("en").schedule(monitor),
            "timezone": monitor.timezone,
            "channels": list(monitor.channels),
            "at_once": monitor.at_once,
            "next": [moment.isoformat() for moment in next_slots(monitor, now, SENDS)],
        }
        for monitor in config.settings.monitors.values()
    ]
    if as_json:
        show_json(rows)
        return
    for monitor in config.settings.monitors.values():
        words = load_words("en").schedule(monitor)
        typer.echo(f"{monitor.name}: {words}, by {', '.join(monitor.channels)}")
        for moment in next_slots(monitor, now, SENDS):
            typer.echo(f"  {moment:%a %Y-%m-%d %H:%M %Z}")


def find_monitor(settings: Settings, name: str | None) -> Monitor:
    """Give the monitor of that name, or the first; raises ConfigError where there is none."""
    if name is None and settings.monitors:
        return next(iter(settings.monitors.values()))
    if name not in settings.monitors:
        raise ConfigError(
            f"no such monitor: {name} (there are: {', '.join(settings.monitors) or 'none'})"
        )
    return settings.monitors[name]


def read_day(text: str, option: str, zone: ZoneInfo) -> datetime:
    """Read a day's first moment in a zone; raises ConfigError naming the option."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone)
    except ValueError:
        raise ConfigError(f"{option}: a date like 2026-03-04, not {text!r}") from None
