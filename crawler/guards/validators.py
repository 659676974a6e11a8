"""A 304 that answers no question of ours: the server means a copy that we do not have.

The address is asked for whole, once; who still says "not changed" has failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.retry import get_retry_request

from crawler.reasons import Refused, status_reason

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

VALIDATORS = ("If-None-Match", "If-Modified-Since")


class ValidatorGuard:
    """The middleware at 596."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Ask past every cache for what was called unchanged though nobody asked if it was."""
        if response.status != 304 or any(name in request.headers for name in VALIDATORS):
            return response
        assert self.crawler.spider is not None
        again = get_retry_request(
            request, spider=self.crawler.spider, reason="http_304", max_retry_times=1
        )
        if again is None:
            raise Refused(status_reason(304))
        again.headers["Cache-Control"] = b"no-cache"
        return again
