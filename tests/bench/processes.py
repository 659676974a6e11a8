"""Commands -> what they cost: CPU of all their processes, and the memory these share out (PSS)."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
REAPER = Path(__file__).with_name("reaper.py")
RONDA = [sys.executable, "-P", "-c", "from monitors.cli import main; main()"]
TICKS = os.sysconf("SC_CLK_TCK")
LOOK = 0.25  # seconds between two looks at the processes


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a command cost, in seconds; `cpu` is user and system time of all its processes.

    `parts` says which kind of process took how much, as far as looking at them from time to time
    shows it: the last moment of each process is missing.
    """

    code: int
    wall: float
    cpu: float
    parts: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A living process and the part it plays."""

    pid: int
    part: str


def spend(command: list[str], log: Path) -> Spent:
    """Run a command to the end of its last process; its output is appended to `log`."""
    seen: dict[Process, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "spent.json"
        with reaping(command, log, report) as reaper:
            while reaper.poll() is None:
                for process in family(reaper.pid):
                    seen[process] = max(cpu_of(process.pid), seen.get(process, 0.0))
                time.sleep(LOOK)
        found = json.loads(report.read_text())
    parts: Counter[str] = Counter()
    for process, cpu in seen.items():
        parts[process.part] += cpu  # type: ignore[assignment]  # a Counter of seconds
    total = found["user"] + found["system"]
    return Spent(code=found["code"], wall=found["wall"], cpu=total, parts=dict(parts))


@contextlib.contextmanager
def reaping(command: list[str], log: Path, report: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command under the reaper; at the end of the block it is asked to stop, if it runs."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, str(REAPER), str(report), *command],
            cwd=log.parent,  # not the checkout: its scrapy.cfg is for Ronda alone
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def ask_ronda(home: Path, *arguments: str) -> list[str]:
    """Run one of Ronda's commands that answer at once; gives the lines it prints."""
    done = subprocess.run(
        [*RONDA, *arguments, "--home", str(home)],
        env=_environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines()


def family(reaper: int) -> list[Process]:
    """Give the living processes below a reaper."""
    children: dict[int, list[int]] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with contextlib.suppress(OSError):  # it ended meanwhile
                parent = int((place / "stat").read_text().rsplit(")", 1)[1].split()[1])
                children.setdefault(parent, []).append(int(place.name))
    found: list[Process] = []
    waiting = [(child, "main") for child in children.get(reaper, [])]
    while waiting:
        pid, above = waiting.pop()
        part = _part(pid, above)
        found.append(Process(pid=pid, part=part))
        waiting += [(child, part) for child in children.get(pid, [])]
    return found


def cpu_of(pid: int) -> float:
    """Give the CPU seconds that a process has taken, 0 where it is gone."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    return 0.0


def pss_of(pid: int) -> int:
    """Give a process's share of the memory in bytes, 0 where it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def _part(pid: int, above: str) -> str:
    """Name a process: the fork server and the readers under it are one part."""
    with contextlib.suppress(OSError):
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        if b"forkserver" in command:
            return "readers"
        if above == "main" and b"\0crawl\0news\0" in command:
            return "crawl"
    return above


def _environment() -> dict[str, str]:
    """Give the environment of what is measured: this checkout's code, whatever is installed."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
