"""An article's text and its evidence -> the one sentence that a digest quotes, with its marks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storage.records import Evidence

LONGEST = 300
_LEAD = 90  # characters kept before the first mark where a sentence must be cut
_END = re.compile(
    r"""
    (?<!\b[A-Z])(?<!\b(?:Dr|Ir|Hj|St|No|Jl|Rp|pp))   # initials, titles, "No. 5", "Jl. Merdeka"
    (?<!\b(?:Drs|Kab|Kec|dkk|dll|tgl))(?<!\bProf)
    [.!?]+["”’')\]]*\s+(?=["“‘(\[]?[A-Z0-9])         # the next one begins with a capital
    """,
    re.VERBOSE,
)

Marks = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A piece of text, at most 300 characters, with the offsets of what counted in it."""

    text: str = ""
    marks: Marks = ()


def quote_sentence(text: str, evidence: Iterable[Evidence]) -> Quote:
    """Choose the sentence that carries the most evidence; the earliest wins where two are equal."""
    lines = [
        line
        for line in evidence
        if line.field == "text" and 0 <= line.start < line.end <= len(text)
    ]
    weights: dict[tuple[int, int], float] = {}
    for line in lines:
        bounds = _sentence(text, line.start, line.end)
        weights[bounds] = weights.get(bounds, 0.0) + max(line.weight, 0.0)
    if not weights:
        return Quote()
    start, end = max(sorted(weights), key=weights.__getitem__)
    marks = _merge((line.start, line.end) for line in lines if start <= line.start < end)
    return _cut(text, start, end, marks)


def quote_title(title: str, evidence: Iterable[Evidence]) -> Quote:
    """Give a title with its marks, cut at 300 characters."""
    marks = _merge(
        (line.start, line.end)
        for line in evidence
        if line.field == "title" and 0 <= line.start < line.end <= len(title)
    )
    return _cut(title, 0, len(title), marks)


def split_at_marks(quote: Quote) -> list[tuple[str, bool]]:
    """Split a quote into pieces, each with whether it is marked."""
    pieces: list[tuple[str, bool]] = []
    done = 0
    for start, end in quote.marks:
        pieces += [(quote.text[done:start], False), (quote.text[start:end], True)]
        done = end
    pieces.append((quote.text[done:], False))
    return [piece for piece in pieces if piece[0]]


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Find the sentence around an offset, within its paragraph (one line)."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    for stop in _END.finditer(text, first, last):
        if stop.end() <= start:
            first = stop.end()
        elif stop.end() >= end:
            last = stop.end()
            break
    while first < start and text[first].isspace():
        first += 1
    while last > end and text[last - 1].isspace():
        last -= 1
    return first, last


def _merge(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cut(text: str, start: int, end: int, marks: Sequence[tuple[int, int]]) -> Quote:
    """Cut to the longest allowed, at a space, keeping the first mark in view."""
    before = after = ""
    if end - start > LONGEST:
        first = marks[0][0] if marks else start
        if first - start > LONGEST - _LEAD:
            space = text.find(" ", first - _LEAD, first)
            start, before = (space + 1 if space >= 0 else first), "… "
        room = LONGEST - len(before) - len(" …")
        if end - start > room:
            space = text.rfind(" ", start + room // 2, start + room)
            end, after = (space if space >= 0 else start + room), " …"
    piece = before + _plain(text[start:end]) + after
    shift = len(before) - start
    kept = tuple((a + shift, min(b, end) + shift) for a, b in marks if start <= a < end)
    return Quote(text=piece, marks=kept)


def _plain(text: str) -> str:
    """Turn every control character and line break into a space; lengths stay as they are."""
    return "".join(c if c.isprintable() else " " for c in text)
