"""Hosts that hang beside hosts that answer: what do they cost the others?

Part of `make bench-crawl`; HOSTS, HANG, ARTICLES and DELAY scale it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass

from crowd import crawling, crowd, fresh_home, times_of, write_home

HOSTS = int(os.environ.get("HOSTS", "500"))
HANG = int(os.environ.get("HANG", "60"))
ARTICLES = int(os.environ.get("ARTICLES", "10"))
DELAY = float(os.environ.get("DELAY", "2"))  # as shipped
PATIENCE = 1200.0
MOST = 1.2  # times as long as without those that hang


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Seconds until all good hosts were served, and until 50 and 99 of a hundred were."""

    last: float
    p50: float
    p99: float
    cpu: float
    memory: float


def serve_all(good: int, hang: int) -> Served:
    """Crawl a fresh home until every good host has given all it has."""
    hosts = [f"s{n:04}.test" for n in range(good)]
    # Spread among the good ones in every order that the crawl could take them in.
    hung = [f"hang{n:04}.test" for n in range(hang)]
    with crowd(articles=ARTICLES) as port, fresh_home() as home:
        write_home(home, port, hosts + hung, delay=DELAY, every="24h")
        with crawling(home) as watched:
            while True:
                time.sleep(0.5)
                cpu = watched.look()
                times = times_of(port)
                # robots.txt, the feed, its articles
                done = [at for count, at in times.values() if count >= ARTICLES + 2]
                if len(done) >= good:
                    break
                if time.time() - watched.begun > PATIENCE or watched.process.poll() is not None:
                    raise SystemExit(f"only {len(done)} of {good} hosts were served")
        took = sorted(at - watched.begun for at in done)
        return Served(
            last=took[-1],
            p50=took[len(took) // 2],
            p99=took[int(len(took) * 0.99)],
            cpu=cpu,
            memory=max(watched.memory),
        )


def main() -> None:
    """Measure without, with one, and with many hosts that hang; print, and fail past the bound."""
    good = HOSTS - HANG
    alone = serve_all(good, 0)
    one = serve_all(good, 1)
    many = serve_all(good, HANG)
    for name, served in (("none hangs", alone), ("one hangs", one), (f"{HANG} hang", many)):
        sys.stdout.write(
            f"{good} hosts, {ARTICLES} articles, {DELAY} s, {name}: all in {served.last:.1f} s,"
            f" half in {served.p50:.1f} s, 99 % in {served.p99:.1f} s,"
            f" CPU {served.cpu:.1f} s, PSS {served.memory:.0f} MB\n"
        )
    ratio = many.last / alone.last
    figures = {"ratio": round(ratio, 3), "p99_one": round(one.p99 / alone.p99, 3)}
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.exit(ratio > MOST)


if __name__ == "__main__":
    main()
