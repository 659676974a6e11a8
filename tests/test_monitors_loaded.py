"""What is loaded, and what stays when a file becomes invalid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.errors import ConfigError
from monitors.loaded import load_config

if TYPE_CHECKING:
    from pathlib import Path


def test_an_invalid_file_leaves_what_was_loaded_before(home: Path) -> None:
    folder = home / "sources" / "nasional"
    folder.mkdir(parents=True)
    file = folder / "kabar.toml"
    file.write_text('name = "Kabar"\nurl = "https://kabar.example/"\n')
    first = load_config(home, secrets=False)
    assert first.errors == ()
    assert first.sources["kabar"].name == "Kabar"

    file.write_text("name = ")
    settings = home / "ronda.toml"
    settings.write_text("nonsense = 1\n")
    second = load_config(home, first, secrets=False)
    assert second.sources["kabar"] == first.sources["kabar"]
    assert second.settings == first.settings
    assert second.matcher is first.matcher
    assert len(second.errors) == 2

    file.unlink()
    settings.unlink()
    third = load_config(home, second, secrets=False)
    assert third.errors == ()
    assert "kabar" not in third.sources

    settings.write_text("nonsense = 1\n")
    with pytest.raises(ConfigError, match="nonsense"):
        load_config(home, secrets=False)
