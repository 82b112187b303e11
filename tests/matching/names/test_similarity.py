"""Which rule decides about two words, one case for each of them."""

import numpy as np
import pytest

from tracing.matching.names import similarity as rules
from tracing.matching.names import token
from tracing.matching.names.vocabulary import Vocabulary


def likeness(one: str, other: str, kinds: tuple[str, str] = ("name", "name"), syllables: bool = False) -> float:
    vocabulary = Vocabulary()
    left, right = (vocabulary.row(token(text, kind)) for text, kind in zip((one, other), kinds, strict=True))
    both = np.array([left], np.int32), np.array([right], np.int32)
    return float(vocabulary.similarities(*both, np.array([syllables]))[0])


@pytest.mark.parametrize(
    ("one", "other", "expected", "why"),
    [
        ("Ali", "ALI", rules.SAME, "one spelling"),
        ("Mohammed", "Mehmet", rules.KNOWN_VARIANT, "one variant class"),
        ("Sasha", "Aleksandr", rules.AKIN, "a short form"),
        ("Abdulhanif", "Hanif", rules.LEFT_OUT, "the servant's word left out"),
        ("Abdulzorkan", "Zorkanuddin", rules.DIFFERENT_CLASS, "fixed parts of two kinds"),
        ("Abdulrahman", "Abdurrahman", rules.KNOWN_VARIANT, "one part, the fixed one in two spellings"),
        ("Karimzh", "Karimzha", rules.DIFFERENT_SEX, "the feminine form"),
        ("Albarzinq", "Barzinq", rules.SOUNDS_ALIKE, "an article"),
        ("Albarzinq", "Barzeenq", rules.SOUNDS_ALIKE, "an article before another spelling"),
    ],
)
def test_rule(one: str, other: str, expected: float, why: str) -> None:
    assert likeness(one, other) == likeness(other, one) == expected, why


@pytest.mark.parametrize(
    ("one", "other", "low", "high", "why"),
    [
        ("Mohammed", "Mahmoud", 100, 300, "two variant classes"),
        ("Abdulrahman", "Abdulqadir", 0, rules.DIFFERENT_PART, "the part that changes"),
        ("Zelenkov", "Zelenkova", rules.GENDERED, 1000, "a family name that both sexes bear"),
        ("Brenta", "Sulfik", 0, 100, "nothing in common"),
        ("Kovanzai", "Kovanpour", 1, rules.DIFFERENT_ENDING, "endings of two peoples"),
        ("Tarqun", "Tarkun", 850, 970, "one sound"),
        ("Tarqun", "Tarqunh", 850, 970, "an h that nobody hears"),
        ("Zorkana", "Zorkanaa", 850, 970, "a long vowel at the end"),
        ("Selvarqa", "Selvarqah", 850, 970, "the same behind a vowel"),
        ("الصادق", "Alsadiq", 850, 1000, "an article before both, joined in one"),
        ("حامد", "حميد", 100, 850, "one script without vowels, by letters"),
    ],
)
def test_rule_within(one: str, other: str, low: float, high: float, why: str) -> None:
    assert low <= likeness(one, other) <= high, why
    assert likeness(one, other) == likeness(other, one), why


def test_initials_stand_for_names_that_begin_so() -> None:
    assert likeness("B", "Brenta", ("initial", "name")) == rules.INITIAL
    assert likeness("B", "Sulfik", ("initial", "name")) == 0


def test_a_patronymic_stands_for_no_name() -> None:
    assert likeness("Ivanovna", "Ivanova", ("patronymic", "name")) == 0
    assert likeness("Zorkanovych", "Zirkunovych", ("patronymic", "patronymic")) > 0


def test_syllables_are_compared_as_such_where_names_are_made_of_them() -> None:
    assert likeness("qing", "ching", syllables=True) >= rules.OTHER_SYSTEM
    assert likeness("ling", "ning", syllables=True) <= rules.DIFFERENT_SYLLABLE < likeness("ling", "ning")
