"""A compressed page that ends too early is told from a whole one, and from what is none."""

from __future__ import annotations

import gzip
import os
import time
import zlib

import pytest

from crawler.guards.truncation import judge_body
from tests.packing import CODECS, bomb, cut, pack

LIMIT = 8 * 1024 * 1024
PAGE = b"".join(
    b"<p>Bupati dan KPK, alinea %d, %s.</p>" % (n, os.urandom(8).hex().encode())
    for n in range(2000)
)


@pytest.mark.parametrize("codec", CODECS)
def test_N08_of_99_cuts_none_passes_and_the_whole_body_does(codec: str) -> None:
    packed = pack(PAGE, codec)
    assert judge_body(packed, [codec], LIMIT) == "whole"
    for percent in range(1, 100):
        assert judge_body(cut(packed, percent), [codec], LIMIT) == "truncated_body", percent
    assert judge_body(packed[:-1], [codec], LIMIT) == "truncated_body"


@pytest.mark.parametrize("codec", CODECS)
def test_N08_a_body_that_fills_the_last_step_is_whole(codec: str) -> None:
    for size in (0, 1, 65535, 65536, 65537, 131072, 1 << 20):
        assert judge_body(pack(b" " * size, codec), [codec], LIMIT) == "whole", size


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("other", [*CODECS, "plain", "garbage"])
def test_N09_what_is_packed_otherwise_is_found_out(codec: str, other: str) -> None:
    told = {"plain": PAGE, "garbage": os.urandom(5000)}
    body = told[other] if other in told else pack(PAGE, other)
    expected = {"whole"} if other == codec else {"bad_encoding", "truncated_body"}
    assert judge_body(body, [codec], LIMIT) in expected


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("outer", [None, *CODECS])
def test_N10_a_bomb_ends_at_the_limit(codec: str, outer: str | None) -> None:
    body = bomb(codec, 64)
    begun = time.process_time()
    if outer is not None:
        body = pack(body, outer)
        assert judge_body(body, [codec, outer], LIMIT) == "too_large"
    else:
        assert judge_body(body, [codec], LIMIT) == "too_large"
    assert time.process_time() - begun < 2.0


def test_N10_three_layers_are_refused_unopened() -> None:
    assert judge_body(b"x", ["gzip"] * 3, LIMIT) == "bad_encoding"


def test_two_members_and_padding_are_one_whole_page() -> None:
    both = gzip.compress(PAGE[:500]) + gzip.compress(PAGE[500:])
    assert judge_body(both, ["gzip"], LIMIT) == "whole"
    assert judge_body(both + b"\0" * 40, ["gzip"], LIMIT) == "whole"
    assert judge_body(both[:-3], ["gzip"], LIMIT) == "truncated_body"
    assert judge_body(pack(PAGE, "zstd") + b"\n", ["zstd"], LIMIT) == "whole"


def test_raw_deflate_is_deflate_too() -> None:
    raw = zlib.compressobj(wbits=-15)
    packed = raw.compress(PAGE) + raw.flush()
    assert judge_body(packed, ["deflate"], LIMIT) == "whole"
    assert judge_body(cut(packed, 60), ["deflate"], LIMIT) == "truncated_body"


@pytest.mark.parametrize("name", ["utf-8", "8bit", "html"])
def test_a_header_that_means_something_else_does_no_harm(name: str) -> None:
    assert judge_body(PAGE, [name], LIMIT) == "whole"
    assert judge_body(os.urandom(3000), [name], LIMIT) == "bad_encoding"
