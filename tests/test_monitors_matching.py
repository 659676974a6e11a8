"""Matching: the shipped topic's examples, levels, evidence cut to the letter, purity."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.region import load_regions
from config.topic import Topic, load_topics, read_topic
from monitors.matching.labels import evaluate, run_examples
from monitors.matching.matcher import Matcher, compile_topics, match_article
from storage.records import Article

Make = Callable[..., Article]
SEEDS = Path(__file__).parent / "seeds"
TOPICS, _ERRORS = load_topics(None)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return compile_topics(TOPICS.values(), load_regions())


@pytest.mark.parametrize(
    ("topic", "number"), [(t, n) for t in TOPICS.values() for n in range(len(t.examples))],
    ids=lambda value: value.id if isinstance(value, Topic) else str(value),
)  # fmt: skip
def test_every_example_of_every_shipped_topic_holds(
    matcher: Matcher, topic: Topic, number: int
) -> None:
    result = run_examples(matcher, topic)[number]
    assert result.passed, result


@pytest.mark.parametrize("seed", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.stem)
def test_both_seed_articles_are_sure(matcher: Matcher, make_article: Make, seed: Path) -> None:
    text = seed.read_text(encoding="utf-8")
    title, _, body = text.partition("\n")
    titled = body.startswith(title)
    article = make_article(title=title if titled else "", text=body if titled else text)
    assert [match.level for match in match_article(matcher, article)] == ["sure"]


def test_the_points_of_a_match_are_the_sum_of_its_evidence(
    matcher: Matcher, make_article: Make
) -> None:
    article = make_article(
        text="Rapat. KPK dan Bupati OKU menggelar rakor pencegahan korupsi.\nSPI."
    )
    (match,) = match_article(matcher, article)
    start = TOPICS[match.topic].levels.start
    assert match.score == pytest.approx(start + sum(e.weight for e in match.evidence), abs=0.01)
    assert match.revision == TOPICS[match.topic].revision


def test_evidence_cuts_out_the_phrase_it_claims(matcher: Matcher, make_article: Make) -> None:
    article = make_article(
        title="Bupati Hadiri Ra\u00adkor K\u200bPK",
        text="Bupati \u201cOKU\u201d hadir.\nBupati  menemui KPK \u2013 pencegahan\u00a0korupsi.",
        version=3,
    )
    (match,) = match_article(matcher, article)
    assert {"title", "text"} == {one.field for one in match.evidence}
    for one in match.evidence:
        field = article.title if one.field == "title" else article.text
        assert field[one.start : one.end] == one.phrase
        assert one.version == 3
        lines = article.text[: one.start].count("\n")
        assert one.paragraph == (-1 if one.field == "title" else lines)


def test_an_article_far_from_every_topic_has_no_match(matcher: Matcher, make_article: Make) -> None:
    article = make_article(title="Harga Cabai Naik", text="Harga cabai di pasar naik lagi.")
    assert match_article(matcher, article) == []


def test_a_near_miss_says_why_not(matcher: Matcher, make_article: Make) -> None:
    article = make_article(
        title="KPK Gelar Rakor Pencegahan Korupsi",
        text="KPK menggelar rapat koordinasi pencegahan korupsi di gedungnya.",
    )
    (match,) = match_article(matcher, article)
    assert match.level == "near_miss"
    assert match.why_not
    assert match.why_not.startswith("no regional government")


def test_lines_of_furniture_hold_no_words_that_count(matcher: Matcher, make_article: Make) -> None:
    plain = make_article(title="Kebakaran Pasar", text="Pasar terbakar, warga mengungsi.")
    link = "\nBACA JUGA: Bupati Hadiri Rakor Pencegahan Korupsi KPK, Skor MCP Naik"
    furnished = make_article(title=plain.title, text=plain.text + link)
    assert match_article(matcher, furnished) == match_article(matcher, plain) == []


def test_a_long_name_hides_the_short_one_inside_it(tmp_path: Path, make_article: Make) -> None:
    topic = small_topic(tmp_path, more='never = ["KPK Pakistan"]')
    matcher = compile_topics([topic], {})
    assert match_article(matcher, make_article(title="KPK Pakistan", text="")) == []
    assert match_article(matcher, make_article(title="KPK", text=""))


def test_a_concept_counts_only_while_it_is_valid(tmp_path: Path, make_article: Make) -> None:
    topic = small_topic(tmp_path, more="since = 2026-03-05")
    matcher = compile_topics([topic], {})
    assert match_article(matcher, make_article(title="KPK", text="")) == []
    undated = make_article(title="KPK", text="", published_at=None)
    assert match_article(matcher, undated)


def test_conditions_ask_for_neighbours_and_against_them(tmp_path: Path, make_article: Make) -> None:
    topic = small_topic(tmp_path, more='needs = { any = ["local"], within = 3 }')
    matcher = compile_topics([topic], {})
    assert match_article(matcher, make_article(title="KPK", text="")) == []
    assert match_article(matcher, make_article(title="KPK temui bupati", text=""))
    far = "KPK satu dua tiga empat bupati"
    assert match_article(matcher, make_article(title=far, text="")) == []


def test_many_topics_judge_as_each_does_alone(tmp_path: Path, make_article: Make) -> None:
    small = small_topic(tmp_path)
    article = make_article()
    alone = [
        m
        for t in (small, *TOPICS.values())
        for m in match_article(compile_topics([t], {}), article)
    ]
    together = match_article(compile_topics([small, *TOPICS.values()], {}), article)
    assert together == alone


def test_evaluation_counts_errors_and_leaves_borderline_out(matcher: Matcher) -> None:
    good = "Bupati menghadiri rakor pencegahan korupsi bersama KPK."
    rows: list[dict[str, Any]] = [
        {"id": "a", "title": "", "text": good, "label": "positive", "subtype": "rakor"},
        {"id": "b", "title": "", "text": good, "label": "hard-negative", "subtype": "x"},
        {"id": "c", "title": "", "text": "Cuaca cerah.", "label": "positive", "subtype": "rakor"},
        {"id": "d", "title": "", "text": good, "label": "borderline", "subtype": "y"},
        {"id": "e", "title": "", "text": "Cuaca cerah.", "label": "easy-negative", "subtype": "x"},
    ]
    told = evaluate(matcher, "koordinasi-antikorupsi", rows)
    assert (told["precision"], told["recall"], told["f1"]) == (0.5, 0.5, 0.5)
    assert [error["id"] for error in told["false_alarms"]] == ["b"]
    assert [error["id"] for error in told["misses"]] == ["c"]
    assert told["by_subtype"]["positive/rakor"] == {"rows": 2, "right": 1}
    assert told["by_label"]["borderline"] == {"rows": 1, "matched": 1}
    assert told["borderline"] == 1


def small_topic(folder: Path, more: str = "") -> Topic:
    path = folder / "kecil.toml"
    examples = "".join(
        f'[[examples]]\nmatch = {match}\ntext = "x"\n' for match in ("true", "false") * 3
    )
    path.write_text(
        f"""
[name]
id = "Kecil"
[concepts.body]
words = ["KPK"]
weight = {{ title = 2.0 }}
{more}
[concepts.local]
words = ["bupati"]
[levels]
sure = 1
likely = 1
near_miss = 1
{examples}""",
        encoding="utf-8",
    )
    return read_topic(path)
