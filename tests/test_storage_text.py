"""What is stored is text that SQLite keeps whole."""

from __future__ import annotations

import sqlite3
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.text import SHORT, clean_text, fold_text, text_hash

# Every code point, lone surrogates too: hypothesis leaves those out unless asked.
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=200)


@settings(deadline=None, max_examples=300)
@given(ANY_TEXT)
def test_C11_any_text_is_stored_whole_once_cleaned(text: str) -> None:
    cleaned = clean_text(text)
    with sqlite3.connect(":memory:") as db:
        length, back = db.execute("SELECT length(:t), :t", {"t": cleaned}).fetchone()
    db.close()
    assert back == cleaned
    assert length == len(cleaned)
    assert clean_text(cleaned) == cleaned


def test_C11_every_code_point_is_kept_or_is_a_control() -> None:
    for first in range(0, 0x110000, 0x1000):
        letters = [chr(point) for point in range(first, first + 0x1000)]
        lost = [letter for letter in letters if clean_text(letter) == ""]
        assert {unicodedata.category(letter) for letter in lost} <= {"Cc", "Cs"}


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\x00b", "ab"),
        ("satu\r\ndua\rtiga", "satu\ndua\ntiga"),
        ("\ud83d\ude00", "😀"),
        ("pecah \ud83d di sini", "pecah  di sini"),
        ("tab\tdan\nbaris", "tab\tdan\nbaris"),
        ("\x1b[31mmerah", "[31mmerah"),
    ],
)
def test_cleaning_keeps_what_people_wrote(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


def test_folding_makes_one_of_typographic_twins() -> None:
    assert fold_text("“Rakor”  KPK–Pemda,\n2026!") == fold_text('"rakor" kpk - pemda 2026')
    assert fold_text("ﬁle") == "file"


def test_long_texts_are_one_whatever_their_titles_say() -> None:
    text = "Bupati menghadiri rapat koordinasi. " * 10
    assert len(text) > SHORT
    assert text_hash("Judul satu", text) == text_hash("Judul dua", text.upper())


def test_short_texts_are_told_apart_by_their_titles() -> None:
    assert text_hash("Judul satu", "Foto: Humas") != text_hash("Judul dua", "Foto: Humas")
    assert text_hash("Judul satu", "Foto: Humas") == text_hash("JUDUL SATU!", "foto humas")
