"""A home's files -> what changes whenever one of them does, without reading any."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILES = ("sources/*/*.toml", "sources/*.toml", "families/*.toml", "topics/*.toml")
Fingerprint = tuple[tuple[str, int, int, int], ...]


def fingerprint(home: Path | None) -> Fingerprint:
    """Give a mark of each of the home's own files; shipped ones change with the program only."""
    if home is None:
        return ()
    paths = [home / "ronda.toml"]
    for files in FILES:
        paths += sorted(home.glob(files))
    found = []
    for path in paths:
        try:
            state = path.stat()
        except OSError:
            continue
        # The change time: a copy may bring an old modification time along.
        found.append((str(path), state.st_ino, state.st_ctime_ns, state.st_size))
    return tuple(found)
