"""An article -> its copy group (articles that are one text) and the event it stands under.

First rule: the same folded text is the same copy. What near-duplicates need comes in here;
callers know only `group_article`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.groups import add_group, find_group, find_grouped, set_groups, touch_event

from .events import event_for

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database


def group_article(db: Database, article_id: int, now: datetime) -> tuple[int, int]:
    """Give an article's copy group and event, made where there is none yet.

    In the caller's transaction. An article once grouped stays where it is: an edit is no new
    event. Raises LookupError for an article that is not stored.
    """
    article = find_grouped(db, article_id)
    if article is None:
        raise LookupError(f"no article {article_id}")
    if article.group is not None and article.event is not None:
        return article.group, article.event
    group = find_group(db, article.text_hash)
    if group is None:
        group = add_group(db, article.text_hash, article_id, now)
    event = event_for(db, article, group, now)
    set_groups(db, article_id, group, event)
    touch_event(db, event, now)
    return group, event
