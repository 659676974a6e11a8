"""What is loaded, and what stays when a file becomes invalid."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from config.errors import ConfigError
from config.settings import EmailChannel
from config.source import Source, load_source
from monitors.loaded import load_config

if TYPE_CHECKING:
    from collections.abc import Callable
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


def test_files_are_read_again_only_after_a_change(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home / "sources" / "nasional"
    folder.mkdir(parents=True)
    file = folder / "kabar.toml"
    file.write_text('name = "Kabar"\nurl = "https://kabar.example/"\n')
    (folder / "rusak.toml").write_text("name = ")
    (home / "ronda.toml").write_text("[sources]\nshipped = false\n")
    first = load_config(home, secrets=False)
    read: list[str] = []
    monkeypatch.setattr("config.source.load_source", _noting(read, load_source))

    second = load_config(home, first, secrets=False)
    assert read == []
    assert second.regions is first.regions  # what is compiled of them stays too

    changed = home / "kabar.new"  # as an editor or a copy does it: the old modification time
    changed.write_text('name = "Kubur"\nurl = "https://kabar.example/"\n')
    was = file.stat()
    os.utime(changed, ns=(was.st_atime_ns, was.st_mtime_ns))
    changed.replace(file)
    third = load_config(home, second, secrets=False)
    assert sorted(read) == ["kabar.toml", "rusak.toml"]
    assert third.sources["kabar"].name == "Kubur"


def test_a_source_folder_that_is_a_link_is_looked_at_too(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    place.mkdir()
    (home / "sources").mkdir(exist_ok=True)
    (home / "sources" / "nasional").symlink_to(place)
    first = load_config(home, secrets=False)
    (place / "kabar.toml").write_text('name = "Kabar"\nurl = "https://kabar.example/"\n')
    assert "kabar" in load_config(home, first, secrets=False).sources


def test_settings_are_read_each_time_for_their_secrets(home: Path) -> None:
    (home / "key").write_text("first\n")
    (home / "ronda.toml").write_text(
        '[channels.surat]\nkind = "email"\nhost = "mail.example"\nsender = "a@mail.example"\n'
        'to = ["b@mail.example"]\nuser = "a"\npassword = "file:key"\n'
    )
    first = load_config(home)
    (home / "key").write_text("second\n")
    channel = load_config(home, first).settings.channels["surat"]
    assert isinstance(channel, EmailChannel)
    assert channel.password is not None
    assert channel.password.reveal() == "second"


def _noting(read: list[str], load: Callable[..., Source]) -> Callable[..., Source]:
    def noted(path: Path, *rest: Any) -> Source:
        read.append(path.name)
        return load(path, *rest)

    return noted
