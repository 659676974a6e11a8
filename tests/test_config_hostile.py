"""Files may be anything at all: one line that names file and key or line, never a traceback."""

from __future__ import annotations

import os
import random
import re
import time
from typing import TYPE_CHECKING

import pytest

from config.errors import ConfigError
from config.family import load_families
from config.region import load_regions
from config.settings import load_settings
from config.source import load_source
from config.tables import LARGE_FILE, SHIPPED, SMALL_FILE, read_toml
from config.topic import read_topic

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED_FILES = [
    SHIPPED / "ronda.toml",
    *sorted((SHIPPED / "families").glob("*.toml")),
    SHIPPED / "sources" / "sumatera-selatan" / "amperablitz.toml",
    SHIPPED / "sources" / "sumatera-selatan" / "prabumulihpos.toml",
    SHIPPED / "sources" / "nasional" / "kpk.toml",
    SHIPPED / "sources" / "aceh" / "antara-aceh.toml",
    SHIPPED / "sources" / "jawa-barat" / "tribun-jabar.toml",
]
KEY_LINE = re.compile(r"([a-z_]+) = (.+)")
WRONG = ["12.5", "true", '""', "[[]]", "{ a = 1 }", "1979-05-27", "[1, 2]", "-1", '"\\u0007"']


def _place(home: Path, shipped: Path, text: str) -> Path:
    path = home / shipped.relative_to(SHIPPED)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


def _load(home: Path, path: Path) -> None:
    if path.name == "ronda.toml":
        load_settings(home)
    elif path.parent.name == "families":
        load_families(home)
    else:
        load_source(path, load_families(None), load_regions())


def _mutants() -> list[tuple[Path, int, str, str, str]]:
    """File, line, kind, key, text: misspelt keys, wrong types, broken quotes, lines twice."""
    found = []
    for path in SHIPPED_FILES:
        lines = path.read_text().split("\n")
        for at, line in enumerate(lines):
            match = KEY_LINE.fullmatch(line)
            if match is None or line.endswith("["):
                continue
            key, value = match.groups()
            wrong = WRONG[len(found) % len(WRONG)]
            kinds = {
                "misspelt": f"{key[:-1]}{key[-1]}x = {value}",
                "wrong": f"{key} = {wrong}",
                "broken": f'{key} = "{value[1:-1]}',
                "twice": f"{line}\n{line}",
            }
            for kind, changed in kinds.items():
                text = "\n".join([*lines[:at], changed, *lines[at + 1 :]])
                found.append((path, at + 1, kind, key, text))
    return found


def test_S01_mutants_of_shipped_files_name_file_and_key_or_line(tmp_path: Path) -> None:
    mutants = _mutants()
    assert len(mutants) >= 200
    for shipped, line, kind, key, text in mutants:
        path = _place(tmp_path, shipped, text)
        try:
            _load(tmp_path, path)
        except ConfigError as error:
            said = str(error)
        else:
            assert kind == "wrong", (shipped.name, kind, key)
            continue
        finally:
            path.unlink()
        assert "\n" not in said
        assert str(path) in said
        if kind in {"broken", "twice"}:
            assert f"line {line}" in said or f"line {line + 1}" in said, said
        else:
            assert key in said, said
        if kind == "misspelt":
            assert re.search(rf'unknown key, did you mean "{key}"|{key}x: unknown key', said), said


def test_S01_a_wrong_type_is_never_let_through(tmp_path: Path) -> None:
    taken = []
    for shipped, _, kind, key, text in _mutants():
        if kind != "wrong":
            continue
        path = _place(tmp_path, shipped, text)
        try:
            _load(tmp_path, path)
        except ConfigError:
            continue
        finally:
            path.unlink()
        taken.append((shipped.name, key))
    assert taken == []


DAMAGE = [b"", b'"', b"\xff", b"[", b"]]", b"=", b"\n", b"\x00", b"9" * 30]


