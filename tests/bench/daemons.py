"""A daemon at work on the sample web -> memory of all its processes, longest step of its loop."""

from __future__ import annotations

import contextlib
import json
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .processes import Process, family, pss_of, reaping

STEPS = Path(__file__).with_name("steps.py")
PAGES = ("", "digests", "healthz")
LOOK = 0.5  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The highest sum of PSS in bytes at one moment, of what parts, and the loop's longest steps.

    `steps` is their number, `longest` pairs of CPU milliseconds and what it was.
    """

    peak: int
    parts: dict[str, int]
    processes: int
    steps: int
    longest: list[tuple[float, str]]


def measure_work(home: Path, seconds: float) -> Work:
    """Run the daemon of a home that has everything to fetch, looking at its page meanwhile."""
    report = home.with_suffix(".steps.json")
    command = [sys.executable, "-P", str(STEPS), str(home), str(report), str(seconds)]
    peak, parts, processes = 0, Counter[str](), 0
    with reaping(command, home.with_suffix(".log"), home.with_suffix(".spent.json")) as reaper:
        while reaper.poll() is None:
            now = {process: pss_of(process.pid) for process in family(reaper.pid)}
            if sum(now.values()) > peak:
                peak, parts, processes = sum(now.values()), _by_part(now), len(now)
            _look_at_page(home)
            time.sleep(LOOK)
    found = json.loads(report.read_text())
    return Work(
        peak=peak,
        parts=dict(parts),
        processes=processes,
        steps=found["steps"],
        longest=[(each["ms"], each["step"]) for each in found["longest"]],
    )


def _by_part(now: dict[Process, int]) -> Counter[str]:
    parts: Counter[str] = Counter()
    for process, size in now.items():
        parts[process.part] += size
    return parts


def _look_at_page(home: Path) -> None:
    """Ask for the pages as a reviewer's browser would, so that their steps are seen as well."""
    with contextlib.suppress(OSError, ValueError):  # not up yet, or gone already
        url = (home / "page.url").read_text()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        for page in PAGES:
            with contextlib.suppress(urllib.error.HTTPError):
                opener.open(url + page, timeout=5).close()
