"""One whole round, from listing to match: Ronda's, and the naive spider's over the same sites."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from monitors.demo.home import write_demo_home
from monitors.demo.script import load_counts
from monitors.demo.server import CONTROL
from monitors.demo.sites import make_sites
from storage.home import make_home

from .processes import RONDA, ask_ronda, spend

if TYPE_CHECKING:
    from .processes import Spent

NAIVE = Path(__file__).with_name("naive.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a web was asked for, and bytes sent with their heads; `unchanged` are answers 304."""

    requests: int
    unchanged: int
    sent: int
    unchanged_sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round cost and brought."""

    spent: Spent
    asked: Asked
    articles: int
    matches: int

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds per article."""
        return 1000 * self.spent.cpu / max(self.articles, 1)

    def part_ms(self, part: str) -> float:
        """CPU milliseconds per article of one kind of process."""
        return 1000 * self.spent.parts.get(part, 0.0) / max(self.articles, 1)


def asked_so_far(port: int) -> Asked:
    """Ask the sample web what it was asked for since its start, our own questions left out."""
    rows = [row for row in load_counts(port) if row["host"] != CONTROL]
    same = [row for row in rows if row["status"] == 304]
    return Asked(
        requests=sum(row["requests"] for row in rows),
        unchanged=sum(row["requests"] for row in same),
        sent=sum(row["bytes"] for row in rows),
        unchanged_sent=sum(row["bytes"] for row in same),
    )


def asked_since(port: int, before: Asked) -> Asked:
    """Give what the sample web was asked for since `before`."""
    now = asked_so_far(port)
    return Asked(
        requests=now.requests - before.requests,
        unchanged=now.unchanged - before.unchanged,
        sent=now.sent - before.sent,
        unchanged_sent=now.unchanged_sent - before.unchanged_sent,
    )


def write_home(home: Path, port: int, sites: int) -> Path:
    """Write a home for the sample web whose sources come due once a day: a round is one poll."""
    make_home(home)
    written = make_sites(port, sites)
    write_demo_home(home, port, datetime.now(UTC), every="24h", sites=written)
    return home


def measure_round(home: Path, port: int) -> Round:
    """Run `ronda round --wait`; gives what it cost and what the home holds then."""
    before = asked_so_far(port)
    spent = spend([*RONDA, "round", "--wait", "--home", str(home)], home.with_suffix(".log"))
    return Round(
        spent=spent,
        asked=asked_since(port, before),
        articles=len(ask_ronda(home, "export", "articles", "--format", "jsonl")),
        matches=len(ask_ronda(home, "export", "matches", "--format", "jsonl")),
    )


def measure_naive(folder: Path, port: int, sites: int) -> Round:
    """Run the naive spider over the same sites; gives what it cost and what it wrote."""
    folder.mkdir()
    start, out = folder / "sites.txt", folder / "articles.jsonl"
    made = make_sites(port, sites)
    start.write_text("\n".join(f"{s.base}/ {s.base + s.feed if s.feed else ''}" for s in made))
    command = [sys.executable, "-m", "scrapy", "runspider", str(NAIVE), "-a", f"sites={start}"]
    command += ["-o", str(out), "-s", "LOG_LEVEL=WARNING", "-s", "TELNETCONSOLE_ENABLED=False"]
    command += ["-s", "TWISTED_DNS_RESOLVER=tests.bench.loopback.LoopbackResolver"]
    before = asked_so_far(port)
    spent = spend(command, folder.with_suffix(".log"))
    articles = [json.loads(line) for line in out.read_text().splitlines()]
    return Round(
        spent=spent,
        asked=asked_since(port, before),
        articles=len({article["url"] for article in articles}),
        matches=sum(article["matched"] for article in articles),
    )
