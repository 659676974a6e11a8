"""A compressed body that ends too early is an error, not a shorter page; so is a false one.

Scrapy unpacks what there is and says nothing. We walk the stream once in small steps, keep
nothing, and stop at the size that the crawl accepts: a bomb ends here.
"""

from __future__ import annotations

import sys
import zlib
from typing import TYPE_CHECKING, Literal

import brotli
from scrapy.downloadermiddlewares.retry import get_retry_request

from crawler.reasons import Refused

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor, ZstdError
else:
    from backports.zstd import ZstdDecompressor, ZstdError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

STEP = 64 * 1024
LAYERS = 2  # one may be packed twice by mistake; more is mischief
Verdict = Literal["whole", "truncated_body", "bad_encoding", "too_large"]


def judge_body(body: bytes, encodings: list[str], limit: int) -> Verdict:
    """Say whether a packed body is whole: it ends where its own formats say, within `limit` bytes.

    `encodings` are those of the header, in its order; the last was applied last.
    """
    layers = [_CODECS.get(name) for name in reversed(encodings)]
    if len(layers) > LAYERS:
        return "bad_encoding"
    for place, codec in enumerate(layers):
        if codec is None:
            return "whole" if place == 0 and _is_text(body) else "bad_encoding"
        inner = place + 1 < len(layers)
        kept: list[bytes] = []
        size = 0
        try:
            for piece in codec(body):
                size += len(piece)
                if size > limit:
                    return "too_large"
                if inner:
                    kept.append(piece)
        except EOFError:
            return "truncated_body"
        except (zlib.error, brotli.error, ZstdError):
            return "bad_encoding"
        body = b"".join(kept)
    return "whole"


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
        """Fetch what is not whole once more, then give it up.

        What is not packed as its header says is asked for unpacked: some servers err only there.
        """
        encodings = _encodings(response)
        if not response.body or not encodings or "download_stopped" in response.flags:
            return response
        verdict = judge_body(response.body, encodings, self.limit)
        if verdict == "whole":
            return response
        if verdict == "too_large":
            raise Refused(verdict)
        assert self.crawler.spider is not None
        again = get_retry_request(request, spider=self.crawler.spider, reason=verdict)
        if again is None:
            raise Refused(verdict)
        if verdict == "bad_encoding":
            again.headers["Accept-Encoding"] = b"identity"
        return again


def _encodings(response: Response) -> list[str]:
    said = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1")
    names = [name.strip().lower() for name in said.split(",")]
    return [name for name in names if name not in ("", "identity", "none")]


def _is_text(body: bytes) -> bool:
    """Say whether a body under an encoding that nobody knows ("UTF-8") is readable as it is."""
    head = body[:2048]
    return b"\0" not in head and b"<" in head and sum(byte < 9 for byte in head) == 0


def _gzip(body: bytes) -> Iterator[bytes]:
    while body:
        member = zlib.decompressobj(wbits=31)
        yield from _inflate(member, body)
        # Padding or litter after the last member does no harm: the page itself is whole.
        body = member.unused_data.lstrip(b"\0")
        if not body.startswith(b"\x1f\x8b"):
            return


def _deflate(body: bytes) -> Iterator[bytes]:
    """Servers mean either of two formats by "deflate"; the first bytes tell which."""
    packed = len(body) > 1 and body[0] & 15 == 8 and (body[0] * 256 + body[1]) % 31 == 0
    yield from _inflate(zlib.decompressobj(wbits=15 if packed else -15), body)


def _inflate(stream: zlib._Decompress, body: bytes) -> Iterator[bytes]:
    while body and not stream.eof:
        yield stream.decompress(body, STEP)
        body = stream.unconsumed_tail
    while not stream.eof:
        # What the last bytes still hold: output was bounded, input is at its end.
        piece = stream.decompress(b"", STEP)
        if not piece:
            raise EOFError
        yield piece


def _brotli(body: bytes) -> Iterator[bytes]:
    stream = brotli.Decompressor()
    piece = stream.process(body, output_buffer_limit=STEP)
    while not stream.is_finished() and (piece or not stream.can_accept_more_data()):
        yield piece
        piece = stream.process(b"", output_buffer_limit=STEP)
    yield piece
    if not stream.is_finished():
        raise EOFError


def _zstd(body: bytes) -> Iterator[bytes]:
    while body:
        frame = ZstdDecompressor()
        given = body
        while not frame.eof:
            yield frame.decompress(given, STEP)
            given = b""
            if frame.needs_input and not frame.eof:
                raise EOFError
        body = frame.unused_data
        if not body.startswith(b"\x28\xb5\x2f\xfd"):
            return


_CODECS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
