"""What discovery finds about a site, and its form on the one line that the spider prints."""

from __future__ import annotations

import base64
import dataclasses
import types
import typing
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from storage.records import Article, Page  # noqa: TC001  # read at run time by from_json

Origin = Literal["declared", "usual", "robots", "rest", "page", "known"]
State = Literal["good", "poor", "dropped"]
Grade = Literal["A", "B", "C", "D", "E", "F"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPoint:
    """A listing that was asked: what it yielded, and why it is poor or was dropped."""

    url: str
    kind: str
    origin: Origin
    state: State
    why: str | None = None
    articles: int = 0
    newest: datetime | None = None
    oldest: datetime | None = None
    overlap: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A page that was read: its article, or the reason why there is none."""

    page: Page
    article: Article | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A site as it would be watched; `refused` says why it cannot be, as one word for programs.

    `entry_points` are those to use, the cheapest first, `tried` all that were asked. `region` is
    the code of a province, kabupaten or kota. `twins` are further hosts of the same site.
    """

    given: str
    url: str
    refused: str | None = None
    detail: str = ""
    name: str = ""
    family: str | None = None
    network: str | None = None
    region: str | None = None
    timezone: str = "WIB"
    language: str | None = None
    hosts: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()
    certificate: str | None = None
    robots: str = "none"
    crawl_delay: float | None = None
    entry_points: tuple[EntryPoint, ...] = ()
    tried: tuple[EntryPoint, ...] = ()
    samples: tuple[Sample, ...] = ()
    articles_per_day: float | None = None
    requests_per_day: float | None = None
    grade: Grade = "F"
    reasons: tuple[str, ...] = ()
    requests: int = 0
    seconds: float = 0.0


def to_json(preview: Preview) -> dict[str, Any]:
    """Give a preview as JSON can carry it, bodies packed."""
    packed = _plain(preview)
    assert isinstance(packed, dict)
    return packed


def from_json(data: dict[str, Any]) -> Preview:
    """Build the preview that `to_json` packed; raises ValueError or TypeError for what is none."""
    built = _build(Preview, data)
    assert isinstance(built, Preview)
    return built


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(zlib.compress(value)).decode()
    return value


def _build(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        kind = next(one for one in typing.get_args(kind) if one is not type(None))
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{name: _build(hints[name], one) for name, one in value.items()})  # type: ignore[operator]  # a class here
    if typing.get_origin(kind) is tuple:
        inner = typing.get_args(kind)[0]
        return tuple(_build(inner, one) for one in value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is bytes:
        return zlib.decompress(base64.b64decode(value))
    return value
