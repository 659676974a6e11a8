"""An article -> its folded words with sentences, paragraphs, lead and furniture marked.

The title is sentence 0 and paragraph -1, the text begins with sentence 1. Sentences of furniture
(lines that belong to the page, not to the story) hold no words that count.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.folding import Folded

LEAD_WORDS = 50  # the lead ends with the sentence that reaches this many words
SHORTEST_LEAD = 12  # a shorter first line without a full stop is a caption: the next one leads
LONGEST_HEADING = 4  # words of a line like "Berita Terkait", whose headlines follow below it
INDEX_LINES = 5  # so many headlines, and more than half of all lines, make an index page
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

    whole: str
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

    def begins_line(self, word: int) -> bool:
        """Tell whether this word is the first of the title or of a paragraph."""
        sentence = self.sentence_of(word)
        return self.sentences[sentence] == word and (
            sentence <= 1 or self.paragraphs[sentence - 1] != self.paragraphs[sentence]
        )


def lay_out(
    title: str, text: str, folded: Folded, lines: tuple[str, ...], inline: tuple[str, ...]
) -> Layout:
    """Mark the parts of an article; `folded` is its title, a line break and its text.

    `lines` are folded phrases that make the line they begin furniture, `inline` those that do so
    from where they stand to the end of the sentence.
    """
    whole = f"{title}\n{text}"
    text_at = len(title) + 1
    first = bisect_left(folded.starts, text_at)
    sentences, paragraphs = [0, first], [-1, 0]
    for found in _END.finditer(whole, text_at):
        lines_ended = found.group().count("\n")
        word = bisect_left(folded.starts, found.end())
        if not lines_ended and _abbreviated(folded, word - 1, found.start()):
            continue
        sentences.append(word)
        paragraphs.append(paragraphs[-1] + lines_ended)
    furniture = _find_furniture(folded, sentences, paragraphs, lines, inline, whole)
    lead = _find_lead(folded, sentences, paragraphs, furniture, whole)
    headline = 0 if first or not lead else min(lead)
    return Layout(whole, folded, text_at, sentences, paragraphs, lead, furniture, headline)


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
    whole: str,
) -> frozenset[int]:
    words, offsets = folded.words, folded.offsets
    _cut_inline(folded, sentences, paragraphs, inline)
    bounds = [*sentences, len(offsets)]
    title = words[1 : offsets[bounds[1]]] if bounds[1] < len(offsets) else words[1:]
    begins, inside = (tuple(f"{phrase} " for phrase in each) for each in (lines, inline))
    marked: set[int] = set()
    headlines: list[int] = []
    count = 0
    under_heading = False
    for numbers in _lines(sentences, paragraphs):
        first, after = bounds[numbers[0]], bounds[numbers[-1] + 1]
        if first == after:
            continue
        count += 1
        begin, end = offsets[first], offsets[after] if after < len(offsets) else len(words)
        headline = _lacks_full_stop(whole, folded.ends[after - 1])
        if words.startswith(begins, begin) or (title and words[begin:end] == title):
            marked.update(numbers)
            under_heading = after - first <= LONGEST_HEADING
        elif headline and under_heading:
            marked.update(numbers)
        else:
            under_heading = False
            marked.update(one for one in numbers if _begins(words, offsets, bounds[one], inside))
        if headline:
            headlines += numbers
    if len(headlines) >= INDEX_LINES and 2 * len(headlines) > count:
        marked.update(headlines)
    return frozenset(marked)


def _cut_inline(
    folded: Folded, sentences: list[int], paragraphs: list[int], inline: tuple[str, ...]
) -> None:
    """Begin a sentence of its own at every furniture phrase inside a line."""
    for phrase in inline:
        at = folded.words.find(f" {phrase} ")
        while at >= 0:
            word = folded.word_at(at + 1)
            place = bisect_left(sentences, word, 1)
            if place == len(sentences) or sentences[place] != word:
                sentences.insert(place, word)
                paragraphs.insert(place, paragraphs[place - 1])
            at = folded.words.find(f" {phrase} ", at + 1)


def _lines(sentences: list[int], paragraphs: list[int]) -> list[list[int]]:
    """Group the sentences of the text by the line they stand in."""
    grouped: dict[int, list[int]] = {}
    for number in range(1, len(sentences)):
        grouped.setdefault(paragraphs[number], []).append(number)
    return list(grouped.values())


def _begins(words: str, offsets: list[int], word: int, phrases: tuple[str, ...]) -> bool:
    return bool(phrases) and word < len(offsets) and words.startswith(phrases, offsets[word])


def _lacks_full_stop(whole: str, end: int) -> bool:
    """Tell whether a line ends like a headline: with a letter or a figure."""
    rest = whole[end : end + 3].lstrip(" \t")
    return not rest or rest[0] == "\n"


def _find_lead(
    folded: Folded,
    sentences: list[int],
    paragraphs: list[int],
    furniture: frozenset[int],
    whole: str,
) -> frozenset[int]:
    """Give the lead's sentences; a byline or caption before it belongs to it."""
    bounds = [*sentences, len(folded.starts)]
    lead: list[int] = []
    begun = 0
    for number in range(1, len(sentences)):
        if number in furniture or bounds[number + 1] == bounds[number]:
            continue
        if lead and paragraphs[number] != paragraphs[lead[-1]]:
            last = bounds[lead[-1] + 1]
            if last - begun >= SHORTEST_LEAD or not _lacks_full_stop(whole, folded.ends[last - 1]):
                break
            begun = bounds[number]
        elif not lead:
            begun = bounds[number]
        lead.append(number)
        if bounds[number + 1] - begun >= LEAD_WORDS:
            break
    return frozenset(lead)
