"""How common names are: counts, the prior of the country lists, merging, pickling."""

from __future__ import annotations

import pickle

from tests.matching.people import person
from tracing.matching.frequencies import RAREST_BITS, TermFrequencies
from tracing.matching.names import token
from tracing.matching.reading import Reading, read


def named(name: str, **told: object) -> Reading:
    return read(person("a", name, **told))


class TestPrior:
    def test_knows_common_names_before_anything_is_counted(self) -> None:
        nothing_counted = TermFrequencies()
        assert nothing_counted.bits(token("Nguyen")) < 5 < nothing_counted.bits(token("Qwxrt"))

    def test_keeps_every_name_within_the_range(self) -> None:
        for text in ("Nguyen", "Mohamed", "Qwxrt", "张"):
            assert 0 <= TermFrequencies().bits(token(text)) <= RAREST_BITS


class TestCounting:
    def test_a_counted_name_becomes_less_rare(self) -> None:
        counted = TermFrequencies()
        before = counted.bits(token("Zarghuna"))
        for _ in range(50):
            counted.add(named("Zarghuna Stanekzai"))
        assert counted.bits(token("Zarghuna")) < before
        assert counted.readings == 50

    def test_spellings_of_one_class_count_together(self) -> None:
        counted = TermFrequencies.counted([named("Mehmet Kaya")] * 20)
        assert counted.bits(token("محمد")) == counted.bits(token("Mehmet"))

    def test_a_name_twice_in_one_reading_counts_once(self) -> None:
        twice = TermFrequencies.counted([named("Qwxrt Qwxrt")])
        once = TermFrequencies.counted([named("Qwxrt")])
        assert twice.share(token("Qwxrt")) == once.share(token("Qwxrt"))

    def test_merging_is_counting_together(self) -> None:
        one = TermFrequencies.counted([named("Ali Hassan")] * 3)
        one.merge(TermFrequencies.counted([named("Ali Omar")] * 4))
        both = TermFrequencies.counted([named("Ali Hassan")] * 3 + [named("Ali Omar")] * 4)
        assert one.share(token("Ali")) == both.share(token("Ali"))
        assert one.readings == 7

    def test_survives_pickling(self) -> None:
        counted = TermFrequencies.counted([named("Ali Hassan")] * 3)
        again = pickle.loads(pickle.dumps(counted))  # noqa: S301  # our own bytes
        assert again.share(token("Hassan")) == counted.share(token("Hassan"))


class TestYears:
    def test_a_counted_year_becomes_less_rare(self) -> None:
        counted = TermFrequencies.counted([named("Ali", birth="1984-05-03")] * 500)
        assert 0 <= counted.year_bits(1984) < TermFrequencies().year_bits(1984) < counted.year_bits(1985) <= RAREST_BITS

    def test_a_birth_that_tells_no_year_does_not_count(self) -> None:
        vague = TermFrequencies.counted([named("Ali", birth="198X")] * 500)
        assert vague.year_bits(1984) == TermFrequencies().year_bits(1984)

    def test_survive_merging_and_pickling(self) -> None:
        one = TermFrequencies.counted([named("Ali", birth="1984")] * 3)
        one.merge(TermFrequencies.counted([named("Ali", birth="1985")] * 4))
        again = pickle.loads(pickle.dumps(one))  # noqa: S301  # our own bytes
        assert again.year_bits(1985) == one.year_bits(1985) < one.year_bits(1984)


class TestPlaces:
    def test_a_counted_place_becomes_less_rare(self) -> None:
        (word,) = named("Ali", birth_place="Busayrah").birth_place.tokens  # type: ignore[union-attr] # it is told
        counted = TermFrequencies.counted([named("Ali", birth_place="Busayrah")] * 50)
        assert 0 <= counted.place_bits(word) < TermFrequencies().place_bits(word) <= RAREST_BITS

    def test_persons_of_whom_no_place_is_told_do_not_count(self) -> None:
        silent = TermFrequencies.counted([named("Ali")] * 500)
        assert silent.place_bits("busayrah") == TermFrequencies().place_bits("busayrah")
