"""Slots that are due -> digests, frozen and put into the outbox, their matches written as told.

Everything here runs inside one transaction of `ronda.db` that the caller holds: a digest, its
deliveries and its lines in the ledger appear together or not at all.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from storage.database import url_hash
from storage.deliveries import add_delivery, delivery_key
from storage.digests import (
    StoredDigest,
    digest_kinds,
    find_monitor,
    last_slot,
    last_until,
    meet,
    next_digest,
    save_digest,
)
from storage.records import Delivery, Message
from storage.told import has_told, tell

from .compose import EVENT_LINES, compose_digest
from .render import render, subject
from .slots import due_slot, local_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlite_utils import Database

    from config.region import Region
    from config.settings import Channel, Monitor, Settings
    from config.source import Source
    from config.topic import Topic
    from storage.digests import MetMonitor

    from .digest import Digest
    from .health_block import HealthReport
    from .slots import Slot
    from .words import Language

log = logging.getLogger(__name__)

FIRST_LOOK = "first-look"
FIRST_LOOK_DAYS = timedelta(days=7)
LARGEST = 100_000  # bytes of html; a digest beyond it shows fewer lines and counts the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What composing needs to know besides the database."""

    settings: Settings
    health: HealthReport
    sources: Mapping[str, Source]
    regions: Mapping[str, Region]
    topics: Mapping[str, Topic]
    now: datetime
    page_url: str | None = None


def meet_monitors(db: Database, monitors: Mapping[str, Monitor], now: datetime) -> list[str]:
    """Note monitors that are met for the first time; gives their names."""
    return meet(db, monitors, now)


def tell_due(db: Database, monitors: Mapping[str, Monitor], context: Context) -> list[int]:
    """Tell for every monitor whose slot is due; gives the ids of the digests made.

    Several missed slots become one late digest. A monitor that cannot be told is logged and left
    as it was; the others are told all the same.
    """
    meet_monitors(db, monitors, context.now)
    return _each(db, monitors, lambda monitor: _tell_slot(db, monitor, context))


def slot_is_due(db: Database, monitors: Mapping[str, Monitor], now: datetime) -> bool:
    """Say whether `tell_due` would find a slot; reads only, and costs little."""
    for monitor in monitors.values():
        met = find_monitor(db, monitor.name)
        if met is None or _due(db, monitor, met, now) is not None:
            return True
    return False


def first_look(db: Database, monitors: Mapping[str, Monitor], context: Context) -> list[int]:
    """Write the first look of a fresh home: the last 7 days, to files and page, sent to nobody.

    A monitor that has told anything already gets none.
    """
    meet_monitors(db, monitors, context.now)
    return _each(db, monitors, lambda monitor: _tell_first_look(db, monitor, context))


def digest_language(monitor: Monitor, settings: Settings) -> Language:
    """Give the language in which a monitor speaks."""
    return monitor.language or settings.language


def recipients_of(name: str, channel: Channel) -> tuple[str, ...]:
    """Give those whom a channel reaches, one delivery each; never an address that holds a token."""
    return tuple(dict.fromkeys(channel.to)) if channel.kind == "email" else (name,)


def file_name(monitor: str, slot: str) -> str:
    """Give a name for a digest's files that every file system takes; different slots differ."""
    plain = re.sub(r"[^a-z0-9-]+", "-", monitor.lower()).strip("-")[:60]
    if plain != monitor:
        plain = f"{plain}-{url_hash(monitor) & 0xFFFFFF:06x}"
    return f"{plain}-{slot.replace(':', '-')}"


def _each(
    db: Database, monitors: Mapping[str, Monitor], work: Callable[[Monitor], int | None]
) -> list[int]:
    """Do the work for each monitor in a savepoint of its own, so that one cannot stop another."""
    made = []
    for monitor in monitors.values():
        try:
            with db.atomic():
                digest = work(monitor)
        except Exception:
            log.exception("digest not made monitor=%s", monitor.name)
        else:
            if digest is not None:
                made.append(digest)
    return made


