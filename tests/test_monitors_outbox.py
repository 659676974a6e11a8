"""The outbox against real receivers: an SMTP server, an HTTP sink and a folder, all on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import email
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from email import policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from config.channels import AppriseChannel, EmailChannel, FileChannel
from config.errors import DeliveryFailed
from config.secret import Secret
from config.settings import Settings
from monitors.alerts.channels.apprise import AppriseSender
from monitors.alerts.channels.email import EmailSender, one_line
from monitors.alerts.channels.file import FileSender
from monitors.alerts.outbox import SendReport, next_wait, send_due, take_over
from storage.database import open_reader, open_writer, writing
from storage.deliveries import add_delivery, delivery_key, latest_deliveries, lease_next
from storage.pen import open_pen
from storage.records import Delivery, Message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

CANARY = "kenari-Zx81-rahasia"
SUBJECT = "Ronda pagi: 1 peristiwa · Rabu, 4 Maret 2026"
MESSAGE = Message(
    subject=SUBJECT,
    text="Rakor KPK di Padang — lihat <b>ini</b> & *itu*\n",
    html="<!DOCTYPE html><p>Rakor KPK di Padang — é</p>",
    files={"html": "<p>Rakor</p>", "txt": "Rakor é", "json": "{}"},
    name="pagi-2026-03-04T06-00",
)


class _Post:
    """An SMTP server that answers as told and keeps what it accepted."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self.data_answer = "250 OK"

    async def handle_RCPT(  # aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # its name
        if self.data_answer.startswith("250"):
            self.mails.append(
                email.message_from_bytes(envelope.content, policy=policy.default)  # type: ignore[arg-type]  # the policy gives EmailMessage
            )
        return self.data_answer


@pytest.fixture
def post() -> Iterator[tuple[_Post, int]]:
    handler = _Post()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


class _Sink(ThreadingHTTPServer):
    """An HTTP receiver that answers with `status` and keeps what it was sent."""

    daemon_threads = True
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _SinkHandler)
        self.received: list[tuple[str, dict[str, Any]]] = []


class _SinkHandler(BaseHTTPRequestHandler):
    server: _Sink

    def do_POST(self) -> None:  # the library's name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def sink() -> Iterator[_Sink]:
    server = _Sink()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def _email(port: int, **changes: Any) -> EmailChannel:
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "Ronda <ronda@contoh.test>",
        "to": ("redaksi@contoh.test",),
    }
    return EmailChannel(**(values | changes))


def _sender(port: int, **changes: Any) -> EmailSender:
    return EmailSender(name="surat", settings=_email(port, **changes), seconds=5)


def _dead_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- the file channel ---------------------------------------------------------------------------


def test_files_are_written_whole_and_for_their_owner_only(home: Path) -> None:
    old = os.umask(0)
    try:
        sender = FileSender.from_settings("file", FileChannel(folder="arsip/digest"), home)
        sender.send(MESSAGE, "file", "k1")
        sender.send(MESSAGE, "file", "k1")
    finally:
        os.umask(old)
    folder = home / "arsip" / "digest"
    assert {path.name: path.read_text("utf-8") for path in folder.iterdir()} == {
        f"pagi-2026-03-04T06-00.{suffix}": content for suffix, content in MESSAGE.files.items()
    }
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "a\x00b", "x\ny", "..", "-rf", "é" * 300])
def test_no_name_leaves_the_folder(home: Path, name: str) -> None:
    sender = FileSender.from_settings("file", FileChannel(), home)
    sender.send(Message(subject="", text="", html="", files={"txt": "x"}, name=name), "file", "k9")
    (written,) = (home / "digests").iterdir()
    assert written.suffix == ".txt"
    assert not written.name.startswith((".", "-"))


def test_a_link_laid_in_the_way_is_replaced_not_followed(home: Path, tmp_path: Path) -> None:
    prey = tmp_path / "prey"
    prey.write_text("mine")
    target = home / "digests" / "pagi-2026-03-04T06-00.txt"
    target.symlink_to(prey)
    FileSender.from_settings("file", FileChannel(), home).send(MESSAGE, "file", "k1")
    assert prey.read_text() == "mine"
    assert not target.is_symlink()


