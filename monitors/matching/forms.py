"""A phrase as a curator writes it -> every folded spelling that stands for it.

Words are unfolded when a topic is compiled, never stemmed in the text, so that no name is harmed.
"""

from __future__ import annotations

from itertools import product

from config.folding import fold_phrase

CLITICS = ("", "nya", "lah", "kah", "pun", "nyalah")
_VOWELS = "aeiou"
# How a root begins -> the nasal that men- and pen- take, and whether the first letter falls away.
_NASALS = {
    "k": ("ng", True), "p": ("m", True), "t": ("n", True), "s": ("ny", True),
    "b": ("m", False), "f": ("m", False), "v": ("m", False),
    "c": ("n", False), "d": ("n", False), "j": ("n", False), "z": ("n", False),
    "g": ("ng", False), "h": ("ng", False), "x": ("ng", False), "q": ("ng", False),
}  # fmt: skip


def spellings(phrase: str) -> tuple[str, ...]:
    """Give the folded spellings of a phrase.

    `word*` stands for all forms of an Indonesian root (koordinasi*: berkoordinasi,
    mengoordinasikan ...); a hyphen for together, apart or hyphenated (anti-korupsi); a word in
    capitals of up to five letters also for its letters with dots (K.P.K.). The last word of every
    spelling may carry -nya, -lah, -kah or -pun.
    """
    choices = [_word_choices(word) for word in phrase.split()]
    found: dict[str, None] = {}
    for words in product(*choices):
        spelling = " ".join(word for word in words if word)
        for clitic in CLITICS:
            found[spelling + clitic] = None
    letters = phrase.strip()
    if letters.isalpha() and letters.isupper() and 2 <= len(letters) <= 5:
        found[" ".join(letters.lower())] = None
    return tuple(found)


def root_forms(root: str) -> tuple[str, ...]:
    """Give the forms of a root: prefixes, suffixes, both, and doubled."""
    first = root[:1]
    nasal, falls = _NASALS.get(first, ("ng" if first in _VOWELS else "", False))
    stems = {f"{nasal}{root[1:] if falls else root}"}
    if falls:  # loan words keep their first letter: mengkoordinasikan, mensupervisi, mensosialisasi
        stems.add({"k": "ng", "p": "m", "t": "n", "s": "n"}[first] + root)
    active = {f"me{stem}" for stem in stems}
    doer = {f"pe{stem}" for stem in stems}
    bare = {root, f"ber{root}", f"di{root}", f"ter{root}", f"diper{root}", f"memper{root}"}
    forms = {
        form + suffix for form in active | doer | bare for suffix in ("", "kan", "i", "an", "annya")
    }
    forms.add(f"{root} {root}")
    return tuple(sorted(forms))


def _word_choices(word: str) -> tuple[str, ...]:
    if word.endswith("*"):
        roots = _joined_or_apart(word[:-1])
        return tuple(dict.fromkeys(form for root in roots for form in root_forms(root)))
    return _joined_or_apart(word)


def _joined_or_apart(word: str) -> tuple[str, ...]:
    apart = fold_phrase(word)
    return tuple(dict.fromkeys((apart, apart.replace(" ", "")))) if "-" in word else (apart,)