def _tell_slot(db: Database, monitor: Monitor, context: Context) -> int | None:
    met = find_monitor(db, monitor.name)
    assert met is not None
    now = context.now
    slot = _due(db, monitor, met, now)
    if slot is None:
        return None
    since = last_until(db, monitor.name, now=now) or met.begun_at
    return _freeze(db, monitor, context, since=since, after_match=met.after_match, slot=slot)


def _due(db: Database, monitor: Monitor, met: MetMonitor, now: datetime) -> Slot | None:
    last = last_slot(db, monitor.name, up_to=local_key(monitor, now))
    return due_slot(monitor, begun_at=met.begun_at, last_slot=last, now=now)


def _tell_first_look(db: Database, monitor: Monitor, context: Context) -> int | None:
    met = find_monitor(db, monitor.name)
    assert met is not None
    if "first_look" in digest_kinds(db, monitor.name) or has_told(db, monitor.name):
        return None
    since = context.now - FIRST_LOOK_DAYS
    return _freeze(db, monitor, context, since=since, after_match=met.after_match, slot=None)


def _freeze(
    db: Database,
    monitor: Monitor,
    context: Context,
    *,
    since: datetime,
    after_match: int,
    slot: Slot | None,
) -> int:
    """Compose, store whole, queue and write the ledger; without a slot it is the first look."""
    number = next_digest(db)
    language = digest_language(monitor, context.settings)
    kinds = digest_kinds(db, monitor.name)
    look = kinds.get("first_look", 0)
    linked = look > kinds.get("digest", 0)  # only from the first digest after it
    lines = EVENT_LINES
    while True:
        digest = compose_digest(
            db,
            monitor,
            since=since,
            until=context.now,
            now=context.now,
            health=context.health,
            sources=context.sources,
            regions=context.regions,
            topics=context.topics,
            language=language,
            slot=slot.key if slot else FIRST_LOOK,
            kind="digest" if slot else "first_look",
            after_match=after_match,
            period=slot is None,
            page=_page(context, number),
            first_look=_page(context, look) if linked else None,
            delayed_from=slot.fires_at if slot and slot.delayed else None,
            event_lines=lines,
        )
        html = render(digest, language, "html")
        if len(html.encode()) <= LARGEST or lines <= 1:
            break
        lines //= 2
    save_digest(
        db,
        StoredDigest(
            id=number,
            monitor=monitor.name,
            slot=digest.slot,
            kind=digest.kind,
            since=since,
            until=context.now,
            made_at=context.now,
            subject=subject(digest, language),
            events=digest.totals.events,
            articles=digest.totals.articles,
            html=html,
            txt=render(digest, language, "txt"),
            json=render(digest, language, "json"),
        ),
    )
    _queue(db, monitor, context, digest, number)
    tell(db, monitor.name, digest.matches, digest=number, now=context.now)
    log.info(
        "digest made monitor=%s slot=%s events=%d", monitor.name, digest.slot, digest.totals.events
    )
    return number


def _queue(db: Database, monitor: Monitor, context: Context, digest: Digest, number: int) -> None:
    """Put one delivery into the outbox for each recipient of each channel."""
    name = file_name(monitor.name, digest.slot)
    for channel in dict.fromkeys(monitor.channels):
        settings = context.settings.channels[channel]
        if digest.kind == "first_look" and settings.kind != "file":
            continue
        for recipient in recipients_of(channel, settings):
            delivery = Delivery(
                key=delivery_key(monitor.name, digest.slot, channel, recipient),
                channel=channel,
                recipient=recipient,
                message=Message(subject="", text="", html="", name=name),
                monitor=monitor.name,
                slot=digest.slot,
                made_at=context.now,
            )
            add_delivery(db, delivery, digest=number)


def _page(context: Context, number: int) -> str | None:
    return None if context.page_url is None else f"{context.page_url.rstrip('/')}/digests/{number}"
