"""Topic files: strict, overlaid by the home, every error names file and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.errors import ConfigError
from config.topic import load_topics, read_topic

if TYPE_CHECKING:
    from pathlib import Path

SMALL = """
required = ["meet"]
fetch_first = ["local"]
[name]
id = "Contoh"
[concepts.body]
words = ["KPK"]
weight = { title = 2.0 }
[concepts.local]
words = ["bupati", "anti-korupsi*"]
[[combinations]]
id = "meet"
all = ["body", "local"]
within = 5
weight = { lead = 1.0 }
[levels]
sure = 3.0
likely = 1.0
near_miss = 0.5
""" + "".join(
    f'[[examples]]\nmatch = {str(match).lower()}\ntext = "{number}"\n'
    for match in (True, False)
    for number in range(3)
)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "topics").mkdir()
    return tmp_path


def write(home: Path, text: str, name: str = "contoh") -> Path:
    path = home / "topics" / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_topic_loads_with_names_words_and_revision() -> None:
    topics, errors = load_topics(None)
    assert not errors
    topic = topics["koordinasi-antikorupsi"]
    assert topic.name("id") == "Koordinasi antikorupsi"
    assert "KPK" in topic.words()
    assert len(topic.revision) == 12


def test_the_words_of_a_topic_are_those_of_the_concepts_to_fetch_first(own: Path) -> None:
    assert read_topic(write(own, SMALL)).words() == ("bupati", "anti-korupsi")


def test_a_home_file_replaces_the_shipped_one_whole_and_adds_its_own(own: Path) -> None:
    write(own, SMALL, "koordinasi-antikorupsi")
    write(own, SMALL)
    topics, errors = load_topics(own)
    assert not errors
    assert set(topics) == {"koordinasi-antikorupsi", "contoh"}
    assert topics["koordinasi-antikorupsi"].name("en") == "Contoh"


def test_one_bad_file_is_told_and_stops_no_other(own: Path) -> None:
    write(own, SMALL, "baik")
    path = write(own, "concepts = 3", "buruk")
    topics, errors = load_topics(own)
    assert "baik" in topics
    assert [str(path) in str(error) for error in errors] == [True]


def test_an_edited_file_is_a_new_revision(own: Path) -> None:
    first = read_topic(write(own, SMALL)).revision
    assert read_topic(write(own, SMALL)).revision == first
    assert read_topic(write(own, SMALL + "# remark\n")).revision != first


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('words = ["KPK"]', 'wordz = ["KPK"]'), 'body.wordz: unknown key, did you mean "words"?'),
        (('words = ["KPK"]', 'words = "KPK"'), "concepts.body.words"),
        (("within = 5", 'within = "near"'), "combinations.0.within"),
        (('all = ["body", "local"]', 'all = ["body", "lokal"]'), "no concept 'lokal'"),
        (('required = ["meet"]', 'required = ["met"]'), "no combination 'met'"),
        (('fetch_first = ["local"]', 'fetch_first = ["lokal"]'), "fetch_first: no concept 'lokal'"),
        (("sure = 3.0", "sure = 0.1"), "levels"),
        (("title = 2.0", "title = nan"), "concepts.body.weight.title"),
        (("title = 2.0", "title = true"), "concepts.body.weight.title"),
        (("anti-korupsi*", "an*ti"), "an*ti"),
        (("anti-korupsi*", "..."), "no letter"),
        (('"bupati", "anti-korupsi*"', ""), "has no words"),
        (("match = false", "match = true"), "three"),
        (('id = "Contoh"', 'fr = "Exemple"'), "name"),
        (("[name]", "revision = 'x'\n[name]"), "revision"),
        (("[name]", "[name"), "line"),
    ],
)  # fmt: skip
def test_S01_an_error_names_file_key_and_nearest_key(
    own: Path, change: tuple[str, str], told: str
) -> None:
    path = write(own, SMALL.replace(*change))
    with pytest.raises(ConfigError) as error:
        read_topic(path)
    assert str(path) in str(error.value)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_S02_a_huge_or_deeply_nested_file_is_refused(own: Path) -> None:
    with pytest.raises(ConfigError, match="allowed"):
        read_topic(write(own, SMALL + "#" * 2_000_000))
    with pytest.raises(ConfigError):
        read_topic(write(own, "a = " + "[" * 20_000))


def test_S03_no_key_of_a_topic_takes_a_regular_expression(own: Path) -> None:
    topic = read_topic(write(own, SMALL.replace('"KPK"', '"(a+)+b"')))
    assert topic.concepts["body"].words == ("(a+)+b",)


def test_no_byte_changed_in_a_file_gives_a_traceback(own: Path) -> None:
    for at in range(0, len(SMALL), len(SMALL) // 60):
        for change in ("", '"', "[", "\x00", "é="):
            path = write(own, SMALL[:at] + change + SMALL[at + 3 :])
            told = outcome(path)
            assert told == "" or str(path) in told


def outcome(path: Path) -> str:
    try:
        read_topic(path)
    except ConfigError as error:
        return str(error)
    return ""
