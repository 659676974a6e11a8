"""Checking a topic file: every problem by line and key, before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.region import load_regions
from config.topic import load_topics, read_topic
from monitors.matching.checking import check_topic
from monitors.matching.comparing import compare_topics
from monitors.matching.lines import find_line, list_lines
from monitors.matching.matcher import compile_topics

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.records import Article

SHIPPED = Path(__file__).parent.parent / "config" / "topics" / "koordinasi-antikorupsi.toml"
TOPIC = """required = ["meet"]
[name]
id = "Contoh"
[concepts.body]
words = ["KPK"]
weight = { title = 2.0 }
[concepts.local]
words = ["bupati"]
[concepts.any]
includes = ["body", "local"]
[[combinations]]
id = "meet"
all = ["body", "local"]
weight = { title = 1.0 }
[levels]
sure = 3.0
likely = 2.0
near_miss = 0.5
"""
EXAMPLES = (
    '[[examples]]\nmatch = true\ntitle = "KPK temui bupati"\ntext = "x"\n'
    '[[examples]]\nmatch = false\ntitle = "Cuaca cerah"\ntext = "x"\n'
) * 3


def write(folder: Path, text: str = TOPIC, examples: str = EXAMPLES) -> Path:
    path = folder / "contoh.toml"
    path.write_text(text + examples, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", sorted(SHIPPED.parent.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_topics_have_no_problem(path: Path) -> None:
    assert check_topic(path, load_regions()) == []


def test_a_sound_file_has_no_problem(tmp_path: Path) -> None:
    assert check_topic(write(tmp_path), {}) == []


@pytest.mark.parametrize(
    ("change", "line", "key", "told"),
    [
        (('words = ["KPK"]', 'wordz = ["KPK"]'), 5, "concepts.body.wordz", "words"),
        (("sure = 3.0", 'sure = "high"'), 16, "levels.sure", "number"),
        (('all = ["body", "local"]', 'all = ["body", "lokal"]'), 11, "combinations.0", "lokal"),
        (('required = ["meet"]', 'required = ["met"]'), 1, "required", "met"),
        (("sure = 3.0", "sure = 9.0"), 16, "levels.sure", "no article can reach"),
        (('id = "meet"', 'id = "meet"\nwithout = ["any"]'), 11, "combinations.0", "never be met"),
        (
            ('words = ["bupati"]', 'words = ["bupati"]\nsince = 2026-01-01\nuntil = 2025-01-01'),
            10, "concepts.local.until", "before it begins",
        ),
        (
            ('words = ["bupati"]', 'words = ["bupati"]\nnever = ["bupati"]'),
            9, "concepts.local.never", "every",
        ),
    ],
)  # fmt: skip
def test_a_problem_is_told_by_line_and_key(
    tmp_path: Path, change: tuple[str, str], line: int, key: str, told: str
) -> None:
    problems = check_topic(write(tmp_path, TOPIC.replace(*change)), {})
    assert any((one.line, one.key) == (line, key) and told in one.message for one in problems), (
        problems
    )


def test_two_concepts_that_are_never_valid_together_can_never_meet(tmp_path: Path) -> None:
    text = TOPIC.replace('words = ["KPK"]', 'words = ["KPK"]\nuntil = 2024-12-31').replace(
        'words = ["bupati"]', 'words = ["bupati"]\nsince = 2025-01-01'
    )
    problems = check_topic(write(tmp_path, text), {})
    assert any("never valid on the same day" in one.message for one in problems)


def test_a_failing_example_is_told_with_its_line_and_why(tmp_path: Path) -> None:
    path = write(tmp_path, TOPIC, EXAMPLES.replace("KPK temui bupati", "KPK rapat", 1))
    (problem,) = check_topic(path, {})
    assert (problem.line, problem.key) == (19, "examples.0")
    assert "must match but is near_miss" in problem.message
    assert "no local" in problem.message


def test_a_file_that_is_no_toml_is_one_problem(tmp_path: Path) -> None:
    (problem,) = check_topic(write(tmp_path, "[name"), {})
    assert "line 1" in problem.message


def test_keys_inside_long_texts_are_not_taken_for_keys() -> None:
    lines = list_lines('[a]\nb = """\nc = 1\n"""\nd = 2\n[[e]]\n[[e]]\nf = 3\n')
    assert lines == {("a",): 1, ("a", "b"): 2, ("a", "d"): 5, ("e", "0"): 6, ("e", "1"): 7,
                     ("e", "1", "f"): 8}  # fmt: skip
    assert find_line(lines, "e.1.g") == 7
    assert find_line(lines, "z") is None


def test_comparing_two_revisions_tells_what_is_won_and_what_is_lost(
    tmp_path: Path, make_article: Callable[..., Article]
) -> None:
    old = compile_topics([read_topic(write(tmp_path))], {})
    new = compile_topics([read_topic(write(tmp_path, TOPIC.replace('"bupati"', '"sekda"')))], {})
    lost = make_article(title="KPK temui bupati", text="")
    won = make_article(title="KPK temui sekda", text="")
    told = compare_topics(old, new, "contoh", [lost, won, make_article(title="x", text="")])
    assert told.seen == 3
    assert [one.title for one in told.found] == [won.title]
    assert [one.title for one in told.lost] == [lost.title]


def test_what_comes_from_an_odd_file_is_never_a_traceback(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    for at in range(0, len(text), len(text) // 40):
        path = tmp_path / "odd.toml"
        path.write_text(text[:at] + '"' + text[at + 2 :], encoding="utf-8")
        problems = check_topic(path, {})
        assert all(problem.message for problem in problems)
    assert load_topics(None)[1] == []
