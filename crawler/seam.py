"""Where guards and pipeline find the work of the round that they serve.

A discovery has no round: its `Visit` has what the guards ask for (hosts, tally, config, slots).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from .work import Work


def work_of(crawler: Crawler) -> Work:
    """Give the open round of a crawler; the spider opens it before it asks for anything."""
    work: Work = crawler.spider.work  # type: ignore[union-attr]  # set by the only spiders that use the guards
    return work
