"""Runs a command and writes the CPU time of every process that came of it: `reaper.py REPORT CMD`.

The kernel hands a dead process's time to whoever waits for it, and orphans go to the nearest
"subreaper". This process is one, and waits until nobody is left: so workers that are children of a
fork server, or outlive the process that asked for them, are counted whole, without any sampling.
(Time of a child whose parent ignores SIGCHLD would be lost; nothing here does that.)
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def main(report: Path, command: list[str]) -> int:
    """Run the command to the end of its last descendant; gives the command's exit code."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    begun = time.monotonic()
    process = subprocess.Popen(command)
    signal.signal(signal.SIGTERM, lambda *_: process.send_signal(signal.SIGTERM))
    code = process.wait()
    wall = time.monotonic() - begun
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = {"code": code, "wall": wall, "user": used.ru_utime, "system": used.ru_stime}
    report.write_text(json.dumps(figures))
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
