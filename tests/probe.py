"""An extension for the crawl under test: says, from inside, what acts (not what was asked for)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import signals

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler


class Probe:
    """Writes one JSON file when the first answer has come."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the first answer."""
        probe = cls(crawler)
        crawler.signals.connect(probe.say, signal=signals.response_downloaded)
        return probe

    def say(self) -> None:
        """Write what acts."""
        from twisted.internet import reactor

        engine = self.crawler.engine
        assert engine is not None
        assert self.crawler.extensions is not None
        at_work: Any = reactor
        report = {
            "settings": {
                name: self.crawler.settings.get(name)
                for name in os.environ["PROBE_SETTINGS"].split(",")
            },
            "concurrency": engine.downloader.total_concurrency,
            "slots": {
                key: [slot.concurrency, slot.delay, slot.jitter]
                for key, slot in engine.downloader.slots.items()
            },
            "middlewares": [_name(one) for one in engine.downloader.middleware.middlewares],
            "extensions": [_name(one) for one in self.crawler.extensions.middlewares],
            "schemes": sorted(engine.downloader.handlers._schemes),
            "resolver": _name(at_work.resolver),
            "reactor": _name(at_work),
            "threads": at_work.getThreadPool().max,
            "listening": _listening(),
        }
        Path(os.environ["PROBE_FILE"]).write_text(json.dumps(report))


def _name(thing: object) -> str:
    return type(thing).__name__


def _listening() -> list[str]:
    """Give the listening TCP sockets that this process holds, as the kernel tells."""
    mine = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            target = str(entry.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            mine.add(target[8:-1])
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/self/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in mine:
                found.append(fields[1])
    return found
