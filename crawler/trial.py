"""The listing that is being read at this moment: counted before, as it may take us down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.database import writing
from storage.parsing import begin_parsing, end_parsing

if TYPE_CHECKING:
    from sqlite_utils import Database


class Trial:
    """At most one listing: they are read one after the other, on the crawl's one thread."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._source: str | None = None

    def begin(self, source: str) -> None:
        """Count, in a transaction of its own, that a source's listing is about to be read."""
        with writing(self._db):
            self.survive()
            begin_parsing(self._db, source)
        self._source = source

    def survive(self) -> None:
        """Note that we are still here, within the caller's transaction."""
        if self._source is not None:
            end_parsing(self._db, self._source)
            self._source = None
