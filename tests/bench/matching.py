"""Time the matcher: articles of 400 words against 20 topics of 200 phrases, on one core.

Run from the repository's root: `python tests/bench/matching.py`. Beside it stands the plainest
other way, one big alternation of regular expressions per topic that only finds the phrases. Then a
new topic meets a stored archive, narrowed by the full-text index and read whole; a million articles
are extrapolated from BENCH_ARCHIVE (20,000) of them.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from config.region import load_regions  # noqa: E402  # the path is set above
from config.topic import Topic, Weight, load_topics  # noqa: E402  # the path is set above
from monitors.matching.matcher import compile_topics, match_article  # noqa: E402  # as above
from monitors.matching.narrowing import choose_query  # noqa: E402  # as above
from storage.articles import load_article, save_article  # noqa: E402  # as above
from storage.database import open_writer, writing  # noqa: E402  # as above
from storage.home import make_home  # noqa: E402  # as above
from storage.narrowing import ids_before  # noqa: E402  # as above
from storage.records import Article  # noqa: E402  # the path is set above

WORDS, TOPICS, PHRASES, ARTICLES, GOAL = 400, 20, 200, 1000, 2000
ARCHIVE = int(os.environ.get("BENCH_ARCHIVE", "20000"))
MINUTES = 10  # the goal for a million articles


def make_articles() -> list[Article]:
    """Make articles of 400 words: one in ten on the topic or beside it, the others ordinary."""
    folder = ROOT / "tests" / "eval"
    lines = (folder / "matching-own.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    ordinary = cycle((folder / "ordinary.txt").read_text(encoding="utf-8").splitlines())
    articles = []
    for number in range(ARTICLES):
        row = rows[number // 10 % len(rows)] if number % 10 == 0 else {"title": "", "text": ""}
        paragraphs = [row["text"]] if row["text"] else []
        words = len(row["text"].split())
        while words < WORDS:
            paragraphs.append(next(ordinary))
            words += len(paragraphs[-1].split())
        title = row["title"] or paragraphs[0][:60]
        articles.append(Article(url="x", source="x", title=title, text="\n".join(paragraphs)))
    return articles


def make_topics(shipped: Topic) -> list[Topic]:
    """Give the shipped topic and 19 of 200 phrases each, made of words that articles hold."""
    words = sorted({
        word
        for article in make_articles()[:400]
        for word in article.text.lower().split()
        if word.isalpha() and len(word) > 4
    })  # fmt: skip
    pairs = [f"{one} {other}" for one, other in zip(words, words[7:] + words[:7], strict=True)]
    topics = [shipped]
    for number in range(TOPICS - 1):
        phrases = list(islice(cycle(words[number::11] + pairs[number::3]), PHRASES))
        groups = {"who": phrases[:60], "act": phrases[60:120], "place": phrases[120:]}
        concepts = {
            name: shipped.concepts["kpk"].model_copy(
                update={"words": tuple(some), "misspelt": (), "unless": None, "weight": Weight()}
            )
            for name, some in groups.items()
        }
        combination = shipped.combinations[0].model_copy(
            update={"id": "meet", "all": tuple(groups), "without": (), "within": "sentence"}
        )
        topics.append(
            shipped.model_copy(
                update={"id": f"t{number}", "concepts": concepts, "combinations": (combination,),
                        "required": ("meet",)}
            )
        )  # fmt: skip
    return topics


def main() -> None:
    """Print articles per second and what a plain alternation reaches."""
    articles = make_articles()
    topics, _errors = load_topics(None)
    shipped = topics["koordinasi-antikorupsi"]
    for chosen in ([shipped], make_topics(shipped)):
        begun = time.perf_counter()
        matcher = compile_topics(chosen, load_regions())
        compiled = time.perf_counter() - begun
        begun = time.process_time()
        matches = sum(len(match_article(matcher, article)) for article in articles)
        speed = len(articles) / (time.process_time() - begun)
        print(  # noqa: T201  # a bench speaks on its output
            f"topics={len(chosen)} compiled={compiled:.2f} s matches={matches} "
            f"articles/s={speed:.0f} (goal {GOAL})"
        )
    patterns = [
        re.compile("|".join(
            rf"\b{re.escape(word)}\b" for concept in topic.concepts.values()
            for word in concept.words
        ), re.IGNORECASE)
        for topic in chosen
    ]  # fmt: skip
    some = articles[:40]
    begun = time.process_time()
    for article in some:
        for pattern in patterns:
            pattern.findall(article.text)
    speed = len(some) / (time.process_time() - begun)
    print(f"plain alternation, phrases only: articles/s={speed:.0f}")  # noqa: T201  # as above
    measure_archive(shipped)


def measure_archive(topic: Topic) -> None:
    """Let the topic meet a stored archive, one article in fifty of it on the topic or beside it."""
    made = make_articles()
    near = made[::10]
    ordinary = [one for number, one in enumerate(made) if number % 10]
    now = datetime(2026, 3, 4, tzinfo=UTC)
    compiled = compile_topics([topic], load_regions())
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        make_home(Path(folder))
        db = open_writer(Path(folder), "ronda")
        with writing(db):
            for number in range(ARCHIVE):
                pool = near if number % 50 == 0 else ordinary
                chosen = pool[number // (50 if pool is near else 1) % len(pool)]
                article = Article(url=f"https://x.test/{number}", source="x", fetched_at=now,
                                  title=chosen.title, text=f"{chosen.text} {number}")  # fmt: skip
                save_article(db, article, now=now, region=None, province=None, timezone="WIB")
        begun = time.perf_counter()
        query = choose_query(db, compiled.topics[0], ARCHIVE)
        choosing = time.perf_counter() - begun
        for name, asked in (("narrowed", query), ("whole", None)):
            begun, before, met, found = time.perf_counter(), ARCHIVE + 1, 0, 0
            while ids := ids_before(db, before, 500, query=asked, topic=topic.id):
                before = ids[-1]
                for one in ids:
                    loaded = load_article(db, one)
                    found += bool(loaded and match_article(compiled, loaded))
                met += len(ids)
            spent = time.perf_counter() - begun + choosing
            print(  # noqa: T201  # a bench speaks on its output
                f"archive of {ARCHIVE}, {name if asked or name == 'whole' else 'not narrowed'}:"
                f" read={met} matches={found} seconds={spent:.1f};"
                f" a million in {spent * 1e6 / ARCHIVE / 60:.1f} minutes (goal {MINUTES})"
            )
        db.close()


if __name__ == "__main__":
    main()
