"""What is installed: the wheel's content, the locks, the wheel in an empty environment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("config", "storage", "crawler", "monitors")
LOCKS = ("requirements.lock", "tests/requirements.lock")
DATA = {".csv", ".css", ".html", ".po", ".toml", ".txt"}
# What pip says when it cannot reach an index, or the index cannot answer it.
UNREACHABLE = re.compile(
    r"Could not fetch URL|NewConnectionError|Name or service not known|Network is unreachable"
    r"|Temporary failure in name resolution|Connection refused|ReadTimeoutError"
    r"|50[0-9] (?:Server|Service)"
)
ENTRY = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)((?: ; .+?)?) \\$", re.MULTILINE)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without isolation and so without any network."""
    target = tmp_path_factory.mktemp("wheel")
    program = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", program, str(target)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return target / done.stdout.splitlines()[-1]


def test_the_wheel_holds_exactly_the_four_packages_with_their_data(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in names} == set(PACKAGES)
    here = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == here
    assert {Path(name).suffix for name in names} >= DATA | {".py"}
    assert {Path(name).suffix for name in names} <= DATA | {".py", ".md", ".svg"}


def test_the_wheel_names_the_command_the_licence_and_the_pythons(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        info = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        meta = archive.read(info).decode()
        folder = info.rpartition("/")[0]
        entry = archive.read(f"{folder}/entry_points.txt").decode()
        assert f"{folder}/licenses/LICENSE" in archive.namelist()
    assert "License-Expression: Apache-2.0" in meta
    assert "Requires-Python: <3.15,>=3.11" in meta
    assert "ronda = monitors.cli:main" in entry


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_a_hash_for_every_entry_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(-i|--index-url|--extra-index-url|--find-links)", text, re.MULTILINE)
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)
    entries = [block for block in blocks if block and not block.startswith("#")]
    assert len(entries) > 30
    for block in entries:
        assert ENTRY.match(block), block.splitlines()[0]
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_both_locks_name_the_same_versions_and_all_that_the_project_asks_for() -> None:
    run, test = (set(ENTRY.findall((ROOT / name).read_text())) for name in LOCKS)
    assert run <= test, "the lock to test holds the lock to run"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    for wanted, locked in (
        (project["project"]["dependencies"] + groups["build"], run),
        ([line for line in groups["test"] if isinstance(line, str)], test),
    ):
        names = {_plain(re.split(r"[\[<>=~! ]", line)[0]) for line in wanted}
        assert names <= {_plain(entry[0]) for entry in locked}


def test_the_wheel_alone_in_an_empty_environment_runs_the_demo(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "environment"
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "RONDA_"))}
    environment |= {"NO_COLOR": "1", "COLUMNS": "120"}
    # hatchling and its like build the project; whoever installs the wheel needs none of them.
    _pip(python, environment, "--require-hashes", "-r", str(ROOT / "requirements.lock"))
    _pip(python, environment, "--no-deps", "--no-index", str(wheel))

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def ronda(*arguments: str) -> str:
        done = subprocess.run(
            [place / "bin" / "ronda", *arguments],
            cwd=elsewhere,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "Ronda watches regional" in ronda("--help")
    assert ronda("--version").startswith("ronda 0.")
    sources = ronda("sources", "list", "--home", "home")
    assert len(sources.splitlines()) >= 80
    assert "amperablitz" in sources
    demo = ronda("demo", "--once", "--home", "demo")
    assert "13 of 13 sources reached" in demo
    assert "TEST NETWORK" in demo
    assert len(list((elsewhere / "demo" / "digests").iterdir())) >= 3
    inside = subprocess.run(
        [python, "-c", "import monitors, config; print(monitors.__file__, config.__file__)"],
        cwd=elsewhere,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(path.startswith(str(place)) for path in inside.stdout.split())


def _pip(python: Path, environment: dict[str, str], *arguments: str) -> None:
    """Install; skip where no package index can be reached."""
    done = subprocess.run(
        [python, "-m", "pip", "-q", "--disable-pip-version-check", "install", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    said = done.stdout + done.stderr
    if done.returncode != 0 and UNREACHABLE.search(said):
        pytest.skip(f"no package index can be reached: {said.strip().splitlines()[-1][:200]}")
    assert done.returncode == 0, said


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