def test_a_folder_that_cannot_be_made_is_tried_again(home: Path) -> None:
    (home / "block").write_text("a file")
    sender = FileSender.from_settings("file", FileChannel(folder="block/here"), home)
    with pytest.raises(DeliveryFailed, match="block") as caught:
        sender.send(MESSAGE, "file", "k1")
    assert caught.value.retry


# --- the e-mail channel -------------------------------------------------------------------------


def test_a_mail_carries_text_and_html_under_an_id_made_of_its_key(
    post: tuple[_Post, int],
) -> None:
    handler, port = post
    for _ in range(2):
        _sender(port).send(MESSAGE, "redaksi@contoh.test", "abc123")
    first, second = handler.mails
    assert first["Message-ID"] == second["Message-ID"] == "<abc123@contoh.test>"
    assert first["Subject"] == SUBJECT
    assert first["To"] == "redaksi@contoh.test"
    assert [part.get_content_type() for part in first.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    plain = first.get_body(("plain",))
    rich = first.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert plain.get_content().splitlines() == MESSAGE.text.splitlines()
    assert rich.get_content().strip() == MESSAGE.html


def test_a_subject_with_line_breaks_makes_no_header(post: tuple[_Post, int]) -> None:
    handler, port = post
    evil = "Judul\r\nBcc: semua@contoh.test\r\n\r\nisi\x00\u2028\u202e" + "x" * 500
    message = Message(subject=evil, text="t", html="<p>t</p>")
    _sender(port).send(message, "redaksi@contoh.test", "k1")
    (mail,) = handler.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == one_line(evil)
    assert mail["Subject"].startswith("Judul Bcc: semua@contoh.test isi xxx")


@pytest.mark.parametrize(
    ("answer", "retry"),
    [("550 no such user", False), ("450 mailbox busy", True), ("552 full", False)],
)
def test_a_refused_recipient_is_tried_again_only_when_the_server_says_later(
    post: tuple[_Post, int], answer: str, retry: bool
) -> None:
    handler, port = post
    handler.answers["redaksi@contoh.test"] = answer
    with pytest.raises(DeliveryFailed, match=answer[:3]) as caught:
        _sender(port).send(MESSAGE, "redaksi@contoh.test", "k1")
    assert caught.value.retry is retry


@pytest.mark.parametrize(("answer", "retry"), [("554 spam", False), ("451 later", True)])
def test_a_refused_mail_is_tried_again_only_when_the_server_says_later(
    post: tuple[_Post, int], answer: str, retry: bool
) -> None:
    handler, port = post
    handler.data_answer = answer
    with pytest.raises(DeliveryFailed, match=answer[:3]) as caught:
        _sender(port).send(MESSAGE, "redaksi@contoh.test", "k1")
    assert caught.value.retry is retry


def test_a_mail_server_that_is_not_there_is_tried_again() -> None:
    with pytest.raises(DeliveryFailed, match="not reached") as caught:
        _sender(_dead_port()).send(MESSAGE, "redaksi@contoh.test", "k1")
    assert caught.value.retry


@pytest.mark.parametrize(
    "changes", [{"security": "starttls"}, {"user": "ronda", "password": Secret(CANARY)}]
)
def test_a_server_without_what_we_need_is_refused_for_good(
    post: tuple[_Post, int], changes: dict[str, Any]
) -> None:
    with pytest.raises(DeliveryFailed, match="cannot") as caught:
        _sender(post[1], **changes).send(MESSAGE, "redaksi@contoh.test", "k1")
    assert not caught.value.retry
    assert CANARY not in str(caught.value)
    assert post[0].mails == []


class _Login:
    """An authenticator that lets one password in and repeats to others what they sent."""

    def __call__(self, server: Any, session: Any, envelope: Any, how: str, data: Any) -> AuthResult:
        password = data.password.decode()
        if password == CANARY:
            return AuthResult(success=True)
        return AuthResult(success=False, handled=False, message=f"535 5.7.8 no: {password}")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
def test_a_login_is_made_and_a_refused_one_is_not_quoted() -> None:
    handler = _Post()
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=_dead_port(),
        authenticator=_Login(),
        auth_require_tls=False,
        auth_required=True,
    )
    controller.start()
    try:
        _sender(controller.port, user="ronda", password=Secret(CANARY)).send(
            MESSAGE, "redaksi@contoh.test", "k1"
        )
        with pytest.raises(DeliveryFailed) as caught:
            _sender(controller.port, user="ronda", password=Secret(f"{CANARY}-lama")).send(
                MESSAGE, "redaksi@contoh.test", "k1"
            )
    finally:
        controller.stop()
    assert len(handler.mails) == 1
    assert str(caught.value) == "login refused: 535"
    assert not caught.value.retry


