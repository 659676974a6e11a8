"""The values that pass between floors; frozen, times always aware (UTC), no behaviour.

Upper floors build and read them; only this floor turns them into rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003  # dataclass fields are read at run time by tests
from typing import Any, Literal

LinkState = Literal["due", "done", "failed", "skipped"]
Level = Literal["sure", "likely", "near_miss"]
Precision = Literal["minute", "day"]
Kind = Literal["article", "photo", "video", "live"]
Completeness = Literal["whole", "partial"]
DeliveryState = Literal["waiting", "sent", "failed", "dead"]
OrderState = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address found in a listing; `text` is the feed's own excerpt, used for ordering only."""

    url: str
    title: str = ""
    text: str = ""
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLink:
    """A stored link that is due, with what the crawl needs to ask for it."""

    id: int
    url: str
    source: str
    tries: int
    title: str = ""
    published_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What came back for a link; `body` is None for 304, 404, 410 and failures.

    `marks` are the crawl's doubts: "suspect" (it may lack its end), "lax_tls" (nobody verified the
    certificate); they pass to the article.
    """

    url: str
    source: str
    status: int
    fetched_at: datetime
    final_url: str
    etag: str | None = None
    last_modified: str | None = None
    content_type: str | None = None
    body: bytes | None = None
    sha256: str | None = None
    id: int | None = None
    listed_title: str = ""
    listed_at: datetime | None = None
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One story under one canonical URL, as read from its page.

    `text` holds one paragraph a line (joined by a single newline), without the title.
    `published_at` is None where the page gives no time; `precision` then is None too.
    `published_from` says where the time was found, `doubts` what the reader did not believe;
    `further` are addresses that hold the rest of a partial story, as its page reveals them.
    """

    url: str
    source: str
    title: str
    text: str
    published_at: datetime | None = None
    precision: Precision | None = None
    published_from: str | None = None
    modified_at: datetime | None = None
    kind: Kind = "article"
    completeness: Completeness = "whole"
    dateline: str | None = None
    region: str | None = None
    author: str | None = None
    editor: str | None = None
    marks: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    page_sha256: str | None = None
    fetched_at: datetime | None = None
    id: int | None = None
    version: int = 1
    text_hash: str = ""
    group: int | None = None
    event: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A phrase that counted: where it stands, which concept it satisfied, what it weighed.

    `field` is "title" or "text"; `start` and `end` are character offsets in that field of the
    article's `version`; `paragraph` counts from 0 in the text and is -1 for the title.
    """

    concept: str
    phrase: str
    field: Literal["title", "text"]
    paragraph: int
    start: int
    end: int
    weight: float
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An article meets a topic; unique per article and topic.

    `why_not` explains a near miss in words ("no regional actor within two sentences").
    """

    topic: str
    revision: str
    score: float
    level: Level
    evidence: tuple[Evidence, ...] = ()
    why_not: str | None = None
    article: int | None = None
    id: int | None = None
    matched_at: datetime | None = None
    found_later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that an article says, with the sentence that says it."""

    kind: Literal["region", "date", "place", "instrument", "score", "official", "promise"]
    value: str
    sentence: str
    field: Literal["title", "text"] = "text"
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A reviewer's ruling on (topic, copy group); history is kept, the last one wins."""

    topic: str
    group: int
    verdict: Literal["relevant", "irrelevant", "unsure"]
    by: str
    at: datetime
    kind: Literal["relevance", "grouping"] = "relevance"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one delivery carries; `files` maps a suffix ("html", "txt", "json") to its content."""

    subject: str
    text: str
    html: str
    files: dict[str, str] = field(default_factory=dict)
    name: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one recipient by one channel; `key` is stable over every retry."""

    key: str
    channel: str
    recipient: str
    message: Message
    monitor: str
    slot: str
    id: int | None = None
    state: DeliveryState = "waiting"
    attempts: int = 0
    due_at: datetime | None = None
    made_at: datetime | None = None
    sent_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Something that a person asked of a home."""

    kind: str
    payload: dict[str, Any]
    id: int | None = None
    state: OrderState = "waiting"
    made_at: datetime | None = None
    done_at: datetime | None = None
    result: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the daemon wants of the crawl: `poll` a source now, `refetch` an address.

    `backfill` polls a source back to `since`.
    """

    kind: Literal["poll", "refetch", "backfill"]
    source: str
    url: str | None = None
    id: int | None = None
    made_at: datetime | None = None
    first_contact: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One crawl process and what it fetched."""

    id: int
    pid: int
    started_at: datetime
    ended_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """One source's part of a round, with its counts; `reasons` counts failures by reason."""

    id: int
    round: int
    source: str
    started_at: datetime
    ended_at: datetime | None = None
    state: Literal["open", "ok", "failed", "closed"] = "open"
    reason: str | None = None
    requests: int = 0
    not_modified: int = 0
    received: int = 0
    links_new: int = 0
    pages: int = 0
    failed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
