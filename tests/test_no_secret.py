"""Planted secrets of failing channels appear nowhere: not in outputs, logs, pages, files, rows."""

from __future__ import annotations

import base64
import contextlib
import socket
import socketserver
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from config.channels import AppriseChannel, EmailChannel
from config.secret import Secret
from storage.database import open_reader, open_writer
from tests.digest_world import MONITOR, settings, tell
from tests.running import alive, family_of, page_of, ronda, running, wait_for, write_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD, TOKEN = "kenari-sandi-5e1f", "kenari-tanda-77ab"
CANARIES = ("kenari-sandi", "kenari-tanda")
SETTINGS = """
[sources]
shipped = false
[page]
port = 0
[network]
test_hosts = {{ "*.test" = "127.0.0.1" }}
[channels.surat]
kind = "email"
host = "127.0.0.1"
port = {smtp}
security = "none"
user = "ronda"
password = "env:RONDA_TEST_PASSWORD"
sender = "ronda@contoh.test"
to = ["a@contoh.test"]
[channels.grup]
kind = "apprise"
url = "file:rahasia/grup"
[monitors.pagi]
topics = ["koordinasi-antikorupsi"]
cron = "0 0 29 2 *"
channels = ["file", "surat", "grup"]
"""
COMMANDS = (
    "status --json", "doctor", "channels list", "config check", "round --wait", "schedule",
    "digest --since 2026-03-01 --format html", "explain https://kabarmusi.test/rakor",
    "export articles --text", "export links", "service print",
)  # fmt: skip


class _Repeating(socketserver.StreamRequestHandler):
    """A mail server that refuses a login, repeating whatever it was told."""

    def handle(self) -> None:
        self.wfile.write(b"220 mail.test\r\n")
        for line in self.rfile:
            words = line.decode().split()
            verb = words[0].upper()
            if verb in ("EHLO", "HELO"):
                self.wfile.write(b"250-mail.test\r\n250 AUTH PLAIN\r\n")
            elif verb == "AUTH":
                said = base64.b64decode(words[-1]).decode().replace("\0", " ")
                self.server.heard.append(said)  # type: ignore[attr-defined]  # ours
                self.wfile.write(f"535 no login for {said} {words[-1]}\r\n".encode())
            elif verb == "QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


class _Refusing(BaseHTTPRequestHandler):
    """A web hook that fails, repeating the address that was asked."""

    def do_POST(self) -> None:
        self.server.heard.append(self.path)  # type: ignore[attr-defined]  # ours
        self.send_response(500, f"no such hook {self.path}")
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def _serving(server: Any) -> Iterator[Any]:
    server.heard = []
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[Path, Any, Any]]:
    """A home with one untold day, a dead source, and channels that fail and talk."""
    place = tmp_path / "home"
    with (
        _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Repeating)) as mail,
        _serving(ThreadingHTTPServer(("127.0.0.1", 0), _Refusing)) as hook,
        socket.socket() as dead,
    ):
        dead.bind(("127.0.0.1", 0))  # bound and not listening: refuses
        write_settings(place, SETTINGS.format(smtp=mail.server_address[1]))
        secret = place / "rahasia" / "grup"
        secret.parent.mkdir(mode=0o700)
        secret.write_text(f"json://127.0.0.1:{hook.server_address[1]}/{TOKEN}\n")
        secret.chmod(0o600)
        source = place / "sources" / "aceh" / "mati.toml"
        source.parent.mkdir(parents=True)
        source.write_text(f'name = "Mati"\nurl = "http://mati.test:{dead.getsockname()[1]}/"\n')
        _tell(place)
        yield place, mail, hook


def _tell(home: Path) -> None:
    """Store a day and its digest, waiting for all three channels."""
    channels = {
        **settings().channels,
        "surat": EmailChannel(host="127.0.0.1", sender="ronda@contoh.test", to=("a@contoh.test",)),
        "grup": AppriseChannel(url=Secret("json://127.0.0.1")),
    }
    pagi = MONITOR.model_copy(update={"channels": ("file", "surat", "grup")})
    planned = settings(channels=channels, monitors={"pagi": pagi})
    db = open_writer(home, "ronda")
    assert tell(db, planned) == [1]
    db.close()


def test_S04_planted_secrets_appear_in_nothing_that_we_write_or_say(
    home: tuple[Path, Any, Any], child_environment: dict[str, str]
) -> None:
    place, mail, hook = home
    environment = {**child_environment, "RONDA_TEST_PASSWORD": PASSWORD}
    said: dict[str, str] = {}
    with running(place, environment) as daemon:
        page = page_of(place)
        wait_for(lambda: mail.heard and hook.heard, 30, "both channels to be tried")
        wait_for(lambda: _tried(place) == {"surat", "grup"}, 30, "both failures to be stored")
        for path in ("", "digests", "digests/1", "digests/1/html", "digests/1/json", "healthz"):
            said[f"page {path}"] = _get(page + path)
        for pid in family_of(daemon.pid):
            if alive(pid):
                said[f"ps {pid}"] = Path(f"/proc/{pid}/cmdline").read_bytes().decode()
        for command in COMMANDS:
            done = ronda(*command.split(), home=place, environment=environment)
            said[command] = done.stdout + done.stderr
            assert "Traceback" not in said[command], command
    # The receivers did get them: the test plants what is really used.
    assert PASSWORD in mail.heard[0]
    assert TOKEN in hook.heard[0]
    # Without the secrets, a command names where they were looked for.
    said["missing"] = ronda("round", home=place, environment=child_environment).stderr
    assert "RONDA_TEST_PASSWORD" in said["missing"]
    for what, text in said.items():
        assert not _found(text.encode()), what
    assert "Wakil Wali Kota" in said["page digests/1"]
    files = [path for path in place.parent.rglob("*") if path.is_file()]
    assert {"ronda.log", "crawl.log", "ronda.db", "crawl.db"} <= {path.name for path in files}
    for file in files:
        if file.parent.name != "rahasia":
            assert not _found(file.read_bytes()), file


def test_S04_the_search_for_secrets_would_find_one(tmp_path: Path) -> None:
    for shape in _shapes(PASSWORD):
        assert _found(b"x" + shape + b"y")
    assert _found(base64.b64encode(f"\0ronda\0{PASSWORD}".encode()))


def _found(content: bytes) -> list[bytes]:
    lowered = content.lower()
    login = base64.b64encode(f"\0ronda\0{PASSWORD}".encode())
    found = [shape for canary in CANARIES for shape in _shapes(canary) if shape.lower() in lowered]
    return found + ([login] if login in content else [])


def _shapes(text: str) -> list[bytes]:
    """The text as it is, and as an address might carry it."""
    return [text.encode(), urllib.parse.quote(text, safe="").replace("-", "%2d").encode()]


def _tried(home: Path) -> set[str]:
    db = open_reader(home, "ronda")
    rows = db.execute("SELECT channel FROM deliveries WHERE attempts > 0 AND sent_at IS NULL")
    found = {row[0] for row in rows.fetchall()}
    db.close()
    return found


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        body: bytes = answer.read()
        return body.decode()
