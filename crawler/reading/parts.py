"""The parts of a story, each read -> one article without repetition; needs no parser."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .blocks import letters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.records import Article


def join_parts(first: Article, others: Iterable[Article], *, missing: bool = False) -> Article:
    """Join the parts of one story in order, each paragraph once; `missing`: some are not there.

    A part that holds all of the first page is the whole text and replaces it.
    """
    parts = [first, *others]
    wholes = [p for p in parts[1:] if _holds(p, first)]
    kept: list[str] = []
    seen: set[str] = set()
    for part in wholes[:1] or parts:
        for line in part.text.split("\n"):
            key = letters(line)
            if key and (key not in seen or len(key) < 20):
                seen.add(key)
                kept.append(line)
    missing = (missing and not wholes) or (len(parts) == 1 and first.completeness == "partial")
    return replace(
        first,
        text="\n".join(kept),
        completeness="partial" if missing else "whole",
        further=first.further if missing else (),
        author=first.author or next((p.author for p in parts if p.author), None),
        editor=first.editor or next((p.editor for p in parts if p.editor), None),
        marks=tuple(dict.fromkeys(m for p in parts for m in p.marks)),
    )


def _holds(whole: Article, part: Article) -> bool:
    lines = [key for line in part.text.split("\n") if len(key := letters(line)) > 20]
    text = letters(whole.text)
    return (
        bool(lines)
        and len(whole.text) > len(part.text)
        and sum(k in text for k in lines) >= 0.8 * len(lines)
    )
