"""Comparing names: symmetry, silence, conflicts, order, joins, rarity, sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.matching.names.pairs import best_of_all, compared, outcome
from tests.matching.people import person
from tracing.matching.evidence import SILENT
from tracing.matching.frequencies import TermFrequencies
from tracing.matching.names import AGREEING, LEVELS, MOST_RARITY, read_name, sentence
from tracing.matching.names.namebook import NameBook
from tracing.matching.reading import read

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


class TestRules:
    @given(st.lists(SOME_NAMES, max_size=3), st.lists(SOME_NAMES, max_size=3))
    def test_both_directions_agree(self, ones: list[str], others: list[str]) -> None:
        there, back = best_of_all(ones, others), best_of_all(others, ones)
        assert there == pytest.approx(back, abs=1e-4)

    @given(SOME_NAMES, st.text(max_size=30))
    def test_both_directions_agree_on_any_text(self, one: str, other: str) -> None:
        assert outcome(one, other) == pytest.approx(outcome(other, one), abs=1e-4)

    @given(st.text(max_size=40))
    def test_a_name_is_exactly_itself_or_silent(self, full: str) -> None:
        found = outcome(full, full)
        assert found is None or found.level == 0 or all(n.kind == "initial" for n in read_name(full).names)

    @given(SOME_NAMES, SOME_NAMES, SOME_NAMES)
    def test_a_further_name_never_lowers(self, one: str, other: str, further: str) -> None:
        alone, both = best_of_all([one], [other]), best_of_all([one, further], [other])
        assert alone[0] == SILENT or (both[0], -both[1] - both[2]) <= (alone[0], -alone[1] - alone[2] + 1e-4)

    @given(SOME_NAMES, SOME_NAMES)
    def test_bits_on_top_stand_on_agreement_only_and_within_their_bound(self, one: str, other: str) -> None:
        found = outcome(one, other)
        assert found is None or 0 <= found.inside <= 1
        assert found is None or 0 <= found.rarity <= (MOST_RARITY if found.level < AGREEING else 0)

    @pytest.mark.parametrize("empty", ["", "unknown", "😀", "\u200f", "Dr.,", "..."])
    def test_a_name_without_a_name_is_silent(self, empty: str) -> None:
        if not read_name(empty).names:
            assert outcome(empty, "Ali Hassan") is None
            assert outcome(empty, empty) is None
        assert best_of_all([], ["Ali Hassan"])[0] == SILENT


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
        assert compared(one, nearer).score > compared(one, farther).score + 0.5, why

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

    def test_below_the_last_floor_poor_names_still_stand_before_hopeless_ones(self) -> None:
        poor, hopeless = compared("Tariq Shinwari", "Gulalai Shinkai"), compared("Tariq Shinwari", "Olena Kravets")
        assert LEVELS[poor.level] == LEVELS[hopeless.level] == "different"
        assert poor.inside > hopeless.inside >= 0

    @pytest.mark.parametrize(
        ("one", "other", "why"),
        [
            ("오정숙", "조영숙", "one syllable of three, though they sound alike as one word"),
            ("정숙", "영숙", "one of two"),
        ],
    )
    def test_names_in_characters_are_compared_by_characters(self, one: str, other: str, why: str) -> None:
        level, _, _ = best_of_all([one], [other])
        assert level >= AGREEING - 1, why

    def test_other_surnames_in_characters_agree_in_part_at_most(self) -> None:
        other, same = outcome("杨国强", "李国强"), outcome("杨国强", "杨国强")
        assert other is not None
        assert same is not None
        assert (LEVELS[other.level], other.rarity) == ("doubtful", 0)
        assert same.level == 0

    def test_initials_alone_are_no_agreement(self) -> None:
        assert compared("N. N.", "Nadia Noori").level >= AGREEING


class TestOrder:
    def test_a_rotated_chain_is_another_generation(self) -> None:
        assert compared("Ali Hassan Mohamed", "Hassan Mohamed Ali").level >= AGREEING

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("جمال حسين العزاوي", "العزاوي جمال حسين"),
            ("Jamal Hussein Al-Azzawi", "Al-Azzawi Jamal Hussein"),
            ("Jamal Hussein Alazzawi", "Alazzawi Jamal Hussein"),
        ],
    )
    def test_a_name_of_origin_may_stand_first(self, one: str, other: str) -> None:
        found = outcome(one, other)
        assert found is not None
        assert found.level < AGREEING

    def test_the_same_chain_is_exact(self) -> None:
        assert compared("Ali Hassan Mohamed", "Ali Hassan Mohamed").level == 0

    def test_given_and_family_name_may_change_places_elsewhere(self) -> None:
        assert compared("Jürgen Müller", "Müller Jürgen").level < AGREEING

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
        assert compared(one, other).level < AGREEING

    @pytest.mark.parametrize(("one", "other"), [("della", "孔德勞"), ("gro", "구로다")])
    def test_a_few_sounds_in_common_join_nothing_across_scripts(self, one: str, other: str) -> None:
        assert compared(one, other).level >= AGREEING

    @pytest.mark.parametrize(("one", "other"), [("losada", "羅沙達"), ("Martin", "馬丁")])
    def test_a_foreign_name_in_characters_is_heard_as_one_word(self, one: str, other: str) -> None:
        assert compared(one, other).level < AGREEING


class TestRarity:
    COUNTED = TermFrequencies.counted(
        [read(person(str(n), "Common Person")) for n in range(500)] + [read(person("r", "Rareword Person"))]
    )

    def test_a_rare_name_adds_more_than_a_common_one(self) -> None:
        common = compared("Common Person", "Common Person", self.COUNTED)
        rare = compared("Rareword Person", "Rareword Person", self.COUNTED)
        assert rare.level == common.level == 0
        assert rare.rarity > common.rarity + 1

    def test_one_common_name_in_a_longer_one_is_weaker_evidence(self) -> None:
        common = compared("Common", "Common Person Other", self.COUNTED)
        rare = compared("Rareword", "Rareword Person Other", self.COUNTED)
        assert rare.level <= common.level
        assert rare.score + rare.rarity > common.score + common.rarity


class TestSentences:
    @pytest.mark.parametrize(
        ("one", "other", "words"),
        [
            ("Ali Hassan", "Ali Hassan", "The names are the same."),
            ("Mehmet Kaya", "محمد Kaya", "are the same name in Turkish and Arabic"),
            ("J. Hartley", "John Hartley", "share the initial"),
            ("Ali Hassan Omar", "Ali Hassan", "only one side has Omar"),
            ("Ali Karim", "Ali Nasser", "Karim stands against Nasser"),
        ],
    )
    def test_say_what_agrees_and_what_does_not(self, one: str, other: str, words: str) -> None:
        assert words in said(one, other)

    @given(SOME_NAMES, SOME_NAMES)
    def test_exist_for_every_outcome(self, one: str, other: str) -> None:
        assert outcome(one, other) is None or said(one, other).endswith(".")


def said(one: str, other: str) -> str:
    book = NameBook()
    left, right = book.row(read_name(one)), book.row(read_name(other))
    return sentence(book, left, right, compared(one, other).level)
