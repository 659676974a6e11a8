"""Message -> plain text to one Apprise address; only its full success counts.

The address mostly holds a token: it is revealed for the call only, and the libraries beneath,
which would log it, are silenced.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import DeliveryFailed

if TYPE_CHECKING:
    from pathlib import Path

    from config.secret import Secret
    from config.settings import AppriseChannel
    from storage.records import Message

# They write addresses into their lines: apprise at DEBUG and INFO, urllib3 at DEBUG and WARNING.
_TALKATIVE = ("apprise", "urllib3", "requests", "charset_normalizer")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseSender:
    """One address of one service."""

    name: str
    url: Secret

    def __str__(self) -> str:
        return self.name

    @classmethod
    def from_settings(cls, name: str, settings: AppriseChannel, home: Path) -> AppriseSender:
        """Make the channel; the address is looked at when something is sent."""
        return cls(name=name, url=settings.url)

    def send(self, message: Message, recipient: str, key: str) -> None:
        """Send the text; raises DeliveryFailed for anything but full success."""
        silence()
        import apprise  # 0.3 s, only where such a channel is used

        asset = apprise.AppriseAsset(
            app_id="Ronda", app_desc="Ronda", app_url="", async_mode=False, secure_logging=True
        )
        asset.image_url_mask = asset.image_url_logo = ""
        service = apprise.Apprise.instantiate(
            self.url.reveal(), asset=asset, suppress_exceptions=True
        )
        if service is None:
            raise DeliveryFailed("the address is not one that Apprise knows", retry=False)
        way = apprise.Apprise(asset=asset)
        way.add(service)
        try:
            answer = way.notify(
                body=message.text,
                title=message.subject,
                body_format=apprise.NotifyFormat.TEXT,
                log_level=logging.CRITICAL,
            )
        except Exception as error:
            # Any service may raise anything, and its words may hold the address.
            raise DeliveryFailed(
                f"the service failed: {type(error).__name__}", retry=True
            ) from None
        if answer.status is not apprise.AppriseResultStatus.SUCCESS:
            raise DeliveryFailed("the service did not take the message", retry=True)


def silence() -> None:
    """Keep the libraries beneath from logging, at any level, whatever the owner's log says."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False
