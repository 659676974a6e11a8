"""The hostile site: a raw-socket server on loopback where each host misbehaves in its own way.

Nothing here knows HTTP better than it must: what goes over the wire is written byte by byte, so
that it may be as wrong as it is in life. `tests.hostile_cases` says what each host does and what
must become of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from typing import Any

PATH = "/berita/bupati-dan-kpk-bahas-aset"  # the one story of each host
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request, from its last header to the end of the connection."""

    host: str
    path: str
    headers: dict[str, str]
    nth: int
    begun: float
    ended: float


class Wire:
    """One connection that has asked for something: `nth` counts how often this was asked."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        headers: dict[str, str],
        *,
        nth: int,
        port: int,
    ) -> None:
        self.headers = headers
        self.nth = nth
        self.port = port
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        """Write raw bytes; ends quietly when the other side has gone."""
        self._writer.write(data)
        await self._writer.drain()

    async def answer(
        self,
        body: bytes = b"",
        *,
        status: str = "200 OK",
        kind: str | None = "text/html; charset=utf-8",
        length: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Write a well-formed answer, but for what the arguments spoil; `length` -1 gives none."""
        lines = [f"HTTP/1.1 {status}", "Connection: close"]
        if kind is not None:
            lines.append(f"Content-Type: {kind}")
        if length != -1:
            lines.append(f"Content-Length: {len(body) if length is None else length}")
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        await self.send(("\r\n".join(lines) + "\r\n\r\n").encode() + body)

    async def until_gone(self) -> None:
        """Say nothing until the other side closes."""
        while await self._reader.read(65536):
            pass

    def reset(self) -> None:
        """Break the connection off with RST."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


class HostileSite:
    """Answers by host and path; what nobody set is 404. Every visit is kept."""

    def __init__(self, context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.visits: list[Visit] = []
        self._context = context
        self._answers: dict[tuple[str, str], Callable[[Wire], Awaitable[None]]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self.port = port
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self._ready.wait(10)

    def set(self, host: str, path: str, serve: Callable[[Wire], Awaitable[None]]) -> None:
        """Set what a host does when asked for a path."""
        self._answers[host, path] = serve

    def url(self, host: str, path: str = "/") -> str:
        """Give the address of a path."""
        scheme = "https" if self._context else "http"
        return f"{scheme}://{host}:{self.port}{path}"

    def feed(self, host: str, *paths: str) -> None:
        """Set a host's /feed/ to list these paths, the first being the newest."""
        self.set(host, "/feed/", say(feed_of([self.url(host, path) for path in paths]), kind=None))

    def asked(self, host: str, path: str | None = None) -> list[Visit]:
        """Give the visits of a host, or those of one path, in order."""
        return [one for one in list(self.visits) if one.host == host and path in (None, one.path)]

    def close(self) -> None:
        """Stop the server and whatever still hangs on it."""
        if self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(
            self._meet, "127.0.0.1", self.port, ssl=self._context, limit=1 << 20, backlog=1000
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._one(reader, writer)
        with contextlib.suppress(OSError, RuntimeError):
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        begun = time.time()
        first, *lines = head.split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if ": " in line)
        host, path = headers.get("Host", "").split(":")[0], first.split(" ")[1]
        self._counts[host, path] += 1
        nth = self._counts[host, path]
        wire = Wire(reader, writer, headers, nth=nth, port=self.port)
        serve = self._answers.get((host, path))
        try:
            if serve is None:
                await wire.send(NOT_FOUND)
            else:
                await serve(wire)
        finally:
            self.visits.append(
                Visit(
                    host=host, path=path, headers=headers, nth=nth, begun=begun, ended=time.time()
                )
            )


def say(body: bytes = b"", **how: Any) -> Callable[[Wire], Awaitable[None]]:
    """Give an answer that is always the same; `{port}` in headers becomes the site's port."""

    async def serve(wire: Wire) -> None:
        headers = how.get("headers") or {}
        with_port = {
            name: value.replace("{port}", str(wire.port)) for name, value in headers.items()
        }
        told = body.replace(b"{port}", str(wire.port).encode())
        await wire.answer(told, **{**how, "headers": with_port})

    return serve


def in_turn(*serves: Callable[[Wire], Awaitable[None]]) -> Callable[[Wire], Awaitable[None]]:
    """Give an answer per visit; the last one stays."""

    async def serve(wire: Wire) -> None:
        await serves[min(wire.nth, len(serves)) - 1](wire)

    return serve


def feed_of(urls: list[str]) -> bytes:
    """Give an RSS feed that lists addresses."""
    items = "".join(
        f"<item><title>Bupati dan KPK {place}</title><link>{url}</link>"
        f"<pubDate>Wed, 04 Mar 2026 {23 - place // 60:02}:{59 - place % 60:02}:00 +0700"
        "</pubDate></item>"
        for place, url in enumerate(urls)
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{items}</channel></rss>'
    ).encode()


def open_site(context: ssl.SSLContext | None = None) -> Iterator[HostileSite]:
    """Open a site and close it afterwards; the body of a fixture."""
    site = HostileSite(context)
    try:
        yield site
    finally:
        site.close()
