"""Digests as readers see them, compared whole with tests/golden; hostile wording stays wording.

`RONDA_GOLDEN=write` writes the files anew: read the difference before committing it.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from crawler import reasons
from monitors.digests.compose import compose_digest
from monitors.digests.render import COLUMNS, FORMATS, Format, render, safe_link, subject
from monitors.digests.words import Language, load_words
from storage.database import open_writer
from tests.digest_world import HEALTH, MONITOR, NOW, REGIONS, SOURCES, TOPICS, add, fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

    from monitors.digests.digest import Digest

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def db(home: Path) -> Iterator[Database]:
    db = open_writer(home, "ronda")
    yield db
    db.close()


def _digest(db: Database, language: Language = "id", **changes: Any) -> Digest:
    values: dict[str, Any] = {
        "since": NOW - timedelta(days=1),
        "until": NOW,
        "now": NOW,
        "health": HEALTH,
        "sources": SOURCES,
        "regions": REGIONS,
        "topics": TOPICS,
        "language": language,
        "slot": "2026-03-04T06:00",
        "page": "http://127.0.0.1:8787/digests/2",
        "first_look": "http://127.0.0.1:8787/digests/1",
    }
    return compose_digest(db, MONITOR, **(values | changes))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("day", ["full", "empty"])
def test_a_digest_reads_as_agreed(db: Database, day: str, language: Language, form: Format) -> None:
    if day == "full":
        fill(db)
    found = render(_digest(db, language), language, form)
    golden = GOLDEN / f"{day}-{language}.{form}"
    if os.environ.get("RONDA_GOLDEN") == "write":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(found, "utf-8")
    assert found == golden.read_text("utf-8")


class _Page(HTMLParser):
    """Collects what a page could load, run or lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


def _read(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    return page


def test_the_html_loads_nothing_and_runs_nothing(db: Database) -> None:
    fill(db)
    html = render(_digest(db), "id", "html")
    page = _read(html)
    assert not page.tags & {"script", "img", "iframe", "link", "object", "form", "svg", "base"}
    assert not {name for name in page.attributes if name.startswith("on") or name == "src"}
    assert "url(" not in html
    assert "@import" not in html
    assert page.links
    assert all(link.startswith(("http://", "https://")) for link in page.links)


def test_hostile_words_are_shown_literally(db: Database) -> None:
    fill(db)
    html = render(_digest(db), "id", "html")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "Skor MCSP &lt;b&gt;Ambon&lt;/b&gt; &amp; &#34;Maluku&#34; {{ 7*7 }}" in html
    assert "Arus &lt;Baru&gt;" in html


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "data:text/html,x", "//contoh.test/a", "ftp://contoh.test/"),
        *("https://contoh.test/a b", "https://contoh.test/\n", "http://[", "", None),
        *("https://contoh.test/" + "a" * 3000, "JAVASCRIPT:alert(1)", "https:///x"),
    ],
)
def test_an_address_that_is_no_plain_web_address_becomes_no_link(url: str | None) -> None:
    assert safe_link(url) is None


def test_an_article_with_a_strange_address_stands_without_a_link(db: Database) -> None:
    fill(db)
    db.execute("UPDATE articles SET url = 'javascript:alert(' || id || ')'")
    db.conn.commit()
    for form in ("html", "txt"):
        assert "javascript:" not in render(_digest(db), "id", form)  # type: ignore[arg-type]  # both forms


def test_evidence_is_marked_in_title_and_sentence(db: Database) -> None:
    fill(db)
    html = render(_digest(db), "id", "html")
    assert "Wakil Wali Kota Hadiri Rakor <mark>KPK</mark>" in html
    assert "<mark>rapat koordinasi</mark> pencegahan korupsi bersama <mark>KPK</mark>" in html


def test_no_line_of_the_text_passes_the_columns_but_addresses(db: Database) -> None:
    fill(db)
    text = render(_digest(db), "id", "txt")
    assert not [
        line for line in text.splitlines() if len(line) > COLUMNS and "https://" not in line
    ]


def test_an_empty_day_says_how_many_sources_were_read(db: Database) -> None:
    for form in ("html", "txt"):
        body = render(_digest(db), "id", form)  # type: ignore[arg-type]  # both forms
        assert "Tidak ada peristiwa dalam jendela ini. 1.190 sumber terbaca dengan baik." in body


def test_silence_is_not_called_proof_when_nothing_could_be_read(db: Database) -> None:
    health = replace(HEALTH, ok=0, offline=True)
    text = " ".join(render(_digest(db, health=health), "id", "txt").split())
    assert "tidak satu sumber pun terbaca" in text
    assert "Sambungan kami sendiri tampaknya terputus" in text


