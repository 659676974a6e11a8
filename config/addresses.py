"""Addresses as files give them -> checked addresses and hosts; nothing here asks the network."""

from __future__ import annotations

import string
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tldextract import TLDExtract

LONGEST = 2048
HOST_LETTERS = set(string.ascii_lowercase + string.digits + "-._")


def check_address(url: str) -> str:
    """Give an absolute http(s) address with a lower-case host and a path; raises ValueError."""
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("an address is ASCII without blanks (%20, xn--)")
    if len(url) > LONGEST:
        raise ValueError(f"an address has at most {LONGEST} characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("no valid address") from None
    if parts.scheme not in {"http", "https"}:
        raise ValueError("an address starts with http:// or https://")
    if "@" in parts.netloc:
        raise ValueError("an address holds no user name or password")
    host = check_host(parts.hostname or "")
    if port == 0:
        raise ValueError("no valid port")
    netloc = host if port is None else f"{host}:{port}"
    return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))


def complete_address(text: str) -> str:
    """Give the address that a person means by a host's name: "x.com" -> "https://x.com/"."""
    text = text.strip()
    return check_address(text if "://" in text else f"https://{text}")


def check_host(host: str) -> str:
    """Give a host name in lower case without a last dot; raises ValueError."""
    host = host.lower().removesuffix(".")
    labels = host.split(".")
    if not host or not set(host) <= HOST_LETTERS or len(host) > 253:
        raise ValueError("no valid host name")
    if any(not label or len(label) > 63 or label[0] == "-" or label[-1] == "-" for label in labels):
        raise ValueError("no valid host name")
    return host


def join_address(base: str, listing: str) -> str:
    """Join an entry point, a path or a whole address, to a site's address; raises ValueError."""
    if "://" not in listing and not listing.startswith("/"):
        raise ValueError('an entry point is a whole address or a path that starts with "/"')
    if listing.startswith("//"):
        raise ValueError("an entry point is a whole address or a path")
    return check_address(urljoin(base, listing))


def under_site(url: str, usual: Iterable[str]) -> tuple[str, ...]:
    """Lay usual paths under a site's own address, which may be a section of a shared host.

    "/" is the site's front page: `https://host.example/daerah` has `/daerah/feed/` and itself.
    """
    folder, _, page = urlsplit(url).path.rpartition("/")
    if "." not in page:
        folder = f"{folder}/{page}".rstrip("/")
    return tuple(url if one == "/" else f"{folder}{one}" for one in usual)


def host_of(url: str) -> str:
    """Give the host of a checked address, without its port."""
    return urlsplit(url).hostname or ""


@lru_cache(maxsize=8192)
def registrable_host(host: str) -> str:
    """Give the part of a host that somebody registered; by the bundled list, never fetched.

    A host under no public suffix (`x.amperablitz.test`) gives its last two labels, an IPv4
    address itself. Hosts of blog services count one by one (`x.blogspot.com`).
    """
    host = host.lower().strip(".")
    if host.replace(".", "").isdigit() or "." not in host:
        return host
    found = _suffixes()(host).top_domain_under_public_suffix
    return found or ".".join(host.split(".")[-2:])


def name_of_host(host: str) -> str:
    """Give a host without its public suffix: "amperablitz.com" -> "amperablitz"."""
    found = _suffixes()(host)
    return ".".join(one for one in (found.subdomain, found.domain) if one) or host


@lru_cache(maxsize=1)
def _suffixes() -> TLDExtract:
    from tldextract import TLDExtract  # 0.2 s, most commands never need it

    return TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)
