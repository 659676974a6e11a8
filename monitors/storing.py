"""An article as read -> stored: where it happened, under which source, and whether it is one.

A text that a site shows under many addresses is its furniture ("halaman tidak ditemukan", a notice
in place of the story) and no article.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.source import Source
from crawler.reading.version import READER
from monitors.facts.regions import find_region
from storage.articles import save_article
from storage.furniture import add_furniture, addresses_of_text, is_furniture, withdraw_articles
from storage.readings import finish_reading
from storage.text import fold_text, text_hash

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database

    from monitors.loaded import Loaded
    from storage.articles import SavedArticle
    from storage.records import Article, Page

log = logging.getLogger(__name__)

FURNITURE = 3  # addresses of one source under which a text is no article's
TOLD = 1 / 3  # of an address's words that its story repeats
FURNITURE_REASON = "furniture"


def keep_article(
    db: Database,
    page: Page,
    article: Article,
    config: Loaded,
    now: datetime,
    *,
    found_later: bool = False,
) -> SavedArticle | None:
    """Store what was read of a page and end its reading; None where it is no article after all.

    In the caller's transaction. `found_later`: what topics find in it is no news.
    """
    source = source_of(page, config)
    if _is_furniture(db, article, now):
        finish_reading(db, page, "not_article", reader=READER, now=now, reason=FURNITURE_REASON)
        return None
    region = find_region(article, source, config.regions)
    province = config.regions[region].province_code if region else source.province_code
    saved = save_article(
        db,
        article,
        now=now,
        region=region,
        province=province,
        timezone=source.timezone,
        found_later=found_later,
    )
    finish_reading(db, page, "article", reader=READER, now=now, article=saved.id)
    if saved.new or saved.changed:
        log.info("article stored source=%s url=%s", article.source, article.url)
    return saved


def source_of(page: Page, config: Loaded) -> Source:
    """Give a page's source; one whose file is gone or invalid is stood in for: nothing is lost."""
    known = config.sources.get(page.source)
    if known is not None:
        return known
    host = urlsplit(page.url).hostname or page.source
    url = f"https://{host}/"
    return Source(id=page.source, name=page.source, url=url, province="nasional", slot=host)


def tells_of(text: str, url: str) -> bool | None:
    """Say whether a text is what its address promises; None for an address without a slug."""
    path = urlsplit(url).path.lower()
    words = {word for word in re.split(r"[^a-z]+", path) if len(word) > 3}
    told = set(fold_text(text).split())
    return len(words & told) >= TOLD * len(words) if len(words) > 1 else None


def _may_be_furniture(text: str, url: str, has_time: bool) -> bool:
    told = tells_of(text, url)
    return not has_time if told is None else not told


def _is_furniture(db: Database, article: Article, now: datetime) -> bool:
    """Find out, and take back the articles that were stored before it could be known.

    A release put under three addresses repeats their words; a notice repeats none of them. Where
    an address has no words, a page with a time of its own is taken for an article.
    """
    has_time = article.published_from not in (None, "listing")
    if not _may_be_furniture(article.text, article.url, has_time):
        return False
    hash_ = text_hash(article.title, article.text)
    if is_furniture(db, article.source, hash_):
        return True
    others = [
        (number, url)
        for number, url, found in addresses_of_text(db, article.source, hash_)
        if url != article.url
        and _may_be_furniture(article.text, url, found not in (None, "listing"))
    ]
    if len(others) + 1 < FURNITURE:
        return False
    add_furniture(db, article.source, hash_, now)
    gone = withdraw_articles(db, [number for number, _ in others], FURNITURE_REASON)
    log.info("furniture source=%s addresses=%d url=%s", article.source, len(gone) + 1, article.url)
    return True
