"""The ways in which hostile hosts misbehave, each a few bytes over a raw connection."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from tests.hostile import in_turn, say
from tests.walls import page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.hostile import Wire

FULL = page(
    "Judul", "".join(f"<p>Alinea {n} tentang bupati dan KPK.</p>" for n in range(200))
).encode()
GARBAGE = random.Random(7).randbytes(4000)


async def hang(wire: Wire) -> None:
    """Accept and never answer."""
    await wire.until_gone()


async def hang_in_headers(wire: Wire) -> None:
    """Stop half way through the headers."""
    await wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Ha")
    await wire.until_gone()


async def hang_in_body(wire: Wire) -> None:
    """Stop half way through the body."""
    await wire.answer(FULL[:500], length=len(FULL))
    await wire.until_gone()


async def drip(wire: Wire) -> None:
    """Send one byte every 100 ms."""
    await wire.answer(length=100_000)
    for _ in range(600):
        await wire.send(b"x")
        await asyncio.sleep(0.1)


async def drip_headers(wire: Wire) -> None:
    """Send one byte of a header every 100 ms."""
    await wire.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(600):
        await wire.send(b"x")
        await asyncio.sleep(0.1)


async def endless(wire: Wire) -> None:
    """Send a body without end and without length."""
    await wire.answer(b"<html><body>", length=-1)
    while True:
        await wire.send(b"<p>tanpa akhir</p>" * 4096)


async def reset_at_once(wire: Wire) -> None:
    """Break off before the first byte."""
    wire.reset()


def reset_after(length: int | None) -> Callable[[Wire], Awaitable[None]]:
    """Break off in the middle of a body with or without (-1) a stated length."""

    async def serve(wire: Wire) -> None:
        await wire.answer(FULL[: len(FULL) // 2], length=length)
        await asyncio.sleep(0.1)
        wire.reset()

    return serve


async def cut_chunk(wire: Wire) -> None:
    """Close before the last chunk."""
    await wire.answer(length=-1, headers={"Transfer-Encoding": "chunked"})
    await wire.send(b"%x\r\n%s\r\n" % (500, FULL[:500]))


async def long_header(wire: Wire) -> None:
    """Send a header line of 20 MB."""
    await wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Long: ")
    for _ in range(20):
        await wire.send(b"x" * 1_000_000)
    await wire.send(b"\r\n\r\n" + FULL)


async def many_headers(wire: Wire) -> None:
    """Send 50,000 headers."""
    await wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
    await wire.send(b"".join(b"X-Number-%d: %d\r\n" % (n, n) for n in range(50_000)))
    await wire.send(b"\r\n" + FULL)


async def endless_headers(wire: Wire) -> None:
    """Send headers without end."""
    await wire.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await wire.send(b"X-More: yes yes yes yes\r\n" * 1000)


async def endless_robots(wire: Wire) -> None:
    """Send a robots.txt without end whose first lines forbid all."""
    await wire.answer(b"User-agent: *\nDisallow: /berita/\n", length=-1, kind="text/plain")
    while True:
        await wire.send(b"# tanpa akhir\n" * 4096)


async def junk(wire: Wire) -> None:
    """Send random bytes instead of HTTP."""
    await wire.send(GARBAGE)


def hops(count: int, told: bytes, path: str = "/robots.txt") -> Callable[[Wire], Awaitable[None]]:
    """Redirect to itself so many times, then tell something."""
    steps = [say(status="302 Found", headers={"Location": f"{path}"})] * count
    return in_turn(*steps, say(told, kind="text/plain"))


def packed(codec: str, body: bytes, kind: str = "text/html") -> Callable[[Wire], Awaitable[None]]:
    """Tell a body under a Content-Encoding."""
    return say(body, kind=kind, headers={"Content-Encoding": codec})


def to(location: str) -> Callable[[Wire], Awaitable[None]]:
    """Redirect."""
    return say(status="302 Found", headers={"Location": location})


def refresh(url: str) -> Callable[[Wire], Awaitable[None]]:
    """Redirect by a meta refresh."""
    return say(
        f'<html><head><meta http-equiv="refresh" content="0; url={url}"></head></html>'.encode()
    )


def forbid(padding: bytes = b"", before: bytes = b"") -> bytes:
    """Give a robots.txt that forbids the story."""
    return before + b"User-agent: *\nDisallow: /berita/\n" + padding
