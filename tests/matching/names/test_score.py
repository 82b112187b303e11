"""The trained score: what training fits is what the engine counts, and reason's signs hold."""

import json
from importlib.resources import files

import numpy as np
import pytest

from tests.matching.names.pairs import COMMON, compared
from tests.matching.names.test_features import PAIRS
from tracing.matching.names import read_name
from tracing.matching.names.compare import seen_by_width
from tracing.matching.names.features import LINEAR, Features
from tracing.matching.names.namebook import NameBook
from tracing.matching.names.score import NameScore, name_score
from tracing.matching.training.names import CURVES, design

TEXT = files("tracing.matching.data").joinpath("name_score.json").read_text("utf-8")


def all_seen() -> list[Features]:
    book = NameBook()
    left, right = (np.array([book.row(read_name(pair[side])) for pair in PAIRS], np.int32) for side in (0, 1))
    return [seen for _, seen in seen_by_width(book, left, right, book.vocabulary.rarities(COMMON))]


class TestScore:
    def test_is_the_weighted_sum_of_the_columns_that_training_fits(self) -> None:
        score, table = name_score(), json.loads(TEXT)
        coefficients = np.concatenate([*(table[curve] for curve in CURVES), score.linear, [score.intercept]])
        for seen in all_seen():
            assert (design(seen) @ coefficients).tolist() == pytest.approx(score.bits(seen).tolist(), abs=1e-3)

    def test_a_feature_left_out_of_the_table_is_refused(self) -> None:
        table = json.loads(TEXT)
        del table["linear"][LINEAR[0]]
        with pytest.raises(KeyError):
            NameScore.from_json(json.dumps(table))

    @pytest.mark.parametrize("curve", CURVES)
    def test_more_likeness_is_never_worth_less(self, curve: str) -> None:
        assert (np.diff(getattr(name_score(), curve)) >= -1e-6).all()

    @pytest.mark.parametrize(
        ("nearer", "farther", "why"),
        [
            (("Ali Hassan Omar", "Ali Hassan Omar"), ("Ali Hassan Omar", "Ali Hassan"), "a part is missing"),
            (("Ali Hassan Omar", "Ali Hassan"), ("Ali Hassan Omar", "Ali Hassan Zbigniew"), "a part conflicts"),
            (("Karim Nasser", "Kareem Nasser"), ("Karim Nasser", "Zbigniew Nasser"), "another given name"),
        ],
    )
    def test_falls(self, nearer: tuple[str, str], farther: tuple[str, str], why: str) -> None:
        assert compared(*nearer).score > compared(*farther).score, why
