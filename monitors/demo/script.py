"""What `ronda demo` asks of the running sample web: publish, gold, counts."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any

from .server import CONTROL

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 10.0


def publish_article(port: int, site: str | None = None) -> dict[str, Any]:
    """Have the sample web publish one more on-topic event; give what is true about it."""
    body = json.dumps({} if site is None else {"site": site}).encode()
    found: dict[str, Any] = _ask(port, "/_demo/publish", body)
    return found


def load_gold(port: int) -> list[dict[str, Any]]:
    """Give what is true about every article that the sample web holds now, newest first."""
    found: list[dict[str, Any]] = _ask(port, "/_demo/gold")
    return found


def load_counts(port: int) -> list[dict[str, Any]]:
    """Give requests and bytes so far: one row per host, path and status."""
    found: list[dict[str, Any]] = _ask(port, "/_demo/counts")
    return found


@contextlib.contextmanager
def running_web(*, port: int = 0, seed: int = 1, more: tuple[str, ...] = ()) -> Iterator[int]:
    """Run the sample web in a process of its own that dies with this one; give its port.

    `more` are further arguments of `monitors.demo.server`.
    """
    command = [sys.executable, "-P", "-m", "monitors.demo.server"]
    command += ["--port", str(port), "--seed", str(seed), *more]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(json.loads(process.stdout.readline())["port"])
        finally:
            process.stdin.close()
            process.wait(SECONDS)


def _ask(port: int, path: str, body: bytes | None = None) -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", data=body, headers={"Host": f"{CONTROL}:{port}"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=SECONDS) as answer:
        return json.load(answer)
