"""What a curator asks before changing a topic: rulings that would be lost, what-if, narrowing."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from config.region import load_regions
from config.tables import SHIPPED
from config.topic import load_topics
from crawler.reading.pool import prepare
from monitors.commands.app import run_app
from monitors.matching.compiled import compile_topics
from monitors.matching.narrowing import choose_query, find_ways
from monitors.stages import load_config, match_new_articles
from storage.articles import save_article
from storage.database import open_reader, open_writer, writing
from storage.matches import NEAR_MISSES_A_DAY, save_matches
from storage.narrowing import compose_any, count_any, ids_before
from storage.pen import open_pen
from storage.records import Match, Verdict
from storage.verdicts import add_verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from storage.records import Article

TOPIC = "koordinasi-antikorupsi"
SHIPPED_TOPIC = SHIPPED / "topics" / f"{TOPIC}.toml"
ABOUT = (
    "Bupati Sigi menghadiri rapat koordinasi pencegahan korupsi bersama Satgas Korsup KPK di Palu."
    " Pemkab Sigi diminta menuntaskan sertifikat tanah milik pemerintah kabupaten."
)
VILLAGE = (
    "Inspektorat Kabupaten Poso dan Pemkab Poso memaparkan capaian MCSP yang baru 61 persen."
    " Sekda meminta OPD mengunggah dokumen pencegahan korupsi pekan ini."
)
OTHER = "Petani memanen padi lebih awal karena cuaca cerah sepanjang bulan ini di tepi danau."


def fill(home: Path, make_article: Callable[..., Article], now: datetime, others: int = 20) -> None:
    """Store one article on the topic, one on its score, and ordinary ones; match them."""
    ronda = open_writer(home, "ronda")
    texts = [ABOUT, VILLAGE] + [f"{OTHER} Catatan {number}." for number in range(others)]
    titles = ["Bupati Sigi Hadiri Rakor KPK", "Capaian MCSP Poso Baru 61 Persen"]
    titles += [f"Panen {number}" for number in range(others)]
    with writing(ronda):
        for number, (title, text) in enumerate(zip(titles, texts, strict=True), 1):
            save_article(
                ronda,
                make_article(
                    url=f"https://contoh.test/{number}", title=title, text=text, published_at=now
                ),
                now=now, region=None, province=None, timezone="WIB",
            )  # fmt: skip
    ronda.close()

    async def job() -> None:
        async with open_pen(home) as pen:
            await match_new_articles(pen, load_config(home, secrets=False), now)

    asyncio.run(job())


def rule(home: Path, now: datetime, **verdicts: str) -> None:
    """Rule on the copy groups of articles, `a1="relevant"`."""
    ronda = open_writer(home, "ronda")
    with writing(ronda):
        for name, verdict in verdicts.items():
            [[group]] = ronda.execute(
                "SELECT copy_group FROM articles WHERE id = ?", (int(name[1:]),)
            ).fetchall()
            add_verdict(
                ronda,
                Verdict(topic=TOPIC, group=group, verdict=verdict, by="t", at=now),  # type: ignore[arg-type]  # one of three words
            )
    ronda.close()


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = run_app(list(words))
    out = capsys.readouterr().out
    return code, json.loads(out) if "--json" in words else out


@pytest.fixture
def narrower(tmp_path: Path) -> Path:
    """Write the shipped topic anew so that only KPK acting with a region makes a match."""
    required, text = 'required = ["body_with_region"]', SHIPPED_TOPIC.read_text(encoding="utf-8")
    text = text.partition("[[examples]]")[0]  # some would fail, which is another matter
    for match, example in (("true", ABOUT), ("false", OTHER)):
        text += f'[[examples]]\nmatch = {match}\ntext = "{example}"\n' * 3
    file = tmp_path / f"{TOPIC}.toml"
    file.write_text(
        re.sub(r"required = \[.*?\]", required, text, flags=re.DOTALL), encoding="utf-8"
    )
    assert required in file.read_text(encoding="utf-8")
    return file


def test_check_lists_matches_ruled_relevant_that_the_file_would_lose(
    home: Path, make_article: Callable[..., Article], now: datetime, narrower: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    fill(home, make_article, now)
    where = ("--home", str(home), "--json")
    code, told = call(capsys, "topics", "check", str(narrower), *where)
    assert (code, told["lost"]) == (0, [])
    rule(home, now, a1="relevant", a2="relevant")
    code, told = call(capsys, "topics", "check", str(narrower), *where)
    assert code == 1
    assert [row["url"] for row in told["lost"]] == ["https://contoh.test/2"]
    rule(home, now, a2="irrelevant")  # the last ruling holds
    code, told = call(capsys, "topics", "check", str(narrower), *where)
    assert (code, told["lost"]) == (0, [])


def test_check_names_line_and_key_and_exits_1(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "salah.toml"
    file.write_text(
        SHIPPED_TOPIC.read_text(encoding="utf-8").replace("near_miss = ", "nearly = "),
        encoding="utf-8",
    )
    code, out = call(capsys, "topics", "check", str(file), "--home", str(home))
    assert code == 1
    assert f"{file}:" in out
    assert "levels" in out


def test_what_if_tells_what_is_lost_and_what_had_been_ruled(
    home: Path, make_article: Callable[..., Article], now: datetime, narrower: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    fill(home, make_article, now)
    rule(home, now, a2="relevant")
    prepare()
    code, told = call(
        capsys, "topics", "what-if", str(narrower), "--days", "3650", "--home", str(home), "--json"
    )
    assert code == 0
    assert (told["articles"], told["matches_now"], told["matches_then"]) == (22, 2, 1)
    assert told["newly_matched"] == []
    assert [row["ruled"] for row in told["no_longer_matched"]] == ["relevant"]
    assert told["lost_relevant"] == 1


def test_eval_measures_by_verdicts(
    home: Path, make_article: Callable[..., Article], now: datetime,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    fill(home, make_article, now)
    rule(home, now, a1="relevant", a2="irrelevant")
    code, told = call(capsys, "topics", "eval", "--verdicts", "--home", str(home), "--json")
    assert code == 0
    assert (told["rows"], told["precision"], told["recall"]) == (2, 0.5, 1.0)
    assert [row["id"] for row in told["false_alarms"]] == ["https://contoh.test/2"]
    assert call(capsys, "topics", "eval", "--home", str(home))[0] == 2


def test_rematch_stops_before_it_loses_a_ruling(
    home: Path, make_article: Callable[..., Article], now: datetime, narrower: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    fill(home, make_article, now)
    rule(home, now, a2="relevant")
    (home / "topics").mkdir(exist_ok=True)
    (home / "topics" / narrower.name).write_bytes(narrower.read_bytes())
    where = ("--home", str(home), "--json")
    code, told = call(capsys, "rematch", *where)
    assert code == 1
    assert [row["article"] for row in told["lost"]] == [2]
    code, told = call(capsys, "rematch", "--yes", *where)
    assert code == 0
    ronda = open_reader(home, "ronda")
    levels = ronda.execute("SELECT article, level FROM matches ORDER BY article").fetchall()
    ronda.close()
    assert [level for _article, level in levels] == ["sure", "near_miss"]


def test_only_the_nearest_near_misses_of_a_day_are_kept(
    home: Path, make_article: Callable[..., Article], now: datetime
) -> None:
    ronda = open_writer(home, "ronda")
    with writing(ronda):
        for number in range(1, 10):
            article = make_article(url=f"https://contoh.test/{number}", published_at=now)
            saved = save_article(
                ronda, article, now=now, region=None, province=None, timezone="WIB"
            )
            level = "sure" if number == 1 else "near_miss"
            match = Match(topic="t", revision="r", score=-float(number), level=level, evidence=())  # type: ignore[arg-type]  # one of the levels
            save_matches(ronda, saved.id, [match], now)
    kept = ronda.execute("SELECT article FROM matches ORDER BY article").fetchall()
    ronda.close()
    assert [row[0] for row in kept] == list(range(1, 2 + NEAR_MISSES_A_DAY))


def test_rare_phrases_narrow_the_archive_and_common_ones_do_not(
    home: Path, make_article: Callable[..., Article], now: datetime
) -> None:
    fill(home, make_article, now)
    topics, _ = load_topics(None)
    topic = topics[TOPIC]
    compiled = compile_topics([topic], load_regions()).topics[0]
    ronda = open_reader(home, "ronda")
    try:
        query = choose_query(ronda, compiled, 22)
        assert query is not None
        assert ids_before(ronda, 23, 500, query=query, topic=TOPIC) == [2, 1]
        assert ids_before(ronda, 2, 500, query=query, topic=TOPIC) == [1]
        assert len(ids_before(ronda, 23, 500)) == 22
        common = compose_any(["panen", "memanen"])
        assert count_any(ronda, common, 22, 5) == 5
        assert choose_query(ronda, compiled, 9) is None  # two of nine are over a fifth
    finally:
        ronda.close()


def test_without_required_combinations_every_gain_is_a_way_to_match() -> None:
    topics, _ = load_topics(None)
    topic = topics[TOPIC]
    free = topic.model_copy(update={"required": ()})
    ways = find_ways(compile_topics([free], load_regions()).topics[0])
    assert ways is not None
    assert len(ways) > len(topic.required)
    given = free.model_copy(update={"levels": topic.levels.model_copy(update={"start": 9.0})})
    assert find_ways(compile_topics([given], load_regions()).topics[0]) is None


def test_a_longer_phrase_is_found_by_the_shorter_one() -> None:
    assert compose_any(["kpk ri", "kpk", "korsup"]) == '{title text} : ("korsup" * OR "kpk" *)'
