"""Fit a topic's weights to labelled articles: python tests/eval/fitting.py TOPIC.toml LABELS...

Every weight keeps its sign and stays near the value it has: a ridge pulls it back, so that a few
articles never overturn many. Weights of 0 stay 0. The file is rewritten in place, comments kept.
With --shift every long article is learnt a second time under a title and a lead that say nothing.
"""

from __future__ import annotations

import json
import math
import re
import sys
from itertools import cycle
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from config.region import load_regions  # noqa: E402  # the path is set above
from config.topic import Topic, read_topic  # noqa: E402  # as above
from monitors.matching import matcher as matching  # noqa: E402  # as above
from monitors.matching import scoring  # noqa: E402  # as above
from storage.records import Article  # noqa: E402  # as above

Slot = tuple[str, str]  # a concept's or combination's name, and title, lead or body
RIDGE, RATE, STEPS, MARGIN = 0.5, 0.4, 300, 1.5
PLACES = ("title", "lead", "body")


def count_slots(topic: Topic, rows: list[dict[str, str]]) -> list[dict[Slot, float]]:
    """Give, for every row, how far each weight of the topic counts in it (0 to 1)."""
    matcher = matching.compile_topics([topic], load_regions())
    compiled = matcher.topics[0]
    table: list[dict[Slot, float]] = []
    met: dict[Slot, float] = {}
    plain = scoring._add  # the one place where a weight meets its hits

    def add(weights, meetings, weight, layout):  # type: ignore[no-untyped-def]  # stands in for a method of the scorer
        name = names[id(weight)]
        body = [one for one in meetings if one and one not in layout.lead]
        if meetings.get(layout.headline):
            met[name, "title"] = 1.0
        if any(one in layout.lead for one in meetings):
            met[name, "lead"] = 1.0
        if body:
            met[name, "body"] = min(len(body), weight.most) / weight.most
        plain(weights, meetings, weight, layout)

    names = {id(weight): name for name, weight in compiled.weighty}
    names |= {id(one.weight): one.id for one in topic.combinations}
    scoring._add = add
    try:
        for number, row in enumerate(rows):
            met = {}
            article = Article(
                url=str(number), source="", title=row.get("title") or "", text=row["text"]
            )
            matching.score_article(matcher, article)
            table.append(dict(met))
    finally:
        scoring._add = plain
    return table


def shift(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Give the long articles again, each behind an ordinary paragraph and without its title."""
    lines = (ROOT / "tests" / "eval" / "ordinary.txt").read_text(encoding="utf-8").splitlines()
    leads = cycle(line for line in lines if len(line.split()) > 20)
    long = [row for row in rows if len(row["text"].split()) > 100]
    return [
        row
        | {"title": " ".join(lead.split()[:6]), "text": f"{lead}\n{row['title']}.\n{row['text']}"}
        for row, lead in zip(long, leads, strict=False)
    ]


def fit(topic: Topic, table: list[dict[Slot, float]], wanted: list[bool]) -> dict[Slot, float]:
    """Move the weights towards the labels; a row of either kind weighs the same in sum."""
    first = {
        (name, place): getattr(one.weight, place)
        for name, one in (
            *topic.concepts.items(),
            *((one.id, one) for one in topic.combinations),
        )
        for place in PLACES
    }
    first = {slot: value for slot, value in first.items() if value}
    now = dict(first)
    share = {True: 0.5 / sum(wanted), False: 0.5 / (len(wanted) - sum(wanted))}
    for _step in range(STEPS):
        slope = {slot: RIDGE * (now[slot] - first[slot]) / 10 for slot in now}
        for met, positive in zip(table, wanted, strict=True):
            gain = sum(now[s] * v for s, v in met.items() if now.get(s, 0) > 0)
            loss = sum(now[s] * v for s, v in met.items() if now.get(s, 0) < 0)
            scale = 1.0 if gain <= topic.levels.most else 0.1
            points = topic.levels.start + min(gain, topic.levels.most) + loss
            side = 1 if positive else -1
            distance = side * (points - topic.levels.likely) - MARGIN / 2
            push = share[positive] * side / (1 + math.exp(min(30.0, 2 * distance)))
            for slot, value in met.items():
                if slot in now:
                    slope[slot] -= push * value * (scale if now[slot] > 0 else 1.0)
        for slot, value in slope.items():
            moved = now[slot] - RATE * 4 * value
            now[slot] = max(0.02, moved) if first[slot] > 0 else min(-0.02, moved)
    return now


def write_weights(path: Path, weights: dict[Slot, float]) -> None:
    """Put the weights into the file, to two decimals."""
    name, lines = "", []
    for line in path.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"\[concepts\.(\w+)\]", line) or re.match(r'id = "(\w+)"', line):
            name = found[1]
        if line.startswith("weight = "):
            for place in PLACES:
                if (name, place) in weights:
                    line = re.sub(
                        rf"{place} = -?[\d.]+", f"{place} = {round(weights[name, place], 2)}", line
                    )
        lines.append(line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Fit the topic named first to the labels named after it."""
    path = Path(sys.argv[1])
    rows = [
        json.loads(line)
        for name in sys.argv[2:]
        if name != "--shift"
        for line in Path(name).read_text(encoding="utf-8").splitlines()
    ]
    rows = [row for row in rows if row["label"] != "borderline"]
    if "--shift" in sys.argv:
        rows += shift(rows)
    topic = read_topic(path)
    table = count_slots(topic, rows)
    write_weights(path, fit(topic, table, [row["label"] == "positive" for row in rows]))


if __name__ == "__main__":
    main()
