"""Both files -> the pages that are not read yet: in `crawl.db` with a body, in `readings` without
an outcome. The mark only saves looking; losing `crawl.db` costs re-polling and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .pages import crawl_file_id, pages_after
from .readings import read_up_to, unfinished

if TYPE_CHECKING:
    from sqlite_utils import Database

    from .records import Page

_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Pages to read, in the order to take them; up to the id `mark` every page has its outcome."""

    crawl_file: str
    pages: tuple[Page, ...]
    mark: int
    old_mark: int


def find_unread(crawl: Database, ronda: Database, limit: int) -> Unread:
    """Give up to about `limit` unread pages, in the order of their coming, once-tried ones last."""
    file = crawl_file_id(crawl)
    old_mark = mark = position = read_up_to(ronda, file)
    found: list[Page] = []
    while len(found) < limit:
        pages = pages_after(crawl, position, _CHUNK)
        if not pages:
            break
        position = pages[-1].id or position
        waiting = unfinished(ronda, pages)
        if not found:
            first = min((page.id for page in waiting if page.id is not None), default=None)
            mark = position if first is None else first - 1
        # One address and body listed twice is one page to read.
        known = {(page.url, page.sha256) for page in found}
        found += {
            (page.url, page.sha256): page
            for page in waiting
            if (page.url, page.sha256) not in known
        }.values()
    return Unread(crawl_file=file, pages=tuple(found[:limit]), mark=mark, old_mark=old_mark)


def count_unread(crawl: Database, ronda: Database | None) -> int:
    """Count the pages that are not read yet."""
    position = 0 if ronda is None else read_up_to(ronda, crawl_file_id(crawl))
    waiting: set[tuple[str, str | None]] = set()
    while pages := pages_after(crawl, position, _CHUNK):
        position = pages[-1].id or position
        left = pages if ronda is None else unfinished(ronda, pages)
        waiting |= {(page.url, page.sha256) for page in left}
    return len(waiting)
