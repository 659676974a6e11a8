"""`ronda topics`: list, show, test and measure the topics."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from config.errors import ConfigError
from config.region import load_regions
from config.topic import Topic, load_topics
from monitors.matching.labels import evaluate, run_examples
from monitors.matching.matcher import compile_topics

from .options import HomeOption, JsonOption, find_home, show_json, show_rows

app = typer.Typer(help="What to look for.", no_args_is_help=True)

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


@app.command("eval")
def eval_(
    labels: Annotated[Path, typer.Option("--labels", help="JSON lines: title, text, label.")],
    topic: TopicArgument = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure a topic on labelled articles: precision, recall, F1 and every error."""
    chosen = _chosen(topic, home)[0]
    matcher = compile_topics([chosen], load_regions())
    result = evaluate(matcher, chosen.id, read_labels(labels))
    if as_json:
        show_json(result)
        return
    typer.echo(f"{chosen.id} {chosen.revision} on {labels}")
    for name in ("precision", "recall", "f1"):
        typer.echo(f"{name:10} {result[name]:.3f}")
    for name in ("false_alarms", "misses"):
        typer.echo(f"{name}:")
        for row in result[name]:
            typer.echo(f"  {row}")


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
