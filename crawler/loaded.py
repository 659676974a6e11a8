"""Settings, sources and topics' words as the crawl uses them, read again when a file changed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick

from config.addresses import host_of, registrable_host
from config.changes import fingerprint as fingerprint
from config.errors import ConfigError
from config.folding import fold
from config.settings import load_settings
from config.source import load_sources
from config.topic import load_topics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from config.settings import Settings
    from config.source import Source
    from config.topic import Topic

log = logging.getLogger(__name__)

TWINS = ("www.", "m.", "amp.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """One state of the home's files; `slots` maps each host that a source names to its slot.

    `lax` are the hosts whose certificates a person has excused.
    """

    settings: Settings
    sources: Mapping[str, Source]
    words: AhoCorasick | None
    slots: Mapping[str, str]
    floors: Mapping[str, float]
    lax: frozenset[str] = frozenset()

    def touches(self, text: str) -> bool:
        """Say whether a text holds any topic's words; for the order of fetching only."""
        return self.words is not None and bool(self.words.find_matches_as_indexes(fold(text).words))

    def slot_of(self, host: str) -> str:
        """Give the slot of a host: that of the source it belongs to, else its registrable host."""
        bare = _bare(host)
        return self.slots.get(bare) or registrable_host(bare)

    def floor(self, slot: str) -> float:
        """Give the shortest delay of a slot in seconds, as settings and sources' files say."""
        return self.floors.get(slot, self.settings.pace.delay)

    def is_lax(self, host: str) -> bool:
        """Say whether a source's file excuses a host's certificate."""
        return _bare(host) in self.lax


def load(home: Path) -> Loaded:
    """Load everything; bad sources and topics are named in the log and left out.

    Raises ConfigError where the settings themselves cannot be used.
    """
    settings = load_settings(home, secrets=False)
    sources, errors = load_sources(home, shipped=settings.sources.shipped)
    topics, topic_errors = load_topics(home)
    for error in (*errors, *topic_errors):
        log.warning("file left out: %s", error)
    floors: dict[str, float] = {}
    slots: dict[str, str] = {}
    lax: set[str] = set()
    for source in sources.values():
        delay = settings.pace.delay if source.delay is None else source.delay
        floors[source.slot] = max(floors.get(source.slot, 0.0), delay)
        for host in (host_of(source.url), *source.hosts):
            slots[_bare(host)] = source.slot
            if source.tls == "lax":
                lax.add(_bare(host))
    return Loaded(
        settings=settings,
        sources=sources,
        words=_compile(topics.values()),
        slots=slots,
        floors=floors,
        lax=frozenset(lax),
    )


def load_again(home: Path, old: Loaded) -> Loaded:
    """Load everything anew; what cannot be used is named in the log and the old stays."""
    try:
        return load(home)
    except ConfigError as error:
        log.warning("settings unchanged: %s", error)
        return old


def _compile(topics: Iterable[Topic]) -> AhoCorasick | None:
    words = {fold(word).words.strip() for topic in topics for word in topic.words()}
    words.discard("")
    return AhoCorasick(sorted(words)) if words else None


def _bare(host: str) -> str:
    host = host.lower().rstrip(".")
    for twin in TWINS:
        if host.startswith(twin) and host.count(".") > 1:
            return host.removeprefix(twin)
    return host
