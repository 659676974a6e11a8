"""Scrapy's download handler with our policy for TLS, headers within measure, and no half bodies.

Twisted bounds the length of a header line (16 KiB), not how many there are; and a connection that
breaks in a body of unstated length is to it the same as one that was closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import ISSLTransport
from twisted.python.failure import Failure
from twisted.web._newclient import ResponseFailed
from twisted.web.http import _DataLoss, _IdentityTransferDecoder

from .certificates import policy_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IAddress
    from twisted.web._newclient import HTTP11ClientProtocol
    from twisted.web._newclient import Request as TxRequest
    from twisted.web.iweb import IResponse

MOST_LINES = 500  # of status and headers; pages that are well have twenty
MOST_BYTES = 256 * 1024


class HeadWithoutEnd(Exception):
    """Raised while an answer's head is parsed; the connection is given up."""


class GuardedHandler(HTTP11DownloadHandler):
    """The handler of http and https."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = BoundedFactory
        policy: Any = policy_of(crawler)
        self._contextFactory = policy


class BoundedParser(_LenientHTTPClientParser):
    """Drops a connection whose headers do not end; tells a reset from an end."""

    lines = 0
    size = 0
    encrypted = False

    def lineReceived(self, line: bytes) -> None:  # noqa: N802  # Twisted's name
        """Count a line of the head; raises HeadWithoutEnd past the measure."""
        self.lines += 1
        self.size += len(line)
        if self.lines > MOST_LINES or self.size > MOST_BYTES:
            raise HeadWithoutEnd
        super().lineReceived(line)

    def connectionLost(self, reason: Failure | None = None) -> None:  # noqa: N802  # Twisted's name
        """Fail a body of unstated length that ends by a reset.

        Not where it is encrypted: many servers end such a body without a word, as a reset does.
        """
        decoder = self.bodyDecoder
        if (
            isinstance(decoder, _IdentityTransferDecoder)
            and decoder.contentLength is None
            and not self.encrypted
            and reason is not None
            and isinstance(reason.value, ConnectionLost)
        ):
            lost = Failure(_DataLoss("reset"))  # type: ignore[no-untyped-call]  # Twisted's
            failed = ResponseFailed([reason, lost], self.response)  # type: ignore[no-untyped-call]  # same
            self.response._bodyDataFinished(Failure(failed))  # type: ignore[no-untyped-call]  # same
        else:
            super().connectionLost(reason)


class BoundedProtocol(_LenientHTTP11ClientProtocol):
    """Parses answers with the bounded parser."""

    def request(self, request: TxRequest) -> Deferred[IResponse]:
        """Ask, as Scrapy does, and put our parser in the place of its."""
        asked = super().request(request)
        parser: Any = self._parser
        if parser is not None:
            parser.__class__ = BoundedParser
            parser.encrypted = ISSLTransport.providedBy(self.transport)
        return asked


class BoundedFactory(_LenientHTTP11ClientFactory):
    """Makes the bounded protocol."""

    def buildProtocol(self, addr: IAddress | None) -> HTTP11ClientProtocol:  # noqa: N802  # Twisted's name
        """Make one."""
        quiet: Any = self._quiescentCallback
        return BoundedProtocol(quiet)  # type: ignore[no-untyped-call]  # Twisted's
