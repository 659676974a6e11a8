"""Three read-only pages: status, digests, and one digest's articles with their evidence marked.

Every page opens its own read-only connection with a limit of 2 s; nothing here writes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, PlainTextResponse

from config.errors import StorageError
from monitors.digests.slots import next_slots
from monitors.digests.words import ZONES, load_words
from monitors.health import source_health
from storage.articles import count_articles
from storage.database import open_reader
from storage.digests import latest_digests, load_digest
from storage.matches import count_matches

from .sections import digest_sections

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlite_utils import Database
    from starlette.requests import Request
    from starlette.responses import Response

    from storage.digests import StoredDigest
    from storage.records import Article

    from .app import Desk

SECONDS = 2.0
LISTED = 100
NEWEST = 5
LARGEST_ID = 2**63 - 1
LEVELS = {"sure": "sure", "likely": "likely: please check", "near_miss": "near miss"}
MEDIA = {"html": "text/html", "txt": "text/plain", "json": "application/json"}

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def clock() -> datetime:
    """Give the present moment, aware, in UTC."""
    return datetime.now(UTC)


def status(request: Request) -> Response:
    """Show how the watch is doing: sources, failures, next digests, errors of files."""
    desk: Desk = request.app.state.desk
    config = desk.config()
    now = clock()
    network = bool(config.settings.network.test_hosts)
    health = source_health(desk.home, config.sources, now, test_network=network)
    words = load_words(config.settings.language)
    coming = [
        {"monitor": monitor.name, "next": words.short(slots[0], monitor.timezone)}
        for monitor in config.settings.monitors.values()
        if (slots := next_slots(monitor, now, 1))
    ]
    values = {
        "health": health,
        "coming": coming,
        "watched": len(config.sources) - health.disabled,
        **(_read(request, _count) or {"articles": 0, "matches": 0, "digests": []}),
    }
    return _show(request, "status.html", values)


def digests(request: Request) -> Response:
    """List the digests, newest first."""
    listed = _read(request, lambda db: latest_digests(db, limit=LISTED))
    return _show(request, "digests.html", {"digests": listed or []})


def digest(request: Request) -> Response:
    """Show one digest's articles with their evidence marked in its paragraphs."""
    number = request.path_params["number"]
    values = _read(request, lambda db: _load_digest(db, number))
    if values is None:
        return PlainTextResponse("no such digest", 404)
    return _show(request, "digest.html", values)


def digest_file(request: Request) -> Response:
    """Give a digest as it was sent: html, txt or json."""
    form = request.path_params["form"]
    number = request.path_params["number"]
    found = _read(request, lambda db: _find_digest(db, number)) if form in MEDIA else None
    if found is None:
        return PlainTextResponse("no such digest", 404)
    # The page's own policy forbids inline styles; the digest carries its own and nothing else.
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return PlainTextResponse(
        getattr(found, form),
        media_type=MEDIA[form],
        headers={"content-security-policy": policy} if form == "html" else None,
    )


def _count(db: Database) -> dict[str, Any]:
    """Count what the home holds, and name its newest digests."""
    return {
        "articles": count_articles(db),
        "matches": count_matches(db),
        "digests": latest_digests(db, limit=NEWEST),
    }


def _find_digest(db: Database, number: int) -> StoredDigest | None:
    """Give a digest; a number that no database can hold names none."""
    return load_digest(db, number) if number <= LARGEST_ID else None


def _load_digest(db: Database, number: int) -> dict[str, Any] | None:
    found = _find_digest(db, number)
    if found is None:
        return None
    return {"digest": found, "sections": digest_sections(db, found), "levels": LEVELS}


def _read(request: Request, work: Callable[[Database], Any]) -> Any:
    """Ask the home's database; None where there is none yet."""
    try:
        db = open_reader(request.app.state.desk.home, "ronda", seconds=SECONDS)
    except StorageError:
        return None
    try:
        return work(db)
    finally:
        db.close()


def _show(request: Request, template: str, values: Mapping[str, Any]) -> Response:
    config = request.app.state.desk.config()
    words = load_words(config.settings.language)

    def moment(when: datetime) -> str:
        """Write a time of our own, in Jakarta's zone."""
        return words.short(when, ZONES["WIB"])

    def published(article: Article) -> str:
        """Write when an article appeared, in its source's zone."""
        if article.published_at is None:
            return words.text("no time given")
        source = config.sources.get(article.source)
        zone = source.timezone if source else "WIB"
        return words.published(article.published_at, zone, article.precision)

    return HTMLResponse(
        _templates.get_template(template).render(
            _=words.text,
            ngettext=words.plural,
            language=words.language,
            moment=moment,
            published=published,
            reason=words.reason,
            names={source.id: source.name for source in config.sources.values()},
            errors=[str(error) for error in config.errors],
            number=words.number,
            test_network=bool(config.settings.network.test_hosts),
            **values,
        )
    )
