"""The live view of `ronda run`: sources reached, articles, matches, page, next digest.

On a terminal it is redrawn every second; elsewhere lines that changed are printed, after some
seconds first and ever more rarely as time passes.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from config.errors import ExpectedError
from monitors.digests.slots import next_slots

from .summary import home_summary

if TYPE_CHECKING:
    from datetime import datetime

    from config.settings import Settings
    from monitors.daemon.daemon import Daemon

# Seconds between two looks at the databases for the view; more where a look itself takes long.
LOOK = 1.0
SHARE = 200  # a look takes at most this part of the time
LONGEST = 10.0
SELDOM = 600.0  # the longest between two looks for plain lines
OFFLINE = (
    "No source could be reached: our own network is the likely cause, no source is blamed.\n"
    "Without network, `make demo` (or `ronda demo`) shows the same over a bundled sample web."
)


async def watch(daemon: Daemon, stop: asyncio.Event, *, live: bool) -> None:
    """Show how the daemon is doing until `stop` is set."""
    if live:
        console = Console()
        with Live(console=console, auto_refresh=False, transient=False) as view:
            async for summary in _summaries(daemon, stop):
                view.update(Group(*(Text(line) for line in lines_of(daemon, summary))))
                view.refresh()
        return
    shown: list[str] = []
    async for summary in _summaries(daemon, stop, slower=1.5):
        lines = lines_of(daemon, summary)
        for line in lines:
            if line not in shown:
                typer.echo(line)
        shown = lines


def lines_of(daemon: Daemon, summary: dict[str, Any]) -> list[str]:
    """Put the view in words, one line each."""
    sources = f"Sources    {summary['reached']} of {summary['sources']} reached"
    if summary["failing"]:
        sources += f", {summary['failing']} failing"
    lines = [
        sources,
        f"Articles   {summary['articles']} read, {summary['matches']} matched",
        f"Page       {daemon.page_url}",
        f"Digest     {next_digest(daemon.config.settings, summary['now'])}",
    ]
    if summary["test_network"]:
        lines.insert(0, "TEST NETWORK: addresses of the sample web lead to this machine")
    if summary["offline"]:
        lines += OFFLINE.splitlines()
    lines += [f"Error      {error}" for error in daemon.config.errors]
    return lines


def next_digest(settings: Settings, now: datetime) -> str:
    """Say which monitor tells next, and when."""
    coming = [
        (slots[0], monitor.name)
        for monitor in settings.monitors.values()
        if (slots := next_slots(monitor, now, 1))
    ]
    if not coming:
        return "no monitor is set"
    moment, name = min(coming)
    return f"{name} at {moment:%Y-%m-%d %H:%M %Z}"


async def _summaries(daemon: Daemon, stop: asyncio.Event, *, slower: float = 1.0) -> Any:
    least = LOOK
    while not stop.is_set():
        begun, summary = time.monotonic(), None
        with contextlib.suppress(ExpectedError):
            summary = await asyncio.to_thread(home_summary, daemon.home, daemon.config)
        pause = max(least, min(SHARE * (time.monotonic() - begun), LONGEST))
        if summary is not None:
            yield summary
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
        least = min(least * slower, SELDOM)
