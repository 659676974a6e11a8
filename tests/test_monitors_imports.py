"""What the daemon's process must not load: reader, crawl and channels."""

from __future__ import annotations

import subprocess
import sys

CODE = (
    "import sys, monitors.commands.app;"
    "print(*sorted({'trafilatura', 'lxml', 'scrapy', 'twisted', 'apprise'} & set(sys.modules)))"
)


def test_commands_and_daemon_load_neither_reader_nor_crawl(
    child_environment: dict[str, str],
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env=child_environment, capture_output=True, text=True, timeout=20, check=True,
    )  # fmt: skip
    assert done.stdout.split() == []
