"""A front page -> what the site calls itself, its description, its footer, its twins."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.reading.urls import bare_host, canonical_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.html import HtmlElement

JOINT = re.compile(r"\s+[-–—|»«·•:]+\s+|\s*\|+\s*")
FOOTER = re.compile(r"(?:.*[-_ ])?(?:foot|footer|colophon|copyright)(?:[-_ ].*)?$", re.I)
LONGEST_NAME = 60
LONGEST_TITLE = 300
LONGEST_CLASS = 200
FOOTER_LETTERS = 3000
TWIN_HOSTS = ("www.", "m.", "amp.")
# Words that no text in Indonesian does without.
INDONESIAN = frozenset({"yang", "dan", "di", "dengan", "untuk", "dari", "ini", "pada", "itu", "ke"})
ENOUGH_INDONESIAN = 0.06
FEWEST_WORDS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What a front page says of its site; `foreign` is the host that its canonical names."""

    name: str
    title: str
    description: str
    footer: str
    language: str | None
    twins: tuple[str, ...]
    foreign: str | None


NO_FACE = Face(name="", title="", description="", footer="", language=None, twins=(), foreign=None)


def read_face(root: HtmlElement, url: str) -> Face:
    """Read a front page's head and foot."""
    metas = _metas(root)
    title = _squeeze(root.findtext(".//head/title") or "")[:LONGEST_TITLE]
    host = bare_host(url)
    lang = (root.get("lang") or metas.get("og:locale") or "").lower()[:2]
    return Face(
        name=_choose_name(_names(root, metas), title, host),
        title=title,
        description=metas.get("description") or metas.get("og:description") or "",
        footer=_footer(root),
        language=lang or None,
        twins=_twins(root, url),
        foreign=_foreign(root, url),
    )


def language_of(texts: Iterable[str], said: str | None) -> str | None:
    """Tell the language by the texts' commonest words, else what the page says of itself."""
    words = [word for text in texts for word in re.findall(r"[a-z]+", text.lower())]
    if len(words) < FEWEST_WORDS:
        return said
    share = sum(word in INDONESIAN for word in words) / len(words)
    if share >= ENOUGH_INDONESIAN:
        return "id"
    return said if said != "id" else None


def letters(text: str) -> str:
    """Give a text's letters and digits alone, in small letters."""
    return "".join(one for one in text.lower() if one.isalnum())


def _names(root: HtmlElement, metas: dict[str, str]) -> list[str]:
    found = [metas.get(key, "") for key in ("og:site_name", "application-name")]
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            found += _publishers(script.text or "")
    found += [
        image.get("alt") or ""
        for image in root.iter("img")
        if "logo" in f"{image.get('class')} {image.get('src')}".lower()
    ][:3]
    return [name for one in found if (name := _squeeze(one)) and len(name) <= LONGEST_NAME]


def _choose_name(given: list[str], title: str, host: str) -> str:
    """Prefer what the page calls its site; of the title's parts, the one that is like the host."""
    parts = [one for one in JOINT.split(title) if one and len(one) <= LONGEST_NAME]
    own = letters(host.rpartition(".")[0])
    for name in given:
        if letters(name) != letters(host):
            return name
    like = [one for one in parts if _shared(letters(one), own) >= 5]
    if like:
        return max(like, key=lambda one: (_shared(letters(one), own), -len(one)))
    if parts:
        return min(parts, key=lambda one: (len(one.split()) > 4, parts.index(one)))
    return given[0] if given else host


def _shared(one: str, other: str) -> int:
    """Give the length of the longest run of letters that two texts share."""
    best = 0
    for start in range(len(one)):
        while one[start : start + best + 1] in other and start + best < len(one):
            best += 1
    return best


def _metas(root: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = (meta.get("property") or meta.get("name") or "").strip().lower()
        found.setdefault(name, _squeeze(meta.get("content") or "")[:500])
    return found


def _publishers(text: str) -> list[str]:
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        return []
    things = data if isinstance(data, list) else [data]
    things += [one for thing in things if isinstance(thing, dict) for one in _graph(thing)]
    kinds = {"WebSite", "NewsMediaOrganization", "Organization", "GovernmentOrganization"}
    return [
        thing["name"]
        for thing in things
        if isinstance(thing, dict)
        and isinstance(thing.get("name"), str)
        and isinstance(thing.get("@type"), str)
        and thing["@type"] in kinds
    ]


def _graph(thing: dict[str, Any]) -> list[Any]:
    graph = thing.get("@graph")
    return graph if isinstance(graph, list) else []


def _footer(root: HtmlElement) -> str:
    """Give the text of what is, or calls itself, the page's foot; its end stands for all."""
    for element in reversed(list(root.iter("footer", "div", "section", "p"))):
        called = f"{element.get('class') or ''} {element.get('id') or ''}".strip()
        named = FOOTER.match(called[:LONGEST_CLASS])
        if element.tag == "footer" or named:
            text = _squeeze(element.text_content())
            if len(text) > 10:
                return text[-FOOTER_LETTERS:]
    return ""


def _twins(root: HtmlElement, url: str) -> tuple[str, ...]:
    own, here = bare_host(url), urlsplit(url).hostname
    hosts: dict[str, None] = {}
    for element in root.iter("a", "link"):
        link = canonical_url(element.get("href") or "", url)
        host = urlsplit(link).hostname if link else None
        if host and host != here and bare_host(link or "") == own:
            hosts[host] = None
    return tuple(hosts)[:5]


def _foreign(root: HtmlElement, url: str) -> str | None:
    for element in root.iter("link"):
        if "canonical" in (element.get("rel") or "").lower().split():
            link = canonical_url(element.get("href") or "", url)
            if link and bare_host(link) != bare_host(url):
                return bare_host(link)
    return None


def _squeeze(text: str) -> str:
    return " ".join(text.split())
