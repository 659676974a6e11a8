"""Message -> files in a folder (html, txt, json), whole or not at all, readable by their owner."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import DeliveryFailed

if TYPE_CHECKING:
    from config.settings import FileChannel
    from storage.records import Message

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_SUFFIX = re.compile(r"[a-z0-9]{1,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSender:
    """Writes each message under its own name; sending it again writes the same files."""

    name: str
    folder: Path

    def __str__(self) -> str:
        return self.name

    @classmethod
    def from_settings(cls, name: str, settings: FileChannel, home: Path) -> FileSender:
        """Make the channel; a relative folder starts at the home."""
        folder = Path(settings.folder).expanduser() if settings.folder else Path("digests")
        return cls(name=name, folder=home / folder)

    def send(self, message: Message, recipient: str, key: str) -> None:
        """Write the message's files, each by a new file that takes the old one's place."""
        stem = _UNSAFE.sub("-", message.name).strip("-")[:120] or key
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for suffix, content in message.files.items():
                if not _SUFFIX.fullmatch(suffix):
                    raise DeliveryFailed(f"file type {suffix!r} is not known", retry=False)
                _write(self.folder / f"{stem}.{suffix}", content, key)
            _sync_folder(self.folder)
        except OSError as error:
            place = error.filename or self.folder
            raise DeliveryFailed(f"{place}: {error.strerror or error}", retry=True) from error


def _write(path: Path, content: str, key: str) -> None:
    partial = path.with_name(f".{path.name}.{_UNSAFE.sub('', key)[:32]}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """Make the new names last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
