"""Any text -> plain lower-case words, each with its place in the text as it is stored.

Phrases of topics and names of regions are compared on these words, so quotes, capitals, hyphens,
doubled spaces, invisible characters and look-alike letters make no difference. What is stored is
never changed: every word knows the characters it was cut from.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from operator import add

_WORD = re.compile(r"[a-z0-9]+")
_GAP = re.compile(r"[^a-z0-9]+")
# The odd characters that nearly every article holds, one for one: these keep all offsets.
_USUAL = (
    ("\u2019", "'"), ("\u2018", "'"), ("\u201c", '"'), ("\u201d", '"'),
    ("\u2013", "-"), ("\u2014", "-"), ("\u00a0", " "), ("\u2026", "."),
)  # fmt: skip
_INVISIBLE = frozenset("\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\ufeff")
# Cyrillic and Greek letters (and the dotless i) that pass for Latin ones on a screen.
_LOOK_ALIKE = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХаеѕіјкмнорстухԁӏβΑΒΕΖΗΙΚΜΝΟΡΤΥΧαεικνορτυχıɡ",
        "ABESIJKMHOPCTYXaesijkmhopctyxdlbABEZHIKMNOPTYXaeiknoptuxig",
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Folded:
    """`words` is " one two three "; word n begins there at `offsets[n]` and was cut from
    `starts[n]:ends[n]` of the text."""

    words: str
    offsets: list[int]
    starts: list[int]
    ends: list[int]

    def word_at(self, offset: int) -> int:
        """Give the number of the word that holds this offset of `words`."""
        return bisect_right(self.offsets, offset) - 1


def fold(text: str) -> Folded:
    """Cut a text into folded words."""
    plain, places = _flatten(text)
    found = _WORD.findall(plain)
    if not found:
        return Folded("  ", [], [], [])
    gaps = [len(gap) for gap in _GAP.findall(plain)]
    before = 0 if plain.startswith(found[0]) else gaps.pop(0)
    lengths = [len(word) for word in found]
    words = f" {' '.join(found)} "
    offsets = [*accumulate([length + 1 for length in lengths[:-1]], initial=1)]
    starts = [*accumulate(map(add, lengths[:-1], gaps), initial=before)]
    ends = [*map(add, starts, lengths)]
    if places is not None:
        starts = [places[start] for start in starts]
        ends = [places[end - 1] + 1 for end in ends]
    return Folded(words, offsets, starts, ends)


def fold_phrase(phrase: str) -> str:
    """Fold one phrase: its words with single spaces between them."""
    return fold(phrase).words.strip()


def plain_copy(text: str) -> str | None:
    """Give the text with usual quotes, dashes and spaces only, where its length stays the same."""
    plain, places = _flatten(text)
    return plain if places is None else None


def _flatten(text: str) -> tuple[str, list[int] | None]:
    """Give a lower-case ASCII copy and, where lengths differ, the place of each character."""
    if text.isascii():
        return text.lower(), None
    for odd, usual in _USUAL:
        text = text.replace(odd, usual)
    if text.isascii():
        return text.lower(), None
    pieces = [letter if letter < "\x80" else _letter(letter) for letter in text]
    plain = "".join(pieces).lower()
    if all(len(piece) == 1 for piece in pieces):
        return plain, None
    return plain, [place for place, piece in enumerate(pieces) for _ in piece]


def _letter(letter: str) -> str:
    if letter in _INVISIBLE or unicodedata.category(letter) in ("Mn", "Cf"):
        return ""
    if letter in _LOOK_ALIKE:
        return _LOOK_ALIKE[letter]
    bare = "".join(
        _LOOK_ALIKE.get(part, part) for part in unicodedata.normalize("NFKD", letter)
        if unicodedata.category(part) not in ("Mn", "Cf")
    )  # fmt: skip
    return bare if bare and bare.isascii() else " "
