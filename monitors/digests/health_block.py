"""State of the sources -> the values that head and close every digest.

`monitors/health.py` fills them from both databases; the templates only print them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003  # dataclass fields are read at run time by tests


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One source that a reader should know about.

    `reason` is the crawl's own short reason ("timeout", "http_403"), `since` when it last did well.
    `province` is the province's name, None for national sources.
    """

    source: str
    name: str
    province: str | None = None
    reason: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """How the sources do: `checked` were polled at least once, `ok` of them answer and bring news.

    `failing` do not answer, `quiet` answer but bring nothing new, `never` were not reached yet;
    `offline` says that our own uplink is the likely cause, `test_network` that test hosts are set.
    """

    checked: int = 0
    ok: int = 0
    failing: tuple[SourceLine, ...] = ()
    quiet: tuple[SourceLine, ...] = ()
    never: tuple[SourceLine, ...] = ()
    disabled: int = 0
    offline: bool = False
    test_network: bool = False
