"""The measure's own yardstick: CPU of a process whose parent is gone is counted, too."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

REAPER = Path(__file__).parent / "bench" / "reaper.py"
BUSY = "import time\nwhile time.process_time() < 0.5: pass"
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {BUSY!r}])"


def test_the_time_of_an_orphan_is_counted(tmp_path: Path) -> None:
    report = tmp_path / "spent.json"
    done = subprocess.run(
        [sys.executable, str(REAPER), str(report), sys.executable, "-W", "ignore", "-c", PARENT],
        timeout=20,
        check=False,
    )
    assert done.returncode == 0
    spent = json.loads(report.read_text())
    assert spent["user"] + spent["system"] >= 0.5
