"""What a person asked of a home while or before its daemon runs: stored, carried out, answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .database import from_unix, to_unix
from .records import Order

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Literal

    from sqlite_utils import Database

_COLUMNS = "id, kind, payload, state, made_at, done_at, result"


def add_order(db: Database, kind: str, payload: Mapping[str, Any], now: datetime) -> int:
    """Store an order as `waiting` and give its id."""
    added = db.execute(
        "INSERT INTO orders (kind, payload, state, made_at) VALUES (?, ?, 'waiting', ?)",
        (kind, json.dumps(dict(payload)), to_unix(now)),
    ).lastrowid
    return int(added or 0)


def open_orders(db: Database) -> list[Order]:
    """Give the orders not yet done, oldest first; a `running` one was cut off by a dead daemon."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM orders WHERE done_at IS NULL ORDER BY id"  # noqa: S608  # constant
    ).fetchall()
    return [_order(row) for row in rows]


def load_order(db: Database, order: int) -> Order | None:
    """Give one order, None where there is none of this id."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM orders WHERE id = ?",  # noqa: S608  # constant
        (order,),
    ).fetchone()
    return None if row is None else _order(row)


def start_order(db: Database, order: int, now: datetime) -> None:
    """Mark a waiting order as running."""
    db.execute(
        "UPDATE orders SET state = 'running', started_at = ? WHERE id = ? AND done_at IS NULL",
        (to_unix(now), order),
    )


def finish_order(
    db: Database,
    order: int,
    state: Literal["done", "failed"],
    result: Mapping[str, Any] | None,
    now: datetime,
) -> None:
    """Close an order with its result; an order that is closed already keeps its first result."""
    db.execute(
        "UPDATE orders SET state = ?, result = ?, done_at = ? WHERE id = ? AND done_at IS NULL",
        (state, None if result is None else json.dumps(dict(result)), to_unix(now), order),
    )


def _order(row: tuple[Any, ...]) -> Order:
    id_, kind, payload, state, made_at, done_at, result = row
    return Order(
        id=id_,
        kind=kind,
        payload=json.loads(payload),
        state=state,
        made_at=from_unix(made_at),
        done_at=from_unix(done_at),
        result=None if result is None else json.loads(result),
    )
