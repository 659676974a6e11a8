"""Random bytes where HTTP is meant: whatever comes, no traceback, and every link has an end.

FUZZ_SEEDS sets how many hosts (a thousand for the long run); FUZZ_FROM the first seed.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from storage import rounds, source_state
from storage.home import make_home
from storage.links import link_counts
from tests.crawling import crawl, reading, write_settings, write_source
from tests.hostile import PATH, HostileSite, feed_of
from tests.hostile_cases import FULL
from tests.packing import CODECS, pack

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.hostile import Wire

SEEDS = int(os.environ.get("FUZZ_SEEDS", "150"))
FIRST = int(os.environ.get("FUZZ_FROM", "0"))
BATCH = 250
NAMES = (
    *(
        "Content-Length",
        "Transfer-Encoding",
        "Content-Encoding",
        "Content-Type",
        "Location",
        "ETag",
    ),
    *("Retry-After", "Connection", "Set-Cookie", "Last-Modified", "Refresh", "cf-mitigated"),
)
VALUES = (
    *(
        "0",
        "-1",
        "18446744073709551616",
        "1e9",
        "chunked",
        "gzip",
        "br, zstd",
        "identity, x",
        "close",
    ),
    *(
        "text/html; charset=\xff",
        "http://[",
        "//",
        "http://%zz/",
        "\x80\x00",
        "Mon, 99 Foo 2026",
        "",
    ),
    *("http://x:99999/", "http://xn--/", "mailto:x", "?" * 3000, "a=b; c", "W/", '"', "challenge"),
)


def make_answer(seed: int, good: bytes) -> bytes:
    """Give what a host says over the wire, by its seed alone."""
    rng = random.Random(seed)
    if seed % 5 == 0:
        return rng.randbytes(rng.randrange(1, 3000))
    codec = rng.choice([None, *CODECS])
    body = good if codec is None else pack(good, codec)
    lines = [rng.choice(["HTTP/1.1 200 OK", "HTTP/1.0 200", "HTTP/2 200 OK", "HTTP/1.1 999 \xff"])]
    lines += [f"Content-Encoding: {codec}"] if codec else []
    lines += [f"Content-Length: {len(body)}"] if rng.random() < 0.7 else []
    if seed % 5 in (1, 2):
        lines += [f"{rng.choice(NAMES)}: {rng.choice(VALUES)}" for _ in range(rng.randrange(1, 6))]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
    whole = bytearray("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
    for _ in range(rng.randrange(1, 40)):
        place = rng.randrange(len(whole))
        if seed % 5 == 3:
            whole[place] = rng.randrange(256)
        else:
            size = rng.randrange(1, 30)
            whole[place : place + size] = rng.randbytes(rng.randrange(0, 30))
            whole = whole or bytearray(b"\0")
    return bytes(whole)


def speak(data: bytes) -> Callable[[Wire], Awaitable[None]]:
    """Say bytes and close."""

    async def serve(wire: Wire) -> None:
        await wire.send(data)

    return serve


@pytest.mark.parametrize("first", range(FIRST, FIRST + SEEDS, BATCH))
def test_N13_random_bytes_leave_no_traceback_and_nothing_open(
    first: int, tmp_path: Path, child_environment: dict[str, str]
) -> None:
    home = make_home(tmp_path / "home")
    write_settings(home)
    site = HostileSite()
    seeds = range(first, min(first + BATCH, FIRST + SEEDS))
    try:
        for seed in seeds:
            host = f"acak{seed}.test"
            site.feed(host, PATH)
            good = {
                "/feed/": feed_of([site.url(host, PATH)]),
                PATH: FULL,
                "/robots.txt": b"User-agent",
            }
            spoiled = ("/feed/", PATH, PATH, "/robots.txt")[seed // 5 % 4]
            site.set(host, PATH, speak(make_answer(seed + 1, FULL)))
            site.set(host, spoiled, speak(make_answer(seed, good[spoiled])))
            write_source(home, f"acak{seed}", site.url(host), 'listings = ["/feed/"]\n')
        crawled = crawl(home, child_environment, "-s", "DOWNLOAD_TIMEOUT=1")
    finally:
        site.close()
    assert crawled.code == 0, crawled.log[-3000:]
    assert "Traceback" not in crawled.log, crawled.log
    assert "Unhandled" not in crawled.log, crawled.log
    assert crawled.reason == "idle"
    with reading(home) as db:
        ended = rounds.crawls_of_round(db, 1)
        states = source_state.states(db)
        counts = link_counts(db)
        unexplained = db.execute(
            "SELECT url FROM links WHERE state <> 'done' AND reason IS NULL"
        ).fetchall()
    assert len(ended) == len(seeds)
    assert all(one.ended_at is not None for one in ended)
    assert all(state.lease is None for state in states.values())
    assert "error" not in {name for one in ended for name in one.reasons}
    assert unexplained == []
    assert sum(counts.values()) > len(seeds) // 4
