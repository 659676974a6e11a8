"""What a site says of itself, and where its articles are written -> the region it belongs to."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from config.folding import fold_phrase
from config.region import load_regions

from .identity import letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from config.region import Region

    from .identity import Face

TITLE, HOST, DESCRIPTION, FOOTER, DATELINE, NEWS = 4.0, 4.0, 2.0, 3.0, 2.0, 3.0
ENOUGH = 2.0
MANY_PROVINCES = 3  # a text that names more lists sister sites, not its own place
MANY_TOWNS = 2
SHORT_NAME = 5  # letters; a shorter one has to stand alone in a host's name
ADDRESS = re.compile(r"\b(?:jalan|jl|jln|alamat|kantor|sekretariat|redaksi)\b[ .:]", re.I)
AROUND = 120  # letters behind such a word that may be an address
DATED = re.compile(r"^([^\n]{3,90}?)\s*(?:[–—|]|-\s|:\s)")
FEWEST_TITLES = 4  # that name a place, and of them the share that has to be one province's
SHARE_OF_TITLES = 0.6
CAPITAL = "31"  # Jakarta: a dateline there says little of the site


def find_place(
    face: Face, host: str, datelines: Iterable[str] = (), titles: Iterable[str] = ()
) -> str | None:
    """Find the code of the town or province that a site is about; None where little speaks for one.

    `datelines` are the beginnings of its articles; they speak for the province alone, since most
    are written in its capital; so do `titles`, where most that name a place name one province.
    """
    points: dict[str, float] = defaultdict(float)
    for text, weight in (
        (f"{face.name} | {face.title}", TITLE),
        (face.description, DESCRIPTION),
        (face.footer, FOOTER),
    ):
        for code, share in _mentions(text).items():
            points[code] += weight * share
    for code in _in_host(host):
        points[code] += HOST
    for beginning in datelines:
        for province in _dated(beginning) - {CAPITAL}:
            points[province] += DATELINE
    named = Counter(code[:2] for title in titles for code in set(_named(title)))
    for province, count in named.most_common(1):
        if count >= FEWEST_TITLES and count >= SHARE_OF_TITLES * named.total():
            points[province] += NEWS
    return _decide(points)


def _dated(beginning: str) -> set[str]:
    """Give the provinces of the first dateline; a summary may stand before it."""
    for line in beginning.split("\n"):
        found = DATED.match(line.strip())
        if found and (provinces := {code[:2] for code in _named(found[1])}):
            return provinces
    return set()


def _decide(points: Mapping[str, float]) -> str | None:
    provinces: dict[str, float] = defaultdict(float)
    for code, weight in points.items():
        provinces[code[:2]] += weight
    best = _clear_winner(provinces)
    if best is None:
        return None
    towns = {code: n for code, n in points.items() if code[:2] == best and "." in code}
    return _clear_winner(towns) or best


def _clear_winner(points: Mapping[str, float]) -> str | None:
    ranked = sorted(points, key=lambda code: -points[code])
    if not ranked or points[ranked[0]] < ENOUGH:
        return None
    tied = len(ranked) > 1 and points[ranked[1]] >= points[ranked[0]]
    return None if tied else ranked[0]


def _mentions(text: str) -> dict[str, float]:
    """Give the places that a text names, each once; of a long list only what an address names."""
    found = _named(text)
    if len({code[:2] for code in found}) > MANY_PROVINCES:
        pieces = [text[at.end() : at.end() + AROUND] for at in ADDRESS.finditer(text)]
        found = [code for piece in pieces[:3] for code in _near(_named(piece))]
    towns = {code for code in found if "." in code}
    if len(towns) > MANY_TOWNS:  # the menu of a province's site
        found = [code for code in found if "." not in code] or list({c[:2] for c in found})
    return dict.fromkeys(found, 1.0)


def _near(codes: list[str]) -> list[str]:
    """Of the places behind an address, keep the first and what lies in its province next to it."""
    return [code for code in codes[:2] if code[:2] == codes[0][:2]]


def _named(text: str) -> list[str]:
    """List the codes named in a text, the longest name first at each place."""
    names = _names()
    words = fold_phrase(text).split()
    found: dict[str, None] = {}
    at = 0
    while at < len(words):
        for length in range(min(6, len(words) - at), 0, -1):
            code = names.get(" ".join(words[at : at + length]))
            if code is not None:
                found[code] = None
                at += length - 1
                break
        at += 1
    return list(found)


def _in_host(host: str) -> list[str]:
    """List what a host's name holds: whole parts, or a name of five letters at either end."""
    parts = [part for part in re.split(r"[^a-z]+", host.lower().rpartition(".")[0]) if part]
    found: dict[str, None] = {}
    for part in parts:
        fits = [
            (len(name), code)
            for name, code in _joined_names().items()
            if part == name
            or (len(name) >= SHORT_NAME and (part.startswith(name) or part.endswith(name)))
            or (len(name) >= SHORT_NAME + 2 and name in part)
        ]
        if fits:
            found[max(fits)[1]] = None
    return list(found)


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    """Map every name that decides by itself to its code; the names of two regions do not."""
    regions = load_regions()
    meant: dict[str, set[str]] = {}
    for region in regions.values():
        for name in _names_of(region):
            meant.setdefault(name, set()).add(region.code)
    decided = {}
    for name, codes in meant.items():
        provinces = [code for code in codes if "." not in code]
        if len(codes) == 1 or len(provinces) == 1:
            decided[name] = (provinces or list(codes))[0]
        elif len({code[:2] for code in codes}) == 1:
            decided[name] = next(iter(codes))[:2]
    return decided


def _names_of(region: Region) -> set[str]:
    names = {fold_phrase(region.official_name)}
    doubtful = {fold_phrase(one) for one in _doubted(region)}
    for name in (region.short_name, *region.aliases):
        folded = fold_phrase(name)
        if folded not in doubtful and len(folded) > 2:
            names.add(folded)
    return names


def _doubted(region: Region) -> list[str]:
    """Names that are words, or other places elsewhere; see the column `ambiguity`."""
    if region.level == "provinsi":
        return []
    listed = region.ambiguity.partition("province context): ")[2].split(";")[0].split(",")
    bare = [region.short_name] if "everyday word" in region.ambiguity else []
    return [*bare, *listed]


@lru_cache(maxsize=1)
def _joined_names() -> Mapping[str, str]:
    found = {}
    for name, code in _names().items():
        joined = letters(name)
        if joined.isalpha() and len(joined) > 2:
            found[joined] = code
    return found
