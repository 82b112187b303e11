"""Comparing names: symmetry, silence, conflicts, order, joins, rarity, sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.matching.frequencies import TermFrequencies
from tracing.matching.names import AGREEING, LEVELS, NameOutcome, compare_names, read_name, sentence

COMMON = TermFrequencies()
SOME_NAMES = st.sampled_from(
    ["Mohamed Ahmed Ali", "محمد احمد", "Ali Hassan", "Hassan Ali Omar", "Abdul Karim", "Karim",
    "J. Ramírez", "张伟明",
     "Zhang Wei Ming", "Kim Young-soo", "김영수", "Nur Mohammad Stanekzai", "Nurmohammad Stanikzai",
     "Ben Ali", "Benali",
     "Aung Aung", "Aung Kyaw Aung", "Ali Ali Hassan Ali",
    "Ali Hassan Ali", "Ben Ali Benali",
    "Ivan Petrovych Bondar", "Olena Bondar", "Олена Бондар", "Gebre Medhin Haile", "unknown", "",
     "N. N.", "Qx"]
)  # fmt: skip


def compared(one: str, other: str) -> NameOutcome:
    outcome = compare_names([read_name(one)], [read_name(other)], COMMON)
    assert outcome is not None
    return outcome


class TestRules:
    @given(st.lists(SOME_NAMES, max_size=3), st.lists(SOME_NAMES, max_size=3))
    def test_both_directions_agree(self, ones: list[str], others: list[str]) -> None:
        left, right = [read_name(one) for one in ones], [read_name(other) for other in others]
        there, back = compare_names(left, right, COMMON), compare_names(right, left, COMMON)
        assert (there is None) == (back is None)
        if there and back:
            assert (there.level, there.adjust) == pytest.approx((back.level, back.adjust))

    @given(SOME_NAMES, st.text(max_size=30))
    def test_both_directions_agree_on_any_text(self, one: str, other: str) -> None:
        there = compare_names([read_name(one)], [read_name(other)], COMMON)
        back = compare_names([read_name(other)], [read_name(one)], COMMON)
        assert (there is None) == (back is None)
        if there and back:
            assert there.similarity == pytest.approx(back.similarity)

    @given(st.text(max_size=40))
    def test_a_name_is_exactly_itself_or_silent(self, full: str) -> None:
        outcome = compare_names([read_name(full)], [read_name(full)], COMMON)
        assert outcome is None or outcome.level == 0 or all(n.kind == "initial" for n in read_name(full).names)

    @given(SOME_NAMES, SOME_NAMES, SOME_NAMES)
    def test_a_further_name_never_lowers(self, one: str, other: str, further: str) -> None:
        alone = compare_names([read_name(one)], [read_name(other)], COMMON)
        both = compare_names([read_name(one), read_name(further)], [read_name(other)], COMMON)
        assert alone is None or (both is not None and both.similarity >= alone.similarity)

    @given(SOME_NAMES, SOME_NAMES)
    def test_bits_on_top_are_never_negative(self, one: str, other: str) -> None:
        outcome = compare_names([read_name(one)], [read_name(other)], COMMON)
        assert outcome is None or outcome.adjust >= 0

    @pytest.mark.parametrize("empty", ["", "unknown", "😀", "\u200f", "Dr.,", "..."])
    def test_a_name_without_a_name_is_silent(self, empty: str) -> None:
        reading = read_name(empty)
        if not reading.names:
            assert compare_names([reading], [read_name("Ali Hassan")], COMMON) is None
            assert compare_names([reading], [reading], COMMON) is None
        assert compare_names([], [read_name("Ali Hassan")], COMMON) is None


class TestConflicts:
    @pytest.mark.parametrize(
        ("one", "nearer", "farther", "why"),
        [
            ("Ali Hassan Omar", "Ali Hassan", "Ali Hassan Karim", "missing is milder than another name"),
            (
                "Ali Hassan Omar",
                "Ali Hassan",
                "Ali Hassan Omar Khalid Zaki Hamid Nabil",
                "much more missing is less",
            ),
            ("Karim Nasser", "Kareem Nasser", "Karima Nasser", "sister"),
            ("Mohammed Ahmed", "Mohamad Ahmed", "Mahmoud Ahmed", "another known name"),
            ("Abdul Rahman Khan", "Abdurrahman Khan", "Abdul Rahim Khan", "another attribute"),
            ("Karim Rahimi", "Karim Rahimy", "Karim Rahimzadeh", "another family ending"),
            ("Ivan Petrovych Tkach", "Ivan Tkach", "Ivan Mykhailovych Tkach", "another father"),
            ("Nguyen Thi Hoa", "Nguyen Hoa", "Nguyen Van Hoa", "the other sex"),
            ("Wang Fang", "Fang Wang", "Wang Feng", "one vowel in a syllable"),
            ("张伟", "張偉", "章伟", "one character"),
            ("محمد علي", "محمّد على", "محمود علي", "one letter in a native spelling"),
            ("John Hartley", "J. Hartley", "K. Hartley", "another initial"),
            ("Munir A. Awad", "Munir Awad", "Munir Adanov", "an initial does not hide another family name"),
        ],
    )
    def test_lower_more_than_spelling_does(self, one: str, nearer: str, farther: str, why: str) -> None:
        assert compared(one, nearer).similarity > compared(one, farther).similarity + 0.1, why

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Ali Hassan", "Olena Kravets"),
            ("Umm Hassan al-Masri", "Viktor Bondar"),
            ("张伟", "Ivan Tkach"),
            ("Li", "Oz"),
        ],
    )
    def test_nothing_in_common_is_the_lowest_level(self, one: str, other: str) -> None:
        assert LEVELS[compared(one, other).level] == "different"

    def test_initials_alone_are_no_agreement(self) -> None:
        assert compared("N. N.", "Nadia Noori").level >= AGREEING


class TestOrder:
    def test_a_rotated_chain_is_another_generation(self) -> None:
        assert compared("Ali Hassan Mohamed", "Hassan Mohamed Ali").level >= AGREEING

    def test_the_same_chain_is_exact(self) -> None:
        assert compared("Ali Hassan Mohamed", "Ali Hassan Mohamed").level == 0

    def test_given_and_family_name_may_change_places_elsewhere(self) -> None:
        assert LEVELS[compared("Jürgen Müller", "Müller Jürgen").level] in ("exact", "equivalent")

    def test_a_clerks_swap_of_two_names_still_agrees(self) -> None:
        assert compared("Tesfay Alem", "Alem Tesfay").level < AGREEING


class TestJoins:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Nur Mohammad Stanekzai", "Nurmohammad Stanikzai"), ("Salima Benali", "Salima Ben Ali"),
            ("Juan de la Cruz Morales", "Juan Delacruz Morales"), ("Ouyang Jing", "Ou Yang Jing"),
            ("Hussein al-Masri", "Husain Almasri"), ("Siti Nurhaliza Ahmad", "Siti Nur Haliza Ahmad"),
        ],
    )  # fmt: skip
    def test_names_written_apart_are_found(self, one: str, other: str) -> None:
        assert compared(one, other).similarity > 0.8


class TestRarity:
    def test_a_rare_name_adds_more_than_a_common_one(self) -> None:
        counted = TermFrequencies.counted([read_name("Common Person")] * 500 + [read_name("Rareword Person")])
        common = compare_names([read_name("Common Person")], [read_name("Common Person")], counted)
        rare = compare_names([read_name("Rareword Person")], [read_name("Rareword Person")], counted)
        assert common is not None
        assert rare is not None
        assert rare.level == common.level == 0
        assert rare.adjust > common.adjust + 1

    def test_one_common_name_in_a_longer_one_is_weak_evidence(self) -> None:
        counted = TermFrequencies.counted([read_name("Common Person")] * 500 + [read_name("Rareword Person")])
        common = compare_names([read_name("Common")], [read_name("Common Person Other")], counted)
        rare = compare_names([read_name("Rareword")], [read_name("Rareword Person Other")], counted)
        assert common is not None
        assert rare is not None
        assert common.level >= AGREEING > rare.level


class TestSentences:
    @pytest.mark.parametrize(
        ("one", "other", "words"),
        [
            ("Ali Hassan", "Ali Hassan", "The names are the same."),
            ("Mehmet Kaya", "محمد Kaya", "known forms of one name"),
            ("J. Hartley", "John Hartley", "share the initial"),
            ("Ali Hassan Omar", "Ali Hassan", "only one side has Omar"),
            ("Ali Karim", "Ali Nasser", "Karim stands against Nasser"),
        ],
    )
    def test_say_what_agrees_and_what_does_not(self, one: str, other: str, words: str) -> None:
        left, right = [read_name(one)], [read_name(other)]
        outcome = compare_names(left, right, COMMON)
        assert outcome is not None
        assert words in sentence(outcome, left, right)

    @given(SOME_NAMES, SOME_NAMES)
    def test_exist_for_every_outcome(self, one: str, other: str) -> None:
        left, right = [read_name(one)], [read_name(other)]
        outcome = compare_names(left, right, COMMON)
        assert outcome is None or sentence(outcome, left, right).endswith(".")
