"""`ronda demo`: the real daemon over the bundled sample web, walked from first round to digest."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import platformdirs
import typer

from config.errors import ConfigError
from monitors.daemon.due import round_is_over
from monitors.daemon.serve import run_daemon
from monitors.demo.home import write_demo_home
from monitors.demo.script import publish_article, running_web
from monitors.stages import load_config
from storage.articles import find_article
from storage.database import open_reader
from storage.digests import latest_digests, load_digest
from storage.home import find_holder, make_home
from storage.matches import matches_of

from .logs import log_to
from .options import HomeOption
from .run import make_page
from .summary import home_summary
from .terminal import watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitors.daemon.daemon import Daemon

# Marks a home that a demo made, and that the next demo may therefore clear away.
MARK = "this-is-a-demo-home"
# A digest in a year that will not come: the slot is set when the first round is over.
NO_SLOT = "0 0 29 2 *"
PATIENCE = 110.0
NEWS_EVERY = 45.0


def add_to(app: typer.Typer) -> None:
    """Register this module's command."""
    app.command("demo")(demo)


def demo(
    home: HomeOption = None,
    once: Annotated[bool, typer.Option("--once", help="Go to the end and exit.")] = False,
) -> None:
    """Run the same over the bundled sample web; --once: to the end and exit."""
    place = _fresh_home(home or Path(platformdirs.user_data_dir("ronda-demo")))
    log_to(place, quiet=True)
    with running_web() as port:
        typer.echo(f"Sample web on 127.0.0.1:{port}, home in {place}")
        write_demo_home(place, port, datetime.now(UTC), cron=NO_SLOT)
        script = _Script(place, port, once=once)
        run_daemon(place, load_config(place), make_page, script.walk, first_look=False)
    if script.failure:
        typer.echo(f"ronda: {script.failure}", err=True)
        raise typer.Exit(1)


def _fresh_home(home: Path) -> Path:
    """Clear a former demo's home; refuses one that is not a demo's, or whose daemon runs."""
    home = home.expanduser().absolute()
    if home.exists() and any(home.iterdir()):
        if not (home / MARK).exists():
            raise ConfigError(f"{home}: not a demo's home; give an empty folder by --home")
        if find_holder(home, "daemon") is not None:
            raise ConfigError(f"{home}: a demo is running there")
        shutil.rmtree(home)
    make_home(home)
    (home / MARK).touch()
    return home


class _Script:
    """The walk beside the daemon: round, news, digest; then the live view or the end."""

    def __init__(self, home: Path, port: int, *, once: bool) -> None:
        self._home = home
        self._port = port
        self._once = once
        self.failure: str | None = None

    async def walk(self, daemon: Daemon, stop: asyncio.Event) -> None:
        """Show the first round, publish an article, show it arrive, print the digest."""
        typer.echo(f"Page       {daemon.page_url}")
        typer.echo("First round over the sample web ...")
        if not await self._until("the first round", stop, lambda: self._round_over(daemon)):
            return
        slot = datetime.now(UTC) + timedelta(minutes=1, seconds=5)
        write_demo_home(self._home, self._port, slot, cron=f"{slot.minute} * * * *", every="10s")
        news = await asyncio.to_thread(publish_article, self._port)
        typer.echo(f"Published  {news['title']} ({news['site']})")
        await daemon.tick_config()
        begun = asyncio.get_running_loop().time()
        if not await self._until("the new article", stop, lambda: self._matched(news["url"])):
            return
        seconds = asyncio.get_running_loop().time() - begun
        typer.echo(f"Arrived    read and matched after {seconds:.0f} s")
        typer.echo(f"Digest     in its slot at {slot:%H:%M} UTC ...")
        if not await self._until("the digest", stop, self._latest_digest):
            return
        typer.echo(f"\n{self._latest_digest().txt}")
        typer.echo(f"Files      {self._home / 'digests'}")
        if self._once:
            await self._until("the files", stop, lambda: list(self._home.glob("digests/*.html")))
            return
        typer.echo(f"Page       {daemon.page_url}")
        typer.echo("The demo goes on, with news now and then; Ctrl-C ends it.")
        await asyncio.gather(self._print_on(stop), watch(daemon, stop, live=False))

    async def _until(self, what: str, stop: asyncio.Event, true: Callable[[], Any]) -> bool:
        """Wait until `true` holds; False where the demo was stopped or lost patience."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not await asyncio.to_thread(true):
            if stop.is_set():
                return False
            if asyncio.get_running_loop().time() > deadline:
                self.failure = f"waited {PATIENCE:.0f} s for {what}; see {self._home / 'logs'}"
                return False
            await asyncio.sleep(0.3)
        return True

    def _round_over(self, daemon: Daemon) -> bool:
        over = round_is_over(self._home, daemon.config.sources, datetime.now(UTC))
        if over:
            summary = home_summary(self._home, daemon.config)
            typer.echo(
                "Round      {reached} of {sources} sources reached, {articles} articles read, "
                "{matches} matched".format(**summary)
            )
        return over

    def _matched(self, url: str) -> bool:
        db = open_reader(self._home, "ronda")
        try:
            article = find_article(db, url)
            return bool(article and article.id and matches_of(db, article.id))
        finally:
            db.close()

    def _latest_digest(self) -> Any:
        db = open_reader(self._home, "ronda")
        try:
            newest = latest_digests(db, limit=1)
            return load_digest(db, newest[0].id) if newest else None
        finally:
            db.close()

    async def _print_on(self, stop: asyncio.Event) -> None:
        """Have the sample web publish something now and then."""
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), NEWS_EVERY)
            except TimeoutError:
                await asyncio.to_thread(publish_article, self._port)
