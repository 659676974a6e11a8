"""An article -> its folded words with sentences, paragraphs, lead and furniture marked.

The title is sentence 0 and paragraph -1, the text begins with sentence 1. Sentences of furniture
(lines that belong to the page, not to the story) hold no words that count.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from config.folding import Folded, fold

LEAD_WORDS = 50  # the lead ends with the sentence that reaches this many words
SHORTEST_LEAD = 12  # a shorter first line without a full stop is a caption: the next one leads
_END = re.compile(r"[.!?][\"'”’»)\]]*(?:--)?\s+|\s*\n\s*")
_NOT_AN_END = frozenset(
    [
        "kab",
        "kec",
        "kel",
        "kep",
        "prov",
        "dr",
        "drs",
        "dra",
        "ir",
        "prof",
        "h",
        "hj",
        "hm",
        "no",
        "nomor",
        "jl",
        "tgl",
        "sdr",
        "pt",
        "cv",
        "rp",
        "komjen",
        "irjen",
        "brigjen",
        "kombes",
        "kol",
        "letkol",
        "mayjen",
        "kompol",
        "akp",
        "akbp",
        "st",
        "gg",
        "hal",
    ]
)


@dataclass(frozen=True, slots=True)
class Layout:
    """`sentences[i]` is the first word of sentence i, `paragraphs[i]` its paragraph."""

    folded: Folded
    text_at: int
    sentences: list[int]
    paragraphs: list[int]
    lead: frozenset[int]
    furniture: frozenset[int]
    headline: int  # the title's sentence; of an article without a title the first of its lead

    def sentence_of(self, word: int) -> int:
        """Give the number of the sentence that holds this word."""
        return bisect_right(self.sentences, word) - 1


def lay_out(title: str, text: str, lines: tuple[str, ...], inline: tuple[str, ...]) -> Layout:
    """Fold an article and mark its parts.

    `lines` are folded phrases that make the line they begin furniture, `inline` those that do so
    from where they stand to the end of the sentence.
    """
    whole = f"{title}\n{text}"
    text_at = len(title) + 1
    folded = fold(whole)
    first = bisect_left(folded.starts, text_at)
    sentences, paragraphs = [0, first], [-1, 0]
    for found in _END.finditer(whole, text_at):
        lines_ended = found.group().count("\n")
        word = bisect_left(folded.starts, found.end())
        if not lines_ended and _abbreviated(folded, word - 1, found.start()):
            continue
        sentences.append(word)
        paragraphs.append(paragraphs[-1] + lines_ended)
    furniture = _find_furniture(folded, sentences, paragraphs, lines, inline)
    lead = _find_lead(folded, sentences, paragraphs, furniture, whole)
    headline = 0 if first or not lead else min(lead)
    return Layout(folded, text_at, sentences, paragraphs, lead, furniture, headline)


def _abbreviated(folded: Folded, word: int, end: int) -> bool:
    """Tell whether the full stop at `end` belongs to the word before it (Kab., H., No.)."""
    if word < 0 or folded.ends[word] != end:
        return False
    begin = folded.offsets[word]
    spelt = folded.words[begin : folded.words.find(" ", begin)]
    return (len(spelt) == 1 and spelt.isalpha()) or spelt in _NOT_AN_END


def _find_furniture(
    folded: Folded,
    sentences: list[int],
    paragraphs: list[int],
    lines: tuple[str, ...],
    inline: tuple[str, ...],
) -> frozenset[int]:
    words, offsets = folded.words, folded.offsets
    for phrase in inline:
        at = words.find(f" {phrase} ")
        while at >= 0:
            word = folded.word_at(at + 1)
            place = bisect_left(sentences, word)
            if place == len(sentences) or sentences[place] != word:
                sentences.insert(place, word)
                paragraphs.insert(place, paragraphs[place - 1])
            at = words.find(f" {phrase} ", at + 1)
    title = words[1 : offsets[sentences[1]]] if sentences[1] < len(offsets) else words[1:]
    begins = tuple(f"{phrase} " for phrase in lines)
    inside = tuple(f"{phrase} " for phrase in inline)
    marked: set[int] = set()
    last, whole_line = -1, False
    for number in range(1, len(sentences)):
        if sentences[number] >= len(offsets):
            break
        begin = offsets[sentences[number]]
        if paragraphs[number] != last:
            last = paragraphs[number]
            whole_line = words.startswith(begins, begin) or _repeats(
                title, words, begin, number, sentences, paragraphs, offsets
            )
        if whole_line or (inside and words.startswith(inside, begin)):
            marked.add(number)
    return frozenset(marked)


def _repeats(
    title: str, words: str, begin: int, number: int,
    sentences: list[int], paragraphs: list[int], offsets: list[int],
) -> bool:  # fmt: skip
    """Tell whether the line that begins here says the title again (a caption)."""
    if not title or not words.startswith(title, begin):
        return False
    after = number + 1
    while after < len(sentences) and paragraphs[after] == paragraphs[number]:
        after += 1
    ends = len(words)
    if after < len(sentences) and sentences[after] < len(offsets):
        ends = offsets[sentences[after]]
    return ends - begin <= len(title) + 1


def _find_lead(
    folded: Folded,
    sentences: list[int],
    paragraphs: list[int],
    furniture: frozenset[int],
    whole: str,
) -> frozenset[int]:
    count = len(folded.starts)
    bounds = [*sentences, count]
    lead: list[int] = []
    for number in range(1, len(sentences)):
        if number in furniture or bounds[number + 1] == bounds[number]:
            continue
        if lead and paragraphs[number] != paragraphs[lead[-1]]:
            last = folded.ends[bounds[lead[-1] + 1] - 1]
            length = bounds[lead[-1] + 1] - bounds[lead[0]]
            if length >= SHORTEST_LEAD or whole[last : last + 3].strip("\"'”’) ")[:1] in ".!?":
                break
            lead = []
        lead.append(number)
        if bounds[number + 1] - bounds[lead[0]] >= LEAD_WORDS:
            break
    return frozenset(lead)
