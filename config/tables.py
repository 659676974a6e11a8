"""A TOML file -> a checked model, or one line that says what is wrong with it.

Size is looked at before reading, depth before checking: a file may be anything at all. No message
repeats what an address holds behind its host, nor any value of an unknown key: both may be secret.
"""

from __future__ import annotations

import difflib
import re
import stat
import tomllib
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound=BaseModel)

SHIPPED = Path(__file__).parent
SMALL_FILE = 64 * 1024
LARGE_FILE = 1024 * 1024
DEEPEST = 10
MOST_DOTS = 200  # of one line: a key of 10,000 parts keeps tomllib busy for minutes
WANTED = {
    "string_type": "a text in quotes is wanted",
    "int_type": "a whole number is wanted",
    "float_type": "a number is wanted",
    "bool_type": "true or false is wanted",
    "tuple_type": "a list is wanted",
    "dict_type": "a table is wanted",
    "model_type": "a table is wanted",
    "model_attributes_type": "a table is wanted",
}
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Table(BaseModel):
    """What every table of a file shares: no unknown keys, no coercion, no changes afterwards."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", hide_input_in_errors=True)


def read_toml(path: Path, *, limit: int = SMALL_FILE) -> dict[str, Any]:
    """Parse a TOML file of at most `limit` bytes; raises ConfigError naming file and line."""
    text = read_text(path, limit=limit)
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MOST_DOTS:
            raise ConfigError(f"{shown(path)}: line {number}: over {MOST_DOTS} dots in one line")
    try:
        data = tomllib.loads(text)
        problem = "" if _depth_ok(data) else f"tables nested deeper than {DEEPEST}"
    except RecursionError:
        problem = f"tables nested deeper than {DEEPEST}"
    except ValueError as error:  # TOMLDecodeError, and int() on thousands of digits
        problem = _syntax(error, text)
    if problem:
        raise ConfigError(f"{shown(path)}: {problem}")
    return data


def read_text(path: Path, *, limit: int) -> str:
    """Read a text file of at most `limit` bytes as UTF-8; raises ConfigError naming it."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ConfigError(f"{shown(path)}: is no ordinary file")
        if status.st_size > limit:
            raise ConfigError(
                f"{shown(path)}: {status.st_size:,} bytes, at most {limit:,} are allowed"
            )
        with path.open("rb") as stream:
            raw = stream.read(limit)
    except OSError as error:
        raise ConfigError(f"{shown(path)}: cannot be read: {error.strerror or error}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
    raise ConfigError(f"{shown(path)}: line {line}: not UTF-8 text")


def build(
    model: type[Model], data: object, *, file: Path | str, context: dict[str, Any] | None = None
) -> Model:
    """Check `data` against a model; raises ConfigError naming file, key, found and nearest."""
    name = shown(file)
    try:
        return model.model_validate(data, context=context)
    except ValidationError as error:
        found = sorted(error.errors(include_url=False), key=lambda one: one["type"] == "missing")
        problems = [describe(model, one) for one in found]
    except RecursionError:
        problems = [f"tables nested deeper than {DEEPEST}"]
    more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
    raise ConfigError(f"{name}: {'; '.join(problems[:3])}{more}")


def describe(model: type[BaseModel], error: ErrorDetails) -> str:
    """Say in words what one pydantic error is about, key first."""
    loc, here = _walk(model, error["loc"])
    key = printable(".".join(loc) or "file")
    kind = error["type"]
    if kind == "extra_forbidden":
        return f"{key}: unknown key{nearest(loc[-1], here)}"
    if kind == "missing":
        return f"{key}: missing"
    if kind in {"union_tag_not_found", "union_tag_invalid"}:
        tags = str(error.get("ctx", {}).get("expected_tags", "")).replace("'", '"')
        tag = error.get("ctx", {}).get("tag")
        found = "missing" if tag is None else f"found {quoted(tag)}"
        hint = nearest(str(tag), re.findall(r'"(\w+)"', tags))
        return f"{key}.kind: {found}{hint}"
    text = printable(WANTED.get(kind) or error["msg"].removeprefix("Value error, "), most=300)
    if kind == "literal_error":
        choices = re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))
        hint = nearest(str(error["input"]), choices)
        return f"{key}: found {quoted(error['input'])}{hint}"
    if kind in {"secret", "said"}:
        return f"{key}: {text}"
    if isinstance(error["input"], dict) and kind == "value_error":  # the check of a whole table
        return f"{key}: {text}" if loc else text
    return f"{key}: found {quoted(error['input'])}: {text[:1].lower()}{text[1:]}"


