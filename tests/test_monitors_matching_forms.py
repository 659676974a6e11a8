"""Word forms: every form a curator means, no name that only looks like one."""

from __future__ import annotations

import pytest

from config.region import load_regions
from monitors.matching.compiled import region_names
from monitors.matching.forms import root_forms, spellings


@pytest.mark.parametrize(
    "form",
    [
        "koordinasi", "berkoordinasi", "mengoordinasikan", "dikoordinasikan", "pengoordinasian",
        "mengkoordinasikan", "terkoordinasi", "koordinasinya", "berkoordinasilah",
        "koordinasi koordinasi",
    ],
)  # fmt: skip
def test_every_form_of_koordinasi_is_spelled(form: str) -> None:
    assert form in spellings("koordinasi*")


@pytest.mark.parametrize(
    ("root", "form"),
    [
        ("supervisi", "mensupervisi"), ("supervisi", "menyupervisi"), ("dorong", "mendorong"),
        ("damping", "pendampingan"), ("cegah", "pencegahan"), ("tinjau", "meninjau"),
        ("pantau", "pemantauan"), ("evaluasi", "mengevaluasi"), ("kawal", "pengawalan"),
        ("latih", "melatih"), ("bimbing", "pembimbingan"), ("fasilitasi", "memfasilitasi"),
        ("kumpul", "dikumpulkan"), ("gandeng", "menggandeng"), ("saksi", "disaksikan"),
    ],
)  # fmt: skip
def test_nasal_prefixes_follow_the_root(root: str, form: str) -> None:
    assert form in root_forms(root)


def test_a_hyphen_stands_for_together_apart_and_hyphenated() -> None:
    assert {"anti korupsi", "antikorupsi"} <= set(spellings("anti-korupsi"))


def test_an_abbreviation_may_have_dots_but_a_word_may_not() -> None:
    assert "k p k" in spellings("KPK")
    assert "k p k" not in spellings("kpk")


def test_no_form_of_a_shipped_root_is_the_name_of_a_region() -> None:
    names = set(region_names(load_regions()))
    roots = ("koordinasi", "supervisi", "damping", "cegah", "dorong", "tinjau", "kawal", "bina")
    assert not names & {form for root in roots for form in root_forms(root)}


def test_names_of_regions_that_are_everyday_words_do_not_stand_alone() -> None:
    names = set(region_names(load_regions()))
    assert not {"batu", "pati", "metro", "puncak", "bone", "serang", "mitra", "oki"} & names
    assert {"kota batu", "kabupaten pati", "palangka raya", "palangkaraya", "bekasi"} <= names
