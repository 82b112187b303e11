"""The next best question: which missing fact would separate the candidates best.

Gain is mutual information in bits: how much less open it would be who the asked person is (one candidate, or none
of them) once the fact is known, expected over what the answer may be. It comes from the m and u of the weights.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracing.matching.engine import Engine
from tracing.matching.reading import Reading

MOST_CANDIDATES = 12
"""Best candidates that a question is judged by; those below hardly ever turn out to be the person."""
LEAST_GAIN = 0.02
"""Bits below which a question is not worth a call."""
_DRAWS = 400
_SEED = 7


class Field(NamedTuple):
    """A fact that can be asked for: its comparison, its name for people, and whether a reading tells it."""

    comparison: str
    asked: str
    tells: Callable[[Reading], bool]


FIELDS: tuple[Field, ...] = (
    Field("birth", "date of birth or age", lambda one: one.birth is not None),
    Field("sex", "sex", lambda one: one.sex is not None),
    Field("father", "father's name", lambda one: bool(one.father)),
    Field("mother", "mother's name", lambda one: bool(one.mother)),
    Field("relatives", "names of spouse, children, brothers and sisters", lambda one: bool(one.kin)),
    Field("birth_place", "place of birth", lambda one: one.birth_place is not None),
    Field("place", "last known place", lambda one: bool(one.places)),
    Field("nationality", "nationality", lambda one: bool(one.nationalities)),
    Field("identifiers", "telephone, document or case number", lambda one: bool(one.identifiers)),
)


class Candidate(NamedTuple):
    """One candidate: reading, weight in bits against the query, comparisons that must not be hinted at."""

    reading: Reading
    weight: float
    hidden: frozenset[str] = frozenset()


class Question(NamedTuple):
    """One question.

    Attributes:
        comparison: the comparison that would speak.
        field: the fact to ask for, as in "mother's name".
        gain: bits by which it would be less open who the person is, expected; 0 to log2(candidates + 1).
        sentence: for the caseworker.
    """

    comparison: str
    field: str
    gain: float
    sentence: str


def next_questions(
    engine: Engine, query: Reading, candidates: Sequence[Candidate], prior: float, most: int = 3
) -> tuple[Question, ...]:
    """The `most` best questions to ask about `query`, best first; none when nothing missing would help.

    Only facts are asked for that the query does not tell and a candidate does. `prior` is that of one pair.
    """
    best = sorted(candidates, key=lambda one: (-one.weight, one.reading.id))[:MOST_CANDIDATES]
    if not best:
        return ()
    odds = np.array([engine.weights.odds(one.weight) for one in best]) + np.log2(prior / (1.0 - prior))
    found = []
    for field in FIELDS:
        speaks = np.array([field.tells(one.reading) and field.comparison not in one.hidden for one in best])
        if field.tells(query) or not speaks.any():
            continue
        gain = expected_gain(odds, speaks, *_answers(engine, field.comparison))
        if gain >= LEAST_GAIN:
            found.append(Question(field.comparison, field.asked, round(gain, 3), _sentence(field, gain, speaks)))
    return tuple(sorted(found, key=lambda one: (-one.gain, one.comparison))[:most])


def expected_gain(
    odds: NDArray[np.float64], speaks: NDArray[np.bool_], m: NDArray[np.float64], u: NDArray[np.float64]
) -> float:
    """Mutual information in bits between who the person is and the levels that one fact would reach.

    Args:
        odds: [N] log2 odds of each candidate against none of them, as they stand.
        speaks: [N] whether the candidate tells the fact.
        m: [L] how often one person reaches each level; sums to 1.
        u: [L] the same for two persons.
    """
    size = len(odds)
    now = np.append(odds, 0.0)
    chance = _shares(now)
    draws = np.random.default_rng(_SEED).random((_DRAWS, size))
    bits = np.log2(m / u)
    strangers = np.minimum(np.searchsorted(np.cumsum(u), draws, side="right"), len(u) - 1)
    persons = np.minimum(np.searchsorted(np.cumsum(m), draws, side="right"), len(m) - 1)
    left = 0.0
    for truth in range(size + 1):
        levels = strangers.copy()
        if truth < size:
            levels[:, truth] = persons[:, truth]
        after = np.tile(now, (_DRAWS, 1))
        after[:, :size] += np.where(speaks, bits[levels], 0.0)
        left += float(chance[truth]) * float(_entropy(_shares(after)).mean())
    return max(0.0, float(_entropy(chance)) - left)


def _answers(engine: Engine, comparison: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(m, u) over the levels, each summing to 1; their ratio follows the bits that the engine counts."""
    levels = next(one.levels for one in engine.comparisons if one.name == comparison)
    u = np.array([engine.weights.levels[comparison][level][1] for level in levels])
    m = u * np.exp2(engine.weights.slope * np.array(engine.level_bits(comparison)))
    return m / m.sum(), u / u.sum()


def _shares(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities along the last axis of log2 odds."""
    raised = np.exp2(odds - odds.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def _entropy(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bits along the last axis."""
    return np.asarray(-(shares * np.log2(np.maximum(shares, 1e-300))).sum(axis=-1))


def _sentence(field: Field, gain: float, speaks: NDArray[np.bool_]) -> str:
    told, size = int(speaks.sum()), len(speaks)
    who = "The candidate tells" if size == 1 else f"{told} of the {size} best candidates tell"
    verb = "much" if gain >= 0.5 else "somewhat" if gain >= 0.15 else "a little"
    return (
        f"Ask for the {field.asked}: {who.lower() if size == 1 else who} it, and it would {verb} narrow down who it is."
    )
