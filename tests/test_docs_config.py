"""config/README.md explains every key of every file."""

from __future__ import annotations

import csv
import re
import tomllib

import pytest
from pydantic import BaseModel

from config.family import FamilyFile
from config.region import load_regions
from config.settings import (
    AppriseChannel,
    EmailChannel,
    FileChannel,
    Monitor,
    Settings,
    read_settings,
)
from config.source_file import SourceFile
from config.tables import SHIPPED
from config.topic import (
    Combination,
    Concept,
    Condition,
    Example,
    Furniture,
    Levels,
    Topic,
    Weight,
)

README = (SHIPPED / "README.md").read_text()
SECTIONS = {
    "## Settings": (Settings, {"file", "channels", "monitors"}),
    "### Channels": (EmailChannel, set()),
    "### Monitors": (Monitor, {"name"}),
    "## Sources": (SourceFile, set()),
    "## Families": (FamilyFile, set()),
}


def _section(heading: str) -> str:
    begin = README.index(f"\n{heading}") + 1
    level = heading.split()[0]
    end = re.search(rf"(?m)^#{{2,{len(level)}}} ", README[begin + len(heading) :])
    return README[begin : begin + len(heading) + end.start() if end else len(README)]


def _keys(model: type[BaseModel], left_out: set[str]) -> list[str]:
    keys = []
    for key, field in model.model_fields.items():
        table = field.annotation
        if key in left_out:
            continue
        if isinstance(table, type) and issubclass(table, BaseModel):
            keys += [f"[{key}]", *_keys(table, set())]
        else:
            keys.append(key)
    return keys


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_key_of_every_model_is_explained(heading: str) -> None:
    section = _section(heading)
    model, left_out = SECTIONS[heading]
    keys = _keys(model, left_out)
    if model is FamilyFile:
        keys = [key for key in keys if key in {"name", "listings", "[article]"}]
    assert keys
    assert [key for key in keys if f"`{key}`" not in section] == []


@pytest.mark.parametrize(
    "model",
    [Concept, Condition, Combination, Weight, Levels, Furniture, Example],
    ids=lambda model: model.__name__,
)
def test_every_key_of_a_topic_is_explained(model: type[BaseModel]) -> None:
    section = _section("## Topics")
    shown = {f"`{key}`" for key in model.model_fields}
    if model is Condition:
        shown = {"{ any = [...], within = ... }"}
    assert [key for key in shown if key not in section] == []


def test_every_table_of_a_topic_is_explained() -> None:
    section = _section("## Topics")
    given = Topic.model_fields.keys() - {"id", "revision", "file"}
    tables = {
        "names": "[name]",
        "concepts": "[concepts.<name>]",
        "combinations": "[[combinations]]",
    }
    tables |= {"levels": "[levels]", "furniture": "[furniture]", "examples": "[[examples]]"}
    assert [key for key in given if f"`{tables.get(key, key)}`" not in section] == []


def test_every_kind_of_channel_is_explained() -> None:
    section = _section("### Channels")
    for model in (FileChannel, EmailChannel, AppriseChannel):
        assert [key for key in model.model_fields if f"`{key}`" not in section] == []


def test_the_tables_show_the_defaults_that_hold() -> None:
    """Read back as TOML, the rows of the section are the settings without any file."""
    text = _section("## Settings").partition("\n### ")[0]
    rows = re.findall(r"(?m)^`(\[\w+\])`$|^\| `(\w+)` \| `([^`]+)` \|", text)
    lines = [table or f"{key} = {default}" for table, key, default in rows]
    settings = read_settings(tomllib.loads("\n".join(lines)), SHIPPED / "README.md")
    assert settings == Settings()
    keys = [line.split(" = ")[0] for line in lines]
    assert sorted(keys) == sorted(_keys(Settings, {"file", "channels", "monitors"}))


def test_every_column_of_the_regions_is_explained_and_their_origin_named() -> None:
    section = _section("## Regions")
    lines = (SHIPPED / "regions.csv").read_text().splitlines()
    header = next(csv.reader([line for line in lines if not line.startswith("#")]))
    assert [column for column in header if f"`{column}`" not in section] == []
    for text in (section, "\n".join(lines[:3])):
        assert "github.com/cahyadsn/wilayah" in text
        assert "MIT License" in text
    assert len(load_regions()) == len(lines) - 4
