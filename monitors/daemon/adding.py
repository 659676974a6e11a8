"""The order "add": an address -> a preview; unless on trial also a file, entry points, samples."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from config.errors import ConfigError, ExpectedError
from config.new_source import given_address, given_code
from config.source import load_sources, write_source
from crawler.discovery.words import words_of_refusal
from crawler.reading.urls import bare_host
from monitors.loaded import load_config
from monitors.matching.matcher import match_article
from storage.home import make_home
from storage.samples import KeptSample, save_samples
from storage.sources import learn_entry_point

from .daemon import Daemon, utc_now
from .visitor import visit_site

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from config.source import Source
    from crawler.discovery.preview import EntryPoint, Preview
    from monitors.loaded import Loaded
    from storage.records import Article


async def add_source(daemon: Daemon, payload: dict[str, Any]) -> dict[str, Any]:
    """Visit a site and begin to watch it; raises ExpectedError where it cannot be watched."""
    result, preview, code = await _look(daemon.home, daemon.config, payload)
    source = await asyncio.to_thread(
        write_source,
        daemon.home,
        url=preview.url,
        name=payload.get("name") or preview.name,
        region=code,
        family=preview.family,
        network=preview.network,
        hosts=preview.hosts,
        existing=_known(daemon.home, daemon.config),
    )
    now = utc_now()
    await daemon.pen(lambda db: _learn(db, source.id, preview.entry_points, now))
    await asyncio.to_thread(save_samples, daemon.home, source.id, _kept(preview))
    await daemon.tick_config()
    await daemon.wish_polls([source.id])
    return {**result, "source": source.id, "file": source.file}


async def try_source(home: Path, payload: dict[str, Any]) -> dict[str, Any]:
    """Visit a site and give its preview; nothing is stored and no lock is needed."""
    home = make_home(home)
    result, _, _ = await _look(home, load_config(home, secrets=False), payload)
    return result


def refuse_watched(url: str, sources: Mapping[str, Source]) -> None:
    """Raise ConfigError where an address is one of a source's own, naming the source."""
    host, path = bare_host(url), urlsplit(url).path.rstrip("/")
    for source in sources.values():
        own = urlsplit(source.url)
        same_path = path in ("", own.path.rstrip("/"))
        same_port = urlsplit(url).port == own.port
        hosts = {bare_host(f"//{one}") for one in source.hosts}
        if (bare_host(source.url) == host and same_path and same_port) or (
            path == "" and host in hosts
        ):
            raise ConfigError(f"{url} is watched already as {source.id} ({source.file})")


async def _look(
    home: Path, config: Loaded, payload: dict[str, Any]
) -> tuple[dict[str, Any], Preview, str | None]:
    url = given_address(str(payload["url"]))
    code = given_code(payload.get("region"))
    known = _known(home, config)
    refuse_watched(url, known)
    preview = await visit_site(home, url)
    if preview.refused is not None:
        raise ExpectedError(words_of_refusal(preview))
    refuse_watched(preview.url, known)
    if payload.get("region") is None:
        code = preview.region
    result = describe(preview, config)
    if preview.grade == "F":
        reasons = "; ".join(preview.reasons)
        raise ExpectedError(f"{preview.url}: too little of it works (grade F): {reasons}")
    same = _same_masthead(payload.get("name") or preview.name, known)
    if same is not None:
        result["notes"].append(
            f"{same.id} has the same name: if this is its second host, put it into its `hosts`"
        )
    region = config.regions.get(code or "")
    result["region"] = {"code": code, "name": region.official_name if region else None}
    result["name"] = payload.get("name") or preview.name
    return result, preview, code


def describe(preview: Preview, config: Loaded) -> dict[str, Any]:
    """Give a preview without its pages, as people and programs see it."""
    notes = []
    if preview.twins:
        notes.append(f"also answers as {', '.join(preview.twins)}")
    if preview.hosts:
        notes.append(f"moved here from {', '.join(preview.hosts)}")
    return {
        "url": preview.url,
        "name": preview.name,
        "grade": preview.grade,
        "reasons": list(preview.reasons),
        "family": preview.family,
        "network": preview.network,
        "timezone": preview.timezone,
        "language": preview.language,
        "robots": preview.robots,
        "crawl_delay": preview.crawl_delay,
        "entry_points": [_point(one) for one in preview.entry_points],
        "tried": [_point(one) for one in preview.tried],
        "articles": [
            _article(one.article, config)
            if one.article is not None
            else {"url": one.page.url, "missing": [one.reason or "page"]}
            for one in preview.samples
        ],
        "articles_per_day": preview.articles_per_day,
        "requests_per_day": preview.requests_per_day,
        "requests": preview.requests,
        "seconds": preview.seconds,
        "notes": notes,
    }


def _known(home: Path, config: Loaded) -> dict[str, Source]:
    """Give the sources that are watched, with those whose file came since the files were read."""
    fresh, _ = load_sources(home, shipped=config.settings.sources.shipped)
    return {**config.sources, **fresh}


def _point(point: EntryPoint) -> dict[str, Any]:
    return {
        "url": point.url,
        "kind": point.kind,
        "found": point.origin,
        "state": point.state,
        "why": point.why,
        "articles": point.articles,
        "newest": point.newest.isoformat() if point.newest else None,
    }


def _article(article: Article, config: Loaded) -> dict[str, Any]:
    sentences = [one.strip() for one in article.text.replace("\n", ". ").split(". ") if one.strip()]
    missing = [
        name
        for name, value in (("time", article.published_at), ("author", article.author))
        if value is None
    ]
    matches = match_article(config.matcher, article)
    return {
        "url": article.url,
        "title": article.title,
        "published_at": article.published_at.isoformat() if article.published_at else None,
        "first": sentences[0][:300] if sentences else "",
        "last": sentences[-1][:300] if sentences else "",
        "words": len(article.text.split()),
        "missing": missing,
        "topics": [f"{one.topic} ({one.level})" for one in matches],
    }


def _same_masthead(name: str, sources: Mapping[str, Source]) -> Source | None:
    wanted = "".join(name.split()).casefold()
    for source in sources.values():
        if "".join(source.name.split()).casefold() == wanted:
            return source
    return None


def _learn(db: Database, source: str, points: tuple[EntryPoint, ...], now: datetime) -> None:
    for point in points:
        learn_entry_point(db, source, point.url, point.kind, now)


def _kept(preview: Preview) -> list[KeptSample]:
    return [
        KeptSample(
            page=sample.page,
            title=sample.article.title,
            words=len(sample.article.text.split()),
            published_at=sample.article.published_at,
        )
        for sample in preview.samples
        if sample.article is not None
    ]
