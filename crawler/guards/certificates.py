"""Certificates are verified against certifi's roots; a source's file may say `tls = "lax"`.

Scrapy's switch is one for all hosts. A lax source is read whatever its certificate says, also with
old ciphers; what is read so is marked and never goes out at once. For a strict one the book keeps
why a certificate was refused: Twisted's error does not tell.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import certifi
from OpenSSL import SSL
from twisted.internet._sslverify import (
    ClientTLSOptions,
    IOpenSSLTrustRoot,
    _verifyCB,
)
from twisted.internet.ssl import AcceptableCiphers, CertificateOptions, TLSVersion
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]  # ships no types

from crawler.answers import LAX
from crawler.pace import host_key
from crawler.reasons import failure_reason
from crawler.seam import work_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

    from OpenSSL.crypto import X509
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.protocols.tls import TLSMemoryBIOProtocol

LEGACY_SERVER = 0x4  # OP_LEGACY_SERVER_CONNECT: servers without secure renegotiation
# X509_V_ERR_... of OpenSSL, in our words
WHY = {
    9: "not yet valid",
    10: "expired",
    18: "self-signed",
    19: "self-signed root",
    20: "incomplete chain or unknown issuer",
    21: "incomplete chain or unknown issuer",
}
NAME = "wrong name"
MOST_KEPT = 10_000
_policies: WeakKeyDictionary[Crawler, TlsBySource] = WeakKeyDictionary()


class CertificateGuard:
    """The middleware at 85: marks what nobody verified, and notes why a certificate was refused."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Mark an answer of a lax host; forget what was wrong with a strict one."""
        parts = urlsplit(response.url)
        if parts.scheme == "https":
            if is_lax(self.crawler, parts.hostname or ""):
                response.flags.append(LAX)
            hosts = work_of(self.crawler).hosts
            if hosts.get(host_key(response.url)).certificate is not None:
                hosts.change(host_key(response.url), certificate=None)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Note why a host's certificate was refused."""
        if failure_reason(exception) == "certificate":
            why = policy_of(self.crawler).refused.get(urlsplit(request.url).hostname or "")
            work_of(self.crawler).hosts.change(host_key(request.url), certificate=why)


@implementer(IOpenSSLTrustRoot)
class Roots:
    """The roots of certifi, or of the file that the operator's SSL_CERT_FILE names."""

    def _addCACertsToContext(self, context: SSL.Context) -> None:  # noqa: N802  # Twisted's name
        context.load_verify_locations(os.environ.get("SSL_CERT_FILE") or certifi.where())


@implementer(IPolicyForHTTPS)
class TlsBySource:
    """What Scrapy's handler asks for the options of each connection; one context each for both."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._strict = CertificateOptions(trustRoot=Roots())  # type: ignore[arg-type]  # zope interfaces are not types
        self._lax = LaxOptions()
        self.refused: dict[str, str] = {}

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: N802  # Twisted's name
        """Give the options for a connection to a host."""
        host = hostname.decode("ascii")
        if is_lax(self._crawler, host):
            return LaxClient(self._lax._makeTLSConnection, host)
        return StrictClient(self._strict._makeTLSConnection, host, self._refuse)

    def _refuse(self, host: str, why: str) -> None:
        if len(self.refused) >= MOST_KEPT:
            self.refused.clear()
        self.refused[host] = why


def policy_of(crawler: Crawler) -> TlsBySource:
    """Give the one policy of a crawler, for both schemes' handlers and the guard."""
    if crawler not in _policies:
        _policies[crawler] = TlsBySource(crawler)
    return _policies[crawler]


class LaxOptions(CertificateOptions):
    """Takes TLS 1.0 and the ciphers that OpenSSL has long ceased to offer by itself."""

    def __init__(self) -> None:
        super().__init__(
            acceptableCiphers=AcceptableCiphers.fromOpenSSLCipherString("ALL:@SECLEVEL=0"),  # type: ignore[no-untyped-call]  # same
            insecurelyLowerMinimumTo=TLSVersion.TLSv1_0,
        )

    def _makeContext(self, *args: Any) -> SSL.Context:  # noqa: N802  # Twisted's name
        context = super()._makeContext(*args)
        context.set_options(LEGACY_SERVER)
        return context


class StrictClient(ClientTLSOptions):
    """Verifies as Twisted does, and tells why it refused."""

    def __init__(
        self,
        create: Callable[[TLSMemoryBIOProtocol], SSL.Connection],
        host: str,
        refuse: Callable[[str, str], None],
    ) -> None:
        super().__init__(create, host)
        self._host = host
        self._refuse = refuse

    def clientConnectionForTLS(self, protocol: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: N802  # Twisted's name
        """Make the connection; the verification is Twisted's, with our ear to it."""
        connection = super().clientConnectionForTLS(protocol)
        verify = self._verifier(protocol)
        connection.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, verify)
        return connection

    def _verifier(
        self, protocol: TLSMemoryBIOProtocol
    ) -> Callable[[SSL.Connection, X509, int, int, int], bool]:
        inner = _verifyCB(protocol, self._hostnameIsDnsName, self._hostnameASCII)

        def verify(connection: SSL.Connection, cert: X509, error: int, depth: int, ok: int) -> bool:
            if not ok:
                self._refuse(self._host, WHY.get(error, f"not valid ({error})"))
            accepted = bool(inner(connection, cert, error, depth, bool(ok)))
            if ok and not accepted:
                self._refuse(self._host, NAME)
            return accepted

        return verify


class LaxClient(ClientTLSOptions):
    """Takes any certificate."""

    def clientConnectionForTLS(self, protocol: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: N802  # Twisted's name
        """Make the connection, unverified."""
        connection = super().clientConnectionForTLS(protocol)
        connection.set_verify(SSL.VERIFY_NONE, lambda *_: True)
        return connection


def is_lax(crawler: Crawler, host: str) -> bool:
    """Say whether a host belongs to a source whose file says `tls = "lax"`."""
    return work_of(crawler).config.is_lax(host)
