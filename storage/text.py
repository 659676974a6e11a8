"""Any text -> text that SQLite stores whole and that two readers of it would call the same.

`clean_text` runs before everything stored; `fold_text` is only for comparing, never for showing.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

# C0 and C1 controls but tab and newline: SQLite's length() ends at NUL, terminals obey the others.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_ENDS = re.compile(r"\r\n?|\x85|\u2028|\u2029")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_NOT_WORDS = re.compile(r"[\W_]+")
# A shorter text (a photo's caption, one line of a live report) is told apart by its title only.
SHORT = 200


def clean_text(text: str) -> str:
    """Drop NUL, other controls and lone surrogates; line ends become one newline."""
    if _SURROGATES.search(text):
        # Pairs that came as two halves (from JSON escapes) become their character first.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))


def fold_text(text: str) -> str:
    """Fold for comparing: NFKC, lower case, everything that is no letter or digit one space."""
    return _NOT_WORDS.sub(" ", unicodedata.normalize("NFKC", text).lower()).strip()


def text_hash(title: str, text: str) -> str:
    """Hash what makes two articles one text; below `SHORT` folded characters the title counts."""
    folded = fold_text(text)
    if len(folded) < SHORT:
        folded = f"{fold_text(title)}\n{folded}"
    return hashlib.blake2b(folded.encode(), digest_size=16).hexdigest()
