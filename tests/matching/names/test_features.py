"""Features of aligned names: what each counts, and that neither side nor company matters."""

import numpy as np
import pytest

from tests.matching.names.pairs import COMMON
from tracing.matching.names import read_name
from tracing.matching.names.compare import seen_by_width
from tracing.matching.names.features import LINEAR, Features
from tracing.matching.names.namebook import NameBook

PAIRS = (
    ("Ali Hassan Omar", "Ali Hassan Omar"), ("Ali Hassan Omar", "Ali Hassan"), ("Ali Hassan", "A. Hassan"),
    ("Ali Karim", "Ali Nasser"), ("Karim", "Nasser"), ("Mohammed Ahmed", "محمد أحمد"), ("Anna Petrova", "Petrova Anna"),
    ("Ali Hassan Mohamed", "Hassan Mohamed Ali"), ("Nur Mohammad", "Nurmohammad"), ("张伟", "章伟"),
)  # fmt: skip


def seen(one: str, other: str) -> dict[str, float]:
    """The linear features of a pair of names, by name, and `whole`."""
    book = NameBook()
    left, right = (np.array([book.row(read_name(name))], np.int32) for name in (one, other))
    ((_, found),) = seen_by_width(book, left, right, book.vocabulary.rarities(COMMON))
    return {**dict(zip(LINEAR, found.linear[0].tolist(), strict=True)), "whole": float(found.whole[0])}


class TestLinear:
    @pytest.mark.parametrize(
        ("one", "other", "expected", "why"),
        [
            ("Ali Hassan Omar", "Ali Hassan Omar", {"whole": 1, "missing": 0, "conflicts": 0, "edits": 0}, "one name"),
            ("Ali Hassan Omar", "Ali Hassan", {"whole": 0, "missing": 1, "conflicts": 0}, "a part left out"),
            ("Ali Hassan", "A. Hassan", {"initials": 1, "missing": 0, "conflicts": 0}, "an initial"),
            ("Ali Karim", "Ali Zbigniew", {"conflicts": 1, "many_conflicts": 0, "first_conflict": 0}, "another family"),
            ("Karim Hassan", "Zbigniew Hassan", {"conflicts": 1, "first_conflict": 1}, "another given name"),
            ("Ali", "Ali Hassan", {"one_name": 1, "single": 1, "missing": 1}, "one token of a longer name"),
            ("Ali Hasan", "Ali Hassan", {"one_edit": 1, "two_edits": 1, "edits": 1}, "one slip of the pen"),
            (
                "Ali Hassan",
                "علي حسن",
                {"other_script": 1, "letters": 0, "edits": 0},
                "letters say nothing across scripts",
            ),
            ("Anna Petrova", "Petrova Anna", {"by_word": 1, "whole": 0}, "the same words in another order"),
        ],
    )
    def test_count(self, one: str, other: str, expected: dict[str, float], why: str) -> None:
        found = seen(one, other)
        assert {name: found[name] for name in expected} == pytest.approx(expected), why

    def test_another_generation_is_further_out_of_order_than_a_swap(self) -> None:
        swapped, rotated = seen("Anna Petrova", "Petrova Anna"), seen("Ali Hassan Mohamed", "Hassan Mohamed Ali")
        assert swapped["order"] > 0
        assert swapped["other_chain"] < rotated["other_chain"]

    @pytest.mark.parametrize(("one", "other"), PAIRS)
    def test_do_not_tell_which_side_is_which(self, one: str, other: str) -> None:
        assert seen(one, other) == pytest.approx(seen(other, one), abs=1e-5)


class TestBatch:
    def test_features_of_a_pair_do_not_depend_on_others(self) -> None:
        book = NameBook()
        left, right = (np.array([book.row(read_name(pair[side])) for pair in PAIRS], np.int32) for side in (0, 1))
        rarities = book.vocabulary.rarities(COMMON)
        met = 0
        for at, together in seen_by_width(book, left, right, rarities):
            for row, place in enumerate(at.tolist()):
                ((_, alone),) = seen_by_width(book, left[[place]], right[[place]], rarities)
                for name in Features.__slots__:
                    one, other = getattr(together, name)[row], getattr(alone, name)[0]
                    assert np.allclose(one, other, atol=1e-5), (PAIRS[place], name)
                met += 1
        assert met == len(PAIRS)
