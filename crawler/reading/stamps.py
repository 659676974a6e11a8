"""What a page says of its times -> Stamps: JSON-LD, metas, <time>, address and printed lines.

A stamp is a claim, kept as written: wall clock, offset where one is given, and where it stood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .printed import find_ago, find_printed, hours_east

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lxml.html import HtmlElement

    from .document import Block, Document

KNOWN_METAS = (  # besides article:published_time; the order is that of trust
    "content_publisheddate",
    "publisheddate",
    "published_time",
    "og:published_time",
    "og:article:published_time",
    "datepublished",
    "publishdate",
    "publish_date",
    "publish-date",
    "pubdate",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dc.date",
    "dcterms.created",
    "dcterms.date",
    "cxenseparse:recs:publishtime",
    "article.published",
    "originalpublicationdate",
    "datecreated",
    "date",
)
MODIFIED_METAS = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "lastmod",
    "last-modified",
)
STAMP = re.compile(
    r"""^\s*(?P<year>(?:19|20)\d\d)-(?P<month>\d\d?)-(?P<day>\d\d?)
    (?:(?:\s*T\s*|\s+)(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?
    \s*(?P<zone>Z|[+-]\d\d:?\d\d|[+-]\d\d|WIB|WITA|WIT|GMT|UTC)?)?\s*(?:[+-]\d\d:?\d\d)?\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
RFC = re.compile(r"^[A-Z][a-z]{2},? \d\d? [A-Z][a-z]{2} \d{4} ")
PATH_DAY = re.compile(
    r"(?:^|[/_-])(?P<year>20\d\d)(?:(?P<mark>[/-])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    r"|(?P<month2>\d\d)(?P<day2>\d\d))(?=[/_-]|$)"
)
PATH_CLOCK = re.compile(r"^/(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?:[0-5]\d)?\d{0,4}(?=/|$)")
OPENS = re.compile(
    r"(?:di)?(?:terbit|publikasi|publish|posting|post|unggah|tayang|muat|rilis)|published|posted",
    re.IGNORECASE,
)
CHANGES = re.compile(
    r"perbarui|pembaruan|update|diubah|modified|terakhir|last\b|sunting|edited", re.IGNORECASE
)
DATE_CLASS = re.compile(r"date|time|tanggal|waktu|tgl|publish|posted|jam\b", re.IGNORECASE)
LINE = 220  # characters; a longer block is prose, its dates are events
BESIDE = 110  # characters beside the dates; a sentence's dates are events too


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """One claim: `wall` is naive, `offset` hours east or None, `clock` false where only a day."""

    where: str
    wall: datetime
    offset: float | None = None
    clock: bool = True
    slip: bool = False

    def instant(self, hours: float) -> datetime:
        """Give the time in UTC, `hours` east where the stamp names no zone."""
        shift = self.offset if self.offset is not None else hours
        return (self.wall - timedelta(hours=shift)).replace(tzinfo=UTC)


def parse_stamp(text: str, where: str) -> Stamp | None:
    """Read a machine's stamp, forgiving its usual faults; None where it is none."""
    text = text.strip()
    if match := STAMP.match(text):
        return _from_parts(match.groupdict(), where)
    if RFC.match(text):
        try:
            parsed = parsedate_to_datetime(text)
        except ValueError:
            return None
        shift = parsed.utcoffset()
        return Stamp(
            where=where,
            wall=parsed.replace(tzinfo=None),
            offset=shift.total_seconds() / 3600 if shift is not None else None,
        )
    if text.isdigit() and len(text) in (10, 13):
        seconds = int(text[:10])
        return Stamp(
            where=where, wall=datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None), offset=0
        )
    if len(text) <= 80 and (printed := find_printed(text)):
        return Stamp(
            where=where,
            wall=printed[0].wall(),
            offset=printed[0].hours_east,
            clock=printed[0].hour is not None,
            slip=printed[0].slip,
        )
    return None


def _from_parts(parts: Mapping[str, str | None], where: str) -> Stamp | None:
    try:
        wall = datetime(  # noqa: DTZ001  # a stamp's wall clock; its offset is kept beside it
            int(parts["year"] or 0),
            int(parts["month"] or 0),
            int(parts["day"] or 0),
            int(parts["hour"] or 0),
            int(parts["minute"] or 0),
            int(parts["second"] or 0),
        )
    except ValueError:
        return None
    return Stamp(
        where=where, wall=wall, offset=_offset(parts["zone"]), clock=parts["hour"] is not None
    )


