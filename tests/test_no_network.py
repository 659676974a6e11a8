"""`make run` on a machine without any network: said plainly, blamed on nobody, no traceback."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.running import RONDA, page_of, ronda, wait_for, write_settings

ROOT = Path(__file__).parent.parent
# Brings `lo` up (SIOCSIFFLAGS, IFF_UP | IFF_RUNNING) where the machine has no `ip`, then runs on.
ALONE = """
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 0x41))
os.execv(sys.argv[1], sys.argv[1:])
"""
# Shipped sources at a quicker pace: fifty of them share one network's slot, and one request every
# two seconds would take this test two minutes.
SETTINGS = "[page]\nport = 0\n[pace]\ndelay = 0.2\n"


@pytest.fixture(scope="module")
def offline() -> list[str]:
    """The command that runs another in a network namespace of its own, with nothing but `lo`."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("no unshare here: a private network namespace cannot be made")
    command = [unshare, "--user", "--map-root-user", "--net", sys.executable, "-c", ALONE]
    done = subprocess.run(
        [*command, sys.executable, "-c", ""], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"no private network namespace may be made here: {done.stderr.strip()}")
    return command


@pytest.fixture(scope="module")
def environment(child_environment: dict[str, str]) -> dict[str, str]:
    """The children's environment without our closed door: here the machine itself is closed."""
    return {**child_environment, "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def alone(
    tmp_path_factory: pytest.TempPathFactory, offline: list[str], environment: dict[str, str]
) -> dict[str, Any]:
    """A home whose daemon ran without network until every source was tried; then its stop."""
    home = write_settings(tmp_path_factory.mktemp("alone") / "home", SETTINGS)
    output = home.parent / "out.txt"
    begun = time.monotonic()
    with output.open("wb") as file:
        daemon = subprocess.Popen(
            [*offline, *RONDA, "run", "--home", str(home)],
            env=environment,
            cwd=home.parent,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        page_of(home)
        wait_for(lambda: "make demo" in output.read_text(), 60, "word of our own uplink")
        said_after = time.monotonic() - begun

        def tried() -> bool:
            status = ronda("status", "--json", home=home, environment=environment)
            value: dict[str, Any] = json.loads(status.stdout)
            return bool(value["failing"] == value["sources"])

        wait_for(tried, 240, "every source to be tried")
        status = ronda("status", home=home, environment=environment)
        rows = ronda("sources", "list", "--json", home=home, environment=environment)
        daemon.send_signal(signal.SIGTERM)
        code = daemon.wait(30)
    finally:
        if daemon.poll() is None:
            daemon.kill()
            daemon.wait()
    return {
        "home": home,
        "code": code,
        "status": status.stdout,
        "rows": json.loads(rows.stdout),
        "output": output.read_text(),
        "said_after": said_after,
    }


def test_every_shipped_source_is_reported_unreachable(alone: dict[str, Any]) -> None:
    assert len(alone["rows"]) >= 80
    assert {row["state"] for row in alone["rows"]} == {"failing"}
    watched = len(alone["rows"])
    assert f"{watched} watched, 0 reached, {watched} failing" in alone["status"]
    assert "the name is not found" in alone["status"]


def test_our_own_uplink_is_named_with_a_pointer_to_the_demo(alone: dict[str, Any]) -> None:
    for text in (alone["status"], alone["output"]):
        assert "our own network is the likely cause" in text
        assert "make demo" in text
    assert alone["said_after"] < 30


def test_nothing_breaks_without_network_and_the_daemon_still_ends_well(
    alone: dict[str, Any],
) -> None:
    logs = [path.read_text() for path in (alone["home"] / "logs").iterdir()]
    assert len(logs) == 2
    for text in (alone["output"], *logs):
        assert "Traceback" not in text
        assert "ERROR" not in text
    assert alone["code"] == 0
    # A dead line is worth some lines, not one per second for as long as it lasts.
    assert alone["output"].count("failing") < 20


def test_status_without_network_stays_short(alone: dict[str, Any]) -> None:
    assert len(alone["status"].splitlines()) < 15


def test_the_namespace_has_no_way_out(offline: list[str]) -> None:
    program = "import socket; print([name for _, name in socket.if_nameindex()])"
    done = subprocess.run(
        [*offline, sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "['lo']"
