"""An address or a source -> its preview, by a discovery process of its own.

The process needs no lock and writes no file; it is ended when it takes too long, so no site can
hold up an order for more than a little over a minute.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING

from crawler.discovery.preview import Preview, from_json

from .child import open_log

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

# The walk itself stops asking after 48 s; a start, a last answer and the reader come on top.
PATIENCE = 75.0


async def visit_site(
    home: Path, url: str = "", *, source: str | None = None, check: bool = False
) -> Preview:
    """Run discovery for an address, or for a source; `check` looks at what it uses alone.

    Never raises for what a site does: `refused` of the preview says it.
    """
    command = [sys.executable, "-P", "-m", "scrapy", "crawl", "discovery"]
    command += ["-a", f"source={source}"] if source else ["-a", f"url={url}"]
    if check:
        command += ["-a", "check=1"]
    environment = {
        **os.environ,
        "RONDA_HOME": str(home),
        "RONDA_CHILD": "1",
        "SCRAPY_SETTINGS_MODULE": "crawler.settings",
    }
    with open_log(home / "logs" / "discovery.log") as errors:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env=environment,
            cwd=home,
            start_new_session=True,
        )
    assert process.stdout is not None  # asked for by PIPE
    try:
        out = await asyncio.wait_for(process.stdout.read(), PATIENCE)
        await process.wait()
    except TimeoutError:
        log.warning("discovery ended by force url=%s source=%s", url, source)
        return Preview(given=url, url=url, refused="slow", reasons=("slow",))
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if process.stdin is not None:
            process.stdin.close()
    return _read(out, url)


def _read(out: bytes, url: str) -> Preview:
    for line in out.splitlines():
        if line.startswith(b"{"):
            with contextlib.suppress(ValueError, TypeError, KeyError):
                return from_json(json.loads(line))
    return Preview(given=url, url=url, refused="error", reasons=("error",))
