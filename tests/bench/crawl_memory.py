"""The crawl process's own memory (PSS): with 2,000 sources, and over 1,000 polls of few.

`python tests/bench/crawl_memory.py` (part of `make bench-crawl`); SOURCES and POLLS scale it.
"""

from __future__ import annotations

import json
import os
import sys
import time

from crowd import crawling, crowd, fresh_home, times_of, write_home

SOURCES = int(os.environ.get("SOURCES", "2000"))
POLLS = int(os.environ.get("POLLS", "1000"))
ARTICLES = 3
MOST = 300.0  # MB
SLOPE = 5.0  # MB that a thousand polls may add
PATIENCE = 1200.0


def crowded() -> float:
    """Give the most memory of a first round over all sources, in MB."""
    hosts = [f"s{n:04}.test" for n in range(SOURCES)]
    with crowd(articles=ARTICLES, kilobytes=60) as port, fresh_home() as home:
        write_home(home, port, hosts, delay=0.5, every="24h")
        with crawling(home) as watched:
            while True:
                time.sleep(0.5)
                cpu = watched.look()
                served = sum(count >= ARTICLES + 2 for count, _ in times_of(port).values())
                if served >= SOURCES:
                    break
                if time.time() - watched.begun > PATIENCE or watched.process.poll() is not None:
                    raise SystemExit(f"only {served} of {SOURCES} sources were served")
            begun = time.monotonic()
            watched.process.terminate()
            watched.process.wait(20)
            stopped = time.monotonic() - begun
        most = max(watched.memory)
        sys.stdout.write(
            f"{SOURCES} sources, {SOURCES * ARTICLES} articles of 60 kB: {most:.0f} MB at most,"
            f" {time.time() - watched.begun:.0f} s, CPU {cpu:.0f} s, stopped in {stopped:.1f} s\n"
        )
        return most


def steady() -> float:
    """Give what a thousand polls add to the memory once it is warm, in MB."""
    hosts = [f"s{n:04}.test" for n in range(20)]
    with crowd(articles=ARTICLES) as port, fresh_home() as home:
        write_home(home, port, hosts, delay=0.02, every="1s")
        marks: list[tuple[int, float]] = []
        with crawling(home) as watched:
            while not marks or marks[-1][0] < 1.3 * POLLS:
                time.sleep(1)
                watched.look()
                asked = sum(count for count, _ in times_of(port).values())
                marks.append((asked - 20 * (ARTICLES + 1), watched.own[-1]))
                if time.time() - watched.begun > PATIENCE or watched.process.poll() is not None:
                    raise SystemExit("the crawl ended by itself")
        warm = [(polls, own) for polls, own in marks if polls > 0.3 * POLLS]
        middle = sum(polls for polls, _ in warm) / len(warm)
        mean = sum(own for _, own in warm) / len(warm)
        above = sum((polls - middle) * (own - mean) for polls, own in warm)
        slope = 1000 * above / sum((polls - middle) ** 2 for polls, _ in warm)
        sys.stdout.write(
            f"{marks[-1][0]} polls in one process: {max(watched.memory):.0f} MB at most; its own"
            f" {warm[0][1]:.1f} MB after {warm[0][0]}, {warm[-1][1]:.1f} MB at the end,"
            f" {slope:+.2f} MB per thousand polls\n"
        )
        return slope


def main() -> None:
    """Measure both, print, and fail past the bounds."""
    most, slope = crowded(), steady()
    sys.stdout.write(json.dumps({"most_mb": round(most), "slope_mb": round(slope, 2)}) + "\n")
    sys.exit(most > MOST or slope > SLOPE)


if __name__ == "__main__":
    main()
