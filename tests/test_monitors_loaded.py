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


def test_unchanged_files_are_not_read_again_but_secrets_and_settings_are(home: Path) -> None:
    folder = home / "sources" / "nasional"
    folder.mkdir(parents=True)
    (folder / "kabar.toml").write_text('name = "Kabar"\nurl = "https://kabar.example/"\n')
    (folder / "rusak.toml").write_text("name = ")
    first = load_config(home, secrets=False)
    second = load_config(home, first, secrets=False)
    assert second.sources is first.sources
    assert second.settings is not first.settings
    assert [str(one) for one in second.errors] == [str(one) for one in first.errors]
    assert len(second.errors) == 1

    (folder / "baru.toml").write_text('name = "Baru"\nurl = "https://baru.example/"\n')
    assert "baru" in load_config(home, second, secrets=False).sources
