"""A compressed body that ends too early is an error, not a shorter page.

Scrapy unpacks what there is and says nothing. We walk the stream once in small steps, keep
nothing, and stop at the size that the crawl accepts: a bomb passes here first.
"""

from __future__ import annotations

import sys
import zlib
from typing import TYPE_CHECKING

import brotli
from scrapy.downloadermiddlewares.retry import get_retry_request

from crawler.reasons import Refused

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor
else:
    from backports.zstd import ZstdDecompressor

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

STEP = 64 * 1024


def is_whole(body: bytes, encoding: str, limit: int) -> bool:
    """Say whether a compressed body ends where its own format says.

    True also for what we cannot judge: another encoding, or more than `limit` bytes unpacked
    (that is refused elsewhere, as too large).
    """
    if encoding in ("gzip", "x-gzip"):
        return _gzip_whole(body, limit)
    if encoding == "br":
        return _brotli_whole(body, limit)
    if encoding == "zstd":
        return _zstd_whole(body, limit)
    return True


class TruncationGuard:
    """The middleware at 595, which sees answers before they are unpacked."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.limit = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Fetch a truncated body once more, then give it up as "truncated_body"."""
        raw = response.headers.get("Content-Encoding")
        encoding = (raw or b"").decode("latin-1").strip().lower()
        if not response.body or is_whole(response.body, encoding, self.limit):
            return response
        assert self.crawler.spider is not None
        again = get_retry_request(request, spider=self.crawler.spider, reason="truncated_body")
        if again is None:
            raise Refused("truncated_body")
        return again


def _gzip_whole(body: bytes, limit: int) -> bool:
    unpacked = 0
    while body:
        member = zlib.decompressobj(wbits=31)
        rest = body
        try:
            while rest and not member.eof:
                unpacked += len(member.decompress(rest, STEP))
                rest = member.unconsumed_tail
                if unpacked > limit:
                    return True
        except zlib.error:
            return False
        if not member.eof:
            return False
        body = member.unused_data.lstrip(b"\0")
        if not body.startswith(b"\x1f\x8b"):
            return True  # padding or litter after the last member: the page itself is whole
    return True


def _brotli_whole(body: bytes, limit: int) -> bool:
    stream = brotli.Decompressor()
    unpacked = 0
    try:
        piece = stream.process(body, output_buffer_limit=STEP)
        while not stream.is_finished() and (piece or not stream.can_accept_more_data()):
            unpacked += len(piece)
            if unpacked > limit:
                return True
            piece = stream.process(b"", output_buffer_limit=STEP)
    except brotli.error:
        return False
    return bool(stream.is_finished())


def _zstd_whole(body: bytes, limit: int) -> bool:
    unpacked = 0
    while body:
        frame = ZstdDecompressor()
        given = body
        try:
            while not frame.eof:
                unpacked += len(frame.decompress(given, STEP))
                given = b""
                if unpacked > limit:
                    return True
                if frame.needs_input:
                    break
        except Exception as error:
            if type(error).__name__ != "ZstdError":
                raise
            return False
        if not frame.eof:
            return False
        body = frame.unused_data
    return True