def _offset(zone: str | None) -> float | None:
    if not zone:
        return None
    if zone.upper() == "Z":
        return 0
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "").ljust(4, "0")
        hours = int(digits[:2]) + int(digits[2:]) / 60
        return -hours if zone[0] == "-" else hours
    return hours_east(zone)


def published_stamps(document: Document) -> list[Stamp]:
    """Give what the page's machine-readable parts claim as its time, in the order of trust."""
    claims: list[tuple[str, str]] = []
    for key in ("datePublished", "dateCreated"):
        if isinstance(value := document.story.get(key), str):
            claims.append((f"json-ld {key}", value))
    metas = ("article:published_time", *KNOWN_METAS)
    claims += [(f"meta {name}", v) for name in metas for v in document.metas.get(name, ())[:1]]
    claims += _time_elements(document.tree)
    return [stamp for where, text in claims if text and (stamp := parse_stamp(text, where))]


def modified_stamps(document: Document) -> list[Stamp]:
    """Give what the page claims as the time of its last change."""
    claims = [("json-ld dateModified", document.story.get("dateModified"))]
    claims += [(f"meta {name}", document.meta(name)) for name in MODIFIED_METAS]
    return [
        s for where, text in claims if isinstance(text, str) and (s := parse_stamp(text, where))
    ]


def _time_elements(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """Give <time> elements that call themselves published; a lone one need not."""
    elements = [e for e in tree.iter("time") if e.get("datetime")][:40]
    for element in elements:
        called = f"{element.get('itemprop') or ''} {element.get('class') or ''}"
        published = (
            "datePublished" in called or "published" in called or element.get("pubdate") is not None
        )
        changed = "dateModified" in called or ("updated" in called.split() and not published)
        if not changed and (published or "entry-date" in called or len(elements) == 1):
            yield "time", element.get("datetime") or ""


def address_stamp(url: str) -> Stamp | None:
    """Read the day, and the clock where it follows, from an address."""
    path = urlsplit(url).path
    match = PATH_DAY.search(path)
    if match is None:
        return None
    clock = PATH_CLOCK.match(path[match.end() :])
    parts: dict[str, str | None] = {
        "year": match["year"],
        "month": match["month"] or match["month2"],
        "day": match["day"] or match["day2"],
        "hour": None,
        "minute": None,
        "second": None,
        "zone": None,
    }
    if clock:
        parts |= clock.groupdict()
    return _from_parts(parts, "address")


def printed_stamps(lines: Iterable[Block], seen: datetime) -> tuple[list[Stamp], list[Stamp]]:
    """Read the dates of the lines around the title: those of publication, those of a change."""
    published: list[Stamp] = []
    changed: list[Stamp] = []
    waiting = ""  # a label on a line of its own belongs to the next line
    for block in lines:
        text = block.text
        if len(text) > LINE:
            continue
        found = find_printed(text)
        if len(text) - sum(p.end - p.start for p in found) > BESIDE:
            continue
        cursor = 0
        for printed in found:
            label = f"{waiting} {text[cursor : printed.start]}"
            stamp = Stamp(
                where="printed",
                wall=printed.wall(),
                offset=printed.hours_east,
                clock=printed.hour is not None,
                slip=printed.slip,
            )
            is_change = _tells_change(label)
            (changed if is_change else published).append(stamp)
            waiting, cursor = "", printed.end
        if not found:
            waiting = (
                text if len(text) < 40 and (CHANGES.search(text) or OPENS.search(text)) else ""
            )
            if not published and len(text) < 60 and (ago := find_ago(text, seen)):
                day = ago.replace(tzinfo=None)
                published.append(Stamp(where="printed ago", wall=day, offset=0, clock=False))
    return published, changed


def _tells_change(label: str) -> bool:
    """Tell whether the nearest label before a date speaks of a change."""
    changes = [m.start() for m in CHANGES.finditer(label)]
    opens = [m.start() for m in OPENS.finditer(label)]
    return bool(changes) and (not opens or changes[-1] > opens[-1])
