"""A host that answers 429 or 503 is left alone from this answer on, as long as it asks.

Robots.txt, redirects and listings count as pages do; the pipeline later learns of it from `hosts`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.answers import retry_after
from crawler.pace import empty_queue, host_key
from crawler.reasons import status_reason
from crawler.seam import work_of

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

PLEAS = (429, 503)


class RetryGuard:
    """The middleware next to the network; Scrapy's own retry reads no Retry-After."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Note a plea to wait, and take back what stands in the host's queue."""
        if response.status in PLEAS:
            now = datetime.now(UTC)
            work_of(self.crawler).hosts.went_wrong(
                request.url,
                status_reason(response.status),
                asked=retry_after(response, now),
                now=now,
            )
            empty_queue(self.crawler, "held", host=host_key(request.url))
        return response
