"""How common names are: counts, the prior of the country lists, merging, pickling."""

from __future__ import annotations

import pickle

from tracing.matching.frequencies import RAREST_BITS, TermFrequencies
from tracing.matching.names import read_name, token


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
            counted.add(read_name("Zarghuna Stanekzai"))
        assert counted.bits(token("Zarghuna")) < before
        assert counted.readings == 50

    def test_spellings_of_one_class_count_together(self) -> None:
        counted = TermFrequencies.counted([read_name("Mehmet Kaya")] * 20)
        assert counted.bits(token("محمد")) == counted.bits(token("Mehmet"))

    def test_a_name_twice_in_one_reading_counts_once(self) -> None:
        twice = TermFrequencies.counted([read_name("Qwxrt Qwxrt")])
        once = TermFrequencies.counted([read_name("Qwxrt")])
        assert twice.share(token("Qwxrt")) == once.share(token("Qwxrt"))

    def test_merging_is_counting_together(self) -> None:
        one = TermFrequencies.counted([read_name("Ali Hassan")] * 3)
        one.merge(TermFrequencies.counted([read_name("Ali Omar")] * 4))
        both = TermFrequencies.counted([read_name("Ali Hassan")] * 3 + [read_name("Ali Omar")] * 4)
        assert one.share(token("Ali")) == both.share(token("Ali"))
        assert one.readings == 7

    def test_survives_pickling(self) -> None:
        counted = TermFrequencies.counted([read_name("Ali Hassan")] * 3)
        again = pickle.loads(pickle.dumps(counted))  # noqa: S301  # our own bytes
        assert again.share(token("Hassan")) == counted.share(token("Hassan"))
