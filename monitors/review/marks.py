"""An article and its evidence -> paragraphs cut into plain and marked pieces, for a template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.records import Article, Evidence

Piece = tuple[str, str | None]


def marked_paragraphs(
    article: Article, evidence: Iterable[Evidence], field: Literal["title", "text"]
) -> list[list[Piece]]:
    """Cut a field into paragraphs of (piece, concept); concept is None for plain pieces.

    Evidence of another version than the article's is left out: its offsets would mark other words.
    """
    whole = article.title if field == "title" else article.text
    spans = sorted(
        (line.start, line.end, line.concept)
        for line in evidence
        if line.field == field and line.version == article.version and line.start < line.end
    )
    pieces: list[Piece] = []
    at = 0
    for start, end, concept in spans:
        if start < at:
            continue
        pieces += [(whole[at:start], None), (whole[start:end], concept)]
        at = end
    pieces.append((whole[at:], None))
    return _split(pieces)


def _split(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Break the pieces into paragraphs at line ends."""
    paragraphs: list[list[Piece]] = [[]]
    for text, concept in pieces:
        first, *rest = text.split("\n")
        if first:
            paragraphs[-1].append((first, concept))
        for line in rest:
            paragraphs.append([(line, concept)] if line else [])
    return [paragraph for paragraph in paragraphs if paragraph] or [[]]
