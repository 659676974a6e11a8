"""What a visit shows of a watched source -> cause, evidence, and a repair where there is one."""

from __future__ import annotations

import asyncio
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit

from config.errors import ConfigError
from config.new_source import write_new
from crawler.discovery.words import words_of_reason
from storage.sources import bury_entry_point, entry_points, learn_entry_point

from .daemon import Daemon, utc_now

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database

    from config.source import Source
    from crawler.discovery.preview import EntryPoint, Preview


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A cause in words, its evidence a line each; `learn` and `bury` and `move` are the repair."""

    source: str
    cause: str
    well: bool = False
    evidence: tuple[str, ...] = ()
    proposal: str | None = None
    learn: tuple[tuple[str, str], ...] = ()
    bury: tuple[str, ...] = ()
    move: str | None = None


def diagnose(source: Source, preview: Preview) -> Diagnosis:
    """Say what is the matter with a source, going by a visit that looked beyond what it uses."""
    dead = [one for one in preview.tried if one.origin == "known" and one.state != "good"]
    evidence = (
        *(f"{one.url}: {one.why}" for one in dead),
        *(f"{one.page.url}: {one.reason}" for one in preview.samples if one.reason),
    )
    if preview.refused == "moved":
        return Diagnosis(
            source=source.id,
            cause=f"the whole site has moved to {preview.detail}",
            evidence=(f"{source.url} redirects to {preview.detail}",),
            proposal=f"watch it at {preview.detail}",
            move=preview.detail,
        )
    if preview.refused is not None:
        cause = words_of_reason(preview.refused)
        return Diagnosis(source=source.id, cause=cause, evidence=(*evidence, preview.detail))
    best = preview.entry_points[0]
    if best.origin == "known" or (best.url == source.url and not dead):
        return _of_known(source, preview, best, evidence)
    return Diagnosis(
        source=source.id,
        cause="its entry points do not work any more",
        evidence=(*evidence, f"{best.url}: {best.articles} articles ({best.kind})"),
        proposal=f"use {best.url} instead",
        learn=tuple((one.url, one.kind) for one in preview.entry_points),
        bury=tuple(one.url for one in dead),
    )


def _of_known(
    source: Source, preview: Preview, best: EntryPoint, evidence: tuple[str, ...]
) -> Diagnosis:
    said = (f"{best.url}: {best.articles} articles", *evidence)
    if best.state == "poor" or any("nothing new" in one for one in preview.reasons):
        return Diagnosis(
            source=source.id,
            cause=f"it answers, but {best.why or '; '.join(preview.reasons)}",
            evidence=said,
        )
    return Diagnosis(source=source.id, cause="nothing is the matter", well=True, evidence=said)


async def repair_source(daemon: Daemon, payload: dict[str, Any]) -> dict[str, Any]:
    """Carry out a repair: entry points learned and buried, a moved site's file written anew."""
    source = daemon.config.sources.get(str(payload["source"]))
    if source is None:
        raise ConfigError(f"no such source: {payload['source']}")
    done: dict[str, Any] = {"source": source.id}
    if payload.get("move"):
        done["file"] = await asyncio.to_thread(
            _write_moved, daemon.home, source, str(payload["move"])
        )
        await daemon.tick_config()
    now = utc_now()
    await daemon.pen(lambda db: _switch(db, source.id, payload, now))
    await daemon.wish_polls([source.id])
    return done


def _switch(db: Database, source: str, payload: dict[str, Any], now: datetime) -> None:
    known = {url for url, _ in entry_points(db).get(source, [])}
    for url in payload.get("bury", ()):
        if url in known:
            bury_entry_point(db, source, url, now)
    for url, kind in payload.get("learn", ()):
        learn_entry_point(db, source, str(url), str(kind), now)


def _write_moved(home: Path, source: Source, url: str) -> str:
    """Write a home's file over a shipped one; a file that a person wrote is never rewritten."""
    old = Path(source.file)
    if old.is_relative_to(home):
        raise ConfigError(f'{source.file} is yours: write url = "{url}" into it')
    table = {**tomllib.loads(old.read_text("utf-8")), "url": url}
    path = home / "sources" / source.province / f"{source.id}.toml"
    write_new(path, tomlkit.dumps(table))
    return str(path)
