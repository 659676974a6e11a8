"""The command line: its help is the README's table, its errors are one line and exit 2."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer

from monitors.commands.app import app, run_app

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
ROW = re.compile(r"^\| (`ronda .+?) \|", re.MULTILINE)


def _table() -> set[str]:
    """Spell out the commands of the README's table: `ronda sources list, show` is two."""
    found: set[str] = set()
    section = (ROOT / "README.md").read_text().split("## Commands")[1].split("##")[0]
    for row in ROW.findall(section):
        for cell in re.findall(r"`ronda ([^`]+)`", row):
            words = re.sub(r"\[.*?\]", "", cell)
            group, _, rest = words.partition(" ")
            names = [name.strip() for name in rest.split(",") if name.strip()]
            names = [name for name in names if name.islower() and "-or-" not in name]
            if not names and "," in words:
                found |= {name.strip() for name in words.split(",")}
            elif names:
                found |= {f"{group} {name.split()[0]}" for name in names}
            else:
                found.add(group.strip())
    return found


def _commands(command: object, before: str = "") -> Iterator[str]:
    children = getattr(command, "commands", None)
    if children is None:
        yield before
        return
    for name, child in children.items():
        yield from _commands(child, f"{before} {name}".strip())


def test_the_commands_are_those_of_the_readme() -> None:
    assert set(_commands(typer.main.get_command(app))) == _table()


def test_every_command_says_what_it_does_and_takes_a_home(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in _commands(typer.main.get_command(app)):
        assert run_app([*name.split(), "--help"]) == 0
        text = capsys.readouterr().out
        assert "--home" in text or name.startswith(("topics eval",)), name
        assert len(text.splitlines()) > 4


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sources", "show", "tidak-ada"], "no such source: tidak-ada"),
        (["topics", "show", "tidak-ada"], "no such topic: tidak-ada"),
        (["topics", "eval", "--labels", "tidak/ada.jsonl"], "tidak/ada.jsonl"),
        (["sources", "import", "tidak/ada.csv"], "tidak/ada.csv"),
        (["round", "--source", "tidak-ada"], "no such source: tidak-ada"),
        (["round", "--first-contact", "semua"], "--first-contact"),
        (["digest", "--since", "kemarin"], "--since"),
        (["digest", "--monitor", "malam"], "no such monitor: malam"),
        (["explain", "ftp://contoh.test/"], "ftp://contoh.test/"),
        (["search", "kpk"], "no such database yet"),
        (["export", "articles"], "no such database yet"),
        (["tidak-ada"], "tidak-ada"),
    ],
)
def test_what_the_user_must_change_is_one_line_and_exit_2(
    arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_app([*arguments, "--home", str(tmp_path / "home")]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert "Traceback" not in error


def test_a_home_may_be_named_before_or_after_the_command(
    tmp_path: Path, child_environment: dict[str, str]
) -> None:
    outputs = []
    for arguments in (["--home", "h", "config", "check"], ["config", "check", "--home", "h"]):
        done = subprocess.run(
            [sys.executable, "-c", "from monitors.cli import main; main()", *arguments],
            cwd=tmp_path,
            env=child_environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]
    assert f"home: {tmp_path / 'h'}" in outputs[0]
    assert not (tmp_path / "h").exists()


def test_a_stray_package_of_our_name_is_named(
    tmp_path: Path, child_environment: dict[str, str]
) -> None:
    stray = tmp_path / "config"
    stray.mkdir()
    (stray / "__init__.py").write_text("")
    program = f"import sys; sys.path.append({str(ROOT)!r}); from monitors.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--help"],
        cwd=tmp_path,
        env={**child_environment, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "the package 'config' comes from" in done.stderr


def test_service_print_is_a_unit_that_does_not_restart_on_75(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_app(["service", "print", "--home", str(tmp_path / "rumah kita")]) == 0
    unit = capsys.readouterr().out
    assert "Restart=on-failure" in unit
    assert "RestartPreventExitStatus=2 75" in unit
    assert f'run --home "{tmp_path}/rumah kita"' in unit
