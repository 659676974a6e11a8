"""Message -> one mail to one address by SMTP, as text and html, under a Message-ID of our own.

The Message-ID is made of the delivery's key, so a mail sent twice is the same mail to its reader.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from typing import TYPE_CHECKING

from config.errors import DeliveryFailed

if TYPE_CHECKING:
    from pathlib import Path

    from config.settings import EmailChannel
    from storage.records import Message

SECONDS = 30.0  # for each step of the conversation
LONGEST_SUBJECT = 200
PERMANENT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSender:
    """Speaks to one mail server; opens a connection for each mail."""

    name: str
    settings: EmailChannel
    seconds: float = SECONDS

    def __str__(self) -> str:
        return self.name

    @classmethod
    def from_settings(cls, name: str, settings: EmailChannel, home: Path) -> EmailSender:
        """Make the channel."""
        return cls(name=name, settings=settings)

    def send(self, message: Message, recipient: str, key: str) -> None:
        """Send one mail; raises DeliveryFailed, not to be tried again where the server said 5xx."""
        mail = self._mail(message, recipient, key)
        try:
            server = self._connect()
            try:
                self._log_in(server)
                server.send_message(mail, _address(self.settings.sender), [_address(recipient)])
            finally:
                # The server has accepted or refused by now: how it says goodbye changes nothing.
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    server.quit()
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            raise _refused("recipient refused", code, answer) from error
        except smtplib.SMTPAuthenticationError as error:
            # The answer is not quoted: a server might repeat what we sent.
            raise _refused("login refused", error.smtp_code, b"") from None
        except smtplib.SMTPResponseException as error:
            raise _refused("mail refused", error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryFailed(f"the mail server cannot: {error}", retry=False) from error
        except smtplib.SMTPException as error:
            raise DeliveryFailed(f"mail server: {type(error).__name__}", retry=True) from error
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise DeliveryFailed(f"mail server not reached: {reason}", retry=True) from error

    def _connect(self) -> smtplib.SMTP:
        settings = self.settings
        if settings.security == "tls":
            return smtplib.SMTP_SSL(
                settings.host,
                settings.port,
                local_hostname=_own_name(),
                timeout=self.seconds,
                context=ssl.create_default_context(),
            )
        server = smtplib.SMTP(
            settings.host, settings.port, local_hostname=_own_name(), timeout=self.seconds
        )
        if settings.security == "starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except BaseException:
                server.close()
                raise
        return server

    def _log_in(self, server: smtplib.SMTP) -> None:
        if self.settings.user is not None and self.settings.password is not None:
            server.login(self.settings.user, self.settings.password.reveal())

    def _mail(self, message: Message, recipient: str, key: str) -> EmailMessage:
        mail = EmailMessage(policy=policy.SMTP)
        domain = _address(self.settings.sender).rpartition("@")[2]
        try:
            mail["From"] = self.settings.sender
            mail["To"] = recipient
            mail["Subject"] = one_line(message.subject)
            mail["Date"] = formatdate()
            mail["Message-ID"] = f"<{key}@{domain}>"
            mail["Auto-Submitted"] = "auto-generated"
            mail.set_content(message.text)
            mail.add_alternative(message.html, subtype="html")
        except (ValueError, MessageError) as error:
            raise DeliveryFailed(f"no mail can be made of this: {error}", retry=False) from error
        return mail


def one_line(text: str) -> str:
    """Give a text without line breaks and control characters, short enough for a header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_SUBJECT]


def _address(mailbox: str) -> str:
    return parseaddr(mailbox)[1]


def _own_name() -> str:
    """Name ourselves without asking the network (smtplib would look our name up)."""
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"


def _refused(what: str, code: int, answer: bytes | str) -> DeliveryFailed:
    said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    text = f"{what}: {code} {one_line(said)}".strip()
    return DeliveryFailed(text, retry=code < PERMANENT)
