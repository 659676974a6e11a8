"""Settings of a channel -> the channel: the one place that knows which kinds there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from .channels.apprise import AppriseSender
from .channels.email import EmailSender
from .channels.file import FileSender

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config.settings import Channel
    from storage.records import Message


class Sender(Protocol):
    """A way out; `str()` of it is its name, never an address that holds a secret."""

    def send(self, message: Message, recipient: str, key: str) -> None:
        """Deliver one message to one recipient; raises DeliveryFailed."""


# Each takes the channel's name, its settings (of its own kind) and the home.
SENDERS: dict[str, Callable[[str, Any, Path], Sender]] = {
    "file": FileSender.from_settings,
    "email": EmailSender.from_settings,
    "apprise": AppriseSender.from_settings,
}


def make_sender(name: str, settings: Channel, home: Path) -> Sender:
    """Make the channel that these settings describe; raises DeliveryFailed."""
    return SENDERS[settings.kind](name, settings, home)
