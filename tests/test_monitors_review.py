"""The reader's page over a real socket, from a running daemon; then in a real browser."""

from __future__ import annotations

import html
import http.client
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from storage.articles import find_article
from storage.database import open_reader, open_writer
from storage.digests import load_digest
from storage.matches import matches_of
from tests.browser import browse
from tests.digest_world import settings, tell
from tests.running import page_of, running, write_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = """
[sources]
shipped = false
[page]
port = 0
[monitors.pagi]
topics = ["koordinasi-antikorupsi"]
cron = "0 0 29 2 *"
"""
PAYLOAD = '"><img src="http://luar.test/x.png"><script>document.title="jebol"</script>'
EVIL = {
    "url": "https://telukkini.test/jahat",
    "title": f"Rakor KPK {PAYLOAD}",
    "text": f"KPK hadir. {PAYLOAD}\nLagi.",
    "region": "81.71",
}
ROUTES = ("/", "/digests", "/digests/1", "/digests/1/html", "/digests/1/txt", "/digests/1/json",
          "/healthz", "/static/ronda.css", "/static/ronda.svg")  # fmt: skip
MISSING = ("/digests/2", "/digests/1/pdf", "/digests/0/html", "/digests/nol", "/tidak-ada",
           "/digests/99999999999999999999", "/digests/99999999999999999999/txt",
           "/static/../app.py", "/static/%2e%2e/app.py", "/static/")  # fmt: skip

