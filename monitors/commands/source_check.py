"""`ronda sources check` probes live and stores nothing; `doctor` says what is wrong, mends it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config.errors import ConfigError, ExpectedError
from config.settings import load_settings
from config.source import Source, load_sources
from crawler.discovery.words import words_of_reason
from crawler.reading.pool import ReadingPool, prepare
from monitors.daemon.daemon import utc_now
from monitors.daemon.diagnosis import diagnose
from monitors.daemon.visitor import visit_site
from storage.home import make_home
from storage.samples import KeptSample, load_samples

from .options import HomeOption, JsonOption, find_home, show_json, show_rows
from .orders import place_order

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("source", "state", "cause", "entry", "newest", "samples")
AT_ONCE = 2  # visits side by side
ALIKE = 0.8  # of a sample's words that the reader must find again


def add_to(app: typer.Typer) -> None:
    """Put the commands into the group."""
    app.command()(check)
    app.command()(doctor)


def check(
    source: Annotated[str | None, typer.Argument(help="A source's id.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every source, two at a time.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at a source's entry points and newest articles now; nothing is stored."""
    place = make_home(find_home(home))
    sources = _sources(place)
    if (source is None) != every:
        raise ConfigError("name one source, or say --all")
    chosen = list(sources.values()) if source is None else [_find(sources, source)]
    prepare()
    rows = asyncio.run(_check_all(place, chosen))
    show_rows(rows, COLUMNS, as_json=as_json)
    if any(row["state"] != "ok" for row in rows):
        raise typer.Exit(1)


def doctor(
    source: Annotated[str, typer.Argument(help="A source's id.")],
    apply: Annotated[bool, typer.Option("--apply", help="Carry out the repair.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name what is the matter with a source, its evidence, and the repair; --apply does it."""
    place = make_home(find_home(home))
    found = _find(_sources(place), source)
    diagnosis = diagnose(found, asyncio.run(visit_site(place, source=source)))
    result: dict[str, Any] = {**asdict(diagnosis), "applied": False}
    repair = {key: result[key] for key in ("source", "learn", "bury", "move")}
    if apply and diagnosis.proposal:
        result |= place_order(place, "repair", repair) | {"applied": True}
    if as_json:
        show_json(result)
    else:
        typer.echo(f"{source}: {diagnosis.cause}")
        for line in diagnosis.evidence:
            if line:
                typer.echo(f"  seen      {line}")
        if diagnosis.proposal:
            word = "done      " if result["applied"] else "proposal  "
            typer.echo(f"  {word}{diagnosis.proposal}")
    if not diagnosis.well and not result["applied"]:
        raise typer.Exit(1)


async def _check_all(home: Path, sources: list[Source]) -> list[dict[str, Any]]:
    reading = load_settings(home, secrets=False).reading
    pool = ReadingPool(1, reading.seconds, reading.memory_mb)
    await pool.start()
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(source: Source) -> dict[str, Any]:
        async with turns:
            row = await _check_one(home, source, pool)
        if len(sources) > 1:
            typer.echo(f"{row['source']}: {row['state']}", err=True)
        return row

    try:
        return list(await asyncio.gather(*(one(source) for source in sources)))
    finally:
        await pool.close()


async def _check_one(home: Path, source: Source, pool: ReadingPool) -> dict[str, Any]:
    preview = await visit_site(home, source=source.id, check=True)
    point = preview.entry_points[0] if preview.entry_points else None
    samples = await _read_again(load_samples(home, source.id), source, pool)
    state, cause = "ok", ""
    if preview.refused is not None or point is None:
        state, cause = "failing", words_of_reason(preview.refused or "no_articles")
        cause += f": {preview.detail}" if preview.detail else ""
    elif point.state == "poor":
        state, cause = "poor", point.why or ""
    return {
        "source": source.id,
        "state": state,
        "cause": cause,
        "grade": preview.grade,
        "entry": point.url if point else None,
        "newest": point.newest.isoformat() if point and point.newest else None,
        "articles": [one.article.title for one in preview.samples if one.article is not None],
        "samples": samples,
    }


async def _read_again(samples: list[KeptSample], source: Source, pool: ReadingPool) -> str:
    """Read the kept pages with today's reader and rules: what was an article must still be one."""
    if not samples:
        return "none kept"
    worse = []
    for sample in samples:
        try:
            article = await pool.read(sample.page.body or b"", sample.page, source, utc_now())
        except ExpectedError as error:
            worse.append(f"{sample.page.url}: {error}")
            continue
        if len(article.text.split()) < ALIKE * sample.words:
            worse.append(f"{sample.page.url}: {len(article.text.split())} words of {sample.words}")
    return f"{len(samples) - len(worse)} of {len(samples)} read as before" + "".join(
        f"; {one}" for one in worse
    )


def _sources(home: Path) -> dict[str, Source]:
    return load_sources(home, shipped=load_settings(home, secrets=False).sources.shipped)[0]


def _find(sources: dict[str, Source], source: str) -> Source:
    if source not in sources:
        raise ConfigError(f"no such source: {source} (see `ronda sources list`)")
    return sources[source]
