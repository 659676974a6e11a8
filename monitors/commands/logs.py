"""Where a process's log goes: the home's rotated file, and stderr where no live view is."""

from __future__ import annotations

import logging
import os
import sys
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"
# Twenty files of 10 MiB at most: the log never passes 200 MB (P19 of the failure list).
LARGEST, KEPT = 10 * 1024 * 1024, 19


class _OwnersFile(RotatingFileHandler):
    def _open(self):  # type: ignore[no-untyped-def]  # the stdlib types it as a private detail
        """Open the log readable by its owner only."""
        return os.fdopen(
            os.open(self.baseFilename, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600),
            self.mode,
            encoding="utf-8",
        )


def log_to(home: Path, *, quiet: bool = False) -> bool:
    """Log into the home's file; gives True where the terminal can hold a live view.

    Elsewhere plain lines also go to stderr, unless `quiet`.
    """
    live = sys.stderr.isatty() and sys.stdout.isatty() and not quiet
    handler = _OwnersFile(
        home / "logs" / "ronda.log", maxBytes=LARGEST, backupCount=KEPT, delay=True
    )
    handlers: list[logging.Handler] = [handler]
    if not live and not quiet:
        handlers.append(logging.StreamHandler(sys.stderr))
    for each in handlers:
        each.setFormatter(logging.Formatter(LINE))
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
    return live
