"""A real headless Chromium for tests: a page's DOM after load, or a screenshot of it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--window-size=1100,1400",
)  # fmt: skip


def browse(*arguments: str) -> str:
    """Run the browser once and give what it prints; skip the test where there is none."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium here (`sh tests/browser.sh` installs one where it can)")
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [program, *FLAGS, f"--user-data-dir={profile}", *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def dom_of(url: str) -> str:
    """Give a page's DOM as the browser built it."""
    return browse("--dump-dom", url)


def screenshot(url: str, path: Path) -> bytes:
    """Take a screenshot of a page."""
    browse(f"--screenshot={path}", url)
    return path.read_bytes()
