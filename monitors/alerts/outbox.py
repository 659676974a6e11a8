"""Due deliveries -> sent, to be tried again, or dead letters.

For each channel, one at a time: lease the oldest with its attempt counted, send, record. A crash
between send and record sends again under the same key. One bad channel never stops another.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from config.errors import ConfigError, DeliveryFailed
from storage.deliveries import (
    due_channels,
    free_leases,
    lease_next,
    next_delivery_due,
    record_failed,
    record_sent,
)

from .registry import make_sender

if TYPE_CHECKING:
    from pathlib import Path

    from sqlite_utils import Database

    from config.settings import Settings
    from storage.pen import Pen
    from storage.records import Delivery

    from .registry import Sender

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
ASKED_WAIT = timedelta(hours=1)  # the longest that a receiver may ask us to wait
DEAD_AFTER = timedelta(hours=72)
SECONDS = 20.0  # one call of `send_due` begins no further send on a channel after this long


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReport:
    """What one call did; `next_due` is when there is something to send again, None for nothing."""

    sent: int = 0
    failed: int = 0
    dead: int = 0
    next_due: datetime | None = None


async def take_over(pen: Pen) -> int:
    """Give back what a dead daemon had in flight; call once, after taking the home's lock."""
    return await pen(free_leases)


async def send_due(pen: Pen, home: Path, settings: Settings, now: datetime) -> SendReport:
    """Send what is due, the channels side by side; gives what came of it, never raises for one."""
    channels = await pen(lambda db: due_channels(db, now))
    outcomes = await asyncio.gather(
        *(_send_channel(pen, home, settings, channel, now) for channel in channels)
    )
    next_due = await pen(next_delivery_due)
    return SendReport(
        sent=sum(sent for sent, _, _ in outcomes),
        failed=sum(failed for _, failed, _ in outcomes),
        dead=sum(dead for _, _, dead in outcomes),
        next_due=next_due,
    )


def next_wait(attempts: int, asked: float | None = None) -> timedelta:
    """Give how long to wait after so many attempts; `asked` is the receiver's wish in seconds."""
    doubled: int = 2 ** min(max(attempts, 1) - 1, 10)
    wait = min(FIRST_WAIT * doubled, LONGEST_WAIT)
    if asked is None:
        return wait
    return max(wait, min(timedelta(seconds=min(asked, 86_400.0)), ASKED_WAIT))


async def _send_channel(
    pen: Pen, home: Path, settings: Settings, channel: str, now: datetime
) -> tuple[int, int, int]:
    """Send a channel's due deliveries until one must wait; counts sent, failed, dead."""
    sent = failed = dead = 0
    begun = time.monotonic()
    while time.monotonic() - begun < SECONDS:
        delivery = await pen(lambda db: lease_next(db, channel, now, now + LEASE))
        if delivery is None:
            break
        problem = await _try(home, settings, delivery)
        if problem is None:
            await pen(partial(_record_sent, delivery=delivery, now=now))
            sent += 1
            continue
        due_at = _again(delivery, problem, now)
        await pen(partial(_record_failed, delivery=delivery, reason=str(problem), due_at=due_at))
        if due_at is None:
            dead += 1
        else:
            failed += 1
            break  # the channel is likely down: its other deliveries stay due, uncounted
    return sent, failed, dead


async def _try(home: Path, settings: Settings, delivery: Delivery) -> DeliveryFailed | None:
    """Send one delivery outside the loop; gives what went wrong, None for delivered."""
    try:
        sender = _sender(home, settings, delivery.channel)
        await asyncio.to_thread(sender.send, delivery.message, delivery.recipient, delivery.key)
    except DeliveryFailed as problem:
        return problem
    except ConfigError as problem:
        return DeliveryFailed(str(problem), retry=True)
    except Exception as error:
        # A fault of ours. Its words may quote what was sent, so only its kind is told.
        log.error("channel broke channel=%s error=%s", delivery.channel, type(error).__name__)
        return DeliveryFailed(f"fault in the channel: {type(error).__name__}", retry=True)
    return None


def _sender(home: Path, settings: Settings, channel: str) -> Sender:
    found = settings.channels.get(channel)
    if found is None:
        raise DeliveryFailed(f"no channel {channel} in the settings", retry=True)
    return make_sender(channel, found, home)


def _again(delivery: Delivery, problem: DeliveryFailed, now: datetime) -> datetime | None:
    """Give when to try again, None for a dead letter."""
    made_at = delivery.made_at or now
    if not problem.retry or now - made_at >= DEAD_AFTER:
        return None
    return now + next_wait(delivery.attempts, problem.after)


def _record_sent(db: Database, *, delivery: Delivery, now: datetime) -> None:
    assert delivery.id is not None
    record_sent(db, delivery.id, now)
    log.info("sent channel=%s slot=%s key=%s", delivery.channel, delivery.slot, delivery.key)


def _record_failed(
    db: Database, *, delivery: Delivery, reason: str, due_at: datetime | None
) -> None:
    assert delivery.id is not None
    record_failed(db, delivery.id, reason, due_at)
    fate = "dead letter" if due_at is None else "delivery failed"
    log.warning(
        "%s channel=%s key=%s attempts=%d reason=%s",
        *(fate, delivery.channel, delivery.key, delivery.attempts, reason),
    )
