"""What `ronda config check` says: what will run when, in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from config.cron_words import words_of_cron
from config.explain import cautions, explain_config
from config.region import load_regions
from config.settings import load_settings
from config.source import load_sources

if TYPE_CHECKING:
    from pathlib import Path

TOPICS = {"koordinasi-antikorupsi": "Koordinasi antikorupsi"}
HOME = """
contact = "ronda@example.org"
[crawl]
first_contact = "all"
[network]
test_hosts = { "*.test" = "127.0.0.1" }
[page]
host = "0.0.0.0"
[channels.mail]
kind = "email"
host = "smtp.example.org"
security = "none"
user = "ronda"
password = "env:RONDA_MAIL"
sender = "ronda@example.org"
to = ["redaksi@example.org"]
[monitors.sumsel]
topics = ["koordinasi-antikorupsi"]
regions = ["16", "16.71"]
cron = "0 6,18 * * mon-fri"
timezone = "Asia/Makassar"
at_once = "sure"
channels = ["mail"]
language = "en"
"""


def test_the_shipped_configuration_in_words() -> None:
    sources = load_sources(None)[0]
    lines = explain_config(load_settings(None), sources, TOPICS, load_regions())
    text = "\n".join(lines)
    national = sum(one.province == "nasional" for one in sources.values())
    assert lines[0] == "settings: as shipped, no ronda.toml in this home"
    assert f"sources: {len(sources)} in 38 provinces, {national} of them national" in lines
    assert re.search(r"sources by network: .*tribun 61, disway \d+, antara 33", text)
    assert "each source every 15 minutes, one request at a time in a network, at least 2 s" in text
    assert "first contact with a source: its newest 10 articles" in lines
    assert "topic koordinasi-antikorupsi: Koordinasi antikorupsi" in lines
    assert "channel file: files in digests/ of the home" in lines
    assert (
        "monitor pagi: every day at 06.00 Asia/Jakarta, koordinasi-antikorupsi (sure or likely), "
        "all regions, in Bahasa Indonesia, by file"
    ) in lines
    assert "TEST NETWORK" not in text
    assert cautions(load_settings(None), None) == []


def test_a_home_of_its_own_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONDA_MAIL", "kenari")
    (tmp_path / "ronda.toml").write_text(HOME)
    settings = load_settings(tmp_path)
    lines = explain_config(settings, {}, TOPICS, load_regions())
    assert lines[:3] == [
        f"settings: {tmp_path / 'ronda.toml'}",
        "TEST NETWORK: *.test -> 127.0.0.1; what is read there is no news",
        "sources: none, nothing will be read",
    ]
    assert "first contact with a source: all its articles" in lines
    assert (
        "channel mail: e-mail from ronda@example.org to redaksi@example.org by "
        "smtp.example.org:25 (none), as ronda with password ***"
    ) in lines
    assert (
        "monitor sumsel: Monday to Friday at 06.00 and 18.00 Asia/Makassar, "
        "koordinasi-antikorupsi (sure or likely), Sumatera Selatan, Kota Palembang, in English, "
        "by mail; at once where sure"
    ) in lines
    assert cautions(settings, tmp_path) == [
        "channels.mail: the password travels unencrypted (security = none)",
        "page.host: 0.0.0.0 is open to others, and has no login yet",
    ]


def test_a_home_without_monitors_says_so(tmp_path: Path) -> None:
    (tmp_path / "ronda.toml").write_text("[monitors]\npagi = false\n")
    settings = load_settings(tmp_path)
    assert explain_config(settings, {}, {}, {})[-1] == "monitors: none, nothing will be told"
    assert cautions(settings, tmp_path) == ["channels.file: no monitor uses it"]


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 6 * * *", "every day at 06.00"),
        ("30 18,6 * * *", "every day at 06.30 and 18.30"),
        ("0 6 * * mon-fri", "Monday to Friday at 06.00"),
        ("0 6 * * Sat,Sun", "Saturday and Sunday at 06.00"),
        ("*/15 * * * *", "every 15 minutes"),
        ("* * * * *", "every minute"),
        ("5 * * * *", "every hour at minute 5"),
        ("0 */4 * * mon", "every 4 hours at minute 0, Monday"),
        ("30 7 1 * *", "on day 1 of the month at 07.30"),
        ("0 8 last 12 *", "on the last day of the month in December at 08.00"),
        ("0 8 1 3 mon", "on day 1 of the month when it is Monday in March at 08.00"),
        ("1-5 6 * * *", 'by cron "1-5 6 * * *"'),
        ("0 6 1-7 * *", 'by cron "0 6 1-7 * *"'),
        ("0 6 * * mon-xxx", 'by cron "0 6 * * mon-xxx"'),
    ],
)
def test_a_cron_line_in_words(cron: str, words: str) -> None:
    assert words_of_cron(cron) == words
