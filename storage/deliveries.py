"""The outbox's table: one message to one recipient by one channel, and how far it got.

A delivery whose content is a digest keeps the digest's number, not a copy: a digest is frozen.
`due_at` is null once nothing is left to do (sent, dead); a lease marks the one that is in flight.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .database import from_unix, to_unix
from .records import Delivery, DeliveryState, Message

if TYPE_CHECKING:
    from sqlite_utils import Database

_SELECT = """
    SELECT v.id, v.key, v.monitor, v.slot, v.channel, v.recipient, v.message, v.state, v.attempts,
        v.made_at, v.due_at, v.sent_at, v.reason, d.subject, d.html, d.txt, d.json
    FROM deliveries v LEFT JOIN digests d ON d.id = json_extract(v.message, '$.digest')
"""
_ONE = _SELECT + " WHERE v.id = ?"
_LATEST = (
    _SELECT
    + " WHERE (:state IS NULL OR v.state = :state) AND (:monitor IS NULL OR v.monitor = :monitor)"
    " AND (:slot IS NULL OR v.slot = :slot) ORDER BY v.id DESC LIMIT :limit"
)


def delivery_key(monitor: str, slot: str, channel: str, recipient: str) -> str:
    """Give the key of a delivery: the same for every attempt, in this life and the next."""
    parts = "\x1f".join((monitor, slot, channel, recipient))
    return hashlib.blake2b(parts.encode(), digest_size=16).hexdigest()


def add_delivery(db: Database, delivery: Delivery, *, digest: int | None = None) -> None:
    """Put a delivery into the outbox, due at once; `digest` names the stored digest it carries."""
    message = delivery.message
    content: dict[str, Any] = (
        {
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "files": message.files,
            "name": message.name,
        }
        if digest is None
        else {"digest": digest, "name": message.name}
    )
    db.execute(
        "INSERT INTO deliveries (key, monitor, slot, channel, recipient, message, state, made_at,"
        " due_at) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?)",
        [
            delivery.key,
            delivery.monitor,
            delivery.slot,
            delivery.channel,
            delivery.recipient,
            json.dumps(content, ensure_ascii=False),
            to_unix(delivery.made_at),
            to_unix(delivery.due_at or delivery.made_at),
        ],
    )


def due_channels(db: Database, now: datetime) -> list[str]:
    """Name the channels that have something due and not leased, oldest first."""
    rows = db.execute(
        "SELECT channel FROM deliveries WHERE due_at <= :now"
        " AND (lease_until IS NULL OR lease_until <= :now) GROUP BY channel ORDER BY min(id)",
        {"now": to_unix(now)},
    ).fetchall()
    return [row[0] for row in rows]


def lease_next(db: Database, channel: str, now: datetime, until: datetime) -> Delivery | None:
    """Take the oldest due delivery of a channel until `until`, its attempt counted already."""
    row = db.execute(
        "UPDATE deliveries SET lease_until = :until, attempts = attempts + 1 WHERE id = ("
        " SELECT id FROM deliveries WHERE channel = :channel AND due_at <= :now"
        " AND (lease_until IS NULL OR lease_until <= :now) ORDER BY id LIMIT 1) RETURNING id",
        {"until": to_unix(until), "channel": channel, "now": to_unix(now)},
    ).fetchall()
    return load_delivery(db, row[0][0]) if row else None


def free_leases(db: Database) -> int:
    """Give back what a dead daemon had in flight; only for whoever has just taken the lock."""
    cursor = db.execute("UPDATE deliveries SET lease_until = NULL WHERE lease_until IS NOT NULL")
    return int(cursor.rowcount)


def record_sent(db: Database, delivery: int, now: datetime) -> None:
    """Note that a delivery reached its receiver."""
    db.execute(
        "UPDATE deliveries SET state = 'sent', sent_at = ?, due_at = NULL, lease_until = NULL,"
        " reason = NULL WHERE id = ?",
        [to_unix(now), delivery],
    )


def record_failed(db: Database, delivery: int, reason: str, due_at: datetime | None) -> None:
    """Note a failed attempt; without a time to try again the delivery is a dead letter."""
    state: DeliveryState = "dead" if due_at is None else "failed"
    db.execute(
        "UPDATE deliveries SET state = ?, due_at = ?, lease_until = NULL, reason = ? WHERE id = ?",
        [state, to_unix(due_at), reason, delivery],
    )


def load_delivery(db: Database, delivery: int) -> Delivery | None:
    """Give one delivery with its message."""
    row = db.execute(_ONE, [delivery]).fetchone()
    return None if row is None else _delivery(row)


def latest_deliveries(
    db: Database,
    *,
    state: DeliveryState | None = None,
    monitor: str | None = None,
    slot: str | None = None,
    limit: int = 100,
) -> list[Delivery]:
    """List deliveries newest first."""
    rows = db.execute(
        _LATEST, {"state": state, "monitor": monitor, "slot": slot, "limit": limit}
    ).fetchall()
    return [_delivery(row) for row in rows]


def delivery_counts(db: Database) -> dict[DeliveryState, int]:
    """Count the deliveries by state."""
    return dict(db.execute("SELECT state, count(*) FROM deliveries GROUP BY state").fetchall())


def next_delivery_due(db: Database) -> datetime | None:
    """Give the moment at which the next delivery is due, None where none waits."""
    return from_unix(db.execute("SELECT min(due_at) FROM deliveries").fetchone()[0])


def _delivery(row: tuple[Any, ...]) -> Delivery:
    content = json.loads(row[6])
    if "digest" in content:
        message = Message(
            subject=row[13] or "",
            text=row[15] or "",
            html=row[14] or "",
            files={"html": row[14] or "", "txt": row[15] or "", "json": row[16] or ""},
            name=content["name"],
            key=row[1],
        )
    else:
        message = Message(**content, key=row[1])
    return Delivery(
        id=row[0],
        key=row[1],
        monitor=row[2],
        slot=row[3],
        channel=row[4],
        recipient=row[5],
        message=message,
        state=row[7],
        attempts=row[8],
        made_at=datetime.fromtimestamp(row[9], UTC),
        due_at=from_unix(row[10]),
        sent_at=from_unix(row[11]),
        reason=row[12],
    )
