"""What `ronda.db` wants of the crawl (read-only, absent where there is no daemon yet).

Also the one line on stdout per finished source that tells a parent to look.
"""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from config.errors import StorageError
from storage.database import find_reader
from storage.sources import disabled, entry_points
from storage.wishes import open_wishes

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from storage.records import Crawl, Wish


class WishBook:
    """Reads wishes and switches; keeps which wish waits for which source's crawl to end."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._reader: Database | None = None
        self._waiting: dict[str, list[Wish]] = {}
        self._heard: set[int] = set()

    def fresh(self) -> list[Wish]:
        """Give the open wishes that this process has not seen yet."""
        db = self._open()
        wishes = [] if db is None else open_wishes(db)
        new = [wish for wish in wishes if wish.id is not None and wish.id not in self._heard]
        self._heard.update(wish.id for wish in new if wish.id is not None)
        return new

    def take(self, wish: Wish) -> None:
        """Remember a wish until its source's crawl has ended."""
        self._waiting.setdefault(wish.source, []).append(wish)

    def first_contact(self, source: str) -> int | Literal["all"] | None:
        """Give how many articles a waiting wish wants of a source's first contact."""
        for wish in self._waiting.get(source, ()):
            if wish.first_contact == "all":
                return "all"
            if wish.first_contact is not None and wish.first_contact.isdigit():
                return int(wish.first_contact)
        return None

    def take_since(self, source: str) -> datetime | None:
        """Give, once, how far back a waiting wish wants a source; None where none does."""
        dates = [wish.since for wish in self._waiting.get(source, ()) if wish.since is not None]
        self._waiting[source] = [
            replace(wish, since=None) for wish in self._waiting.get(source, ())
        ]
        return min(dates, default=None)

    def done_with(self, source: str) -> list[int]:
        """Give, once, the wishes that a source's ended crawl has fulfilled."""
        return [wish.id for wish in self._waiting.pop(source, ()) if wish.id is not None]

    def disabled(self) -> set[str]:
        """Give the sources that are switched off."""
        db = self._open()
        return set() if db is None else disabled(db)

    def entry_points(self) -> dict[str, list[tuple[str, str]]]:
        """Give the entry points that were learned."""
        db = self._open()
        return {} if db is None else entry_points(db)

    def reader(self) -> Database | None:
        """Give `ronda.db` for reading, None where there is none yet."""
        return self._open()

    def close(self) -> None:
        """Close the reader."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _open(self) -> Database | None:
        if self._reader is None:
            # The daemon may be making or migrating its file at this very moment: look again later.
            with contextlib.suppress(StorageError):
                self._reader = find_reader(self._home, "ronda")
        return self._reader


def speak(line: dict[str, Any]) -> None:
    """Write one JSON line to stdout; a parent that is gone does not matter."""
    with contextlib.suppress(OSError):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def tell(crawl: Crawl) -> None:
    """Tell a parent that a source's crawl has ended."""
    speak(
        {
            "source": crawl.source,
            "crawl": crawl.id,
            "state": crawl.state,
            "requests": crawl.requests,
            "links_new": crawl.links_new,
            "pages": crawl.pages,
            "failed": crawl.failed,
            "reason": crawl.reason,
        }
    )
