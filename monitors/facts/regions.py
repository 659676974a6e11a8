"""An article and its source -> the code of the region where its event belongs.

A dateline is not the event's region, a bare ambiguous name never decides, the longest name wins.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick, MatchKind

from config.folding import Folded, fold, fold_phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.region import Region
    from config.source import Source
    from storage.records import Article

# Words before a name that say which kind of region is meant.
_KINDS = {
    "provinsi": ("provinsi", "pemprov", "gubernur", "gubernur provinsi", "wagub", "se"),
    "kabupaten": ("kabupaten", "kab", "pemkab", "bupati", "wabup", "pj bupati", "pemda"),
    "kota": ("kota", "pemkot", "pemko", "wali kota", "walikota", "wawali", "wawako", "wako"),
}
_SEAT = frozenset({"jakarta", "kuningan"})  # where KPK sits: a place of meetings, not their region
_DATELINE = re.compile(r"\A[^\n]{0,90}?(?:\s[-–—]+\s|—|:\s|\)\s*[-–—])")
_TITLE, _LEAD, _BODY, _DATED = 3.0, 2.0, 1.0, 0.2
_SAID, _BARE = 3.0, 1.0  # "Bupati Bogor" against "Bogor"
_LEAD_CHARACTERS = 400
_SHARED = 0.6  # another region of the province with so much of the best one's points shares it


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All names of all regions; `codes[pattern]` are the regions meant, `said` if kind is given."""

    regions: Mapping[str, Region]
    automaton: AhoCorasick
    codes: tuple[tuple[tuple[str, ...], bool], ...]


_last: list[Gazetteer] = []


def find_region(
    article: Article, source: Source | None, regions: Mapping[str, Region]
) -> str | None:
    """Find the code of the event's region or province; the source's own as last resort."""
    own = (source.region or source.province_code) if source else None
    points = _weigh_mentions(article, own, _compiled(regions))
    if not points:
        return own
    best = max(points, key=lambda code: points[code])
    province = regions[best].province_code
    rivals = [
        code for code in points
        if code not in (best, province) and regions[code].province_code == province
        and points[code] >= _SHARED * points[best]
    ]  # fmt: skip
    return province if rivals and best != province else best


def compile_gazetteer(regions: Mapping[str, Region]) -> Gazetteer:
    """Compile the names of all regions into one automaton."""
    names: dict[str, dict[str, bool]] = {}
    for code, region in regions.items():
        bare = fold_phrase(region.short_name)
        kind = region.type.split()[0]
        for word in _KINDS.get(kind, ()):
            names.setdefault(f"{word} {bare}", {})[code] = True
        for name in (region.official_name, region.short_name, *region.aliases):
            folded = fold_phrase(name)
            said = folded != bare and bare in folded and not _doubtful(name, region)
            names.setdefault(folded, {})[code] = said
            for word in _KINDS.get(kind, ()) if folded != bare else ():
                names.setdefault(f"{word} {folded}", {})[code] = True
            if len(folded) >= 9 and folded.count(" ") == 1:
                names.setdefault(folded.replace(" ", ""), {}).setdefault(code, False)
    automaton = AhoCorasick([f" {name} " for name in names], MatchKind.Standard)
    codes = tuple((tuple(meant), any(meant.values())) for meant in names.values())
    return Gazetteer(regions, automaton, codes)


def _compiled(regions: Mapping[str, Region]) -> Gazetteer:
    if not _last or _last[0].regions is not regions:
        _last[:] = [compile_gazetteer(regions)]
    return _last[0]


def _weigh_mentions(article: Article, own: str | None, gazetteer: Gazetteer) -> dict[str, float]:
    whole = f"{article.title}\n{article.text}"
    folded = fold(whole)
    text_at = len(article.title) + 1
    dateline = _DATELINE.match(article.text)
    dated = text_at + (dateline.end() if dateline else 0)
    points: dict[str, float] = {}
    for first, last, pattern in _longest(folded, gazetteer):
        at = folded.starts[first]
        codes, said = gazetteer.codes[pattern]
        code = _decide(codes, said, whole[at : folded.ends[last]], own, gazetteer.regions)
        if code is None:
            continue
        if at < text_at:
            place = _TITLE
        elif at < dated:
            place = _DATED
        else:
            place = _LEAD if at < dated + _LEAD_CHARACTERS else _BODY
        points[code] = points.get(code, 0.0) + place * (_SAID if said else _BARE)
    return points


def _longest(folded: Folded, gazetteer: Gazetteer) -> list[tuple[int, int, int]]:
    found = []
    for pattern, start, end in gazetteer.automaton.find_matches_as_indexes(
        folded.words, overlapping=True
    ):
        first = bisect_left(folded.offsets, start + 1)
        found.append((first, folded.word_at(end - 2), pattern))
    kept, reach = [], -1
    for first, last, pattern in sorted(found, key=lambda one: (one[0], -one[1])):
        if last > reach:
            kept.append((first, last, pattern))
            reach = last
    return kept


def _decide(
    codes: tuple[str, ...], said: bool, spelt: str, own: str | None, regions: Mapping[str, Region]
) -> str | None:
    """Say which region a name means; None where it does not decide."""
    if own and own in codes:
        return own
    near = [code for code in codes if own and regions[code].province_code == own[:2]]
    if said:
        return near[0] if near else codes[0]
    if fold_phrase(spelt) in _SEAT and not near:
        return None
    provinces = [code for code in codes if regions[code].level == "provinsi"]
    if provinces:
        return provinces[0]
    if any(_doubtful(spelt, regions[code]) for code in codes):
        near = [code for code in near if spelt[:1].isupper()]
        if not near:
            return None
    chosen = near or list(codes)
    if len(chosen) == 1:
        return chosen[0]
    of = {regions[code].province_code for code in chosen}
    return of.pop() if len(of) == 1 else None


def _doubtful(name: str, region: Region) -> bool:
    """Tell whether a name is also an everyday word or means other things elsewhere."""
    if "everyday word" in region.ambiguity:
        return fold_phrase(name) == fold_phrase(region.short_name)
    _, _, listed = region.ambiguity.partition("province context): ")
    doubted = {fold_phrase(part) for part in listed.split(";")[0].split(",")}
    return bool(listed) and fold_phrase(name) in doubted
