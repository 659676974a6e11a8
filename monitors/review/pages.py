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
from storage.articles import load_article
from storage.database import open_reader
from storage.digests import latest_digests, load_digest
from storage.matches import matches_by_id
from storage.told import matches_told_in

from .marks import marked_paragraphs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from .app import Desk

SECONDS = 2.0
LISTED = 100
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
    coming = [
        {"monitor": monitor.name, "next": slots[0]}
        for monitor in config.settings.monitors.values()
        if (slots := next_slots(monitor, now, 1))
    ]
    watched = len(config.sources) - health.disabled
    values = {"health": health, "coming": coming, "state": desk.state(), "watched": watched}
    return _show(request, "status.html", values)


def digests(request: Request) -> Response:
    """List the digests, newest first."""
    return _show(request, "digests.html", {"digests": _read(request, _list_digests)})


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
    found = _read(request, lambda db: load_digest(db, number)) if form in MEDIA else None
    if found is None:
        return PlainTextResponse("no such digest", 404)
    # The page's own policy forbids inline styles; the digest carries its own and nothing else.
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return PlainTextResponse(
        getattr(found, form),
        media_type=MEDIA[form],
        headers={"content-security-policy": policy} if form == "html" else None,
    )


def _list_digests(db: Any) -> list[Any]:
    return list(latest_digests(db, limit=LISTED))


def _load_digest(db: Any, number: int) -> dict[str, Any] | None:
    found = load_digest(db, number)
    if found is None:
        return None
    rows = []
    for match in matches_by_id(db, matches_told_in(db, number)):
        article = load_article(db, match.article) if match.article is not None else None
        if article is not None:
            rows.append(
                {
                    "article": article,
                    "match": match,
                    "title": marked_paragraphs(article, match.evidence, "title")[0],
                    "paragraphs": marked_paragraphs(article, match.evidence, "text"),
                }
            )
    return {"digest": found, "rows": rows, "levels": LEVELS}


def _read(request: Request, work: Any) -> Any:
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
    zones = {source.id: ZONES[source.timezone] for source in config.sources.values()}

    def moment(when: datetime | None, source: str | None = None) -> str:
        """Write a time in its source's zone, without one in that of Jakarta."""
        return words.short(when, zones.get(source or "", ZONES["WIB"])) if when else ""

    return HTMLResponse(
        _templates.get_template(template).render(
            _=words.text,
            language=words.language,
            moment=moment,
            reason=words.reason,
            names={source.id: source.name for source in config.sources.values()},
            errors=[str(error) for error in config.errors],
            test_network=bool(config.settings.network.test_hosts),
            **values,
        )
    )
