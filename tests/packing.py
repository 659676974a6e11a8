"""Compressed bodies for tests: whole, cut short, and bombs of any size from few bytes."""

from __future__ import annotations

import gzip
import zlib
from functools import lru_cache

import brotli
import zstandard

MEBI = 1 << 20
CODECS = ("gzip", "br", "zstd", "deflate")


def pack(body: bytes, codec: str) -> bytes:
    """Compress a body."""
    if codec == "gzip":
        return gzip.compress(body)
    if codec == "br":
        return bytes(brotli.compress(body))
    if codec == "zstd":
        return zstandard.compress(body)
    return zlib.compress(body)


def cut(body: bytes, percent: int) -> bytes:
    """Give the first so many percent of a body."""
    return body[: len(body) * percent // 100]


@lru_cache(maxsize=8)
def bomb(codec: str, mebibytes: int) -> bytes:
    """Give a bomb that unpacks to so many MiB of spaces, built in steps."""
    piece = b" " * MEBI
    if codec == "zstd":
        stream = zstandard.ZstdCompressor().compressobj()
        return b"".join(stream.compress(piece) for _ in range(mebibytes)) + stream.flush()
    if codec == "br":
        compressor = brotli.Compressor(quality=2)
        return b"".join(compressor.process(piece) for _ in range(mebibytes)) + compressor.finish()
    if codec == "gzip":
        # Members may follow one another: 64 MiB are compressed once.
        member = gzip.compress(piece * min(64, mebibytes))
        return member * max(1, mebibytes // 64)
    deflate = zlib.compressobj(1)
    return b"".join(deflate.compress(piece) for _ in range(mebibytes)) + deflate.flush()
