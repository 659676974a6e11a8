"""A source as its file would make it, for tests that need no file."""

from __future__ import annotations

from typing import Any

from config.addresses import host_of, registrable_host
from config.source import Source


def make_source(url: str, **changes: Any) -> Source:
    """Make a source of an address, with the changes asked for."""
    values: dict[str, Any] = {
        "id": "contoh",
        "name": "Contoh",
        "url": f"{url}/",
        "province": "sumatera-selatan",
        "slot": registrable_host(host_of(url)),
    }
    return Source(**(values | changes))
