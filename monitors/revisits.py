"""Matched articles' pages are asked for again: changed, unchanged, or gone.

The crawl asks with the validators it has; a changed page is read like any other and becomes the
article's next version.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from storage.articles import load_article
from storage.database import find_reader
from storage.links import find_link
from storage.pages import latest_answer
from storage.parts import waiting_stories
from storage.readings import find_reading
from storage.revisits import end_revisit, next_revisit, open_revisits, wish_revisits
from storage.rounds import wish_was_taken
from storage.versions import mark_back, mark_gone

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from storage.pen import Pen
    from storage.revisits import Revisit, RevisitOutcome

log = logging.getLogger(__name__)

PATIENCE = timedelta(days=1)  # then a visit that found nobody has failed
GONE = (404, 410)


async def visit_again(home: Path, pen: Pen, now: datetime) -> int:
    """End the visits that were answered, wish for those that are due; gives how many ended."""
    ended, due = await asyncio.to_thread(_look, home, now)
    for visit, outcome in ended:
        await pen(partial(_end, visit=visit, outcome=outcome, now=now))
    if due:
        await pen(lambda db: wish_revisits(db, now))
    return len(ended)


def _look(home: Path, now: datetime) -> tuple[list[tuple[Revisit, RevisitOutcome]], bool]:
    crawl, ronda = find_reader(home, "crawl"), find_reader(home, "ronda")
    try:
        if crawl is None or ronda is None:
            return [], False
        found = [
            (visit, outcome)
            for visit in open_revisits(ronda)
            if (outcome := _outcome(crawl, ronda, visit, now)) is not None
        ]
        due = next_revisit(ronda)
        return found, due is not None and due <= now
    finally:
        for db in (crawl, ronda):
            if db is not None:
                db.close()


def _outcome(
    crawl: Database, ronda: Database, visit: Revisit, now: datetime
) -> RevisitOutcome | None:
    """Say what a visit found, None while it is under way."""
    late = now - visit.wished_at > PATIENCE
    answer = latest_answer(crawl, visit.url, visit.wished_at)
    if answer is None or answer.status not in (200, 304, *GONE):
        link = find_link(crawl, visit.url)
        under_way = link is not None and link.due_at is not None
        if not late and (under_way or not wish_was_taken(crawl, visit.wish)):
            return None
        return "failed"
    if answer.status in GONE:
        return "gone"
    if answer.status == 200:
        reading = find_reading(ronda, answer)
        if reading is None or reading.outcome is None or visit.url in waiting_stories(ronda):
            return "failed" if late else None
    article = load_article(ronda, visit.article)
    return "changed" if article is not None and article.version > visit.version else "unchanged"


def _end(db: Database, visit: Revisit, outcome: RevisitOutcome, now: datetime) -> None:
    if outcome == "gone":
        if mark_gone(db, visit.article, now):
            log.info("article gone url=%s", visit.url)
    elif outcome in ("changed", "unchanged"):
        mark_back(db, visit.article)
    end_revisit(db, visit.article, outcome, now)
