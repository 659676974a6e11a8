"""`ronda topics`: list, show, test, check and measure the topics; what a change of one would do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from config.errors import ConfigError
from config.region import load_regions
from config.topic import Topic, load_topics, read_topic
from monitors.matching.checking import check_topic
from monitors.matching.labels import evaluate, run_examples
from monitors.matching.matcher import compile_topics

from .curating import lost_rulings, ruled_rows, what_if
from .options import HomeOption, JsonOption, find_home, show_json, show_rows

app = typer.Typer(help="What to look for.", no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(help="A topic file, named like its topic.")]
TopicArgument = Annotated[str | None, typer.Argument(help="The topic's id.")]


@app.command("list")
def list_(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the topics with their revisions."""
    topics, errors = load_topics(find_home(home))
    rows = [
        {"topic": topic.id, "name": topic.name("id"), "revision": topic.revision}
        for topic in topics.values()
    ]
    show_rows(rows, ("topic", "name", "revision"), as_json=as_json)
    for error in errors:
        typer.echo(f"ronda: {error}", err=True)
    if errors:
        raise typer.Exit(2)


@app.command()
def show(topic: str, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show a topic as it is in force."""
    found = _find(topic, home)
    value: dict[str, Any] = {"topic": found.id, "name": found.name("id"), "file": found.file}
    value |= {"revision": found.revision, "words": list(found.words())}
    if as_json:
        show_json(value)
        return
    typer.echo(f"# {found.file} (revision {found.revision})")
    typer.echo(Path(found.file).read_text(encoding="utf-8"), nl=False)


@app.command("test")
def run_test(
    topic: TopicArgument = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Run a topic's own examples; exit 1 where one fails."""
    topics = _chosen(topic, home)
    matcher = compile_topics(topics, load_regions())
    rows: list[dict[str, Any]] = []
    for each in topics:
        for result in run_examples(matcher, each):
            rows.append(
                {
                    "topic": each.id,
                    "passed": result.passed,
                    "expected": result.expected,
                    "found": result.found.level if result.found else None,
                    "title": result.title,
                    "why": result.found.why_not if result.found else None,
                }
            )
    if as_json:
        show_json(rows)
    else:
        for row in rows:
            mark = "ok  " if row["passed"] else "FAIL"
            should = "must match" if row["expected"] else "must not match"
            found = row["found"] or "no match"
            typer.echo(f"{mark} {row['topic']}: {row['title']} ({should}; {found})")
            if row["why"]:
                typer.echo(f"     {row['why']}")
    if not all(row["passed"] for row in rows):
        raise typer.Exit(1)


@app.command()
def check(file: FileArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Check a topic file; exit 1 where it is wrong or would lose matches ruled relevant."""
    problems = check_topic(file, load_regions())
    try:
        lost = lost_rulings(find_home(home), read_topic(file))
    except ConfigError:  # the problems tell it
        lost = []
    if as_json:
        told = [{"line": one.line, "key": one.key, "message": one.message} for one in problems]
        show_json({"problems": told, "lost": lost})
    else:
        for one in problems:
            where = f"{file}:{one.line}" if one.line else str(file)
            typer.echo(": ".join(part for part in (where, one.key, one.message) if part))
        show_lost(lost)
        if not problems and not lost:
            typer.echo(f"{file}: ok")
    if problems or lost:
        raise typer.Exit(1)


@app.command("what-if")
def what_if_(
    file: FileArgument,
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="How far back.")] = 30,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a changed topic file meet the stored articles; nothing is stored."""
    result = what_if(find_home(home), file, days, datetime.now(UTC))
    if as_json:
        show_json(result)
        return
    typer.echo(
        f"{result['articles']} articles of {days} days: {result['matches_now']} matches now,"
        f" {result['matches_then']} then;"
        f" a day {result['per_day_now']} now, {result['per_day_then']} then"
    )
    for key, mark in (("newly_matched", "+"), ("no_longer_matched", "-")):
        for row in result[key]:
            ruled = f", ruled {row['ruled']}" if row["ruled"] else ""
            typer.echo(f"{mark} {row['title']} ({row['level']}{ruled}) {row['url']}")
    typer.echo(f"no longer matched though ruled relevant: {result['lost_relevant']}")


@app.command("eval")
def eval_(
    labels: Annotated[
        Path | None, typer.Option("--labels", help="JSON lines: title, text, label.")
    ] = None,
    verdicts: Annotated[
        bool, typer.Option("--verdicts", help="By the rulings given in this home.")
    ] = False,
    topic: TopicArgument = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure a topic on labelled or ruled articles: precision, recall, F1 and every error."""
    if (labels is None) == (not verdicts):
        raise ConfigError("say --labels FILE or --verdicts, one of them")
    chosen = _chosen(topic, home)[0]
    matcher = compile_topics([chosen], load_regions())
    rows = ruled_rows(find_home(home), chosen.id) if labels is None else read_labels(labels)
    result = evaluate(matcher, chosen.id, rows)
    if as_json:
        show_json(result)
        return
    by = labels or "verdicts"
    typer.echo(f"{chosen.id} {chosen.revision} on {by}: {result['rows']} articles")
    for name in ("precision", "recall", "f1"):
        if result[name] is not None:
            low, high = result["intervals"][name]
            typer.echo(f"{name:10} {result[name]:.3f}  (95 %: {low:.3f} to {high:.3f})")
    for kind, tally in result["by_subtype"].items():
        typer.echo(f"  {kind:40} {tally['right']} of {tally['rows']}")
    for name in ("false_alarms", "misses"):
        typer.echo(f"{name}: {len(result[name])}")
        for row in result[name]:
            typer.echo(f"  {row['id']}: {row['title']} ({row['level'] or 'no match'})")
            if row["why_not"]:
                typer.echo(f"    {row['why_not']}")
            for one in sorted(row["evidence"], key=lambda part: -abs(part["weight"]))[:6]:
                typer.echo(f"    {one['weight']:+.2f} {one['concept']}: {one['phrase']}")


def show_lost(lost: list[dict[str, Any]]) -> None:
    """Print the matches ruled relevant that would be lost, a line each."""
    for row in lost:
        typer.echo(f"would lose, though ruled relevant: {row['title']} {row['url']}")


def read_labels(path: Path) -> list[dict[str, Any]]:
    """Read labelled articles, a JSON object a line; raises ConfigError with file and line."""
    rows: list[dict[str, Any]] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ConfigError(f"{path}:{number}: not JSON: {error}") from error
        missing = [key for key in ("text", "label") if not isinstance(row, dict) or key not in row]
        if missing:
            raise ConfigError(f"{path}:{number}: no key {missing[0]!r}")
        rows.append(row)
    return rows


def _chosen(topic: str | None, home: Path | None) -> list[Topic]:
    topics, errors = load_topics(find_home(home))
    if errors:
        raise errors[0]
    return list(topics.values()) if topic is None else [_find(topic, home)]


def _find(topic: str, home: Path | None) -> Topic:
    topics, errors = load_topics(find_home(home))
    if topic not in topics:
        for error in errors:
            raise error
        raise ConfigError(f"no such topic: {topic} (there are: {', '.join(sorted(topics))})")
    return topics[topic]
