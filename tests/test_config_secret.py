"""A secret is read from a variable or a file and shows as *** wherever it goes."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.errors import ConfigError
from config.explain import cautions, explain_config
from config.region import load_regions
from config.secret import Secret, read_secret, readable_by_others
from config.settings import AppriseChannel, EmailChannel, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

CANARY = "kenari-7f3a91"
MAIL = """
[channels.mail]
kind = "email"
host = "smtp.example.org"
user = "ronda"
password = {password}
sender = "ronda@example.org"
to = ["redaksi@example.org"]
[channels.bot]
kind = "apprise"
url = {url}
"""


def _write(home: Path, password: str, url: str = '"env:RONDA_URL"') -> Path:
    path = home / "ronda.toml"
    path.write_text(MAIL.format(password=password, url=url))
    return path


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RONDA_URL", f"tgram://{CANARY}/1")
    (tmp_path / "mail.secret").write_text(f"{CANARY}\n")
    (tmp_path / "mail.secret").chmod(0o600)
    _write(tmp_path, '"file:mail.secret"')
    return tmp_path


def test_S04_a_loaded_secret_shows_nowhere(planted: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = load_settings(planted)
    mail, bot = settings.channels["mail"], settings.channels["bot"]
    assert isinstance(mail, EmailChannel)
    assert isinstance(bot, AppriseChannel)
    assert mail.password is not None
    assert mail.password.reveal() == CANARY
    assert bot.url.reveal() == f"tgram://{CANARY}/1"
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("ronda").warning("channel=%s %r secret=%s", mail, bot, bot.url)
    shown = [
        str(settings), repr(settings), settings.model_dump_json(), str(settings.model_dump()),
        json.dumps(settings.model_dump(mode="json")), caplog.text, f"{bot.url}{bot.url!r:>9}",
        f"{bot.url:>9}", str(vars(mail)), str([bot.url]), str(copy.deepcopy(bot)),
        "\n".join(explain_config(settings, {}, {}, load_regions())),
        "\n".join(cautions(settings, planted)),
    ]  # fmt: skip
    assert [one for one in shown if CANARY in one] == []
    assert "***" in shown[2]


@pytest.mark.parametrize(
    "password",
    [f'"{CANARY}"', f'"{CANARY}:{CANARY}"', f'["{CANARY}"]', f'{{ value = "{CANARY}" }}',
     f'"env:{CANARY} x"', f'"file:{CANARY}\\u0000"'],
)  # fmt: skip
def test_S04_a_secret_written_into_the_file_is_refused_unseen(planted: Path, password: str) -> None:
    _write(planted, password)
    with pytest.raises(
        ConfigError, match=r"channels\.mail\.password: write \"env:NAME\""
    ) as caught:
        load_settings(planted)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "text",
    [
        f'[channels.bot]\nkind = "apprise"\nurl = "tgram://{CANARY}/1"',
        f'[channels.bot]\nkind = "apprise"\nurl = "env:RONDA_URL"\ntoken = "{CANARY}"',
        f'[channels.bot]\nkind = "tgram://{CANARY}/1"',
        f'[channels]\nbot = "tgram://{CANARY}/1"',
        f'[monitors.pagi]\nchannels = ["tgram://{CANARY}/1"]',
        f'[monitors.pagi]\nchannels = ["https://hooks.example.org/{CANARY}"]',
        f'[channels.mail]\nkind = "email"\nhost = "smtp://u:{CANARY}@example.org"',
        f'password = "{CANARY}"',
        f'contact = ["{CANARY}"]',
    ],
)
def test_S04_a_secret_in_the_wrong_place_is_refused_unseen(planted: Path, text: str) -> None:
    (planted / "ronda.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(planted)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_S04_a_secret_is_never_pickled() -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Secret(CANARY))


@pytest.mark.parametrize(
    ("reference", "word"),
    [
        ("env:RONDA_NOWHERE", "no variable RONDA_NOWHERE"),
        ("env:RONDA_EMPTY", "RONDA_EMPTY is empty"),
        ("file:nowhere.secret", "no secret file"),
        ("file:two.secret", "more than one line"),
        ("file:bytes.secret", "not UTF-8"),
        ("file:.", "no secret file"),
        ("keyring:x", "env:NAME"),
        ("env:", "env:NAME"),
    ],
)
def test_a_missing_secret_is_named_at_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str, word: str
) -> None:
    monkeypatch.setenv("RONDA_EMPTY", "  ")
    (tmp_path / "two.secret").write_text("a\nb\n")
    (tmp_path / "bytes.secret").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=word):
        read_secret(reference, folder=tmp_path)


def test_commands_that_send_nothing_need_no_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RONDA_URL", raising=False)
    _write(tmp_path, '"file:nowhere.secret"')
    with pytest.raises(ConfigError, match=r"channels\.mail\.password: no secret file"):
        load_settings(tmp_path)
    bot = load_settings(tmp_path, secrets=False).channels["bot"]
    assert isinstance(bot, AppriseChannel)
    assert str(bot.url) == "***"
    with pytest.raises(ConfigError, match="env:RONDA_URL was not read"):
        bot.url.reveal()


@pytest.fixture
def open_home() -> Iterator[Path]:
    """A home that others can enter: pytest's own folders are closed to them."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o711)
        if not all(parent.stat().st_mode & 0o001 for parent in home.parents):
            pytest.skip("the folder for temporary files is closed to others")
        yield home


def test_S05_a_secret_file_that_others_can_read_is_named(
    open_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RONDA_URL", "json://localhost")
    secret = open_home / "mail.secret"
    secret.write_text(CANARY)
    _write(open_home, '"file:mail.secret"')

    def named() -> list[str]:
        return [one for one in cautions(load_settings(open_home), open_home) if "chmod" in one]

    secret.chmod(0o644)
    assert named() == [f"channels.mail.password: {secret} can be read by others; chmod 600 it"]
    secret.chmod(0o600)
    assert named() == []
    secret.chmod(0o644)
    open_home.chmod(0o700)
    assert not readable_by_others(secret)
    assert named() == []
