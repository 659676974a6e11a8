"""Kills a running home again and again, at random moments, and looks whether anything was lost.

`python tests/chaos.py --kills 1000` (or `make chaos KILLS=1000`) prints its seed; the same seed
kills the same processes after the same waits. Ends only what it started.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from crawler.reading.urls import canonical_url
from monitors.daemon.due import round_is_over
from monitors.demo.home import write_demo_home
from monitors.demo.script import load_gold, publish_article, running_web
from monitors.demo.sites import make_sites
from monitors.stages import load_config
from storage.database import open_reader
from storage.home import find_holder, make_home
from tests.running import RONDA, alive, family_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitors.demo.sites import Site

SITES = 10
ARTICLES = 25  # of each site, all in its listings
EVERY = "2s"
LONGEST_BACK = 10.0  # seconds until a home is at work again, as promised
DRAIN = 120.0  # seconds for what is left when nobody kills any more
DELAY = 0.3  # seconds between two requests: there is work under way at most kills


@dataclass(slots=True)
class Report:
    """What was killed, how long it took to come back, and what is wrong."""

    seed: int
    daemons: int = 0
    crawls: int = 0
    backs: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        slowest = max(self.backs, default=0.0)
        return (
            f"seed={self.seed} daemons killed={self.daemons} crawls killed={self.crawls}"
            f" slowest back at work={slowest:.1f} s wrong={self.wrong or 'nothing'}"
        )


class Lane:
    """One home, its daemon, and who kills them."""

    def __init__(self, home: Path, port: int, seed: int, environment: dict[str, str]) -> None:
        self.home = home
        self.port = port
        self.report = Report(seed)
        self._chance = random.Random(seed)
        self._environment = environment
        self._daemon: subprocess.Popen[bytes] | None = None
        make_home(home)
        write_demo_home(home, port, datetime.now(UTC), every=EVERY, sites=watched(port))
        settings = home / "ronda.toml"
        settings.write_text(settings.read_text().replace("delay = 0.05", f"delay = {DELAY}"))

    def kill(self, kills: int) -> None:
        """Kill daemon or crawl so many times, at any moment of their lives."""
        for _ in range(kills):
            if self._daemon is None:
                self._start()
            if self._chance.random() < 0.35:
                time.sleep(self._chance.uniform(0.0, 3.0))  # from the first moment of its start
                self._kill_daemon()
            else:
                crawl = self._at_work()
                time.sleep(self._chance.uniform(0.0, 1.5))
                with contextlib.suppress(ProcessLookupError):
                    os.kill(crawl, signal.SIGKILL)
                self.report.crawls += 1
                wait_for(lambda crawl=crawl: not alive(crawl), 5)  # type: ignore[misc]  # bound
            publish_article(self.port, self._chance.choice(watched(self.port)).id)

    def drain(self) -> None:
        """Let the home finish what there is, then stop it as a person would."""
        if self._daemon is None:
            self._start()
        self._at_work()
        config = load_config(self.home)
        wanted = set(gold_urls(self.port))
        deadline = time.monotonic() + DRAIN
        while time.monotonic() < deadline:
            if wanted <= set(stored(self.home)) and round_is_over(
                self.home, config.sources, datetime.now(UTC)
            ):
                break
            time.sleep(0.5)
        assert self._daemon is not None
        family = family_of(self._daemon.pid)
        self._daemon.send_signal(signal.SIGTERM)
        try:
            self._daemon.wait(30)
        except subprocess.TimeoutExpired:
            self.report.wrong.append("the daemon did not stop within 30 s of SIGTERM")
            self._daemon.kill()
            self._daemon.wait()
        self._see_them_gone(family)
        self._daemon = None

    def end(self) -> None:
        """End what still runs, whatever happened."""
        if self._daemon is not None and self._daemon.poll() is None:
            self._daemon.kill()
            self._daemon.wait()

    def _start(self) -> None:
        with (self.home.parent / f"{self.home.name}.log").open("ab") as output:
            self._daemon = subprocess.Popen(
                [*RONDA, "run", "--home", str(self.home)],
                env=self._environment,
                cwd=self.home.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def _at_work(self) -> int:
        """Wait until a crawl holds its lock; note how long it took, give its process id."""
        assert self._daemon is not None
        begun = time.monotonic()
        while True:
            holder = find_holder(self.home, "crawl")
            if holder is not None and holder != self._daemon.pid and alive(holder):
                self.report.backs.append(time.monotonic() - begun)
                return holder
            if self._daemon.poll() is not None:
                raise AssertionError(f"the daemon ended by itself: {self._daemon.returncode}")
            if time.monotonic() - begun > 60:
                raise AssertionError(f"not at work again, seed={self.report.seed}")
            time.sleep(0.02)

    def _kill_daemon(self) -> None:
        assert self._daemon is not None
        family = family_of(self._daemon.pid)
        self._daemon.kill()
        self._daemon.wait()
        self._daemon = None
        self.report.daemons += 1
        self._see_them_gone(family)

    def _see_them_gone(self, family: list[int]) -> None:
        try:
            wait_for(lambda: not any(alive(pid) for pid in family), LONGEST_BACK)
        except AssertionError:
            left = [pid for pid in family if alive(pid)]
            self.report.wrong.append(f"orphans after {LONGEST_BACK:.0f} s: {left}")


def watched(port: int) -> list[Site]:
    """Give the sites that the homes watch: those that list all they have."""
    return [site for site in make_sites(port, SITES) if site.feed_limit is None]


def stored(home: Path) -> list[str]:
    """Give the address of every stored article."""
    db = open_reader(home, "ronda")
    try:
        return [row[0] for row in db.execute("SELECT url FROM articles").fetchall()]
    finally:
        db.close()


def gold_urls(port: int) -> list[str]:
    """Give the address of every article that the web holds, as we write it."""
    hosts = {site.host for site in watched(port)}
    found = [canonical_url(row["url"]) or "" for row in load_gold(port)]
    return [url for url in found if url.split("/")[2].split(":")[0] in hosts]


def look(home: Path, port: int) -> list[str]:
    """Say what is wrong with a home that has come to rest."""
    wrong: list[str] = []
    for name in ("crawl", "ronda"):
        with contextlib.closing(sqlite3.connect(home / f"{name}.db")) as db:
            [answer] = db.execute("PRAGMA integrity_check").fetchone()
            if answer != "ok":
                wrong.append(f"{name}.db: {answer}")
    urls = stored(home)
    wanted = gold_urls(port)
    if missing := sorted(set(wanted) - set(urls)):
        wrong.append(f"{len(missing)} articles lost: {missing[:5]}")
    if strange := sorted(set(urls) - set(wanted)):
        wrong.append(f"{len(strange)} articles that nobody published: {strange[:5]}")
    if len(urls) != len(set(urls)):
        wrong.append("an article stored twice")
    ronda, crawl = open_reader(home, "ronda"), open_reader(home, "crawl")
    for db, asked in ((ronda, RONDA_FACTS), (crawl, CRAWL_FACTS)):
        for what, sql in asked.items():
            [count] = db.execute(sql).fetchone()
            if count:
                wrong.append(f"{what}: {count}")
        db.close()
    return wrong


# Each must be 0 in a home at rest.
RONDA_FACTS = {
    "articles without their text": "SELECT count(*) FROM articles a LEFT JOIN article_texts t"
    " ON t.article = a.id WHERE t.article IS NULL",
    "articles that search does not know": "SELECT (SELECT count(*) FROM articles)"
    " - (SELECT count(*) FROM articles_fts)",
    "articles that the counters do not know": "SELECT (SELECT count(*) FROM articles)"
    " - (SELECT sum(articles) FROM article_counts)",
    "articles read anew without a change": "SELECT count(*) FROM articles WHERE version > 1",
    "pages set aside": "SELECT count(*) FROM readings WHERE outcome = 'set_aside'",
    "pages without an outcome": "SELECT count(*) FROM readings WHERE outcome IS NULL",
    "matches without evidence": "SELECT count(*) FROM matches m LEFT JOIN evidence e"
    " ON e.match = m.id WHERE e.match IS NULL AND m.level <> 'near_miss'",
    "articles not matched": "SELECT count(*) FROM topic_queue",
    "matches told of nothing": "SELECT count(*) FROM told t LEFT JOIN matches m"
    " ON m.id = t.match WHERE m.id IS NULL",
    "digests without a delivery": "SELECT count(*) FROM digests d LEFT JOIN deliveries v"
    " ON v.monitor = d.monitor AND v.slot = d.slot WHERE v.id IS NULL AND d.kind = 'digest'",
}
CRAWL_FACTS = {
    "links given up": "SELECT count(*) FROM links WHERE state IN ('failed', 'skipped')",
    "links done without a page": "SELECT count(*) FROM links l WHERE state = 'done'"
    " AND NOT EXISTS (SELECT 1 FROM pages p WHERE p.url_hash = l.url_hash AND p.url = l.url)",
    "pages without their body": "SELECT count(*) FROM pages p LEFT JOIN bodies b"
    " ON b.sha256 = p.sha256 WHERE p.sha256 IS NOT NULL AND b.sha256 IS NULL",
    "rounds left open": "SELECT count(*) FROM rounds WHERE ended_at IS NULL",
    "crawls left open": "SELECT count(*) FROM crawls WHERE ended_at IS NULL",
    "leases left": "SELECT count(*) FROM source_state WHERE lease IS NOT NULL",
    "sources that fail": "SELECT count(*) FROM source_state WHERE failures > 0",
}


def run(
    folder: Path,
    kills: int,
    seed: int,
    environment: dict[str, str],
    *,
    lanes: int = 2,
    longest_back: float = LONGEST_BACK,
) -> Report:
    """Kill in `lanes` homes at a time over one web; gives what was seen in all of them."""
    with contextlib.ExitStack() as stack:
        more = ("--sites", str(SITES), "--articles", str(ARTICLES))
        port = stack.enter_context(running_web(seed=seed, more=more))
        homes = [
            Lane(folder / f"home-{n}", port, seed * 1000 + n, environment) for n in range(lanes)
        ]
        for lane in homes:
            stack.callback(lane.end)
        shares = [kills // lanes + (n < kills % lanes) for n in range(lanes)]
        with ThreadPoolExecutor(lanes) as pool:
            list(pool.map(lambda pair: pair[0].kill(pair[1]), zip(homes, shares, strict=True)))
            list(pool.map(Lane.drain, homes))
        total = Report(seed)
        for lane in homes:
            lane.report.wrong += look(lane.home, port)
            total.daemons += lane.report.daemons
            total.crawls += lane.report.crawls
            total.backs += lane.report.backs
            total.wrong += [f"{lane.home.name}: {what}" for what in lane.report.wrong]
    if max(total.backs) > longest_back:
        total.wrong.append(f"back at work after {max(total.backs):.1f} s only")
    return total


def main() -> None:
    """Read the command line, kill, print, and end with 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--keep", type=Path, default=None, help="a folder for the homes")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else int(time.time()) % 1_000_000
    sys.stdout.write(f"seed={seed} kills={given.kills}\n")
    root = Path(__file__).resolve().parents[1]
    os.environ["PYTHONPATH"] = os.pathsep.join([str(root / "tests" / "closed"), str(root)])
    with _folder(given.keep) as folder:
        begun = time.monotonic()
        report = run(folder, given.kills, seed, dict(os.environ))
        sys.stdout.write(f"{report}\n{given.kills} kills in {time.monotonic() - begun:.0f} s\n")
    sys.exit(bool(report.wrong))


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def wait_for(true: object, seconds: float) -> None:
    """Wait until a function gives something true."""
    deadline = time.monotonic() + seconds
    while not true():  # type: ignore[operator]  # a function
        if time.monotonic() > deadline:
            raise AssertionError("it never happened")
        time.sleep(0.02)


if __name__ == "__main__":
    main()
