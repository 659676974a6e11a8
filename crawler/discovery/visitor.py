"""What discovery needs of the network and the reader; the spider gives it, tests may too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from config.source import Source
    from storage.records import Article, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """An answer; `reason` says in one of the crawl's words why there is none to use."""

    url: str
    final_url: str
    status: int | None = None
    body: bytes = b""
    content_type: str = ""
    reason: str | None = None


class Visitor(Protocol):
    """One polite guest: a request at a time, by the rules and the pace of the host."""

    requests: int

    async def get(self, url: str) -> Got:
        """Ask for an address."""

    async def read(self, page: Page, source: Source) -> Article:
        """Read a page; raises NotAnArticle, or ExpectedError where the reader gave up."""

    def robots(self, url: str) -> tuple[str, float | None]:
        """Give a host's robots.txt, empty where it has none, and the delay that it asks for."""

    def certificate(self, url: str) -> str | None:
        """Say in words why a host's certificate was refused, None where it was not."""

    def now(self) -> datetime:
        """Give the present moment."""

    def elapsed(self) -> float:
        """Give the seconds since the visit began."""
