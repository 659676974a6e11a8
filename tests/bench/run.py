"""`make bench`: what Ronda costs, beside a naive Scrapy and trafilatura spider on the same web.

BENCH_SITES, BENCH_ARTICLES and BENCH_RUNS in the environment scale it; of several runs, in which
the two sides take turns, the median is printed with the least and the most. The sample web runs in
a process of its own that is not counted. The last line is one JSON object.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from monitors.demo.script import running_web
from tests.bench.catalogues import measure_standing
from tests.bench.daemons import measure_work
from tests.bench.processes import ROOT
from tests.bench.reading import measure_reading, reading_lines
from tests.bench.rounds import measure_naive, measure_round, write_home

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.catalogues import Standing
    from tests.bench.daemons import Work
    from tests.bench.rounds import Round

SITES = int(os.environ.get("BENCH_SITES", "50"))
ARTICLES = int(os.environ.get("BENCH_ARTICLES", "100"))
RUNS = int(os.environ.get("BENCH_RUNS", "1"))
DAEMON_ARTICLES, DAEMON_SECONDS = 20, 90.0
CATALOGUE, STANDING_SECONDS = 5000, 30.0
STEP_GOAL = 50.0  # milliseconds of CPU

ROWS: dict[str, Callable[[Round], float]] = {
    "CPU ms per article": lambda one: one.cpu_ms,
    "  in the readers": lambda one: one.part_ms("readers"),
    "  beside reading": lambda one: one.cpu_ms - one.part_ms("readers"),
    "seconds": lambda one: one.spent.wall,
    "articles": lambda one: one.articles,
    "matches": lambda one: one.matches,
    "requests": lambda one: one.asked.requests,
    "MB over the wire": lambda one: one.asked.sent / 1e6,
}
ONE_PROCESS = ("  in the readers", "  beside reading")  # rows that the naive spider has not


def main() -> None:
    """Measure everything and print it."""
    os.environ["PYTHONPATH"] = str(ROOT)  # children use this checkout, whatever is installed
    say(f"{SITES} sites, {ARTICLES} articles each, runs: {RUNS}\n")
    ours, naive, idle = [], [], []
    reading = measure_reading()
    say("\n".join(reading_lines(reading)) + "\n")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        place = Path(folder)
        with running_web(more=("--sites", str(SITES), "--articles", str(ARTICLES))) as port:
            for run in range(RUNS):
                naive.append(measure_naive(place / f"naive{run}", port, SITES))
                home = write_home(place / f"home{run}", port, SITES)
                ours.append(measure_round(home, port))
                idle.append(measure_round(home, port))
        few = min(DAEMON_ARTICLES, ARTICLES)
        with running_web(more=("--sites", str(SITES), "--articles", str(few))) as port:
            work = measure_work(write_home(place / "daemon", port, SITES), DAEMON_SECONDS)
        standing = measure_standing(place / "standing", CATALOGUE, STANDING_SECONDS)
    show_rounds(ours, naive)
    show_idle(idle)
    show_work(work)
    show_standing(standing)
    figures = {
        "sites": SITES,
        "articles_per_site": ARTICLES,
        "runs": RUNS,
        "round": [asdict(one) for one in ours],
        "naive": [asdict(one) for one in naive],
        "idle": [asdict(one) for one in idle],
        "daemon": asdict(work),
        "standing": asdict(standing),
        "reading": {name: asdict(cost) for name, cost in reading.items()},
        "cpu_ms_per_article": median(one.cpu_ms for one in ours),
        "cpu_ms_per_article_naive": median(one.cpu_ms for one in naive),
    }
    say(json.dumps(figures))


def show_rounds(ours: list[Round], naive: list[Round]) -> None:
    """Print both sides and their ratio."""
    say(f"{'from listing to match':24}{'Ronda':>24}{'naive spider':>24}{'ratio':>8}")
    for name, value in ROWS.items():
        mine, other = [value(one) for one in ours], [value(one) for one in naive]
        if name in ONE_PROCESS:
            say(f"{name:24}{spread(mine):>24}")
        else:
            ratio = median(mine) / median(other) if median(other) else 0.0
            say(f"{name:24}{spread(mine):>24}{spread(other):>24}{ratio:8.2f}")


def show_idle(idle: list[Round]) -> None:
    """Print what a poll costs that finds nothing new."""
    rows: dict[str, list[Any]] = {
        "requests per source": [one.asked.requests / SITES for one in idle],
        "of these 304": [one.asked.unchanged / SITES for one in idle],
        "bytes of a 304": [one.asked.unchanged_sent / max(one.asked.unchanged, 1) for one in idle],
        "bytes per source": [one.asked.sent / SITES for one in idle],
        "CPU s, start included": [one.spent.cpu for one in idle],
        "seconds": [one.spent.wall for one in idle],
    }
    say(f"\nidle poll of {SITES} sources")
    for name, values in rows.items():
        say(f"{name:24}{spread(values):>24}")


def show_work(work: Work) -> None:
    """Print the daemon's memory and its loop's longest steps."""
    parts = ", ".join(f"{part} {size / 2**20:.0f}" for part, size in sorted(work.parts.items()))
    say(f"\n`ronda run` at work, {work.processes} processes")
    say(f"{'PSS, highest sum, MiB':24}{work.peak / 2**20:24.0f}   ({parts})")
    say(f"{'longest steps, CPU ms':24}{'goal < ' + format(STEP_GOAL, '.0f'):>24}")
    for spent, what in work.longest:
        say(f"{spent:24.1f}   {what}")


def show_standing(standing: Standing) -> None:
    """Print what a daemon takes while nothing is due."""
    say(f"\ndaemon with {standing.sources} sources, none of them due")
    say(f"{'CPU, % of a core':24}{100 * standing.load:24.1f}")
    say(f"{'PSS, MiB':24}{standing.pss / 2**20:24.0f}\n")


def spread(values: list[Any]) -> str:
    """Give the median and, of several, the least and the most."""
    middle, least, most = median(values), min(values), max(values)
    form = ".0f" if middle >= 100 else ".2f"
    if len(values) == 1:
        return format(middle, form)
    return f"{middle:{form}} ({least:{form}}-{most:{form}})"


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