def test_a_test_network_is_named_in_every_form(db: Database) -> None:
    digest = _digest(db, health=replace(HEALTH, test_network=True))
    assert "TEST NETWORK" in subject(digest, "id")
    assert "TEST NETWORK:" in render(digest, "id", "html")
    assert "TEST NETWORK:" in render(digest, "en", "txt")
    assert json.loads(render(digest, "id", "json"))["health"]["test_network"] is True


def test_a_late_digest_says_when_it_was_due(db: Database) -> None:
    digest = _digest(db, delayed_from=NOW - timedelta(hours=8))
    assert subject(digest, "id").endswith("terlambat")
    assert "Terlambat: seharusnya 3 Mar 2026 22.00 WIB." in render(digest, "id", "txt")


def test_the_json_holds_every_article_with_times_in_utc(db: Database) -> None:
    fill(db)
    record = json.loads(render(_digest(db), "id", "json"))
    events = [event for block in record["provinces"] for event in block["events"]]
    urls = [
        article["url"]
        for event in [*events, *record["late"], *record["found_later"]]
        for text in event["texts"]
        for article in text["articles"]
    ]
    assert len(urls) == len(set(urls)) == record["totals"]["articles"] == 7
    assert record["until"] == "2026-03-03T23:00:00+00:00"


def test_the_subject_is_one_line(db: Database) -> None:
    add(db, "https://kabarmusi.test/x", "Judul\r\nBcc: semua@contoh.test", "KPK.")
    assert subject(_digest(db), "id") == "Ronda pagi: 1 peristiwa · Rabu, 4 Maret 2026"
    assert subject(_digest(db), "en") == "Ronda pagi: 1 event · Wednesday, 4 March 2026"


def _messages() -> set[Any]:
    """Collect every message that code and templates ask for."""
    room = files("monitors.digests")
    found: set[Any] = set()
    for path in Path(str(room)).glob("*.py"):
        with path.open("rb") as file:
            keywords: dict[str, Any] = {"text": None, "plural": (1, 2)}
            found |= {message for _, message, _, _ in extract("python", file, keywords)}
    for path in Path(str(room / "templates")).iterdir():
        with path.open("rb") as file:
            for _, name, message, _ in babel_extract(file, ("_", "ngettext"), [], {}):
                parts = (message,) if isinstance(message, str) else tuple(message)
                found.add(tuple(parts[:2]) if name == "ngettext" else parts[0])
    return found


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_message_is_in_the_catalogue_with_its_places(language: Language) -> None:
    path = Path(str(files("monitors.digests"))) / "locale" / f"{language}.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    entries = {message.id: message for message in catalogue if message.id}
    messages = _messages()
    assert len(messages) > 40
    assert messages <= set(entries)
    for key, entry in entries.items():
        wanted = set(re.findall(r"%\(\w+\)s", key if isinstance(key, str) else key[1]))
        strings = [entry.string] if isinstance(entry.string, str) else list(entry.string)
        assert all(strings), key
        assert all(set(re.findall(r"%\(\w+\)s", string)) == wanted for string in strings), key
        assert not entry.fuzzy, key


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_reason_of_the_crawl_is_said_in_words(language: Language) -> None:
    words = load_words(language)
    known = reasons.NO_ANSWER | reasons.NOT_OURS_TO_COUNT | reasons.FOR_GOOD
    known |= {"robots", "truncated_body", "no_listing", "unreadable", "error"}
    for reason in known:
        said = words.reason(reason)
        assert said == f"HTTP {reason[5:]}" if reason.startswith("http_") else " " in said, reason
    assert words.reason("something_new") == "something new"


def test_dates_and_hours_are_written_as_readers_write_them() -> None:
    words = load_words("id")
    assert words.day(NOW, "Asia/Jakarta") == "Rabu, 4 Maret 2026"
    assert words.hour(NOW, "Asia/Jakarta") == "06.00 WIB"
    assert words.published(NOW, "WIT", "minute") == "Rab, 4 Mar 2026, 08.00 WIT"
    assert words.published(NOW, "WITA", "day") == "Rab, 4 Mar 2026"
    assert load_words("en").hour(NOW, "Asia/Makassar") == "07:00 WITA"
    assert load_words("en").hour(NOW, "Europe/Berlin") == "00:00 CET"


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 6 * * *", "setiap hari pukul 06.00 WIB"),
        ("30 17 * * mon-wed,sat", "setiap Senin, Selasa, Rabu, Sabtu pukul 17.30 WIB"),
        ("*/5 * * * *", "menurut baris cron */5 * * * *, WIB"),
        ("0 6 1 * *", "menurut baris cron 0 6 1 * *, WIB"),
    ],
)
def test_a_schedule_is_said_in_words(cron: str, expected: str) -> None:
    monitor = MONITOR.model_copy(update={"cron": cron})
    assert load_words("id").schedule(monitor) == expected
