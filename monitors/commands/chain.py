"""One address -> the whole chain behind it, step by step, stopping where it broke.

A file on disk is read and matched as if it were a page; nothing is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.errors import ConfigError, NotAnArticle
from config.source import Source
from crawler.reading.urls import belongs_to, canonical_url, is_article
from monitors.matching.matcher import match_article
from storage.articles import find_article, load_article
from storage.database import find_reader
from storage.deliveries import latest_deliveries
from storage.groups import articles_of_event, articles_of_group
from storage.links import find_link
from storage.matches import matches_of
from storage.parts import find_part
from storage.readings import readings_of
from storage.records import Page
from storage.told import tellings_of

from .reading_notes import history_of, notes_of_page, parts_read, read_with_notes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlite_utils import Database

    from monitors.stages import Loaded
    from storage.links import LinkRow
    from storage.records import Article, Match


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One link of the chain; `ok` is False where it broke, `detail` says why or what."""

    name: str
    ok: bool
    detail: list[str]


def explain_address(home: Path, config: Loaded, address: str, now: datetime) -> list[Step]:
    """Follow an address (or a file's page) from its source to what was sent of it.

    Raises ConfigError where the address is neither a file nor http(s).
    """
    if not address.lower().startswith(("http://", "https://")):
        path = Path(address)
        if not path.is_file():
            raise ConfigError(f"{address}: neither an http(s) address nor a file")
        return list(_explain_file(path, config, now))
    url = canonical_url(address)
    if url is None:
        raise ConfigError(f"{address}: not an address that can be watched")
    crawl, ronda = find_reader(home, "crawl"), find_reader(home, "ronda")
    try:
        return list(_explain_url(config, url, crawl, ronda, now))
    finally:
        for db in (crawl, ronda):
            if db is not None:
                db.close()


def _explain_url(
    config: Loaded, url: str, crawl: Database | None, ronda: Database | None, now: datetime
) -> Iterator[Step]:
    yield Step(name="address", ok=True, detail=[url])
    owners = [source for source in config.sources.values() if belongs_to(url, source)]
    if not owners:
        yield _stop("source", "no source of the catalogue has this host")
        return
    source = max(owners, key=lambda one: _nearness(url, one))
    rules = "" if is_article(url, source) else " (its rules do not take this for an article)"
    yield Step(name="source", ok=True, detail=[f"{source.id}, {source.name}{rules}"])
    link = find_link(crawl, url) if crawl else None
    if link is None:
        yield _stop("listed", "no listing of its source has named it yet")
        return
    yield Step(
        name="listed",
        ok=True,
        detail=[f"first seen {_time(link.first_seen)} by {', '.join(link.listed_by)}"],
    )
    article = _stored(ronda, url) if ronda else None
    fetched = _fetched(link)
    if article is not None and not fetched.ok:  # it was read before; this is a later visit
        fetched = Step(name="fetched", ok=True, detail=["before; now " + fetched.detail[0]])
    yield fetched
    if not fetched.ok or ronda is None or crawl is None:
        return
    if article is None:
        yield _not_read(ronda, url)
        return
    yield Step(
        name="read",
        ok=True,
        detail=[*_read(article), *parts_read(crawl, ronda, url), *history_of(ronda, article)],
    )
    notes = notes_of_page(crawl, url, source, now)
    if notes:
        yield Step(name="because", ok=True, detail=notes)
    yield from _explain_article(ronda, article)


def _nearness(url: str, source: Source) -> tuple[bool, int]:
    """Rank sources that share a host: the one whose article it is, then the narrowest section."""
    section = urlsplit(source.url).path
    return is_article(url, source), len(section) * urlsplit(url).path.startswith(section)


