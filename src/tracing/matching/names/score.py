"""The trained score of two names: how far what their alignment shows speaks for one person.

A logistic regression over the features, in bits (log2 odds among pairs that a blocking key brought together). What the
similarity of tokens is worth are broken lines over ``knots``; training keeps them rising, and keeps every other
coefficient on the side that reason says (``training/names.py``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from tracing.matching.arrays import Floats
from tracing.matching.names.features import LINEAR, Features


@dataclass(frozen=True, slots=True)
class NameScore:
    """Coefficients.

    Attributes:
        knots: thousandths, rising.
        each, rare_each, mean, rare_mean, lowest: bits at each knot, for every pair of tokens, for every bit of its
            rarity, for the pairs' mean, for their mean weighed by rarity, and for the worst pair.
        linear: bits per unit of the features of ``LINEAR``.
        intercept: bits.
    """

    knots: Floats
    each: Floats
    rare_each: Floats
    mean: Floats
    rare_mean: Floats
    lowest: Floats
    linear: Floats
    intercept: float

    @classmethod
    def from_json(cls, text: str) -> NameScore:
        """Read a table as ``training/names.py`` writes it; KeyError when a feature is missing."""
        table = json.loads(text)
        return cls(
            knots=np.array(table["knots"], np.float32),
            each=np.array(table["each"], np.float32),
            rare_each=np.array(table["rare_each"], np.float32),
            mean=np.array(table["mean"], np.float32),
            rare_mean=np.array(table["rare_mean"], np.float32),
            lowest=np.array(table["lowest"], np.float32),
            linear=np.array([table["linear"][name] for name in LINEAR], np.float32),
            intercept=float(table["intercept"]),
        )

    def bits(self, seen: Features) -> Floats:
        """Score of each pair."""
        each = np.where(seen.paired, np.interp(seen.similarity, self.knots, self.each), 0).sum(axis=1)
        each += seen.strangers * self.each[0]
        count = np.maximum(seen.paired.sum(axis=1) + seen.strangers + seen.linear[:, 0], 1)
        mean = np.where(seen.paired, np.interp(seen.similarity, self.knots, self.mean), 0).sum(axis=1)
        mean = (mean + seen.strangers * self.mean[0]) / count
        rare_each = np.interp(seen.similarity, self.knots, self.rare_each) * seen.rare
        each += np.where(seen.paired, rare_each, 0).sum(axis=1) + seen.stranger_rare * self.rare_each[0]
        rare = np.where(seen.paired, np.interp(seen.similarity, self.knots, self.rare_mean) * seen.rare, 0).sum(axis=1)
        over = seen.rare.sum(axis=1) + seen.stranger_rare + np.float32(0.3) * seen.missing_rare
        rare = (rare + seen.stranger_rare * self.rare_mean[0]) / np.maximum(over, 1e-6)
        lowest = np.interp(seen.lowest, self.knots, self.lowest)
        out: Floats = (
            self.intercept
            + each
            + mean
            + rare
            + lowest
            + seen.linear.astype(np.float64) @ self.linear.astype(np.float64)
        ).astype(np.float32)
        return out


@cache
def name_score() -> NameScore:
    """The coefficients that ship with the engine."""
    return NameScore.from_json(files("tracing.matching.data").joinpath("name_score.json").read_text("utf-8"))
