"""Addresses that come from the web may only lead to public ones: checked where we connect.

The resolver is what decides: what it returns is what is dialled, so a name that turns private
between two looks is refused too. `[network] test_hosts` is the one exception. Only IPv4 is dialled.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer
from twisted.internet.base import ThreadedResolver
from twisted.internet.error import DNSLookupError

from config.settings import load_settings
from crawler.reasons import Refused
from crawler.seam import work_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

PORTS = frozenset({80, 443, *range(8000, 9000)})
KEPT = 300.0  # seconds that an answer is used again: a site that moves is followed soon
MOST_KEPT = 20_000
HOST_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._")
# Protocol assignments and 6to4 relays: Python calls parts of them global.
SPECIAL = tuple(ipaddress.IPv4Network(net) for net in ("192.0.0.0/24", "192.88.99.0/24"))


class BlockedAddress(DNSLookupError):
    """Raised by the resolver for a name that leads where we do not go.

    Of the kind that Twisted expects of a look-up: any other it would log with its traceback.
    """


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the public internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback or ip.is_link_local:
        return False
    return ip.is_global and not any(ip in network for network in SPECIAL)


def literal_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Give the address that a host spells, in any form that a look-up would take; None for a name.

    `2130706433`, `0x7f.1` and `0177.0.0.1` are 127.0.0.1 to the C library, hence to us.
    """
    host = host.rstrip(".")
    try:
        if ":" in host:
            return ipaddress.IPv6Address(host.partition("%")[0])
        if not set(host.lower()) <= set("0123456789abcdefx."):
            return None
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (ValueError, OSError):
        return None


def test_address(host: str, test_hosts: Mapping[str, str]) -> str | None:
    """Give the address that settings name for a test host, None for every other name."""
    name = host.lower().rstrip(".")
    for pattern, address in test_hosts.items():
        if fnmatchcase(name, pattern.lower()):
            return address
    return None


def check_address(
    url: str, test_hosts: Mapping[str, str], more_ports: Collection[int] = ()
) -> None:
    """Refuse an address by its form: scheme, user name, host, port. Raises Refused.

    `more_ports` are those that the operator allows besides the usual ones.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("bad_address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise Refused("bad_address")
    host = parts.hostname
    if test_address(host, test_hosts) is not None:
        return
    literal = literal_address(host)
    if literal is None and (not set(host) <= HOST_LETTERS or host.replace(".", "").isdigit()):
        raise Refused("bad_address")
    if literal is not None and not is_public(str(literal)):
        raise Refused("blocked_address")
    if port is not None and port not in PORTS and port not in more_ports:
        raise Refused("blocked_port")


class GuardedResolver(CachingThreadedResolver):
    """The process's resolver: test hosts where settings say, all others only to public addresses.

    `blocked` keeps what was refused by name, since Twisted swallows our exception.
    """

    def __init__(
        self,
        reactor: ReactorBase,
        cache_size: int,
        timeout: float,
        test_hosts: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(reactor, cache_size, timeout)
        self._clock = clock
        self._known: dict[str, tuple[str, float]] = {}
        self.test_hosts = dict(test_hosts or {})
        self.blocked: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Build it with the home's test hosts; it lives as long as the process."""
        home = os.environ.get("RONDA_HOME")
        settings = load_settings(Path(home) if home else None, secrets=False)
        return cls(
            reactor,
            crawler.settings.getint("DNSCACHE_SIZE"),
            crawler.settings.getfloat("DNS_TIMEOUT"),
            settings.network.test_hosts,
        )

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802  # Twisted's name
        """Look a name up; fails with BlockedAddress where it leads to no public address."""
        address = test_address(name, self.test_hosts)
        if address is not None:
            return defer.succeed(address)
        literal = literal_address(name)
        if literal is not None:
            return defer.succeed(str(literal)).addCallback(self._check, name)
        address, until = self._known.get(name, ("", 0.0))
        if address and self._clock() < until:
            return defer.succeed(address).addCallback(self._check, name)
        # Not by Scrapy's own cache, which forgets nothing.
        found: Deferred[str] = ThreadedResolver.getHostByName(self, name, (self.timeout,))  # type: ignore[arg-type]  # floats do as well
        return found.addCallback(self._keep, name).addCallback(self._check, name)

    def _keep(self, address: str, name: str) -> str:
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        self._known[name] = (address, self._clock() + KEPT)
        return address

    def _check(self, address: str, name: str) -> str:
        if is_public(address) and ":" not in address:
            self.blocked.pop(name, None)
            return address
        self.blocked[name] = address
        raise BlockedAddress(f"{name} leads to {address}")


class AddressGuard:
    """The middleware that looks at the form of every address, redirects included."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse what is no plain http(s) address on a usual port."""
        network = work_of(self.crawler).config.settings.network
        check_address(request.url, network.test_hosts, network.ports)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Give a name that the resolver refused its true reason."""
        from twisted.internet import reactor

        resolver: Any = getattr(reactor, "resolver", None)
        host = urlsplit(request.url).hostname
        if isinstance(exception, Refused) or not isinstance(resolver, GuardedResolver):
            return
        if host in resolver.blocked:
            raise Refused("blocked_address") from exception
