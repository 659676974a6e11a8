"""A compressed page that ends too early is told from a whole one."""

from __future__ import annotations

import gzip
import os
import time
from typing import TYPE_CHECKING

import brotli
import pytest
import zstandard

from crawler.guards.truncation import is_whole

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 8 * 1024 * 1024
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}
PAGE = b"".join(b"<p>Bupati dan KPK, alinea %d, %s.</p>" % (n, os.urandom(8)) for n in range(9000))


@pytest.mark.parametrize("encoding", PACK)
def test_whole_bodies_pass_and_cut_ones_do_not(encoding: str) -> None:
    packed = PACK[encoding](PAGE)
    assert is_whole(packed, encoding, LIMIT)
    for part in (1, 2, 7, 30, 60, 90, 99):
        assert not is_whole(packed[: len(packed) * part // 100], encoding, LIMIT), part
    assert not is_whole(packed[:-1], encoding, LIMIT)


@pytest.mark.parametrize("encoding", PACK)
def test_a_bomb_is_walked_no_further_than_the_limit(encoding: str) -> None:
    bomb = (
        PACK[encoding](bytes(200 * 1024 * 1024))
        if encoding != "br"
        else brotli.compress(bytes(200 * 1024 * 1024), quality=3)
    )
    begun = time.monotonic()
    assert is_whole(bomb, encoding, LIMIT)
    assert time.monotonic() - begun < 1.0


def test_two_members_and_padding_are_one_whole_page() -> None:
    both = gzip.compress(PAGE[:500]) + gzip.compress(PAGE[500:])
    assert is_whole(both, "gzip", LIMIT)
    assert is_whole(both + b"\0" * 40, "gzip", LIMIT)
    assert not is_whole(both[:-3], "gzip", LIMIT)


@pytest.mark.parametrize("encoding", ["identity", "deflate", ""])
def test_what_we_cannot_judge_passes(encoding: str) -> None:
    assert is_whole(PAGE[:100], encoding, LIMIT)
