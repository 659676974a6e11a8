"""Folding: what looks the same reads the same, and every word knows its place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.folding import fold, fold_phrase


@pytest.mark.parametrize(
    "written",
    [
        "anti korupsi", "ANTI KORUPSI", "anti-korupsi", "anti\u2010korupsi", "anti\u2011korupsi",
        "anti \u2013 korupsi", "anti\u00a0korupsi", "anti  korupsi", "an\u00adti kor\u00adupsi",
        "a\u200bnti k\u200dorupsi", "\ufeffanti korupsi", "\u201canti korupsi\u201d",
        "\u0430nti k\u043erups\u0456",
        "ａｎｔｉ ｋｏｒｕｐｓｉ", "antí korupsi", "anti korups\u0131",
        "𝐚𝐧𝐭𝐢 𝐤𝐨𝐫𝐮𝐩𝐬𝐢",
    ],
)  # fmt: skip
def test_every_disguise_of_a_phrase_folds_to_the_same_words(written: str) -> None:
    assert fold_phrase(written) == "anti korupsi"


def test_a_word_is_cut_from_the_characters_it_stands_on() -> None:
    text = "Wali Kota \u201cha\u00addir\u201d \ufb01nal, K\u200bPK."
    folded = fold(text)
    cut = [text[a:b] for a, b in zip(folded.starts, folded.ends, strict=True)]
    assert folded.words.split() == ["wali", "kota", "hadir", "final", "kpk"]
    assert cut == ["Wali", "Kota", "ha\u00addir", "\ufb01nal", "K\u200bPK"]


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=80))
def test_folding_any_text_keeps_places_in_order_and_inside(text: str) -> None:
    folded = fold(text)
    words = folded.words.split()
    assert len(words) == len(folded.starts) == len(folded.ends) == len(folded.offsets)
    for number, (start, end) in enumerate(zip(folded.starts, folded.ends, strict=True)):
        assert 0 <= start < end <= len(text)
        assert number == 0 or start >= folded.starts[number - 1]
        assert folded.word_at(folded.offsets[number]) == number
        assert words[number].isascii()
