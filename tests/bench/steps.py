"""`ronda run` with a watch on its event loop: `steps.py HOME REPORT SECONDS`.

Every step of the loop (a callback, or a task between two awaits) is timed by the CPU of the loop's
own thread: what other threads and processes take meanwhile is not its doing. The report holds the
longest steps and what they were. Ends when all is read and the first look is made, at the latest
after SECONDS.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitors.commands.logs import log_to
from monitors.commands.run import make_page
from monitors.daemon.daemon import utc_now
from monitors.daemon.due import round_is_over
from monitors.daemon.serve import run_daemon
from monitors.stages import load_config
from storage.home import make_home

if TYPE_CHECKING:
    from monitors.daemon.daemon import Daemon

KEPT = 5


class Watch:
    """Keeps the longest steps in milliseconds of CPU, each kind of step once."""

    def __init__(self) -> None:
        self.steps = 0
        self.longest: dict[str, float] = {}

    def begin(self) -> None:
        """Time every step from now on."""
        run = asyncio.events.Handle._run

        def timed(handle: Any) -> None:
            name = None if (task := _task(handle)) is None else _place(task)
            begun = time.thread_time()
            run(handle)
            self.note(handle, name, 1000 * (time.thread_time() - begun))

        steps: Any = asyncio.events.Handle  # the loop calls nothing else
        steps._run = timed

    def note(self, handle: Any, name: str | None, spent: float) -> None:
        """Keep a step if it is the longest of its name."""
        self.steps += 1
        if spent > 1:
            step = name or str(getattr(handle._callback, "__qualname__", handle._callback))
            self.longest[step] = max(spent, self.longest.get(step, 0.0))

    def report(self) -> dict[str, Any]:
        """Give the number of steps and the longest ones."""
        top = heapq.nlargest(KEPT, self.longest.items(), key=lambda pair: pair[1])
        return {"steps": self.steps, "longest": [{"ms": ms, "step": name} for name, ms in top]}


def _task(handle: Any) -> asyncio.Task[Any] | None:
    owner = getattr(handle._callback, "__self__", None)
    return owner if isinstance(owner, asyncio.Task) else None


def _place(task: asyncio.Task[Any]) -> str:
    """Name where a task goes on: its coroutine and the ones it awaits, innermost last."""
    names: list[str] = []
    one: Any = task.get_coro()
    while hasattr(one, "cr_code"):
        names.append(one.cr_code.co_qualname)
        one = one.cr_await
    return " > ".join(names)


def main(home: Path, report: Path, seconds: float) -> None:
    """Run the daemon of a home as `ronda run` does, and write the report at its end."""
    watch = Watch()

    async def beside(daemon: Daemon, stop: asyncio.Event) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not await asyncio.to_thread(over, daemon):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1)

    def over(daemon: Daemon) -> bool:
        return bool(daemon.counts.digests) and round_is_over(home, daemon.config.sources, utc_now())

    log_to(make_home(home), quiet=True)
    watch.begin()
    run_daemon(home, load_config(home), make_page, beside)
    report.write_text(json.dumps(watch.report()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