def nearest(found: str, allowed: Iterable[str]) -> str:
    """Give ', did you mean "x"?' or the allowed words; empty where there are none."""
    words = sorted(set(allowed))
    close = difflib.get_close_matches(found[:100], words, n=1, cutoff=0.5)
    if close:
        return f', did you mean "{close[0]}"?'
    if not words:
        return ""
    return f"; allowed: {', '.join(words[:20])}{', …' if len(words) > 20 else ''}"


def quoted(value: object) -> str:
    """Show a found value in short: no control characters, no secrets of an address."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{printable(_masked(value))}"'
    if isinstance(value, int) and abs(value) > 10**20:
        return "a huge number"
    return printable(str(value))


def printable(text: str, *, most: int = 80) -> str:
    """Cut a text and replace what a terminal would obey or a second line would hold."""
    safe = "".join(one if one.isprintable() else "�" for one in text[:most])
    return safe + ("…" if len(text) > most else "")


def shown(path: Path | str) -> str:
    """Name a shipped file from `config/` on, any other by its whole path."""
    if isinstance(path, Path) and path.is_relative_to(SHIPPED):
        return f"config/{path.relative_to(SHIPPED).as_posix()}"
    return printable(str(path), most=300)


def _masked(value: str) -> str:
    if "://" not in value:
        return value
    scheme, _, rest = value.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if scheme.lower() not in {"http", "https"} or "@" in rest:
        return f"{scheme}://***"
    return f"{scheme}://{host}{'/…' if len(rest) > len(host) + 1 else rest[len(host) :]}"


def _syntax(error: ValueError, text: str) -> str:
    place = re.search(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$", str(error))
    what = printable(str(error)[: place.start()] if place else str(error), most=120)
    if place is None:
        return f"not TOML: {what}"
    return f"line {place.group(1) or text.count(chr(10)) + 1}: {what}"


def _depth_ok(data: object) -> bool:
    level = [data]
    for _ in range(DEEPEST):
        below: list[object] = []
        for one in level:
            if isinstance(one, dict):
                below.extend(one.values())
            elif isinstance(one, list):
                below.extend(one)
        if not below:
            return True
        level = below
    return False


def _walk(model: type[BaseModel], loc: tuple[int | str, ...]) -> tuple[list[str], list[str]]:
    """Follow a location: its parts as the file writes them, and the keys allowed at its end."""
    here: Any = model
    parts: list[str] = []
    for part in loc:
        if part == "[key]":
            continue
        choices = [one for one in _models(here) if part in _tags(one)]
        if choices and len(_models(here)) > 1:  # the tag of a union is no key of the file
            here = choices[0]
            continue
        parts.append(str(part))
        fields = {} if not _models(here) else _fields(_models(here)[0])
        if part in fields:
            here = fields[part]
        elif typing.get_origin(here) in {dict, list, tuple}:
            here = typing.get_args(here)[-1 if typing.get_origin(here) is dict else 0]
        elif part is not loc[-1]:
            here = None
    return parts, [key for one in _models(here) for key in map(str, _fields(one))]


def _fields(model: type[BaseModel]) -> dict[int | str, Any]:
    """The annotation of each key as files write it."""
    return {one.alias or key: one.annotation for key, one in model.model_fields.items()}


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if typing.get_origin(annotation) in {dict, list, tuple}:
        return []
    return [found for one in typing.get_args(annotation) for found in _models(one)]


def _tags(model: type[BaseModel]) -> tuple[object, ...]:
    kind = model.model_fields.get("kind")
    return () if kind is None else typing.get_args(kind.annotation)