# What Chromium asks its maker by itself (and is refused): clock, account, updates.
BROWSERS_OWN = re.compile(r"(^|\.)google(apis)?\.com$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """An answer of the page."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A running daemon's page, and the home it shows."""

    url: str
    home: Path

    def get(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Got:
        """Ask for a path."""
        line = http.client.HTTPConnection("127.0.0.1", urlsplit(self.url).port or 0, timeout=10)
        line.request(method, path, body, headers)
        answer = line.getresponse()
        got = Got(
            status=answer.status,
            headers={name.lower(): value for name, value in answer.getheaders()},
            body=answer.read().decode(),
        )
        line.close()
        return got


@pytest.fixture(scope="module")
def page(
    tmp_path_factory: pytest.TempPathFactory, child_environment: dict[str, str]
) -> Iterator[Page]:
    home = write_settings(tmp_path_factory.mktemp("review") / "home", SETTINGS)
    db = open_writer(home, "ronda")
    assert tell(db, settings(), EVIL) == [1]
    db.close()
    with running(home, child_environment):
        yield Page(url=page_of(home), home=home)


def test_healthz_says_that_the_process_answers_and_tells_no_secret(page: Page) -> None:
    got = page.get("/healthz")
    assert got.status == 200
    value = json.loads(got.body)
    assert value["ok"] is True
    assert set(value) == {"ok", "now", "started_at", "read", "matched", "sent"}
    assert str(page.home) not in got.body


def test_the_status_shows_counts_and_the_newest_and_next_digest(page: Page) -> None:
    text = page.get("/").body
    assert 'lang="id"' in text
    assert "Keadaan" in text
    assert re.search(r"Artikel</dt><dd>8<", text)
    assert '<a href="/digests/1">Ronda pagi: ' in text
    assert "29 Feb 2028 00.00 WIB" in text


def test_the_digests_are_listed_with_their_counts(page: Page) -> None:
    text = page.get("/digests").body
    assert '<a href="/digests/1">' in text
    assert "6 peristiwa · 8 artikel" in text


def test_a_digest_stands_by_province_and_each_text_once_with_its_copies(page: Page) -> None:
    text = page.get("/digests/1").body
    assert re.findall(r'<h2 class="province" id="(.*?)"', text) == [
        "p16", "p81", "p0", "late", "found_later"
    ]  # fmt: skip
    assert text.count("Teks yang sama juga di") == 1
    assert 'href="https://lintasogan.test/rakor-kpk"' in text
    for article in ("kabarmusi.test/rakor", "telukkini.test/mcsp", "ranahpagi.test/arsip"):
        assert text.count(f'href="https://{article}"') == 1


def test_the_evidence_is_marked_at_its_offsets(page: Page) -> None:
    text = page.get("/digests/1").body
    db = open_reader(page.home, "ronda")
    article = find_article(db, "https://kabarmusi.test/rakor")
    assert article is not None
    assert article.id is not None
    (match,) = matches_of(db, article.id)
    db.close()
    shown = text[text.index("<h3>Wakil Wali Kota") :]
    shown = shown[: shown.index("</article>")]
    marks = re.findall(r'<mark title="(.*?)">(.*?)</mark>', shown)
    in_order = sorted(match.evidence, key=lambda piece: (piece.field != "title", piece.start))
    assert marks[: len(in_order)] == [(piece.concept, piece.phrase) for piece in in_order]
    bare = html.unescape(re.sub(r"</?mark.*?>", "", shown))
    for paragraph in article.text.split("\n"):
        assert f"<p>{paragraph}</p>" in bare


def test_a_digest_is_given_as_it_was_sent(page: Page) -> None:
    db = open_reader(page.home, "ronda")
    stored = load_digest(db, 1)
    db.close()
    assert stored is not None
    for form, kind in (("html", "text/html"), ("txt", "text/plain"), ("json", "application/json")):
        got = page.get(f"/digests/1/{form}")
        assert got.headers["content-type"].startswith(kind)
        assert got.body == getattr(stored, form)
    # Two policies would hold both at once, and the digest would lose its own style.
    policy = page.get("/digests/1/html").headers["content-security-policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@pytest.mark.parametrize("path", MISSING)
def test_what_is_not_there_is_a_404(page: Page, path: str) -> None:
    got = page.get(path)
    assert got.status == 404
    assert "Traceback" not in got.body


@pytest.mark.parametrize("path", [*ROUTES, *MISSING, "/orders/1"])
def test_every_answer_carries_the_security_headers(page: Page, path: str) -> None:
    headers = page.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "set-cookie" not in headers


@pytest.mark.parametrize("path", [*ROUTES, "/orders"])
@pytest.mark.parametrize("host", ["luar.test", "127.0.0.1.luar.test", "", "[::ffff:1.2.3.4]"])
def test_a_foreign_name_that_points_at_us_is_refused(page: Page, path: str, host: str) -> None:
    got = page.get(path, Host=host)
    assert got.status == 400
    assert "Ronda" not in got.body


@pytest.mark.parametrize("host", ["localhost", "localhost:8787", "127.0.0.1:1"])
def test_our_own_names_are_served_on_any_port(page: Page, host: str) -> None:
    assert page.get("/", Host=host).status == 200


def test_orders_are_refused_on_tcp_whatever_a_request_says_of_itself(page: Page) -> None:
    order = json.dumps({"kind": "poll", "payload": {}})
    said = {"X-Forwarded-For": "", "Forwarded": "for=unix", "Content-Type": "application/json"}
    assert page.get("/orders", "POST", order, **said).status == 403
    assert page.get("/orders/1", **said).status == 403
    db = open_reader(page.home, "ronda")
    assert db.execute("SELECT count(*) FROM orders").fetchone() == (0,)
    db.close()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ROUTES)
def test_the_pages_only_show(page: Page, path: str, method: str) -> None:
    assert page.get(path, method).status == 405


@pytest.mark.parametrize("path", ["/digests/1", "/digests/1/html"])
def test_markup_in_a_title_stays_text(page: Page, path: str) -> None:
    text = page.get(path).body
    assert "<script" not in text
    assert '<img src="http' not in text
    assert "document.title" in text
    assert "{{ 7*7 }}" in html.unescape(text)


@pytest.mark.parametrize("path", ["/", "/digests/1", "/digests/1/html"])
def test_a_browser_asks_nobody_else_and_shows_the_marks(
    page: Page, path: str, tmp_path: Path
) -> None:
    log = tmp_path / "net.json"
    dom = browse("--dump-dom", f"--log-net-log={log}", f"{page.url}{path[1:]}")
    assert "jebol" not in dom.partition("</title>")[0]
    if path != "/":
        assert dom.count("<mark") >= 10
        assert "Wakil Wali Kota" in dom
    asked = set(re.findall(r'"url":"(https?://[^"]+)"', log.read_text()))
    assert any(url.startswith(page.url) for url in asked)
    own = {url for url in asked if url.startswith(page.url)}
    assert own >= ({f"{page.url}static/ronda.css"} if "html" not in path else set())
    hosts = {urlsplit(url).hostname or "" for url in asked} - {"127.0.0.1", "~notfound"}
    assert not [host for host in hosts if not BROWSERS_OWN.search(host)]
