"""What went wrong with a request -> one short word, by type and status, never by message text.

The words stand in `links`, `listings`, `source_state` and `crawls`, and in every digest's state of
the sources: add, do not rename.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from service_identity import VerificationError
from twisted.internet.error import ConnectError, ConnectionClosed

if TYPE_CHECKING:
    from collections.abc import Iterator

# The host, or our own line, did not answer: other addresses of the host would fare no better.
NO_ANSWER = frozenset(
    {"dns", "timeout", "refused", "unreachable", "connection_lost", "certificate", "tls"}
)
# Somebody asked us to wait, or we stopped: no try is counted.
NOT_OURS_TO_COUNT = frozenset({"stopped", "held", "robots_unreachable"})
# Trying again would bring the same.
FOR_GOOD = frozenset(
    {
        "http_404",
        "http_410",
        "not_html",
        "redirect_out",
        "redirect_loop",
        "too_large",
        "blocked_address",
        "blocked_port",
        "bad_address",
        "http_304",
    }
)


class Refused(IgnoreRequest):
    """Raised by a guard that lets a request or an answer not pass; `reason` is stored."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def status_reason(status: int) -> str:
    """Name an HTTP status that is no answer to what was asked."""
    return f"http_{status}"


def whole_host(reason: str) -> bool:
    """Say whether the host's other addresses would fare no better now, so none is asked."""
    if reason in ("blocked_address", "blocked_port", "bad_address"):
        return True  # not the host's fault, but true of all its addresses
    if reason.startswith("http_"):
        return reason in ("http_408", "http_429") or reason >= "http_500"
    return reason in NO_ANSWER or reason in NOT_OURS_TO_COUNT or reason == "truncated_body"


def failure_reason(error: BaseException | None) -> str:
    """Name what a request failed of; "error" where it is nothing that we know."""
    if error is None:
        return "error"
    for cause in _causes(error):
        if isinstance(cause, Refused):
            return cause.reason
        if isinstance(cause, MemoryError):
            return "memory"
        if isinstance(cause, VerificationError):
            return "certificate"
        if isinstance(cause, SSL.Error):
            # OpenSSL's error carries (library, function, reason); only these words tell them apart.
            words = repr(cause.args)
            return "certificate" if "certificate verify failed" in words else "tls"
        for kind, reason in _REASONS:
            if isinstance(cause, kind):
                return reason
    if isinstance(error, ValueError):
        return "bad_address"  # a redirect to what no request can be made of
    if isinstance(error, IgnoreRequest):
        # Scrapy's own: of the middlewares we leave on, bodies too large when unpacked (which have
        # a cause) and redirects without end (which have none).
        return "too_large" if error.__cause__ is not None else "redirect_loop"
    return "connection_lost" if isinstance(error, DownloadFailedError) else "error"


_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (CannotResolveHostError, "dns"),
    (DownloadTimeoutError, "timeout"),
    (DownloadConnectionRefusedError, "refused"),
    (ResponseDataLossError, "truncated_body"),
    (DownloadCancelledError, "too_large"),
    (UnsupportedURLSchemeError, "bad_address"),
    (ConnectionClosed, "connection_lost"),
    (ConnectError, "unreachable"),
    (TimeoutError, "timeout"),
    (OSError, "unreachable"),
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk an error, what caused it, and the failures that Twisted keeps inside."""
    waiting = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if one.__cause__ is not None:
            waiting.append(one.__cause__)
        for inner in getattr(one, "reasons", None) or ():
            value = getattr(inner, "value", None)
            if isinstance(value, BaseException):
                waiting.append(value)
