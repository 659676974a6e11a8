"""All files of an installation and its home -> Loaded: what daemon and commands work with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from config.changes import fingerprint
from config.errors import ConfigError
from config.family import Family, read_families
from config.region import Region, load_regions
from config.settings import Settings, load_settings, settings_problems
from config.source import Source, load_sources
from config.topic import Topic, load_topics
from monitors.matching.matcher import Matcher, compile_topics

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.changes import Fingerprint

Filed = TypeVar("Filed", Source, Topic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Settings, sources, families, topics and regions by id; `errors` name what was not taken.

    `files` is what the home's files looked like, `file_errors` what was wrong with sources,
    families and topics.
    """

    settings: Settings
    sources: dict[str, Source]
    families: dict[str, Family]
    topics: dict[str, Topic]
    regions: dict[str, Region]
    matcher: Matcher
    errors: tuple[ConfigError, ...] = ()
    files: Fingerprint | None = None
    file_errors: tuple[ConfigError, ...] = ()


def load_config(
    home: Path | None, previous: Loaded | None = None, *, secrets: bool = True
) -> Loaded:
    """Load everything; what is invalid now stays as it was in `previous`, and is named in `errors`.

    Sources, families and topics are read again only where a file of the home changed.
    Raises ConfigError where the settings are invalid and there is nothing previous to keep.
    `secrets=False` leaves secrets unread, for commands that send nothing.
    """
    files = fingerprint(home)  # before reading: what changes meanwhile is read again
    errors: list[ConfigError] = []
    try:
        settings = load_settings(home, secrets=secrets)
    except ConfigError as error:
        if previous is None:
            raise
        settings = previous.settings
        errors.append(error)
    if previous is not None and files == previous.files:
        fresh = previous  # thousands of files: read only when one of them changed
    else:
        fresh = _load_files(home, settings, previous, files)
    problems = settings_problems(settings, fresh.topics, fresh.regions)
    errors += [*fresh.file_errors, *(ConfigError(one) for one in problems)]
    return replace(fresh, settings=settings, errors=tuple(errors))


def _load_files(
    home: Path | None, settings: Settings, previous: Loaded | None, files: Fingerprint
) -> Loaded:
    families, _ = read_families(home)  # their errors come with the sources'
    sources, errors = load_sources(home, shipped=settings.sources.shipped)
    topics, more = load_topics(home)
    errors += more
    if previous is not None and errors:
        sources = _keep(sources, previous.sources)
        topics = _keep(topics, previous.topics)
    regions = load_regions()
    if previous is not None and _revisions(previous.topics) == _revisions(topics):
        matcher = previous.matcher
    else:
        matcher = compile_topics(topics.values(), regions)
    return Loaded(
        settings=settings,
        sources=sources,
        families=families,
        topics=topics,
        regions=regions,
        matcher=matcher,
        files=files,
        file_errors=tuple(errors),
    )


def _keep(fresh: dict[str, Filed], previous: Mapping[str, Filed]) -> dict[str, Filed]:
    """Add what is missing now although its file is still there: the file has become invalid."""
    kept = {
        name: old
        for name, old in previous.items()
        if name not in fresh and Path(old.file).is_file()
    }
    return dict(sorted((fresh | kept).items()))


def _revisions(topics: Mapping[str, Topic]) -> list[tuple[str, str]]:
    return [(topic.id, topic.revision) for topic in topics.values()]
