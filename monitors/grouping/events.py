"""A copy group -> the event that it is about; first rule: each copy group is one event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.groups import add_event, find_event

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database

    from storage.groups import Grouped


def event_for(db: Database, article: Grouped, group: int, now: datetime) -> int:
    """Give the event of a copy group, made from its first article where there is none yet."""
    event = find_event(db, group)
    return add_event(db, article, now) if event is None else event
