"""Lets the naive spider look up the sample web's names, which no name server knows."""

from __future__ import annotations

from typing import Any

from scrapy.resolver import CachingThreadedResolver


class LoopbackResolver(CachingThreadedResolver):
    """Answers 127.0.0.1 for every name."""

    def getHostByName(self, name: str, timeout: Any = None) -> Any:  # Twisted's name
        """Look up the machine itself."""
        del name
        return super().getHostByName("127.0.0.1", timeout)
