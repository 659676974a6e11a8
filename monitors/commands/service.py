"""`ronda service print`: a plain systemd user unit for this home."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import typer

from .options import HomeOption, find_home

app = typer.Typer(help="The systemd unit.", no_args_is_help=True)

# 75 is "another daemon runs here": restarting would only ask again.
UNIT = """\
# ~/.config/systemd/user/ronda.service
# then: systemctl --user daemon-reload && systemctl --user enable --now ronda
[Unit]
Description=Ronda, a watch over regional news
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
ExecStart="{program}" run --home "{home}"
Restart=on-failure
RestartSec=10
RestartPreventExitStatus=2 75
# Where memory runs out, the process that took it is ended, not the whole service.
OOMPolicy=continue
TimeoutStopSec=35
UMask=0077

[Install]
WantedBy=default.target
"""


def add_to(parent: typer.Typer) -> None:
    """Register this module's commands."""
    parent.add_typer(app, name="service")


@app.callback()
def _service() -> None:
    """Keep `service` a group, though it has one command yet."""


@app.command("print")
def print_(home: HomeOption = None) -> None:
    """Print a systemd user unit that restarts on failure, not on 75."""
    beside = Path(sys.executable).with_name("ronda")
    program = str(beside) if beside.exists() else shutil.which("ronda") or "ronda"
    typer.echo(UNIT.format(program=_escape(program), home=_escape(str(find_home(home)))), nl=False)


def _escape(path: str) -> str:
    """Quote a path as systemd reads it: backslash, double quote and percent."""
    return path.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
