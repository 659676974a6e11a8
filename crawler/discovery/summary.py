"""What the walk saw -> the preview: name, place, rates, grade with its reasons, or a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.region import load_regions

from .grading import grade_preview
from .identity import language_of
from .judging import estimate_rate
from .place import find_place
from .preview import Preview
from .signs import network_of

if TYPE_CHECKING:
    from config.family import Family
    from config.source import Source

    from .identity import Face
    from .listings import Yield
    from .preview import Sample
    from .visitor import Visitor

DAY = 86_400.0
BEGINNING = 600  # characters of an article, its dateline among them
TITLES = 40


def summarise(
    visitor: Visitor,
    *,
    given: str,
    source: Source,
    family: Family | None,
    face: Face,
    chosen: Yield,
    tried: tuple[Yield, ...],
    samples: tuple[Sample, ...],
    certificate: str | None,
    every: float,
) -> Preview:
    """Put together what is known of a site that can be watched."""
    host = urlsplit(source.url).hostname or ""
    articles = [one.article for one in samples if one.article is not None]
    region = find_place(
        face,
        host,
        [one.text[:BEGINNING] for one in articles],
        [link.title for link in chosen.links[:TITLES]],
    )
    robots, delay = visitor.robots(source.url)
    rate = estimate_rate(chosen.links, visitor.now())
    preview = Preview(
        given=given,
        url=source.url,
        name=source.name,
        family=family.id if family else None,
        network=network_of(source.url, family),
        region=region,
        timezone=load_regions()[region].timezone if region else "WIB",
        language=language_of([one.text for one in articles], face.language),
        hosts=source.hosts,
        twins=tuple(dict.fromkeys([*face.twins, *([face.foreign] if face.foreign else [])])),
        certificate=certificate,
        robots="allows" if robots else "none",
        crawl_delay=delay,
        entry_points=(chosen.point,),
        tried=tuple(one.point for one in tried if one.point.url != chosen.point.url),
        samples=samples,
        articles_per_day=rate,
        requests_per_day=round(DAY / every + (rate or 0.0) + 1, 0),
        requests=visitor.requests,
        seconds=round(visitor.elapsed(), 1),
    )
    return grade_preview(preview, visitor.now())


def refuse(
    visitor: Visitor,
    why: str,
    *,
    given: str,
    source: Source,
    family: Family | None,
    tried: tuple[Yield, ...],
    samples: tuple[Sample, ...],
    detail: str | None = None,
) -> Preview:
    """Say why a site cannot be watched, with what was tried."""
    points = tuple(one.point for one in tried)
    if why == "no_articles" and points and all(one.why == "robots" for one in points):
        why = "robots"
    if why == "unreadable" and all(one.reason == "robots" for one in samples):
        why = "robots"
    return Preview(
        given=given,
        url=source.url,
        refused=why,
        detail=detail
        or ", ".join(f"{_path(one.url)} ({one.why})" for one in points if one.why)[:600],
        family=family.id if family else None,
        tried=points,
        samples=samples,
        reasons=(why,),
        requests=visitor.requests,
        seconds=round(visitor.elapsed(), 1),
    )


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
