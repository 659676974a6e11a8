"""`ronda status` and the poll that is only ordered, with a daemon and without."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from monitors.commands.state import ALIKE, _failures
from tests.running import QUIET, page_of, ronda, running, write_settings

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = QUIET + "[pace]\ndelya = 3\n"


def test_status_names_broken_settings_while_the_daemon_goes_on(
    tmp_path: Path, child_environment: dict[str, str]
) -> None:
    home = write_settings(tmp_path / "home")
    with running(home, child_environment) as daemon:
        page = page_of(home)
        write_settings(home, BROKEN)
        done = ronda("status", home=home, environment=child_environment)
        assert done.returncode == 1
        assert f"running (pid {daemon.pid})" in done.stdout
        assert page in done.stdout
        assert "delya" in done.stdout
        assert "delay" in done.stdout
        assert "goes on with the settings that it has" in done.stdout
        done = ronda("status", "--json", home=home, environment=child_environment)
        value = json.loads(done.stdout)
        assert value["daemon"] == daemon.pid
        assert "delya" in value["errors"][0]
        write_settings(home)
        done = ronda("status", home=home, environment=child_environment)
        assert done.returncode == 0
        assert "0 watched" in done.stdout
        assert "pagi at " in done.stdout
        done = ronda("round", home=home, environment=child_environment)
        assert done.returncode == 0
        assert done.stdout.startswith("0 sources will be polled now")
    write_settings(home, BROKEN)
    done = ronda("status", home=home, environment=child_environment)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "delya" in done.stderr


def test_many_sources_that_fail_alike_share_a_line() -> None:
    rows = [
        {"source": f"s{n}", "reason": "dns" if n <= ALIKE else "http_503", "since": None}
        for n in range(ALIKE + 3)
    ]
    lines = list(_failures(rows))
    assert lines[0] == f"{ALIKE + 1} sources: the name is not found: s0, s1, s2, s3, s4, s5"
    assert lines[1:] == [f"s{ALIKE + 1}: HTTP 503", f"s{ALIKE + 2}: HTTP 503"]
