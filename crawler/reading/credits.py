"""Lines of a story -> dateline, reporter, editor, marks of releases and paid texts.

Credits are facts about the story's origin: kept, not part of its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from config.region import load_regions

from .blocks import NO_LETTERS
from .title import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .document import Document

DASH = re.compile(r"\s*(?:[–—|]|--?(?=\s)|(?<=\s)-|:)\s*")
DATELINE = 90  # characters before the first dash
AUTHOR = re.compile(
    r"\b(?:pewarta|reporter|penulis|laporan|kontributor|wartawan|jurnalis|author|oleh)\s*[:|]\s*([^:|]{3,60}?)"
    r"(?=\s*(?:[|/]\s*)?\b(?:editor|redaktur|penyunting|uploader|sumber|foto|copyright|pewarta|reporter)\b\s*[:|]|\s*\||$)",
    re.IGNORECASE,
)
EDITOR = re.compile(
    r"\b(?:editor|redaktur|penyunting)\s*[:|]\s*([^:|]{3,60}?)"
    r"(?=\s*(?:[|/]\s*)?\b(?:pewarta|reporter|penulis|uploader|sumber|foto|copyright)\b|\s*\||$)",
    re.IGNORECASE,
)
LABEL = re.compile(
    r"^\W*(pewarta|reporter|penulis|laporan|kontributor|wartawan|author|editor|redaktur|penyunting)\s*:?\s*$",
    re.IGNORECASE,
)
NAME = re.compile(r"[A-Z\"'“][\w.,'’` -]{2,58}$")
NO_NAME = re.compile(
    r"\d|\b(?:foto|lihat|baca|editor|penulis|reporter|bagikan|share|wib|wita|wit|komentar|dan)\b|[.]{2}",
    re.IGNORECASE,
)
SIGNED = re.compile(r"\(([^()]{1,60})\)\W*$")
ORIGINS = (  # the first word tells; what follows it is the office's name
    ("ril", r"ril|rilis|press ?release|siaran pers"),
    ("rls", r"rls|rlis"),
    ("humas", r"humas\w*(?:\s.*)?"),
    ("adpim", r"(?:adpim|prokopim|prokompim)\w*(?:\s.*)?"),
    ("diskominfo", r"(?:dis)?kominfo\w*(?:\s.*)?"),
    ("adv", r"adv|advertorial|advetorial|pariwara|iklan|sponsored"),
)
_ORIGINS = tuple((mark, re.compile(rf"(?:{form})\Z", re.IGNORECASE)) for mark, form in ORIGINS)
PAID = re.compile(r"^\W*(?:advertorial|adv|pariwara|sponsored(?: content)?)\W*$", re.IGNORECASE)
RELEASE = re.compile(r"^\W*(?:siaran pers|press release|rilis)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """Who wrote and edited a story, and what says that it is a release or paid for."""

    author: str | None = None
    editor: str | None = None
    marks: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _places() -> frozenset[str]:
    names: set[str] = set()
    for region in load_regions().values():
        names |= {_letters(n) for n in (region.short_name, region.official_name, *region.aliases)}
    return frozenset(names)


def read_dateline(line: str) -> str | None:
    """Give the places of a story's dateline as printed; what is no place is the masthead."""
    match = DASH.search(line)
    if match is None or not 0 < match.start() <= DATELINE:
        return None
    parts = [p.strip(" .*\"'“”") for p in re.split(r"[,()/;]", line[: match.start()])]
    places = [p for p in parts if p and _letters(p) in _places()]
    return ", ".join(dict.fromkeys(places)) or None


def is_dateline(line: str) -> bool:
    """Tell a place on a line of its own, as some pages print it before the lead."""
    bare = line.strip(" .,-–—:*")
    return 2 < len(bare) < 60 and all(_letters(p) in _places() for p in re.split(r"[,/]", bare))


def read_credits(document: Document, lines: Sequence[str], site: str) -> Credits:
    """Read the credits from the lines around a story, else its author from the page's metas."""
    author = editor = None
    waiting = ""
    for line in lines:
        if waiting and NAME.match(line.strip(" :")) and not NO_NAME.search(line):
            name = line.strip(" :")
            if waiting in ("editor", "redaktur", "penyunting"):
                editor = editor or name
            else:
                author = author or name
            waiting = ""
            continue
        if label := LABEL.match(line):
            waiting = label.group(1).lower()
            continue
        waiting = ""
        if len(line) > 200:
            continue
        if not author and (found := AUTHOR.search(line)):
            author = found.group(1).strip(" .,-")
        if not editor and (found := EDITOR.search(line)):
            editor = found.group(1).strip(" .,-")
    return Credits(
        author=(author or _told_author(document, site))[:80] or None,
        editor=editor,
        marks=read_marks(lines),
    )


def read_marks(lines: Iterable[str]) -> tuple[str, ...]:
    """Collect what says press release (`ril`, `humas`, `diskominfo` ...) or paid (`adv`)."""
    found: list[str] = []
    for line in lines:
        if PAID.match(line):
            found.append("adv")
        if RELEASE.match(line) and len(line) < 60:
            found.append("ril")
        if signed := SIGNED.search(line):
            for part in re.split(r"\s*[/,;&*-]+\s*", signed.group(1).strip()):
                found += [mark for mark, form in _ORIGINS if form.match(part)]
        elif len(line) < 120 and (
            credit := re.match(r"\W*(?:sumber|penulis|laporan|editor)\s*:(.*)", line, re.IGNORECASE)
        ):
            for part in re.split(r"\s*[/,;&*-]+\s*", credit.group(1).strip()):
                found += [mark for mark, form in _ORIGINS if mark != "adv" and form.match(part)]
    return tuple(dict.fromkeys(found))


def _told_author(document: Document, site: str) -> str:
    author = document.story.get("author")
    author = author[0] if isinstance(author, list) and author else author
    told = author.get("name") if isinstance(author, dict) else author
    for name in (told, document.meta("author", "article:author")):
        if (
            isinstance(name, str)
            and 2 < len(name) < 60
            and "://" not in name
            and _letters(name) not in _letters(site) + "admin"
        ):
            return " ".join(name.split())
    return ""


def _letters(text: str) -> str:
    return NO_LETTERS.sub("", fold(text))
