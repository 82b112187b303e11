"""The trained transliteration model: what it must tell apart, and what it must survive."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracing.matching.names.sounds import skeletons
from tracing.matching.names.symbols import MODELS, symbols
from tracing.matching.names.transliteration import FLOOR, likeness, readings, similarity, supported

SCRIPTS = sorted(MODELS)

RIGHT_BEFORE_WRONG = [
    ("Arab", "محمد", "mohamed", "mahmoud", "a written waw is spoken"),
    ("Arab", "محمود", "mahmoud", "mohamed", "an unwritten one is not"),
    ("Arab", "حسين", "hussein", "hassan", "the ya is a vowel of its own"),
    ("Arab", "فاطمة", "fatima", "fatiha", "one consonant tells"),
    ("Arab", "علی", "ali", "leila", "Persian ya is Arabic ya"),
    ("Hebr", "יצחק", "yitzhak", "yaakov", "consonants differ"),
    ("Hebr", "לוי", "levi", "leah", "the waw is a consonant here"),
    ("Cyrl", "Юрий", "yuri", "yegor", "ю is written with two letters"),
    ("Cyrl", "Шевченко", "shevchenko", "savchenko", "ш is no s"),
    ("Cyrl", "Сергій", "serhii", "sofiia", "Ukrainian г may be h"),
    ("Hani", "王", "wang", "huang", "initials differ"),
    ("Hani", "张", "zhang", "chen", "a syllable of more than three letters"),
    ("Hani", "布莱克", "blake", "bruckner", "foreign names read by sound"),
    ("Hang", "김", "kim", "jin", "ㄱ at the beginning is written k"),
    ("Hang", "에르난데스", "hernandez", "fernando", "foreign names read by sound"),
    ("Kana", "サーラ", "sarah", "sandra", "the long mark is no consonant"),
    ("Kana", "スミス", "smith", "simson", "silent vowels"),
    ("Hira", "さくら", "sakura", "sayuri", "hiragana is read as katakana"),
]


@pytest.mark.parametrize(("script", "native", "right", "wrong", "reason"), RIGHT_BEFORE_WRONG)
def test_the_right_form_beats_a_wrong_one(script: str, native: str, right: str, wrong: str, reason: str) -> None:
    good, bad = likeness(script, [native] * 2, [right, wrong])
    assert good > bad + 3, reason
    assert np.all(np.diff(similarity(script, [native] * 2, [wrong, right])) > 0), reason


UNRELATED = [
    ("Arab", "محمد", "catherine"), ("Hebr", "יצחק", "anderson"), ("Cyrl", "Шевченко", "williams"),
    ("Hani", "布莱克", "hernandez"), ("Hang", "에르난데스", "kowalski"), ("Kana", "スミス", "yamamoto"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "native", "latin"), UNRELATED)
def test_an_unrelated_form_speaks_against_and_is_hardly_similar(script: str, native: str, latin: str) -> None:
    assert likeness(script, [native], [latin])[0] < 0
    assert similarity(script, [native], [latin])[0] < 0.05


LONG_NAMES = [
    ("Arab", "إبراهيم", "ibrahim"), ("Hebr", "אברהם", "avraham"), ("Cyrl", "Кузнецова", "kuznetsova"),
    ("Hani", "布莱克蒙", "blackmon"), ("Hang", "에르난데스", "hernandez"), ("Kana", "ロドリゲス", "rodriguez"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "native", "latin"), LONG_NAMES)
def test_a_right_form_of_some_length_is_nearly_certain(script: str, native: str, latin: str) -> None:
    assert similarity(script, [native], [latin])[0] > 0.9


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_batch_gives_what_its_pairs_give_one_by_one(script: str) -> None:
    rows = [(native, latin) for code, native, right, wrong, _ in RIGHT_BEFORE_WRONG if code == script
            for latin in (right, wrong, "", "x", right * 3)]  # fmt: skip
    natives, latins = [native for native, _ in rows], [latin for _, latin in rows]
    for ask in (likeness, similarity):
        alone = [ask(script, [native], [latin])[0] for native, latin in rows]
        np.testing.assert_allclose(ask(script, natives, latins), alone, rtol=1e-5)


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_pairs_give_no_answers(script: str) -> None:
    assert likeness(script, [], []).shape == similarity(script, [], []).shape == (0,)


@pytest.mark.parametrize("native", ["", "😀", "123", " ", "--"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_text_without_letters_is_like_nothing(script: str, native: str) -> None:
    assert likeness(script, [native], ["maria"])[0] == FLOOR
    assert similarity(script, [native], ["maria"])[0] == 0
    assert readings(script, native) == ()


@pytest.mark.parametrize("latin", ["", "😀", "123"])
@pytest.mark.parametrize(("script", "native"), [(row[0], row[1]) for row in RIGHT_BEFORE_WRONG[::4]])
def test_nothing_is_like_text_without_letters(script: str, native: str, latin: str) -> None:
    assert similarity(script, [native], [latin])[0] == 0


def test_five_hundred_letters_are_no_name() -> None:
    assert similarity("Arab", ["م" * 500, "محمد"], ["mohamed", "m" * 500]).tolist() == [0, 0]
    assert readings("Arab", "م" * 500) == ()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SCRIPTS), st.text(max_size=60), st.text(max_size=60))
def test_any_text_gets_a_finite_answer(script: str, native: str, latin: str) -> None:
    assert np.isfinite(likeness(script, [native], [latin])[0])
    assert 0 <= similarity(script, [native], [latin])[0] <= 1
    assert all(reading.isascii() and reading.isalpha() for reading in readings(script, native))


def test_lists_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 native tokens but 1 Latin"):
        likeness("Arab", ["محمد", "علي"], ["ali"])


def test_scripts_without_a_model_are_said_to_be_so() -> None:
    assert supported("Arab")
    assert not supported("Thai")
    with pytest.raises(KeyError):
        likeness("Thai", ["a"], ["a"])


READINGS = [
    ("Arab", "كريم", "karim"),
    ("Cyrl", "Иванов", "ivanov"),
    ("Hebr", "דוד", "david"),
    ("Hang", "한나", "hanna"),
    ("Kana", "サクラ", "sakura"),
    ("Hani", "李娜", "lina"),
]


@pytest.mark.parametrize(("script", "native", "latin"), READINGS)
def test_a_plain_name_is_read_with_its_consonants(script: str, native: str, latin: str) -> None:
    found = readings(script, native)
    assert {key for reading in found for key in skeletons(reading)} & set(skeletons(latin))
    assert len(found) <= 4


def test_a_plain_name_of_a_vowelled_script_is_among_its_readings() -> None:
    assert "ivanov" in readings("Cyrl", "Иванов")
    assert "hanna" in readings("Hang", "한나")


def test_readings_differ_in_their_consonants() -> None:
    bare = [reading.translate(str.maketrans("", "", "aeiouyhw")) for reading in readings("Hebr", "יצחק")]
    assert len(set(bare)) == len(bare) > 1


CUTS = [
    ("Hang", "김", ("ᄀ", "ᅵ", "ᆷ"), "jamo"),
    ("Hani", "王安", ("w-", "-ang", "-", "-an"), "initial and final, none left out"),
    ("Kana", "サッー", ("s-", "-a", "ッ", "ー"), "small letters and the long mark stand alone"),
    ("Cyrl", "Сергій", ("с", "э", "р", "г", "и", "й"), "a Ukrainian word is read by its own letters"),
    ("Cyrl", "Сергей", ("с", "е", "р", "г", "е", "й"), "a Russian one by its own"),
    ("Arab", "أحمد", ("ا", "ح", "م", "د"), "hamza is often left out"),
]


@pytest.mark.parametrize(("script", "text", "expected", "reason"), CUTS)
def test_tokens_are_cut_into_sounds(script: str, text: str, expected: tuple[str, ...], reason: str) -> None:
    assert symbols(text, script) == expected, reason
