"""Daitch-Mokotoff codes against published examples."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.matching.names.daitch_mokotoff import LENGTH, MOST_CODES, codes

PUBLISHED = (
    ("Straßburg", "294795"),
    ("Strasburg", "294795"),
    ("Éregon", "095600"),
    ("Eregon", "095600"),
    ("AKSSOL", "054800"),
    ("GERSCHFELD", "547830|545783|594783|594578"),
    ("GOLDEN", "583600"),
    ("Alpert", "087930"),
    ("Breuer", "791900"),
    ("Haber", "579000"),
    ("Mannheim", "665600"),
    ("Mintz", "664000"),
    ("Topf", "370000"),
    ("Kleinmann", "586660"),
    ("Ben Aron", "769600"),
    ("AUERBACH", "097400|097500"),
    ("OHRBACH", "097400|097500"),
    ("LIPSHITZ", "874400"),
    ("LIPPSZYC", "874400|874500"),
    ("LEWINSKY", "876450"),
    ("LEVINSKI", "876450"),
    ("SZLAMAWICZ", "486740"),
    ("SHLAMOVITZ", "486740"),
    ("Ceniow", "467000|567000"),
    ("Tsenyuv", "467000"),
    ("Holubica", "587400|587500"),
    ("Golubitsa", "587400"),
    ("Przemysl", "746480|794648"),
    ("Pshemeshil", "746480"),
    ("Rosochowaciec", "944744|944745|944754|944755|945744|945745|945754|945755"),
    ("Rosokhovatsets", "945744"),
    ("Peters", "734000|739400"),
    ("Peterson", "734600|739460"),
    ("Moskowitz", "645740"),
    ("Moskovitz", "645740"),
    ("Jackson", "154600|145460|454600|445460"),
    ("ţamas", "364000|464000"),
    ("țamas", "364000|464000"),
)
"""Word and all its codes: facts from the tests of Apache commons-codec (Apache-2.0)."""

MAIN_ONLY = (
    ("AUERBACH", "097400"),
    ("OHRBACH", "097400"),
    ("LIPSHITZ", "874400"),
    ("LIPPSZYC", "874400"),
    ("LEWINSKY", "876450"),
    ("LEVINSKI", "876450"),
    ("SZLAMAWICZ", "486740"),
    ("SHLAMOVITZ", "486740"),
    (" \t\n\r Washington \t\n\r ", "746536"),
    ("Washington", "746536"),
)
"""Word and its likeliest code, of the same origin."""


@pytest.mark.parametrize(("word", "expected"), PUBLISHED)
def test_a_word_has_all_published_codes(word: str, expected: str) -> None:
    assert set(codes(word)) == set(expected.split("|"))


@pytest.mark.parametrize(("word", "expected"), MAIN_ONLY)
def test_the_likeliest_code_stands_first(word: str, expected: str) -> None:
    assert codes(word)[0] == expected


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("wajnberg", "weinberg", "Polish and German spelling"),
        ("szwarc", "schwartz", "Polish and German spelling"),
        ("kac", "katz", "Polish c is German tz"),
        ("lipszyc", "lifshitz", "p and f are one figure"),
        ("dąbrowski", "dombrowski", "Polish nasal vowel before b"),
        ("Țepeș", "tsepes", "Romanian letter with a comma"),
        ("žukov", "zhukov", "a letter with a mark keeps its base letter"),
    ],
)
def test_spellings_of_one_name_share_a_code(one: str, other: str, reason: str) -> None:
    assert set(codes(one)) & set(codes(other)), reason


@pytest.mark.parametrize("text", ["", " ", "123", "漢字", "'"])
def test_a_text_without_latin_letters_has_no_code(text: str) -> None:
    assert codes(text) == ()


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzţęąłśż' ", max_size=40))
def test_codes_are_six_figures_few_and_distinct(word: str) -> None:
    found = codes(word)
    assert all(re.fullmatch(f"[0-9]{{{LENGTH}}}", code) for code in found)
    assert len(found) == len(set(found)) <= MOST_CODES


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12))
def test_case_and_a_doubled_word_space_change_nothing(word: str) -> None:
    assert codes(word) == codes(word.upper()) == codes(f"  {word} ")
