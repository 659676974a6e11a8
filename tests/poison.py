"""An extension for a crawl process: listings that hold a word take their reader down for real."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any, Self

from crawler import polls, stop

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

CRASH, HANG = b"RACUN-MATI", b"RACUN-MACET"


class Poison:
    """Stands in for a parser's bug in C: one that crashes, and one that never returns."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Lay the trap."""
        stop.STUCK = 2.0
        read = polls.read_listing

        def read_listing(kind: Any, body: bytes, *rest: Any) -> Any:
            if CRASH in body:
                os.kill(os.getpid(), signal.SIGSEGV)
            while HANG in body:
                pass
            return read(kind, body, *rest)

        polls.read_listing = read_listing
        return cls()
