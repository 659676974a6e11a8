"""The crawl process as the daemon's child: started when work is due, stopped by closing its stdin.

Its stdout carries a JSON line per finished source (a nudge, never the truth: that is in
`crawl.db`); its stderr goes to `logs/crawl.log`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger(__name__)

# The crawl promises to be gone 6 s after the end of its stdin; then 2 s of grace, then SIGKILL.
PATIENCE = 8.0
LARGEST_LOG = 10 * 1024 * 1024
# Seconds before a crawl that died early is started again.
LONGEST_PAUSE = 300.0
SHORT_PAUSE = 5.0


class CrawlChild:
    """At most one crawl process; remembers only how often in a row it died early."""

    def __init__(self, home: Path, on_line: Callable[[dict[str, Any]], None]) -> None:
        self._home = home
        self._on_line = on_line
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._failures = 0
        self._not_before = 0.0

    @property
    def running(self) -> bool:
        """Say whether a crawl process of ours is alive."""
        return self._process is not None

    @property
    def pid(self) -> int | None:
        """Give the process id of the crawl, None where none runs."""
        return self._process.pid if self._process else None

    @property
    def resting(self) -> bool:
        """Say whether a crawl that died early is being given time."""
        return asyncio.get_running_loop().time() < self._not_before

    async def start(
        self,
        *,
        once: bool,
        sources: list[str] | None = None,
        first_contact: str | None = None,
        anew: bool = True,
    ) -> None:
        """Start a crawl process, of these sources only where given.

        `once` makes it end as soon as nothing is due; `first_contact` overrides the setting;
        without `anew` the sources given are polled only where they are due.
        """
        command = [sys.executable, "-P", "-m", "scrapy", "crawl", "news"]
        if sources is not None:
            command += ["-a", f"sources={','.join(sources)}"]
            if not anew:
                command += ["-a", "polls=due"]
        if first_contact is not None:
            command += ["-a", f"first_contact={first_contact}"]
        environment = {
            **os.environ,
            "RONDA_HOME": str(self._home),
            "RONDA_CHILD": "1",
            "SCRAPY_SETTINGS_MODULE": "crawler.settings",
        }
        environment.pop("RONDA_ONCE", None)
        if once:
            environment["RONDA_ONCE"] = "1"
        with open_log(self._home / "logs" / "crawl.log") as errors:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env=environment,
                cwd=self._home,
                start_new_session=True,
            )
        log.info("crawl started pid=%s", self._process.pid)
        self._reader = asyncio.create_task(self._follow(self._process))

    async def stop(self) -> None:
        """Ask the crawl to end by closing its stdin; kill it after PATIENCE seconds."""
        process, reader = self._process, self._reader
        if process is None or reader is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(reader), PATIENCE)
            return
        log.warning("crawl killed pid=%s", process.pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await reader

    async def wait(self) -> None:
        """Wait until the crawl process has ended by itself."""
        if self._reader is not None:
            await self._reader

    async def _follow(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # asked for by PIPE
        async for line in process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if isinstance(message, dict):
                self._failures = 0  # one that gets something done does not die early
                self._on_line(message)
        code = await process.wait()
        self._process = None
        # 75: somebody's typed crawl holds the lock, which is no failure of ours.
        self._failures = 0 if code in (0, 75) else self._failures + 1
        # Who was killed from outside is back at work soon; who dies by itself may die again.
        longest = SHORT_PAUSE if code in (75, -signal.SIGKILL) else LONGEST_PAUSE
        pause = SHORT_PAUSE if code == 75 else min(0.5 * 2 ** min(self._failures, 20), longest)
        self._not_before = asyncio.get_running_loop().time() + (pause if code else 0.0)
        if self._failures:
            log.warning("crawl ended badly code=%s again_in=%.0fs see=logs/crawl.log", code, pause)
        else:
            log.info("crawl ended code=%s", code)


def open_log(path: Path) -> Any:
    """Open the crawl's log for appending; one that passed LARGEST_LOG becomes `.1` first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "ab")
