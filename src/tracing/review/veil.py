"""What of a pair tells where somebody is or how they are reached, left out as if nobody had ever told it.

To blank the values is not enough: a level, a weight, a sum, a band or an order answers whoever guesses a place.
"""

from dataclasses import replace

from tracing.matching import SILENT, Person, Score
from tracing.matching.engine import COMPARISONS

PLACES = frozenset({"place", "birth_place", "identifiers"})
"""Comparisons that tell where somebody is, or how they are reached: telephones are identifiers."""


def veiled(person: Person) -> Person:
    """Return a person of whom no place and no identifier is known."""
    return replace(
        person,
        birth_place=None,
        last_place=None,
        last_place_date=None,
        seen_place=None,
        seen_date=None,
        identifiers=(),
    )


def silenced(score: Score) -> Score:
    """Return a score to which `PLACES` say nothing; its weight is the sum of what the others say."""
    hidden = [comparison.name in PLACES for comparison in COMPARISONS]
    levels = tuple(SILENT if hide else level for hide, level in zip(hidden, score.levels, strict=True))
    bits = tuple(0.0 if hide else bit for hide, bit in zip(hidden, score.bits, strict=True))
    return Score(sum(bits), levels, bits)
