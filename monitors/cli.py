"""The console command `ronda`: checks that our packages lie side by side, then runs one line."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

FLOORS = ("config", "storage", "crawler", "monitors")


def main() -> None:
    """Run `ronda`: exit 0 done, 1 done with failures named, 2 user must act, 75 already running."""
    _check_floors()
    # Workers and the fork server would import the starting script again as __mp_main__.
    if hasattr(sys.modules["__main__"], "__file__"):
        del sys.modules["__main__"].__file__
    from monitors.commands.app import run_app

    sys.exit(run_app(sys.argv[1:]))


def _check_floors() -> None:
    """Make sure that our four packages lie side by side: their names are common words."""
    home = Path(__file__).resolve().parent.parent
    for floor in FLOORS:
        found = importlib.util.find_spec(floor)
        places = [] if found is None else [Path(p) for p in found.submodule_search_locations or []]
        if home / floor not in [place.resolve() for place in places]:
            sys.stderr.write(
                f"ronda: the package '{floor}' comes from {places or 'nowhere'}, not from {home};\n"
                "install Ronda into an environment of its own (pipx, uv tool, venv)\n"
            )
            sys.exit(2)
