"""What a discovery keeps instead of a round: hosts as `crawl.db` knows them, read and not written.

It holds no lock and stores nothing, so it may run beside a crawl; what it learns of a host's pace
while it runs counts for itself alone.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from config.errors import StorageError
from storage.database import find_reader

from .hosts import HostBook
from .loaded import load
from .tally import Tally

if TYPE_CHECKING:
    from pathlib import Path


class Visit:
    """The part of a round's work that guards and pace ask for."""

    def __init__(self, home: Path) -> None:
        self.config = load(home)
        self.tally = Tally()
        self._reader = None
        # A file that another process is making at this moment knows no host yet.
        with contextlib.suppress(StorageError):
            self._reader = find_reader(home, "crawl")
        self.hosts = HostBook(self._reader)

    def slot_of(self, host: str) -> str:
        """Give the slot of a host."""
        return self.config.slot_of(host)

    def floor(self, slot: str) -> float:
        """Give the shortest delay of a slot: what files say or its hosts ask for, in seconds."""
        return max(self.config.floor(slot), self.hosts.asked_delay(slot))

    def close(self) -> None:
        """Close the reader."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None