def test_S01_random_damage_never_gives_a_traceback(tmp_path: Path) -> None:
    chance = random.Random(20260304)
    said: list[tuple[Path, str]] = []
    for turn in range(400):
        shipped = SHIPPED_FILES[turn % len(SHIPPED_FILES)]
        raw = bytearray(shipped.read_bytes())
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(raw))
            raw[at : at + chance.randint(0, 3)] = chance.choice(DAMAGE)
        path = _place(tmp_path, shipped, raw.decode("utf-8", "surrogateescape"))
        try:
            _load(tmp_path, path)
        except ConfigError as error:
            said.append((path, str(error)))
        finally:
            path.unlink()
    assert len(said) > 100
    assert [line for path, line in said if str(path) not in line or not line.isprintable()] == []


@pytest.mark.parametrize("size", [LARGE_FILE + 1, 50 * 1024 * 1024])
def test_S02_a_huge_settings_file_is_refused_by_its_size(tmp_path: Path, size: int) -> None:
    with (tmp_path / "ronda.toml").open("wb") as stream:
        stream.truncate(size)
    begun = time.perf_counter()
    with pytest.raises(ConfigError, match=r"ronda\.toml: [\d,]+ bytes, at most 1,048,576"):
        load_settings(tmp_path)
    assert time.perf_counter() - begun < 0.5


def test_S02_a_huge_source_file_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "big.toml"
    path.write_text("#" * (SMALL_FILE + 1))
    with pytest.raises(ConfigError, match="at most 65,536"):
        read_toml(path)


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 30_000,
        "x = " + "[" * 20 + "]" * 20,
        "x = " + "{a=" * 9_000 + "1" + "}" * 9_000,
        "[" + ".".join(["a"] * 10_000) + "]",
        ".".join(["a"] * 10_000) + " = 1",
        "\n".join(f"[{'.'.join(['a'] * depth)}]" for depth in range(1, 150)),
        "x = " + "9" * 6_000,
    ],
    ids=["arrays", "closed", "inline", "table", "dotted", "stairs", "digits"],
)
def test_S02_nesting_bombs_are_refused_quickly(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bomb.toml"
    path.write_text(text)
    begun = time.perf_counter()
    with pytest.raises(ConfigError, match=r"bomb\.toml: "):
        read_toml(path)
    assert time.perf_counter() - begun < 2


def test_S02_ten_thousand_tables_are_one_line_of_error(tmp_path: Path) -> None:
    text = "\n".join(f"[monitors.m{at}]" for at in range(10_000))
    (tmp_path / "ronda.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path)
    assert len(str(caught.value)) < 600
    assert "monitors.m0.topics: missing" in str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('label = "KPK"', 'labl = "KPK"', 'concepts.kpk.labl: unknown key, did you mean "label"?'),
        ("[[examples]]\nmatch", "[[examples]]\nmtch", "examples.0.mtch: unknown key, did you"),
        ("[name]", "[nama]", 'nama: unknown key, did you mean "name"?'),
        ("{ title = 1.0", '{ title = "x"', 'weight.title: found "x": a number is wanted'),
        ("required = [", 'required = ["kpk_x", ', "toml: required: no combination 'kpk_x'"),
        ('\nid = "Koordinasi', '\nix = "Koordinasi', 'name.ix: found "ix", did you mean "id"?'),
    ],
)
def test_S01_a_mutant_of_the_topic_names_the_key(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    text = (SHIPPED / "topics" / "koordinasi-antikorupsi.toml").read_text()
    assert before in text
    path = tmp_path / "topik.toml"
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(ConfigError) as caught:
        read_topic(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


def test_what_is_no_ordinary_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ronda.toml")
    with pytest.raises(ConfigError, match="no ordinary file"):
        load_settings(tmp_path)


def test_a_file_in_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "ronda.toml").write_bytes(b'language = "id"\ncontact = "\xe9"\n')
    with pytest.raises(ConfigError, match="line 2: not UTF-8"):
        load_settings(tmp_path)


def test_a_terminal_is_not_commanded_by_a_key_or_value(tmp_path: Path) -> None:
    (tmp_path / "ronda.toml").write_text('"\\u001b[2J\\nx" = 1\nlanguage = "\\u001b[31m"\n')
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path)
    assert str(caught.value).isprintable()
