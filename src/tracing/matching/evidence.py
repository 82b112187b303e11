"""What one comparison says about a pair of persons, and the sum of all of them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tracing.matching.arrays import Floats, Levels

SILENT = -1
"""The level of a comparison to which one side or both say nothing: it weighs exactly 0 bits."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One comparison in words.

    Attributes:
        comparison: its name, as in `Engine.comparisons`.
        level: name of the comparison level reached.
        weight: bits (log2 Bayes factor); above 0 speaks for one person, below 0 against.
        left, right: the values compared, as given.
        reason: one plain sentence for the caseworker.
    """

    comparison: str
    level: str
    weight: float
    left: str
    right: str
    reason: str


class Score(NamedTuple):
    """A pair's evidence as numbers; the index of `levels` and `bits` is the order of `Engine.comparisons`.

    `weight` is the sum of `bits` and never holds the prior. A silent comparison has level `SILENT`, 0.0 bits.
    """

    weight: float
    levels: tuple[int, ...]
    bits: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """The evidence of P pairs over C comparisons, in the order of `Engine.comparisons`.

    Attributes:
        weight: [P] sum of bits; never holds the prior.
        levels: [P, C] index of each comparison's level, `SILENT` where a side says nothing.
        bits: [P, C] bits of each comparison, 0.0 where silent.
    """

    weight: Floats
    levels: Levels
    bits: Floats

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def order(self) -> Floats:
        """[P] what a ranking goes by: the weight, and minus infinity where nothing could be compared.

        Silence weighs 0 bits, more than a name that differs a little; but a person of whom nothing is told answers no
        question.
        """
        spoken = (self.levels != SILENT).any(axis=1)
        out: Floats = np.where(spoken, self.weight, np.float32(-np.inf))
        return out

    def score(self, pair: int) -> Score:
        """One pair's."""
        levels, bits = self.levels[pair].tolist(), self.bits[pair].tolist()
        return Score(float(self.weight[pair]), tuple(levels), tuple(bits))


@dataclass(frozen=True, slots=True)
class Comparison:
    """The full answer about one pair; `left` and `right` are the persons' ids."""

    left: str
    right: str
    weight: float
    probability: float
    band: str
    evidence: tuple[Evidence, ...]
