"""ronda.toml: what is shipped, what a home changes, what is refused and how it is said."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel

from config.errors import ConfigError
from config.region import load_regions
from config.settings import (
    EmailChannel,
    FileChannel,
    Monitor,
    Settings,
    load_settings,
    settings_problems,
)
from config.tables import SHIPPED

if TYPE_CHECKING:
    from pathlib import Path


def _load(home: Path, text: str) -> Settings:
    (home / "ronda.toml").write_text(text)
    return load_settings(home)


def test_the_shipped_settings_watch_one_topic_every_morning_into_files() -> None:
    settings = load_settings(None)
    assert settings.file is None
    assert settings.channels == {"file": FileChannel()}
    assert settings.monitors == {"pagi": Monitor(name="pagi", topics=("koordinasi-antikorupsi",))}
    assert settings.crawl.first_contact == 10
    assert (settings.pace.delay, settings.pace.every) == (2.0, 900.0)
    assert settings.network.test_hosts == {}
    assert settings.sources.shipped is True


def test_the_commented_lines_of_the_shipped_file_show_the_defaults(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Uncommented whole, the file still loads, and what it shows of one value are the defaults."""
    monkeypatch.setenv("RONDA_MAIL_PASSWORD", "x")
    (tmp_path / "telegram.secret").write_text("tgram://x/1")
    text = (SHIPPED / "ronda.toml").read_text()
    whole = re.sub(r"(?m)^#(?=\[|[a-z_]+ = )", "", text)
    shown = _load(tmp_path, whole)
    plain = load_settings(None)
    for key in Settings.model_fields.keys() - {"file", "channels", "monitors"}:
        assert getattr(shown, key) == getattr(plain, key), key
    assert set(shown.channels) == {"file", "mail", "telegram"}
    data = tomllib.loads(whole)
    for key, field in Settings.model_fields.items():
        table = field.annotation
        if isinstance(table, type) and issubclass(table, BaseModel):
            assert set(data[key]) == set(table.model_fields), key
        elif key not in {"file", "channels", "monitors"}:
            assert key in data
    assert set(data["monitors"]["pagi"]) == set(Monitor.model_fields) - {"name"}
    assert set(data["channels"]["mail"]) == set(EmailChannel.model_fields)


def test_a_home_changes_only_what_it_says(tmp_path: Path) -> None:
    settings = _load(
        tmp_path,
        'contact = "ronda@example.org"\n[pace]\ndelay = "500s"\n'
        '[monitors.pagi]\ncron = "30 7 * * *"\n',
    )
    assert settings.file == tmp_path / "ronda.toml"
    assert settings.contact == "ronda@example.org"
    assert (settings.pace.delay, settings.pace.every) == (500.0, 900.0)
    assert settings.monitors["pagi"].cron == "30 7 * * *"
    assert settings.monitors["pagi"].topics == ("koordinasi-antikorupsi",)


def test_a_home_takes_shipped_monitors_and_channels_away(tmp_path: Path) -> None:
    settings = _load(tmp_path, "[monitors]\npagi = false\n[channels]\nfile = false\n")
    assert settings.monitors == {}
    assert settings.channels == {}


def test_a_channel_of_another_kind_replaces_the_whole_table(tmp_path: Path) -> None:
    text = (
        '[channels.file]\nkind = "email"\nhost = "localhost"\nsecurity = "none"\n'
        'sender = "a@b.c"\nto = ["d@e.f", "d@e.f"]\n'
    )
    channel = _load(tmp_path, text).channels["file"]
    assert isinstance(channel, EmailChannel)
    assert (channel.port, channel.to) == (25, ("d@e.f",))


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_follows_the_security(tmp_path: Path, security: str, port: int) -> None:
    text = (
        f'[channels.m]\nkind = "email"\nhost = "x"\nsecurity = "{security}"\n'
        'sender = "a@b.c"\nto = ["d@e.f"]\n'
    )
    channel = _load(tmp_path, text).channels["m"]
    assert isinstance(channel, EmailChannel)
    assert channel.port == port


@pytest.mark.parametrize(
    ("text", "seconds"),
    [('"15m"', 900), ('"2s"', 2), ('"24h"', 86400), ('"7d"', 604800), ("0.05", 0.05), ("3", 3),
     ('"1.5 h"', 5400)],
)  # fmt: skip
def test_lengths_of_time(tmp_path: Path, text: str, seconds: float) -> None:
    assert _load(tmp_path, f"[pace]\nevery = {text}\n").pace.every == seconds