def test_a_server_that_hangs_up_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            connection, _ = server.accept()
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(DeliveryFailed) as caught:
            _sender(server.getsockname()[1]).send(MESSAGE, "redaksi@contoh.test", "k1")
        thread.join()
    assert caught.value.retry


# --- the Apprise channel ------------------------------------------------------------------------


def _apprise(url: str) -> AppriseSender:
    return AppriseSender(name="telegram", url=Secret(url))


def test_a_message_reaches_its_service_as_it_is(sink: _Sink) -> None:
    _apprise(f"json://127.0.0.1:{sink.server_port}/{CANARY}").send(MESSAGE, "telegram", "k1")
    ((path, body),) = sink.received
    assert path == f"/{CANARY}"
    assert (body["title"], body["message"].strip()) == (SUBJECT, MESSAGE.text.strip())


@pytest.mark.parametrize("status", [500, 429, 404])
def test_a_service_that_refuses_is_a_failure_without_its_address(sink: _Sink, status: int) -> None:
    sink.status = status
    with pytest.raises(DeliveryFailed) as caught:
        _apprise(f"json://127.0.0.1:{sink.server_port}/{CANARY}").send(MESSAGE, "telegram", "k1")
    assert CANARY not in str(caught.value)
    assert len(sink.received) == 1  # tried once: trying again is the outbox's work


@pytest.mark.parametrize("url", ["", "tidak-ada://x", f"tgram://{CANARY}", "json://", "x" * 500])
def test_a07_an_address_that_nobody_knows_is_a_failure_for_good(url: str) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        _apprise(url).send(MESSAGE, "telegram", "k1")
    assert not caught.value.retry
    assert CANARY not in str(caught.value)


# --- the outbox ---------------------------------------------------------------------------------


def _queue(home: Path, now: datetime, *wanted: tuple[str, str]) -> None:
    db = open_writer(home, "ronda")
    with writing(db):
        for channel, recipient in wanted:
            add_delivery(
                db,
                Delivery(
                    key=delivery_key("pagi", "s", channel, recipient),
                    channel=channel,
                    recipient=recipient,
                    message=MESSAGE,
                    monitor="pagi",
                    slot="s",
                    made_at=now,
                ),
            )
    db.close()


def _send(home: Path, settings: Settings, *times: datetime) -> list[SendReport]:
    async def run() -> list[SendReport]:
        async with open_pen(home) as pen:
            await take_over(pen)
            return [await send_due(pen, home, settings, now) for now in times]

    return asyncio.run(run())


def _rows(home: Path) -> dict[str, Delivery]:
    reader = open_reader(home, "ronda")
    rows = {one.recipient: one for one in latest_deliveries(reader)}
    reader.close()
    return rows


def test_one_bad_channel_never_stops_another(
    home: Path, now: datetime, post: tuple[_Post, int], sink: _Sink
) -> None:
    handler, port = post
    sink.status = 500
    settings = Settings(
        channels={
            "file": FileChannel(),
            "surat": _email(port),
            "mati": _email(_dead_port()),
            "telegram": AppriseChannel(url=Secret(f"json://127.0.0.1:{sink.server_port}/")),
        }
    )
    _queue(
        home,
        now,
        *[("telegram", "telegram"), ("mati", "m@contoh.test"), ("hilang", "hilang")],
        *[("file", "file"), ("surat", "redaksi@contoh.test")],
    )
    (report,) = _send(home, settings, now)
    assert (report.sent, report.failed, report.dead) == (2, 3, 0)
    rows = _rows(home)
    assert {one.channel: one.state for one in rows.values()} == {
        "file": "sent",
        "surat": "sent",
        "telegram": "failed",
        "mati": "failed",
        "hilang": "failed",
    }
    assert rows["hilang"].reason == "no channel hilang in the settings"
    assert len(handler.mails) == 1
    assert (home / "digests" / "pagi-2026-03-04T06-00.html").exists()
    assert report.next_due == now + timedelta(seconds=30)


