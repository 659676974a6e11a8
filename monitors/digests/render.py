"""Digest -> its subject, and its body as html, txt or json, in the language of its readers.

The html is one file without scripts, images or anything loaded from elsewhere; the txt is 100
columns wide (addresses are never broken). The json's fields are those of `record.py`.
"""

from __future__ import annotations

import functools
import json
import textwrap
from importlib.resources import files
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from jinja2 import DictLoader, Environment, StrictUndefined

from .compose import COPY_LINES
from .record import digest_record
from .sentences import split_at_marks
from .words import load_words

if TYPE_CHECKING:
    from .digest import Digest
    from .words import Language

Format = Literal["html", "txt", "json"]
FORMATS: tuple[Format, ...] = ("html", "txt", "json")
COLUMNS = 100
HEALTH_LINES = 20  # sources named of each kind; the rest is counted
OUTLETS = 12  # other sources named of one text; the rest is counted
LONGEST_LINK = 2_000


def render(digest: Digest, language: Language, form: Format) -> str:
    """Render a digest; the same digest gives the same bytes."""
    if form == "json":
        return json.dumps(digest_record(digest), ensure_ascii=False, indent=2) + "\n"
    template = _environment(language).get_template(f"digest.{form}")
    return template.render(d=digest, title=subject(digest, language)).rstrip() + "\n"


def subject(digest: Digest, language: Language) -> str:
    """Say in one line what the digest holds and of which day; never a line break in it."""
    words = load_words(language)
    events = (
        words.plural("%(num)s event", "%(num)s events", digest.totals.events)
        if digest.totals.events
        else words.text("no events")
    )
    parts = [f"Ronda {digest.monitor}: {events}", words.day(digest.until, digest.timezone)]
    if digest.kind == "first_look":
        parts.insert(0, words.text("First look"))
    if digest.delayed_from is not None:
        parts.append(words.text("delayed"))
    if digest.health.test_network:
        parts.insert(0, "TEST NETWORK")
    return " ".join(" · ".join(parts).split())


def safe_link(url: str | None) -> str | None:
    """Give an address back where it is plain http(s) and of sane length, else None."""
    if url is None or len(url) > LONGEST_LINK or any(c.isspace() or c < " " for c in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


@functools.cache
def _environment(language: Language) -> Environment:
    folder = files("monitors.digests") / "templates"
    environment = Environment(
        loader=DictLoader(
            {name: (folder / name).read_text("utf-8") for name in ("digest.html", "digest.txt")}
        ),
        autoescape=lambda name: name is None or not name.endswith(".txt"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words = load_words(language)
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        words.catalogue.ugettext, words.catalogue.ungettext, newstyle=True
    )
    environment.globals |= {
        "words": words,
        "language": language,
        "copy_lines": COPY_LINES,
        "health_lines": HEALTH_LINES,
        "outlets": OUTLETS,
    }
    environment.filters |= {
        "pieces": split_at_marks,
        "link": safe_link,
        "wrap": _wrap,
        "number": words.number,
        "reason": words.reason,
    }
    return environment


def _wrap(text: str, first: str = "", rest: str | None = None) -> str:
    """Fill a paragraph to the columns; `rest` begins its further lines."""
    return textwrap.fill(
        " ".join(text.split()),
        COLUMNS,
        initial_indent=first,
        subsequent_indent=" " * len(first) if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
