"""Evidence as a waterfall: where the running sum of bits stands before and after each comparison."""

from collections.abc import Sequence
from dataclasses import dataclass

from tracing.matching.evidence import Comparison


@dataclass(frozen=True, slots=True)
class Step:
    """One comparison's share of the sum.

    Attributes:
        start: the sum in front of it, in bits.
        end: the sum behind it, in bits.
    """

    comparison: str
    level: str
    weight: float
    start: float
    end: float
    reason: str


def waterfall(comparison: Comparison) -> tuple[Step, ...]:
    """Return a pair's evidence in its order, each step starting where the one before it ended, at 0."""
    steps: list[Step] = []
    total = 0.0
    for one in comparison.evidence:
        steps.append(Step(one.comparison, one.level, one.weight, total, total + one.weight, one.reason))
        total += one.weight
    return tuple(steps)


def span(steps: Sequence[Step]) -> tuple[float, float]:
    """Return the lowest and the highest point of the running sum, in bits; both are 0 without steps."""
    sums = [0.0, *(step.end for step in steps)]
    return min(sums), max(sums)
