"""A discovery's visitor without Scrapy: plain requests to a web of loopback, the real reader."""

from __future__ import annotations

import http.client
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler.discovery.visitor import Got
from crawler.reading.article import read_article

if TYPE_CHECKING:
    from config.source import Source
    from storage.records import Article, Page


class LoopbackVisitor:
    """Asks 127.0.0.1 whatever host an address names; `now` is the present."""

    def __init__(self) -> None:
        self.requests = 0
        self._begun = time.monotonic()

    async def get(self, url: str) -> Got:
        """Ask, and follow redirects."""
        self.requests += 1
        asked = url
        for _ in range(5):
            status, headers, body = self._ask(url)
            if status not in (301, 302):
                break
            url = urljoin(url, headers["Location"])
        kind = headers.get("Content-Type", "")
        return Got(url=asked, final_url=url, status=status, body=body, content_type=kind)

    async def read(self, page: Page, source: Source) -> Article:
        """Read a page."""
        return read_article(page.body or b"", page, source, now=self.now())

    def robots(self, url: str) -> tuple[str, float | None]:
        """Give the host's robots.txt."""
        status, _, body = self._ask(urljoin(url, "/robots.txt"))
        return (body.decode() if status == 200 else ""), None

    def certificate(self, url: str) -> str | None:
        """Nothing here is encrypted."""
        return None

    def now(self) -> datetime:
        """Give the present moment."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Give the seconds since the visit began."""
        return time.monotonic() - self._begun

    def _ask(self, url: str) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=10)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("GET", path, headers={"Host": parts.netloc})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), body