def _explain_article(ronda: Database, article: Article) -> Iterator[Step]:
    assert article.id is not None  # it came from the database
    matches = matches_of(ronda, article.id)
    yield _matched(matches)
    if not any(match.level != "near_miss" for match in matches):
        return
    group = len(articles_of_group(ronda, article.group)) if article.group else 0
    event = len(articles_of_event(ronda, article.event)) if article.event else 0
    yield Step(
        name="grouped",
        ok=True,
        detail=[f"copy group {article.group} ({group} articles), event {article.event} ({event})"],
    )
    told = tellings_of(ronda, article.id)
    if not told:
        yield _stop("told", "not yet; the next digest of a monitor that asks for it tells it")
        return
    yield Step(
        name="told",
        ok=True,
        detail=[f"{line.monitor} in {line.slot or line.kind}, {_time(line.at)}" for line in told],
    )
    sent = [
        f"{row.channel} {row.recipient}: {row.state}" + (f" ({row.reason})" if row.reason else "")
        for line in told
        if line.slot
        for row in latest_deliveries(ronda, monitor=line.monitor, slot=line.slot)
    ]
    yield Step(name="sent", ok=bool(sent), detail=sent or ["no channel was set"])


def _explain_file(path: Path, config: Loaded, now: datetime) -> Iterator[Step]:
    url = path.absolute().as_uri()
    source = Source(id="file", name=path.name, url=url, province="nasional", slot="file")
    page = Page(url=url, source="file", status=200, fetched_at=now, final_url=url)
    try:
        article, notes = read_with_notes(path.read_bytes(), page, source, now)
    except NotAnArticle as error:
        yield _stop("read", f"not an article: {error.reason}")
        return
    yield Step(name="read", ok=True, detail=_read(article))
    yield Step(name="because", ok=True, detail=notes)
    matches = match_article(config.matcher, article)
    yield _matched(matches)


def _stored(ronda: Database, url: str) -> Article | None:
    """Find the article of an address: under it, or under the one that its page calls its own."""
    found = find_article(ronda, url)
    if found is not None:
        return found
    known = [tried.article for tried in readings_of(ronda, url) if tried.article is not None]
    return load_article(ronda, known[0]) if known else None


def _fetched(link: LinkRow) -> Step:
    if link.state == "done":
        return Step(name="fetched", ok=True, detail=[f"after {link.tries} failed tries"])
    if link.state == "due":
        reason = f", {link.reason} after {link.tries} tries" if link.reason else ""
        return _stop("fetched", f"waiting, due {_time(link.due_at)}{reason}")
    return _stop("fetched", f"{link.state}: {link.reason} after {link.tries} tries")


def _not_read(ronda: Database, url: str) -> Step:
    tried = readings_of(ronda, url)
    if not tried:
        return _stop("read", "waiting to be read")
    last = tried[0]
    if last.outcome == "waiting":
        return _stop("read", "its further pages are still being fetched")
    if last.outcome == "part":
        part = find_part(ronda, url)
        return _stop("read", f"a further page of {part.story if part else 'another story'}")
    return _stop("read", f"{last.outcome or 'tried'}: {last.reason} ({last.attempts} attempts)")


def _read(article: Article) -> list[str]:
    detail = [
        f"{article.title}",
        f"published {_time(article.published_at)} ({article.precision}, from "
        f"{article.published_from}), {article.kind}, {article.completeness}",
        f"dateline {article.dateline}, region {article.region}, "
        f"{len(article.text.split())} words, version {article.version}",
    ]
    if article.marks:
        detail.append(f"marks: {', '.join(article.marks)}")
    if article.doubts:
        detail.append(f"doubts: {', '.join(article.doubts)}")
    return detail


def _matched(matches: list[Match]) -> Step:
    detail: list[str] = []
    for match in matches:
        why = f", because {match.why_not}" if match.why_not else ""
        detail.append(f"{match.topic}: {match.level}, score {match.score:.2f}{why}")
        for line in match.evidence:
            place = "title" if line.field == "title" else f"paragraph {line.paragraph + 1}"
            detail.append(
                f"  {line.weight:+.2f} {line.concept}: {line.phrase!r}"
                f" ({place}, {line.start}-{line.end})"
            )
    found = any(match.level != "near_miss" for match in matches)
    return Step(name="matched", ok=found, detail=detail or ["no topic's words meet in it"])


def _stop(name: str, why: str) -> Step:
    return Step(name=name, ok=False, detail=[why])


def _time(moment: datetime | None) -> str:
    return "at no known time" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"