def test_what_was_sent_is_never_sent_again(
    home: Path, now: datetime, post: tuple[_Post, int]
) -> None:
    handler, port = post
    settings = Settings(channels={"surat": _email(port)})
    _queue(home, now, ("surat", "a@contoh.test"), ("surat", "b@contoh.test"))
    reports = _send(home, settings, now, now + timedelta(days=1))
    assert [report.sent for report in reports] == [2, 0]
    assert [mail["To"] for mail in handler.mails] == ["a@contoh.test", "b@contoh.test"]
    assert reports[1].next_due is None


def test_failures_back_off_to_a_quarter_of_an_hour_and_die_after_three_days(
    home: Path, now: datetime
) -> None:
    settings = Settings(channels={"surat": _email(_dead_port())})
    _queue(home, now, ("surat", "a@contoh.test"))
    moment, waits = now, []
    for _ in range(8):
        (report,) = _send(home, settings, moment)
        assert report.next_due is not None
        waits.append((report.next_due - moment).total_seconds())
        assert _send(home, settings, report.next_due - timedelta(seconds=1))[0].failed == 0
        moment = report.next_due
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
    assert _rows(home)["a@contoh.test"].attempts == 8
    (last,) = _send(home, settings, now + timedelta(hours=72))
    assert (last.dead, last.next_due) == (1, None)
    row = _rows(home)["a@contoh.test"]
    assert row.state == "dead"
    assert row.reason is not None
    assert "not reached" in row.reason


def test_after_an_outage_everything_arrives_in_its_order(
    home: Path, now: datetime, post: tuple[_Post, int]
) -> None:
    handler, port = post
    wanted = [("surat", f"{number}@contoh.test") for number in range(6)]
    _queue(home, now, *wanted)
    _send(home, Settings(channels={"surat": _email(_dead_port())}), now)
    untouched = [row.attempts for row in _rows(home).values()]
    assert sorted(untouched) == [0, 0, 0, 0, 0, 1]
    _send(home, Settings(channels={"surat": _email(port)}), now + timedelta(hours=24))
    assert [mail["To"] for mail in handler.mails] == [recipient for _, recipient in wanted]


def test_a_refusal_for_good_is_a_dead_letter_and_the_next_one_is_sent(
    home: Path, now: datetime, post: tuple[_Post, int]
) -> None:
    handler, port = post
    handler.answers["a@contoh.test"] = "550 no such user"
    _queue(home, now, ("surat", "a@contoh.test"), ("surat", "b@contoh.test"))
    (report,) = _send(home, Settings(channels={"surat": _email(port)}), now)
    assert (report.sent, report.dead) == (1, 1)
    assert _rows(home)["a@contoh.test"].reason == "recipient refused: 550 no such user"


def test_an_attempt_is_counted_before_it_is_made(
    home: Path, now: datetime, post: tuple[_Post, int]
) -> None:
    seen: list[int] = []
    handler, port = post

    async def look(server: Any, session: Any, envelope: Any) -> str:
        seen.extend(row.attempts for row in _rows(home).values())
        return "250 OK"

    handler.handle_DATA = look  # type: ignore[method-assign]  # looks in while a mail is under way
    _queue(home, now, ("surat", "a@contoh.test"))
    _send(home, Settings(channels={"surat": _email(port)}), now)
    assert seen == [1]


_KILLED = """
import asyncio, os, signal, sys
from datetime import datetime
from pathlib import Path
from config.channels import EmailChannel
from config.settings import Settings
from monitors.alerts import outbox
from storage.pen import open_pen
home, port, now = Path(sys.argv[1]), int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
def die(*args, **changes):
    os.kill(os.getpid(), signal.SIGKILL)
outbox._record_sent = die
async def run():
    async with open_pen(home) as pen:
        settings = Settings(channels={"surat": EmailChannel(host="127.0.0.1", port=port,
            security="none", sender="ronda@contoh.test", to=("a@contoh.test",))})
        await outbox.send_due(pen, home, settings, now)
asyncio.run(run())
"""


