"""What a person asked of the home -> done, with its outcome on the order's row.

The same functions serve a running daemon (orders taken from its table) and a command that holds
the lock itself.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from config.errors import ConfigError, ExpectedError
from config.source import load_sources, write_source
from monitors.rereading import reread
from monitors.stages import rematch
from storage.orders import finish_order, open_orders, start_order
from storage.sources import switch

from .adding import add_source
from .daemon import Daemon, utc_now
from .diagnosis import repair_source

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from pathlib import Path

    from storage.records import Order

log = logging.getLogger(__name__)


async def carry_out(daemon: Daemon, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Do what an order of this kind asks; gives its result, raises ExpectedError if it cannot."""
    if kind not in KINDS:
        raise ExpectedError(f"no such order: {kind} (known: {', '.join(sorted(KINDS))})")
    return await KINDS[kind](daemon, payload)


async def carry_out_orders(daemon: Daemon) -> None:
    """Begin the orders that wait, oldest first; a long one does not hold up the next.

    An order whose daemon died while it ran is still open, and begun again by the next daemon.
    """
    for order in await daemon.pen(open_orders):
        if order.id not in daemon.orders:
            task = asyncio.create_task(_carry_out_one(daemon, order))
            assert order.id is not None  # it came from the table
            daemon.orders[order.id] = task
            task.add_done_callback(partial(_forget, daemon, order.id))


def _forget(daemon: Daemon, number: int, task: asyncio.Task[None]) -> None:
    del daemon.orders[number]
    if not task.cancelled() and task.exception() is not None:
        log.error("order broke id=%s", number, exc_info=task.exception())


async def _carry_out_one(daemon: Daemon, order: Order) -> None:
    number = order.id
    assert number is not None  # it came from the table
    await daemon.pen(lambda db: start_order(db, number, utc_now()))
    try:
        result = await carry_out(daemon, order.kind, order.payload)
    except ExpectedError as error:
        outcome: tuple[Any, dict[str, Any]] = ("failed", {"error": str(error)})
    except Exception as error:
        log.exception("order failed id=%s kind=%s", number, order.kind)
        outcome = ("failed", {"error": f"unexpected {type(error).__name__}, see the log"})
    else:
        outcome = ("done", result)
    state, result = outcome
    await daemon.pen(lambda db: finish_order(db, number, state, result, utc_now()))
    log.info("order %s id=%s kind=%s", state, number, order.kind)


async def _poll(daemon: Daemon, payload: dict[str, Any]) -> dict[str, Any]:
    sources = payload.get("sources")
    for name in sources or ():
        if name not in daemon.config.sources:
            raise ConfigError(f"no such source: {name}")
    wishes = await daemon.wish_polls(sources, payload.get("first_contact"))
    return {"wishes": wishes}


async def _backfill(daemon: Daemon, payload: dict[str, Any]) -> dict[str, Any]:
    source, since = str(payload["source"]), datetime.fromisoformat(payload["since"])
    if source not in daemon.config.sources:
        raise ConfigError(f"no such source: {source}")
    return {"wishes": [await daemon.wish_backfill(source, since)]}


async def _switch(daemon: Daemon, payload: dict[str, Any]) -> dict[str, Any]:
    source, enabled = str(payload["source"]), bool(payload["enabled"])
    if source not in daemon.config.sources:
        raise ConfigError(f"no such source: {source}")
    now = utc_now()
    await daemon.pen(lambda db: switch(db, source, enabled, now, str(payload.get("by", "cli"))))
    return {"source": source, "enabled": enabled}


async def _import(daemon: Daemon, payload: dict[str, Any]) -> dict[str, Any]:
    """Write a file per row into the home; a bad row is named and passed."""
    result = await asyncio.to_thread(_write_sources, daemon.home, payload["rows"])
    await daemon.tick_config()
    return {"rows": result}


def _write_sources(home: Path, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    known = load_sources(home)[0]
    result: list[dict[str, Any]] = []
    for row in rows:
        try:
            source = write_source(home, **row, existing=known)
        except ExpectedError as error:
            result.append({"url": row.get("url"), "error": str(error)})
        else:
            known[source.id] = source
            result.append({"url": source.url, "source": source.id, "file": source.file})
    return result


async def _rematch(daemon: Daemon, payload: dict[str, Any]) -> dict[str, Any]:
    return await rematch(daemon.home, daemon.pen, daemon.config, payload.get("topic"), utc_now())


async def _reread(daemon: Daemon, payload: dict[str, Any]) -> dict[str, Any]:
    since = payload.get("since")
    return await reread(
        daemon.home,
        daemon.pen,
        daemon.pool,
        daemon.config,
        utc_now(),
        source=payload.get("source"),
        since=datetime.fromisoformat(since) if since else None,
        dry_run=bool(payload.get("dry_run")),
    )


KINDS: dict[str, Callable[[Daemon, dict[str, Any]], Awaitable[dict[str, Any]]]] = {
    "add": add_source,
    "backfill": _backfill,
    "poll": _poll,
    "switch": _switch,
    "import": _import,
    "rematch": _rematch,
    "repair": repair_source,
    "reread": _reread,
}
