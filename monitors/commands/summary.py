"""A home's state in numbers, read from both databases: for `status`, the live view, `round`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from monitors.health import source_health
from storage.articles import count_articles
from storage.database import find_reader
from storage.matches import count_matches
from storage.rounds import crawls_since

if TYPE_CHECKING:
    from pathlib import Path

    from monitors.stages import Loaded


def home_summary(home: Path, config: Loaded) -> dict[str, Any]:
    """Give sources reached and failing, articles, matches, and whether we are offline."""
    now = datetime.now(UTC)
    network = bool(config.settings.network.test_hosts)
    health = source_health(home, config.sources, now, test_network=network)
    ronda = find_reader(home, "ronda")
    try:
        articles = count_articles(ronda) if ronda else 0
        matches = count_matches(ronda) if ronda else 0
    finally:
        if ronda is not None:
            ronda.close()
    return {
        "now": now,
        "sources": len(config.sources) - health.disabled,
        "reached": health.ok,
        "failing": len(health.failing),
        "quiet": len(health.quiet),
        "disabled": health.disabled,
        "offline": health.offline,
        "test_network": network,
        "articles": articles,
        "matches": matches,
        "health": health,
    }


def round_summary(home: Path, since: datetime) -> dict[str, Any]:
    """Give what the crawls since a moment brought, with every failure's reason."""
    crawl = find_reader(home, "crawl")
    crawls = crawls_since(crawl, since) if crawl else []
    if crawl is not None:
        crawl.close()
    failed = [
        {"source": each.source, "reason": each.reason} for each in crawls if each.state == "failed"
    ]
    total = {
        "sources": len({each.source for each in crawls}),
        "requests": sum(each.requests for each in crawls),
        "not_modified": sum(each.not_modified for each in crawls),
        "links_new": sum(each.links_new for each in crawls),
        "pages": sum(each.pages for each in crawls),
    }
    lines = [
        "{sources} sources polled, {requests} requests ({not_modified} not modified), "
        "{links_new} new links, {pages} pages".format(**total)
    ]
    lines += [f"failed: {row['source']}: {row['reason']}" for row in failed]
    return {**total, "failed": failed, "lines": lines}
