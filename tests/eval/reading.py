"""Measures the reader on a folder of pages with gold: `python tests/eval/reading.py FOLDER`.

A table per page, the same figures over every second page by name, and as last line one JSON object.
Scores are those of the data's own page: tokens are the words of the folded text, a lead is kept
when 80 % of its 4-grams are there, a leak is a "Baca juga" title or line in the body.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from trafilatura import extract  # the naive way, for comparison

from config.errors import NotAnArticle
from config.source import Source
from crawler.reading.article import read_article
from storage.records import Article, Page

LEAK = re.compile(r"^\W*(?:baca juga|baca selanjutnya|baca\s*:|jangan lewatkan)", re.IGNORECASE)
WIB = timedelta(hours=7)
METRICS = ("token_f1", "shingle_f1", "lead", "leak", "title", "day", "minute")


def words(text: str) -> list[str]:
    """Give the scored tokens of a text."""
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower())


def shingles(tokens: list[str]) -> Counter[tuple[str, ...]]:
    """Give the 4-grams of the tokens."""
    return Counter(tuple(tokens[i : i + 4]) for i in range(max(1, len(tokens) - 3)))


def f1(got: Counter[Any], gold: Counter[Any]) -> float:
    """Give the harmonic mean of precision and recall of two bags."""
    if not got or not gold:
        return float(got == gold)
    common = sum((got & gold).values())
    return 2 * common / (sum(got.values()) + sum(gold.values()))


def fold(title: str) -> str:
    """Fold case, quotes and white space of a title."""
    text = re.sub("[“”„\"'‘’`´]", '"', unicodedata.normalize("NFKC", title).lower())
    return " ".join(text.split())


def without(paragraphs: list[str], optional: list[str]) -> list[str]:
    """Leave out the lines that count neither way."""
    drop = {fold(line) for line in optional}
    return [p for p in paragraphs if fold(p) not in drop]


def score(article: Article | None, gold: dict[str, Any]) -> dict[str, float]:
    """Score one read page against its gold."""
    lines = without(article.text.split("\n") if article else [], gold["optional"])
    body = words("\n".join(lines))
    want = words("\n".join(without(gold["body"], gold["optional"])))
    joined = f" {' '.join(body)} "
    first = words(gold["body"][0]) if gold["body"] else []
    have = shingles(body)
    lead = shingles(first)
    kept = sum((lead & have).values()) / sum(lead.values())
    if len(first) < 4:  # a dateline on a line of its own has no 4-gram
        kept = float(f" {' '.join(first)} " in joined)
    titles = [w for t in gold["baca_juga"] if len(w := words(t)) >= 4]
    leak = any(f" {' '.join(t)} " in joined for t in titles) or any(LEAK.match(x) for x in lines)
    good = [gold["title"], *gold.get("title_alt", [])]
    at = article.published_at if article else None
    times = [datetime.fromisoformat(t) for t in (gold["published"], gold["published_alt"]) if t]
    day = at is not None and any((at + (t.utcoffset() or WIB)).date() == t.date() for t in times)
    minute = (
        at is not None
        and article is not None
        and article.precision == "minute"
        and any(at.replace(second=0) == t.astimezone(UTC).replace(second=0) for t in times)
    )
    return {
        "token_f1": f1(Counter(body), Counter(want)),
        "shingle_f1": f1(have, shingles(want)),
        "lead": float(kept >= 0.8),
        "leak": float(leak),
        "title": float(article is not None and fold(article.title) in [fold(t) for t in good]),
        "day": float(day) if times else 1.0,
        "minute": float(minute) if times else 1.0,
    }


def mean(rows: list[dict[str, float]]) -> dict[str, float]:
    """Give each metric's mean over the rows."""
    return {m: round(sum(r[m] for r in rows) / len(rows), 4) if rows else 0.0 for m in METRICS}


def source_of(gold: dict[str, Any], name: str) -> Source:
    """Make the source that a page would have: its host, nothing else known."""
    url = gold["url"] or f"https://{name}.invalid/"
    host = url.split("/")[2]
    return Source(id=name, name=host, url=f"https://{host}/", province="nasional", slot=host)


def read(folder: Path, name: str) -> tuple[Article | None, dict[str, Any], float, float]:
    """Read one page; give article, gold and the CPU seconds of ours and of plain trafilatura."""
    body = (folder / f"{name}.html").read_bytes()
    gold = json.loads((folder / f"{name}.json").read_text("utf-8"))
    now = datetime.now(UTC)
    url = gold["url"] or f"https://{name}.invalid/berita/{name}"
    page = Page(url=url, source=name, status=200, fetched_at=now, final_url=url, body=body)
    began = time.process_time()
    extract(body)
    plain = time.process_time() - began
    began = time.process_time()
    try:
        article = read_article(body, page, source_of(gold, name), now=now)
    except NotAnArticle:
        article = None
    return article, gold, time.process_time() - began, plain


def show(name: str, row: dict[str, float], article: Article | None, note: str) -> None:
    """Print one line of the table."""
    cells = " ".join(f"{row[m]:10.3f}" for m in METRICS)
    print(f"{name[:34]:34} {cells}  {note}")  # noqa: T201  # a script that reports
    if article is None:
        print(f"{'':34} not an article")  # noqa: T201  # a script that reports


def main() -> int:
    """Measure a folder; 0 when every page could be read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", help="print one page's text and leave")
    parser.add_argument("--half", choices=("first", "second"), help="only every second page")
    options = parser.parse_args()
    names = sorted(p.stem for p in options.folder.glob("*.html"))
    if options.show:
        article, _, _, _ = read(options.folder, options.show)
        print(article.text if article else "not an article")  # noqa: T201  # a script that reports
        return 0
    if options.half:
        names = names[options.half == "second" :: 2]
    print(f"{'page':34} " + " ".join(f"{m:>10}" for m in METRICS))  # noqa: T201  # a script that reports
    rows: list[tuple[str, int, dict[str, float]]] = []
    ratios: list[float] = []
    if names:
        read(options.folder, names[0])  # imports and caches are not what is measured
    for place, name in enumerate(names):
        article, gold, ours, plain = read(options.folder, name)
        row = score(article, gold)
        ratios.append(ours / plain)
        rows.append((gold["kind"], place, row))
        show(name, row, article, f"{gold['kind']} cpu {ours * 1000:.0f}/{plain * 1000:.0f} ms")
    articles = [(place, row) for kind, place, row in rows if kind == "article"]
    photos = [row for kind, _, row in rows if kind == "photo"]
    result: dict[str, Any] = {"pages": len(articles), **mean([row for _, row in articles])}
    result["photo"] = {"pages": len(photos), **mean(photos)}
    half = [row for place, row in articles if place % 2]
    result["every_second"] = {"pages": len(half), **mean(half)}
    result["cpu_ratio_median"] = round(sorted(ratios)[len(ratios) // 2], 2) if ratios else 0
    print(json.dumps(result))  # noqa: T201  # a script that reports
    return 0


if __name__ == "__main__":
    sys.exit(main())
