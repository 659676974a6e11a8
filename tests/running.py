"""Runs the real command line as a process of its own, for tests; ends only what it started."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RONDA = [sys.executable, "-c", "from monitors.cli import main; main()"]
# A quiet home: no source at all, the page on a port of the system's choice.
QUIET = "[sources]\nshipped = false\n[page]\nport = 0\n"


def wait_for(true: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until `true()` holds; fail the test with `what` where it does not."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.05)


def write_settings(home: Path, text: str = QUIET) -> Path:
    """Make a home with these settings."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = home / "ronda.toml"
    settings.write_text(text)
    settings.chmod(0o600)
    return home


def ronda(
    *arguments: str, home: Path, environment: dict[str, str], seconds: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [*RONDA, *arguments, "--home", str(home)],
        env=environment,
        cwd=home.parent,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


@contextlib.contextmanager
def running(
    home: Path, environment: dict[str, str], *arguments: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the daemon for the time of a block; its output is in `home/out.txt`."""
    with (home.parent / f"{home.name}-out.txt").open("ab") as output:
        process = subprocess.Popen(
            [*RONDA, *(arguments or ("run",)), "--home", str(home)],
            env=environment,
            cwd=home.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise


def page_of(home: Path, seconds: float = 30) -> str:
    """Give the running daemon's page, waiting until it is up."""
    url = home / "page.url"
    wait_for(lambda: url.exists() and url.read_text(), seconds, "the page")
    return url.read_text()


def family_of(pid: int) -> list[int]:
    """Give the process ids of a process and all its descendants that are alive."""
    parents: dict[int, int] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (place / "stat").read_text().rsplit(")", 1)[1].split()
                if fields[0] != "Z":
                    parents[int(place.name)] = int(fields[1])
    found = [pid] if pid in parents else []
    for _ in parents:
        more = [p for p, parent in parents.items() if parent in found and p not in found]
        if not more:
            break
        found += more
    return found


def alive(pid: int) -> bool:
    """Say whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