def test_a_kill_between_send_and_record_sends_again_under_the_same_key(
    home: Path,
    now: datetime,
    post: tuple[_Post, int],
    child_environment: dict[str, str],
) -> None:
    handler, port = post
    _queue(home, now, ("surat", "a@contoh.test"))
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(home), str(port), now.isoformat()],
        env=child_environment,
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert len(handler.mails) == 1
    (report,) = _send(home, Settings(channels={"surat": _email(port)}), now)
    assert report.sent == 1
    first, second = handler.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert _rows(home)["a@contoh.test"].attempts == 2


def test_what_another_holds_by_lease_is_left_alone_until_it_ends(
    home: Path, now: datetime, post: tuple[_Post, int]
) -> None:
    handler, port = post
    _queue(home, now, ("surat", "a@contoh.test"))
    db = open_writer(home, "ronda")
    with writing(db):
        assert lease_next(db, "surat", now, now + timedelta(minutes=10)) is not None
    settings = Settings(channels={"surat": _email(port)})

    async def run() -> list[SendReport]:
        async with open_pen(home) as pen:
            return [
                await send_due(pen, home, settings, now + timedelta(minutes=wait))
                for wait in (1, 11)
            ]

    db.close()
    assert [report.sent for report in asyncio.run(run())] == [0, 1]
    assert len(handler.mails) == 1


def test_a_receiver_that_asks_for_time_gets_it_up_to_an_hour() -> None:
    assert next_wait(1, 120.0) == timedelta(seconds=120)
    assert next_wait(9, 10.0) == timedelta(minutes=15)
    assert next_wait(1, 1e12) == timedelta(hours=1)
    assert next_wait(10_000) == timedelta(minutes=15)


def test_a_fault_of_our_own_in_a_channel_is_tried_again_and_told_by_its_kind_only(
    home: Path, now: datetime, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*args: object) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(FileSender, "send", break_down)
    _queue(home, now, ("file", "file"))
    (report,) = _send(home, Settings(channels={"file": FileChannel()}), now)
    assert report.failed == 1
    assert _rows(home)["file"].reason == "fault in the channel: ValueError"
    assert CANARY not in caplog.text


def test_S04_no_secret_reaches_log_error_or_row(  # the row's name
    home: Path,
    now: datetime,
    post: tuple[_Post, int],
    sink: _Sink,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Plant a canary as token, path and password, and let every way fail or succeed loudly."""
    caplog.set_level(logging.DEBUG)
    sink.status = 500
    where = f"127.0.0.1:{sink.server_port}"
    settings = Settings(
        channels={
            "gagal": AppriseChannel(url=Secret(f"json://u:{CANARY}@{where}/{CANARY}?x={CANARY}")),
            "mati": AppriseChannel(url=Secret(f"json://127.0.0.1:{_dead_port()}/{CANARY}")),
            "aneh": AppriseChannel(url=Secret(f"aneh://{CANARY}")),
            "surat": _email(post[1], user="ronda", password=Secret(CANARY)),
        }
    )
    _queue(home, now, *[(name, f"{name}@contoh.test") for name in settings.channels])
    with contextlib.suppress(DeliveryFailed):
        AppriseSender.from_settings("x", settings.channels["mati"], home).send(MESSAGE, "x", "k")  # type: ignore[arg-type]  # an Apprise channel
    _send(home, settings, now)
    sink.status = 200
    _send(home, settings, now + timedelta(hours=1))
    assert [path.count(CANARY) for path, _ in sink.received] == [1, 1]
    out = capfd.readouterr()
    rows = _rows(home)
    assert {row.state for row in rows.values()} == {"sent", "failed", "dead"}
    for told in (
        caplog.text,
        out.out,
        out.err,
        repr(rows),
        repr(settings),
        str(AppriseSender.from_settings("x", settings.channels["mati"], home)),  # type: ignore[arg-type]  # an Apprise channel
        repr(AppriseSender.from_settings("x", settings.channels["mati"], home)),  # type: ignore[arg-type]  # an Apprise channel
    ):
        assert CANARY not in told
    stored = b"".join(path.read_bytes() for path in home.glob("ronda.db*"))
    assert CANARY.encode() not in stored
