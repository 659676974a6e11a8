"""What a new source file needs: an address checked, an id, a twin found, a file put in place."""

from __future__ import annotations

import contextlib
import os
import secrets
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .addresses import complete_address, name_of_host
from .errors import ConfigError
from .region import NATIONAL, find_region_code, load_regions
from .tables import NAME, nearest, printable, quoted, shown

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

    from .source import Source


def make_id(url: str, taken: Container[str]) -> str:
    """Make a readable id of an address that no other source has: `tribunnews-sumsel`."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    path = parts.path.strip("/").lower()
    for stem in (name_of_host(host), host):
        words = "-".join(one for one in (stem, path) if one)
        safe = "".join(c if c.isascii() and c.isalnum() else "-" for c in words)
        wanted = "-".join(one for one in safe.split("-") if one)[:56].rstrip("-")
        if NAME.fullmatch(wanted) and wanted not in taken:
            return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"


def find_site(url: str, sources: Mapping[str, Source]) -> Source | None:
    """Find the source that watches an address already, by host (also its other hosts) and path."""
    site = _site(url)
    for source in sources.values():
        if site == _site(source.url) or (site[1] == "" and site[0] in source.hosts):
            return source
    return None


def given_address(url: str) -> str:
    """Check the address or host that a person gave; raises ConfigError."""
    try:
        return complete_address(url)
    except ValueError as error:
        message = f"found {quoted(url)}: {error}"
    raise ConfigError(message)


@lru_cache(maxsize=16384)
def _site(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc.lower().removeprefix("www."), parts.path.rstrip("/")


def given_code(text: str | None) -> str | None:
    """Find the code of the region that a person named, None for national; raises ConfigError."""
    if text is None or text.strip().casefold() in {"", NATIONAL, "00"}:
        return None
    code = find_region_code(text)
    if code is None:
        names = [one.official_name for one in load_regions().values()]
        raise ConfigError(f'no region is called "{printable(text)}"{nearest(text, names)}')
    return code


def write_new(path: Path, text: str) -> None:
    """Put a whole file in place or none, and never over another one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.part")
    try:
        with draft.open("x", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(draft, path)
    except FileExistsError:
        raise ConfigError(f"{shown(path)} exists already") from None
    except OSError as error:
        raise ConfigError(f"{shown(path)} cannot be written: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()
