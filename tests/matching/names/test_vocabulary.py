"""The first look at a pair of tokens leaves work out, never a likeness."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.matching.frequencies import TermFrequencies
from tracing.matching.names import read_name, token
from tracing.matching.names import vocabulary as module
from tracing.matching.names.lists import rows
from tracing.matching.names.similarity import STRANGERS, Met, across_scripts, by_rule, spelled_alike
from tracing.matching.names.tokens import Token
from tracing.matching.names.vocabulary import Vocabulary

WORDS = (
    "Mohammed", "Mohamad", "Mahmoud", "محمد", "محمود", "Мухаммад", "Hassan", "Hussein", "حسن", "Ali", "Li", "Lee",
    "A.", "Petrova", "Petrov", "Петрова", "张", "章", "Zhang", "김", "Kim", "Gebremedhin", "Gebre", "O'Connor", "Ó",
    "Abd", "Abdulrahman", "عبدالرحمن", "Nguyễn", "Ngyuen", "X", "Müller", "Moeller", "Brzęczyszczykiewicz",
)  # fmt: skip


def told(words: tuple[str, ...] = WORDS) -> tuple[Vocabulary, list[Token]]:
    tokens = [one for word in words for one in read_name(word).names]
    vocabulary = Vocabulary()
    for one in tokens:
        vocabulary.row(one)
    return vocabulary, vocabulary.tokens


def likeness(vocabulary: Vocabulary, pairs: list[tuple[int, int]], syllables: bool = False) -> list[float]:
    left, right = np.array(pairs, np.int32).reshape(-1, 2).T
    found: list[float] = vocabulary.similarities(left, right, np.full(len(pairs), syllables)).tolist()
    return found


class TestRows:
    def test_each_token_stands_once(self) -> None:
        vocabulary = Vocabulary()
        assert [vocabulary.row(token(word)) for word in ("Ali", "Omar", "Ali")] == [0, 1, 0]

    def test_rarities_are_in_the_order_of_rows(self) -> None:
        vocabulary, tokens = told(("Mohammed", "Qwxrtz"))
        common, rare = vocabulary.rarities(TermFrequencies()).tolist()
        assert common < rare == pytest.approx(TermFrequencies().bits(tokens[1]))


class TestSimilarities:
    def test_are_symmetric_and_in_range(self) -> None:
        vocabulary, tokens = told()
        pairs = list(product(range(len(tokens)), range(len(tokens))))
        found = likeness(vocabulary, pairs)
        assert all(0 <= value <= 1000 for value in found)
        assert found == likeness(vocabulary, [(two, one) for one, two in pairs])
        assert all(value == 1000 for (one, two), value in zip(pairs, found, strict=True) if one == two)

    def test_are_nothing_where_there_is_no_token(self) -> None:
        vocabulary, _ = told(("Ali",))
        assert likeness(vocabulary, [(-1, 0), (0, -1), (-1, -1)]) == [0, 0, 0]

    @pytest.mark.parametrize("syllables", [False, True])
    def test_the_first_look_never_hides_a_likeness(self, syllables: bool) -> None:
        """Pairs not worth a look are strangers by the rules as well."""
        vocabulary, tokens = told((*WORDS, *(row[0] for row in rows("surnames.tsv")[:150:5])))
        pairs = list(combinations(range(len(tokens)), 2))
        low, high = np.array(pairs, np.int64).T
        columns = vocabulary.columns
        passed = np.flatnonzero(~columns.worth_a_look(low, high))
        assert len(passed)
        low, high = low[passed], high[passed]
        met = Met(columns, low, high, np.full(len(low), syllables), spelled_alike(columns, low, high))
        for one, two, found in zip(low.tolist(), high.tolist(), by_rule(met).tolist(), strict=True):
            assert found <= STRANGERS, (tokens[one], tokens[two])

    def test_do_not_depend_on_what_is_asked_together(self) -> None:
        pairs = list(combinations(range(len(told()[1])), 2))
        together = likeness(told()[0], pairs)
        vocabulary, _ = told()
        assert [likeness(vocabulary, [pair])[0] for pair in pairs] == pytest.approx(together, abs=0.01)

    def test_are_the_same_when_the_memory_was_full(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pairs = list(combinations(range(len(told()[1])), 2))
        plain = likeness(told()[0], pairs)
        monkeypatch.setattr(module, "MOST_PAIRS", 5)
        vocabulary, _ = told()
        for first in range(0, len(pairs), 100):
            assert likeness(vocabulary, pairs[first : first + 100]) == pytest.approx(
                plain[first : first + 100], abs=0.01
            )

    def test_a_token_added_later_is_seen(self) -> None:
        vocabulary, _ = told(("Mohammed",))
        likeness(vocabulary, [(0, 0)])
        row = vocabulary.row(token("Mohamad"))
        assert likeness(vocabulary, [(0, row)])[0] > 800

    def test_what_rules_say_across_scripts_never_passes_what_was_heard_better(self) -> None:
        heard = np.arange(0.0, 1001.0)
        lifted, plain = (across_scripts(np.full(1001, rule), heard) for rule in (1000.0, 0.0))
        assert (np.diff(lifted) >= 0).all()
        assert (lifted >= plain).all()
        assert lifted[499] - plain[510] < 10

    @given(st.text(max_size=12), st.text(max_size=12))
    def test_of_any_text_are_in_range(self, one: str, other: str) -> None:
        vocabulary, tokens = told((one, other))
        pairs = list(product(range(len(tokens)), range(len(tokens))))
        assert all(0 <= value <= 1000 for value in likeness(vocabulary, pairs))
