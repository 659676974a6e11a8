"""A page that stops before its end: asked for once more, the longer one kept, and marked.

A Content-Length too small cuts a body without any error. What tells is the missing `</html>`; but
some sites never write it, which their other pages of the round show.
"""

from __future__ import annotations

from collections import defaultdict, deque
from statistics import median
from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.retry import get_retry_request

from crawler.answers import SUSPECT, header, is_page

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

TAIL = 64 * 1024  # bytes; comments and scripts may follow the end
KEPT = 20  # pages of a source that tell its habit
ENOUGH = 3


class Habit:
    """Sizes of a source's pages in this round, and how many of them had an end."""

    def __init__(self) -> None:
        self.sizes: deque[int] = deque(maxlen=KEPT)
        self.ended = 0

    def saw(self, size: int, *, end: bool) -> None:
        """Note a page."""
        self.sizes.append(size)
        self.ended += end

    def omits_ends(self, size: int) -> bool:
        """Say whether its pages never have an end, and this one is no shorter than usual."""
        return not self.ended and len(self.sizes) >= ENOUGH and size >= median(self.sizes) / 2


class EndingGuard:
    """The middleware at 565, which sees pages unpacked."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._habits: dict[str, Habit] = defaultdict(Habit)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Ask once more for a page without end; keep the longer and mark it."""
        fetch = request.cb_kwargs.get("fetch")
        kind = header(response, "Content-Type") or ""
        if fetch is None or response.status != 200 or not is_page(kind, response.body):
            return response
        habit = self._habits[fetch.source.id]
        size = len(response.body)
        first: Response | None = request.meta.get("first_answer")
        usual = habit.omits_ends(size)
        end = has_end(response.body)
        if first is None:
            habit.saw(size, end=end)
        if end or usual:
            return response
        if first is None:
            assert self.crawler.spider is not None
            again = get_retry_request(request, spider=self.crawler.spider, reason=SUSPECT)
            if again is not None:
                again.meta["first_answer"] = response
                return again
        elif len(first.body) > size:
            response = first
        response.flags.append(SUSPECT)
        return response


def has_end(body: bytes) -> bool:
    """Say whether a page's last part closes it."""
    return b"</html" in body[-TAIL:].lower()
