"""Deletes at the end of a round what is kept no longer, for a few seconds: the next goes on."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage.retention import iter_expiry

if TYPE_CHECKING:
    from .work import Work

LONGEST = 3.0  # seconds


async def tidy(work: Work) -> None:
    """Delete in short transactions; a stop comes between any two."""
    begun = time.monotonic()
    for _ in iter_expiry(work.db, work.wishes.reader(), datetime.now(UTC)):
        await asyncio.sleep(0)
        if time.monotonic() - begun > LONGEST:
            return
