import pickle
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.matching.people import FULL_NAMES, OPTIONAL, person, persons, without
from tracing.matching import BANDS, ENGINE_VERSION, SILENT, Engine, Name, Person, TermFrequencies, compare, rank

ENGINE = Engine()


@cache
def pickled_engine() -> Engine:
    """Return the engine as another process gets it: once, for all that is compared there."""
    again: Engine = pickle.loads(pickle.dumps(ENGINE))  # noqa: S301 - made two words ago
    return again


def weight(left: Person, right: Person) -> float:
    return ENGINE.score(ENGINE.read(left), ENGINE.read(right)).weight


def bits(left: Person, right: Person) -> dict[str, float]:
    score = ENGINE.score(ENGINE.read(left), ENGINE.read(right))
    named = zip(ENGINE.comparisons, score.levels, score.bits, strict=True)
    return {comparison.name: found for comparison, level, found in named if level != SILENT}


BLANKED = st.sampled_from([field for field in OPTIONAL if field != "birth_calendar"])


def require_no_rise(left: Person, field: str) -> None:
    right = replace(left, id="b")
    full = weight(left, right)
    assert weight(without(left, field), right) <= full + 1e-4
    assert weight(without(left, field), without(right, field)) <= full + 1e-4


class TestScore:
    @pytest.mark.slow
    @settings(max_examples=150, deadline=None)
    @given(persons("a"), persons("b"))
    def test_is_symmetric_in_every_comparison(self, left: Person, right: Person) -> None:
        one, two = ENGINE.read(left), ENGINE.read(right)
        assert ENGINE.score(one, two) == ENGINE.score(two, one)

    @settings(max_examples=100, deadline=None)
    @given(persons("a"), persons("b"))
    def test_silence_weighs_exactly_nothing(self, left: Person, right: Person) -> None:
        bare = Person(left.id, left.names)
        score = ENGINE.score(ENGINE.read(bare), ENGINE.read(right))
        quiet = {
            "birth",
            "sex",
            "father",
            "mother",
            "birth_place",
            "place",
            "nationality",
            "identifiers",
            "relatives",
        }
        for comparison, level, found in zip(ENGINE.comparisons, score.levels, score.bits, strict=True):
            if comparison.name in quiet:
                assert (level, found) == (SILENT, 0.0)

    @settings(max_examples=20, deadline=None)
    @given(persons("a"), BLANKED)
    def test_blanking_an_agreeing_field_never_raises(self, left: Person, field: str) -> None:
        require_no_rise(left, field)

    @pytest.mark.slow
    @settings(max_examples=200, deadline=None)
    @given(persons("a"), BLANKED)
    def test_blanking_an_agreeing_field_never_raises_in_many(self, left: Person, field: str) -> None:
        require_no_rise(left, field)

    @pytest.mark.slow
    @settings(max_examples=100, deadline=None)
    @given(persons("a"), persons("b"))
    def test_weight_is_the_sum_of_its_bits(self, left: Person, right: Person) -> None:
        score = ENGINE.score(ENGINE.read(left), ENGINE.read(right))
        assert score.weight == pytest.approx(sum(score.bits), abs=1e-4)
        assert len(score.levels) == len(score.bits) == len(ENGINE.comparisons)

    @pytest.mark.slow
    @settings(max_examples=100, deadline=None)
    @given(persons("a"))
    def test_a_person_agrees_with_itself_everywhere(self, one: Person) -> None:
        found = bits(one, replace(one, id="b"))
        assert all(value >= 0 for name, value in found.items() if name != "listed_relative")

    @pytest.mark.parametrize(
        ("told", "other", "why"),
        [
            ({"birth": "1990-05-12"}, {"birth": "1990-05-12"}, "same day"),
            ({"father": ("Hassan",)}, {"father": ("حسن",)}, "father in another script"),
            ({"birth_place": "Aleppo"}, {"birth_place": "Aleppo"}, "same town"),
            (
                {"identifiers": (("phone", "0791234567"),)},
                {"identifiers": (("phone", "+41 79 123 45 67"),)},
                "phone",
            ),
        ],
    )
    def test_agreement_adds_weight(self, told: dict[str, object], other: dict[str, object], why: str) -> None:
        assert weight(person("a", **told), person("b", **other)) > weight(person("a"), person("b")), why

    def test_conflict_is_evidence_and_no_veto(self) -> None:
        told = {"birth": "1990-05-12", "father": ("Hassan",), "birth_place": "Aleppo"}
        alike, other_sex = person("b", sex="male", **told), person("b", sex="female", **told)
        this = person("a", sex="male", **told)
        assert 0 < weight(this, other_sex) < weight(this, alike)

    def test_rarity_counts_in_the_given_list(self) -> None:
        common = TermFrequencies()
        for _ in range(20_000):
            common.add(ENGINE.read(person("x", "Zebediah Quillfeather")))
        left, right = (ENGINE.read(person(i, "Zebediah Quillfeather")) for i in "ab")
        assert ENGINE.with_frequencies(common).score(left, right).weight < ENGINE.score(left, right).weight


