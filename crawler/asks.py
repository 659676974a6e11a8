"""What a poll asks of a listing, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Origin = Literal["file", "learned", "family", "declared", "child"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A listing to ask for; without validators the whole of it comes."""

    url: str
    origin: Origin
    kind: str | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back for a listing; `reason` is set where nothing did, and `status` then None."""

    status: int | None = None
    body: bytes = b""
    final_url: str = ""
    etag: str | None = None
    last_modified: str | None = None
    content_type: str = ""
    reason: str | None = None
