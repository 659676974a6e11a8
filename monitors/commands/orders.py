"""Hands an order to the running daemon, or carries it out here under the home's lock."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from config.errors import ExpectedError
from crawler.reading.pool import prepare
from monitors.daemon.daemon import Daemon
from monitors.daemon.door import ask
from monitors.daemon.orders import carry_out
from monitors.stages import load_config
from storage.home import find_holder, hold_lock, make_home

if TYPE_CHECKING:
    from pathlib import Path


def place_order(home: Path, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Carry out an order to its end, by the daemon where one runs; gives its result.

    Raises ExpectedError with the order's own words where it failed.
    """
    make_home(home)
    if find_holder(home, "daemon") is None:
        with hold_lock(home, "daemon"):
            prepare()
            return asyncio.run(_carry_out(home, kind, payload))
    number = ask(home, "POST", "/orders", {"kind": kind, "payload": payload})["id"]
    return follow_order(home, number)


def follow_order(home: Path, number: int) -> dict[str, Any]:
    """Wait for a daemon's order; gives its result, raises ExpectedError where it failed."""
    while True:
        order: dict[str, Any] = ask(home, "GET", f"/orders/{number}")
        if order["state"] == "failed":
            raise ExpectedError(order["result"]["error"])
        if order["state"] == "done":
            result: dict[str, Any] = order["result"]
            return result
        time.sleep(0.2)


async def _carry_out(home: Path, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    async with Daemon(home, load_config(home)) as daemon:
        return await carry_out(daemon, kind, payload)
