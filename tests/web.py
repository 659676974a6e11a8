"""A small real web on loopback: one server, many hosts, every request kept."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CLOSED = -1  # a status: the connection is closed without an answer
HANGING = -2  # a status: no answer comes until the web is closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came."""

    host: str
    path: str
    headers: dict[str, str]
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One answer; `etag` makes it honour If-None-Match."""

    body: bytes = b""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    etag: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Web:
    """Answers by host and path; unknown hosts and paths are 404, so is robots.txt unless given."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answered: list[tuple[Asked, float]] = []  # with the moment of the answer's end
        self.pages: dict[tuple[str, str], Told | Callable[[Asked], Told]] = {}
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def tell(self, host: str, path: str, told: Told | Callable[[Asked], Told]) -> None:
        """Set what a host answers for a path."""
        self.pages[host, path] = told

    def url(self, host: str, path: str = "/") -> str:
        """Give the address of a path."""
        return f"http://{host}:{self.port}{path}"

    def feed(self, host: str, entries: list[tuple[str, str]], *, etag: str | None = None) -> None:
        """Set a host's /feed/ with (path, title), the first being the newest."""
        items = "".join(
            f"<item><title>{title}</title><link>{self.url(host, path)}</link>"
            f"<pubDate>Wed, 04 Mar 2026 {23 - place // 60:02}:{59 - place % 60:02}:00 +0700"
            "</pubDate></item>"
            for place, (path, title) in enumerate(entries)
        )
        body = (
            '<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>'
            f"<link>{self.url(host)}</link>{items}</channel></rss>"
        )
        self.tell(host, "/feed/", Told(body=body.encode(), kind="application/rss+xml", etag=etag))

    def story(self, host: str, path: str, title: str = "Judul") -> None:
        """Set a page that reads like an article."""
        body = f"<html><head><title>{title}</title></head><body><p>Isi {path}.</p></body></html>"
        self.tell(host, path, Told(body=body.encode()))

    def paths(self, host: str) -> list[str]:
        """Give the paths asked of a host, in order, without robots.txt."""
        return [
            one.path for one in list(self.asked) if one.host == host and one.path != "/robots.txt"
        ]

    def close(self) -> None:
        """Stop the server."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                host = (self.headers.get("Host") or "").split(":")[0]
                asked = Asked(
                    host=host, path=self.path, headers=dict(self.headers.items()), at=time.time()
                )
                web.asked.append(asked)
                told = web.pages.get((host, self.path), Told(status=404))
                if not isinstance(told, Told):
                    told = told(asked)
                self.answer(told)
                web.answered.append((asked, time.time()))

            def answer(self, told: Told) -> None:
                if told.status == HANGING:
                    web.closing.wait(60)
                if told.status in (CLOSED, HANGING):
                    self.close_connection = True
                    return
                known = told.etag is not None and self.headers.get("If-None-Match") == told.etag
                body = b"" if known else told.body
                self.send_response(304 if known else told.status)
                headers = {"Content-Type": told.kind, **told.headers}
                if told.etag is not None:
                    headers["ETag"] = told.etag
                if not known:
                    headers.setdefault("Content-Length", str(len(body)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):  # who asked may have heard enough
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


@contextmanager
def self_signed_web(folder: Path) -> Iterator[int]:
    """Serve https with a certificate that nobody vouches for; gives its port."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "palsu.test")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("palsu.test")]), False)
    file = folder / "palsu.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with socket.create_server(("127.0.0.1", 0)) as server:
        closing = threading.Event()

        def serve() -> None:
            while not closing.is_set():
                with contextlib.suppress(OSError):
                    connection, _ = server.accept()
                    context.wrap_socket(connection, server_side=True).close()

        thread = threading.Thread(target=serve)
        thread.start()
        port = server.getsockname()[1]
        yield port
        closing.set()
        socket.create_connection(("127.0.0.1", port)).close()
        thread.join()