REFUSED = [
    ('[pace]\ndelay = "2 weeks"', 'pace.delay: found "2 weeks"'),
    ('[pace]\ndelay = "0s"', "pace.delay: found"),
    ("[pace]\nevery = nan", "pace.every: found nan"),
    ("[pace]\nevery = inf", "pace.every: found inf"),
    ("[pace]\nevery = -1", "pace.every: found -1"),
    ("[pace]\nevery = true", "pace.every: found true"),
    ('[crawl]\nfirst_contact = "al"', 'crawl.first_contact: found "al": a count from 1 or "all"'),
    ("[crawl]\nmintues = 3", 'crawl.mintues: unknown key, did you mean "minutes"?'),
    ("[crwal]\npages = 3", 'crwal: unknown key, did you mean "crawl"?'),
    ("crawl = 3", "crawl: found 3: a table is wanted"),
    ('language = "in"', 'language: found "in", did you mean "id"?'),
    ('contact = "x\\r\\nHost: y"', "contact: found"),
    ('file = "x"', "file: unknown key"),
    ("channels = 3", "channels: found 3"),
    ("[channels]\nx = true", "channels.x: found true; a table or false"),
    ("[channels.M]", "channels.M: a name is small letters"),
    ('[channels.m]\nkind = "emial"', 'channels.m.kind: found "emial", did you mean "email"?'),
    ("[channels.m]\nfolder = 'x'", "channels.m.kind: missing"),
    ('[channels.m]\nkind = "file"\nfoldr = "x"',
     'channels.m.foldr: unknown key, did you mean "folder"'),
    ('[channels.m]\nkind = "email"\nhost = "x"\nuser = "u"\nsender = "a@b.c"\nto = ["a@b.c"]',
     "toml: channels.m: user and password are given together or not at all"),
    ('[channels.m]\nkind = "email"\nhost = "x"\nsender = "a@b.c\\n"\nto = []', "channels.m.sender"),
    ('[channels.m]\nkind = "email"\nhost = "x"\nsender = "a@b.c"\nto = []', "channels.m.to"),
    ('[monitors.pagi]\ncron = "0 6 * *"', "monitors.pagi.cron: found"),
    ('[monitors.pagi]\ncron = "0 25 * * *"', "monitors.pagi.cron: found"),
    ('[monitors.pagi]\ncron = "0 6 * * 1"', "weekdays are written mon"),
    ('[monitors.pagi]\ncron = "0 6 30 2 *"', "never comes"),
    ('[monitors.pagi]\ntimezone = "Asia/Jakrta"', "monitors.pagi.timezone"),
    ('[monitors.pagi]\ntimezone = "../../etc/passwd"', "monitors.pagi.timezone"),
    ('[monitors.pagi]\nlevels = ["sur"]',
     'monitors.pagi.levels.0: found "sur", did you mean "sure"?'),
    ("[monitors.pagi]\nlevels = []", "monitors.pagi.levels"),
    ("[monitors.pagi]\ntopics = []", "monitors.pagi.topics"),
    ('[monitors.pagi]\nchannels = ["fil"]',
     'monitors.pagi.channels: found "fil", no such channel, did you mean "file"?'),
    ('[monitors.pagi]\nname = "x"', "monitors.pagi.name: unknown key"),
    ('[monitors.pagi]\nat_once = true', "monitors.pagi.at_once: found true"),
    ("[monitors.siang]", "monitors.siang.topics: missing"),
    ('[network]\ntest_hosts = { "*.test" = "10.0.0.1" }', "network.test_hosts: found"),
    ('[network]\ntest_hosts = { "*" = "127.0.0.1" }', "network.test_hosts: found"),
    ('[network]\ntest_hosts = { "a*.test" = "127.0.0.1" }', "network.test_hosts: found"),
    ('[network]\ntest_hosts = { "*.test" = 1 }', "network.test_hosts"),
    ("[page]\nport = 65536", "page.port: found 65536"),
    ('[page]\nhost = "a b"', 'page.host: found "a b"'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), REFUSED, ids=[text for text, _ in REFUSED])
def test_what_is_refused_is_said_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'ronda.toml'}: ")
    assert said in str(caught.value)
    assert str(caught.value).isprintable()


def test_monitors_that_ask_for_what_nobody_knows_are_named(tmp_path: Path) -> None:
    text = (
        '[monitors.sumsel]\ntopics = ["koordinasi-antikorups"]\nregions = ["16", "16.7"]\n'
        '[monitors.pagi]\nregions = ["99.99"]\n'
    )
    settings = _load(tmp_path, text)
    problems = settings_problems(settings, {"koordinasi-antikorupsi"}, load_regions())
    file = tmp_path / "ronda.toml"
    assert problems[0].startswith(f'{file}: monitors.pagi.regions: found "99.99", no such region')
    assert problems[1] == (
        f'{file}: monitors.sumsel.topics: found "koordinasi-antikorups", no such topic, '
        'did you mean "koordinasi-antikorupsi"?'
    )
    assert (
        'monitors.sumsel.regions: found "16.7", no such region, did you mean "16.7' in problems[2]
    )
    assert len(problems) == 3
    assert settings_problems(load_settings(None), ["koordinasi-antikorupsi"], load_regions()) == []


def test_settings_that_say_the_same_are_equal_and_never_change(tmp_path: Path) -> None:
    text = '[pace]\nevery = "1h"\n'
    settings = _load(tmp_path, text)
    assert settings == _load(tmp_path, text)
    assert settings != _load(tmp_path, '[pace]\nevery = "2h"\n')
    with pytest.raises(ValueError, match="frozen"):
        settings.contact = "x"  # type: ignore[misc]  # that it fails is the test