class TestReading:
    @settings(max_examples=60, deadline=None)
    @given(persons("a"), persons("b"))
    def test_survives_pickling_with_the_same_score(self, left: Person, right: Person) -> None:
        one, two = ENGINE.read(left), ENGINE.read(right)
        copies = pickle.loads(pickle.dumps((one, two)))  # noqa: S301 - made two words ago
        assert pickled_engine().score(*copies) == ENGINE.score(one, two)

    @settings(max_examples=100, deadline=None)
    @given(st.text(min_size=1, max_size=60), st.text(max_size=20))
    def test_never_fails_on_any_text(self, text: str, other: str) -> None:
        odd = Person("a", (Name(text),), birth=other, father=(text,), birth_place=other, age=other, age_date=other)
        reading = ENGINE.read(odd)
        ENGINE.keys(reading)
        ENGINE.compare(reading, ENGINE.read(person("b")))

    def test_a_name_of_no_letters_is_no_evidence(self) -> None:
        one, two = ENGINE.read(person("a", "???")), ENGINE.read(person("b", "???"))
        assert "names" not in bits(person("a", "???"), person("b", "???"))
        assert ENGINE.score(one, two).weight == 0.0


class TestProbability:
    @given(st.floats(-200, 200), st.floats(0.0001, 0.9999))
    def test_lies_between_zero_and_one(self, weight: float, prior: float) -> None:
        assert 0.0 <= ENGINE.probability(weight, prior) <= 1.0

    @given(st.floats(-50, 50), st.floats(-50, 50))
    def test_rises_with_the_weight(self, one: float, two: float) -> None:
        low, high = sorted((one, two))
        assert ENGINE.probability(low, 0.5) <= ENGINE.probability(high, 0.5)

    def test_no_evidence_leaves_the_prior(self) -> None:
        assert ENGINE.probability(0.0, 0.2) == pytest.approx(0.2)

    def test_prior_falls_with_the_pool(self) -> None:
        assert ENGINE.prior(1) == 0.5
        assert ENGINE.prior(10_000) < ENGINE.prior(100) < 0.5

    def test_bands_follow_probability(self) -> None:
        assert [ENGINE.band(p) for p in (1.0, 0.8, 0.4, 0.0)] == list(BANDS)


class TestCompare:
    @pytest.mark.slow
    @settings(max_examples=60, deadline=None)
    @given(persons("a"), persons("b"))
    def test_gives_one_reason_per_comparison_that_speaks(self, left: Person, right: Person) -> None:
        found = compare(left, right)
        assert {one.comparison for one in found.evidence} == set(bits(left, right))
        assert all(one.reason.endswith(".") and one.left and one.right for one in found.evidence)
        assert sum(one.weight for one in found.evidence) == pytest.approx(found.weight, abs=1e-4)

    def test_the_prior_moves_the_probability_and_not_the_weight(self) -> None:
        likely, unlikely = (compare(person("a"), person("b"), prior) for prior in (0.5, 0.001))
        assert likely.weight == unlikely.weight
        assert likely.probability > unlikely.probability


class TestRank:
    def test_best_first_and_ties_by_id(self) -> None:
        pool = [person("z"), person("b", "Nguyen Thi Lan"), person("y")]
        assert [one.right for one in rank(person("q"), pool, top=3)] == ["y", "z", "b"]

    def test_whoever_cannot_be_compared_stands_last(self) -> None:
        pool = [person("a", "?"), person("b", "Nguyen Thi Lan"), person("c", "Oleksandr Petrenko")]
        found = rank(Person("q", (Name("Nguyen Van Minh"),)), [Person(one.id, one.names) for one in pool], top=3)
        assert [one.right for one in found][-1] == "a"
        assert found[-1].weight == 0 > found[-2].weight

    def test_gives_no_more_than_asked(self) -> None:
        assert len(rank(person("q"), [person(str(i)) for i in range(9)], top=4)) == 4

    def test_nobody_to_rank(self) -> None:
        assert rank(person("q"), []) == []


class TestComparisons:
    def test_each_is_described_and_has_a_reason_per_level(self) -> None:
        assert all(one.description.endswith(".") and one.levels for one in ENGINE.comparisons)
        assert len({one.name for one in ENGINE.comparisons}) == len(ENGINE.comparisons)

    def test_bits_fall_with_the_levels(self) -> None:
        for one in ENGINE.comparisons:
            bits = ENGINE.level_bits(one.name)
            assert len(bits) == len(one.levels)
            assert list(bits) == sorted(bits, reverse=True), one.name

    def test_version_names_code_and_weights(self) -> None:
        assert ENGINE.version == f"{ENGINE_VERSION}/{ENGINE.weights.version}"

    def test_reasons_without_values_match_the_levels(self) -> None:
        one, two = ENGINE.read(person("a", sex="male")), ENGINE.read(person("b", FULL_NAMES[1], sex="female"))
        assert ENGINE.reasons(ENGINE.score(one, two))[-1] == "They are recorded with different sexes."
