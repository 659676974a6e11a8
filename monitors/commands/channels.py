"""`ronda channels list`: the ways out, with their secrets hidden."""

from __future__ import annotations

import typer

from config.settings import load_settings

from .options import HomeOption, JsonOption, find_home, show_rows

app = typer.Typer(help="Ways out: file, e-mail, Apprise addresses.", no_args_is_help=True)


@app.callback()
def _channels() -> None:
    """Keep `channels` a group, though it has one command yet."""


@app.command("list")
def list_(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the channels of the settings and which monitors use them."""
    settings = load_settings(find_home(home), secrets=False)
    rows = []
    for name, channel in settings.channels.items():
        used = [each.name for each in settings.monitors.values() if name in each.channels]
        detail = channel.model_dump(mode="json", exclude={"kind"}, exclude_none=True)
        rows.append(
            {
                "channel": name,
                "kind": channel.kind,
                "monitors": ", ".join(used),
                "settings": ", ".join(f"{key}={value}" for key, value in detail.items()),
            }
        )
    show_rows(rows, ("channel", "kind", "monitors", "settings"), as_json=as_json)
