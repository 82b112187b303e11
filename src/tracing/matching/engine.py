"""Engine: reads persons, scores pairs, says why. One engine serves commands, API and night."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Floats, Levels, Longs
from tracing.matching.comparisons.base import Comparer, Pairs, Reached
from tracing.matching.comparisons.birth import BIRTH
from tracing.matching.comparisons.identifiers import IDENTIFIERS
from tracing.matching.comparisons.kin import FATHER, FATHER_IN_NAME, LISTED, MOTHER, RELATIVES
from tracing.matching.comparisons.names import NAMES
from tracing.matching.comparisons.nationality import NATIONALITY
from tracing.matching.comparisons.place import BIRTH_PLACE, PLACE
from tracing.matching.comparisons.sex import SEX
from tracing.matching.evidence import SILENT, Comparison, Evidence, Score, Scores
from tracing.matching.frequencies import TermFrequencies
from tracing.matching.keys import blocking_keys
from tracing.matching.model import Weights, default_weights
from tracing.matching.person import Person
from tracing.matching.ranking import best_first
from tracing.matching.reading import Reading, read
from tracing.matching.roster import Roster
from tracing.matching.telling import KnownPairs

ENGINE_VERSION = "5"
"""Counts up whenever the same person may read, or the same pair may compare, differently."""

_COMPARERS: Final[tuple[Comparer, ...]] = (
    NAMES,
    BIRTH,
    SEX,
    FATHER,
    MOTHER,
    FATHER_IN_NAME,
    RELATIVES,
    LISTED,
    BIRTH_PLACE,
    PLACE,
    NATIONALITY,
    IDENTIFIERS,
)


_CHEAPEST_FIRST: Final = tuple(
    _COMPARERS.index(comparer)
    for comparer in (
        IDENTIFIERS,
        NATIONALITY,
        SEX,
        BIRTH,
        BIRTH_PLACE,
        PLACE,
        FATHER,
        MOTHER,
        FATHER_IN_NAME,
        RELATIVES,
        NAMES,
        LISTED,
    )
)
"""Own names cost the most; who is listed can lift no pair."""

_SLACK: Final = 0.001
"""Bits: more than sums in another order and precision can differ by."""

MOST_INSIDE: Final = 1.0
"""Bits between the floor and the top of the best level."""

_LEAST_INSIDE: Final = 0.01
"""The same of any other: where two levels weigh alike, the better pair still comes first."""


def _rises(bits: Sequence[float]) -> Floats:
    """Bits from each level to the next better one, never quite nothing; 0 behind the last, for silence."""
    rises = (max(better - bit, _LEAST_INSIDE) for better, bit in pairwise(bits))
    return np.array((MOST_INSIDE, *rises, 0.0), np.float32)


def _sum(bits: Floats) -> Floats:
    """Sum of each pair's bits, the same whatever is beside it and in whatever order it is added up."""
    out: Floats = bits.sum(axis=1, dtype=np.float64).astype(np.float32)
    return out


class ComparisonInfo(NamedTuple):
    """One comparison, described.

    Attributes:
        levels: from the strongest agreement to the strongest conflict.
        agreeing: how many levels, from the first, are agreement.
    """

    name: str
    levels: tuple[str, ...]
    description: str
    agreeing: int


COMPARISONS: Final = tuple(ComparisonInfo(c.name, c.levels, c.description, c.agreeing) for c in _COMPARERS)
"""What the engine compares, in the order of `Score.levels`; the same with any weights."""


class Engine:
    """Compares persons with one weights table and one count of how common names are.

    Engines are cheap to make once tables are loaded, safe to share between threads, and picklable.
    """

    def __init__(self, frequencies: TermFrequencies | None = None, weights: Weights | None = None) -> None:
        self._weights = default_weights() if weights is None else weights
        self._frequencies = TermFrequencies() if frequencies is None else frequencies
        self._bits = tuple(self._weights.bits(c.name, c.levels, c.agreeing) for c in _COMPARERS)
        self._tables = tuple(np.array((*bits, 0.0), np.float32) for bits in self._bits)
        self._rises = tuple(_rises(bits) for bits in self._bits)
        self._rarity = tuple(np.float32(self._weights.rarity.get(c.name, 0.0)) for c in _COMPARERS)

    def __reduce__(self) -> tuple[object, tuple[TermFrequencies, Weights]]:
        return Engine, (self._frequencies, self._weights)

    @property
    def version(self) -> str:
        """Version of the code and of the weights, stored with every suggestion."""
        return f"{ENGINE_VERSION}/{self._weights.version}"

    @property
    def weights(self) -> Weights:
        return self._weights

    @property
    def comparisons(self) -> tuple[ComparisonInfo, ...]:
        """What is compared, in the order of `Score.levels`."""
        return COMPARISONS

    def prepare(self, roster: Roster) -> None:
        """Make now what the first comparison would make, so that forked processes share it."""
        roster.prepare(self._frequencies)
        nobody = np.zeros(0, np.int64)
        self._at_best(Pairs(roster, nobody, nobody, self._frequencies))

    def rarities(self, roster: Roster) -> Floats:
        """Rarity in bits of each token of a roster's vocabulary."""
        return roster.rarities(self._frequencies)

    def inside_names(self, roster: Roster, left: NDArray[Any], right: NDArray[Any]) -> Floats:
        """How far above the floor of its level the comparison of own names lies, 0 … 1: for training."""
        return Pairs(roster, left, right, self._frequencies).own_names().inside

    def level_bits(self, comparison: str) -> tuple[float, ...]:
        """Bits of each level of a comparison, in the order of its levels, before term frequency."""
        names = [comparer.name for comparer in _COMPARERS]
        return tuple(self._bits[names.index(comparison)])

    def with_frequencies(self, frequencies: TermFrequencies) -> "Engine":
        """The same engine, counting rarity in another list."""
        return Engine(frequencies, self._weights)

    def read(self, person: Person) -> Reading:
        """Make a person ready for comparing; done once per person, never fails."""
        return read(person)

    def keys(self, reading: Reading) -> tuple[tuple[str, str], ...]:
        """Blocking keys (family, text) of a reading, without repeats."""
        return blocking_keys(reading)

    def score(self, left: Reading, right: Reading) -> Score:
        """All evidence about a pair as numbers. Symmetric; a silent comparison has level -1 and 0.0 bits."""
        return self.score_pairs(Roster((left, right)), np.array([0]), np.array([1])).score(0)

    def score_pairs(self, roster: Roster, left: NDArray[Any], right: NDArray[Any]) -> Scores:
        """All evidence about the pairs of persons at places `left[p]` and `right[p]` of a roster."""
        pairs = Pairs(roster, left, right, self._frequencies)
        levels = np.full((len(pairs), len(_COMPARERS)), SILENT, np.int8)
        bits = np.zeros(levels.shape, np.float32)
        for index in range(len(_COMPARERS)):
            levels[:, index], bits[:, index] = self._compared(index, pairs)
        return Scores(_sum(bits), levels, bits)

    def score_above(
        self, roster: Roster, left: NDArray[Any], right: NDArray[Any], least: float
    ) -> tuple[Longs, Scores]:
        """The same as `score_pairs`, for the pairs of at least `least` bits only: (their places, evidence).

        Cheap comparisons come first; a pair is left out as soon as not even the best that those still to come may
        say, given who speaks at all, could lift it. What is returned never differs from `score_pairs`.
        """
        at = np.arange(len(left))
        levels = np.full((len(at), len(_COMPARERS)), SILENT, np.int8)
        bits = np.zeros(levels.shape, np.float32)
        pairs = Pairs(roster, left, right, self._frequencies)
        best = self._at_best(pairs)
        for index in _CHEAPEST_FIRST:
            hopeful = best.sum(axis=1, dtype=np.float64) >= least - _SLACK
            if not hopeful.all():
                at, levels, bits, best = at[hopeful], levels[hopeful], bits[hopeful], best[hopeful]
                pairs = pairs.of(hopeful)
            levels[:, index], bits[:, index] = self._compared(index, pairs)
            best[:, index] = bits[:, index]
        weight = _sum(bits)
        kept = weight >= least
        return at[kept], Scores(weight[kept], levels[kept], bits[kept])

    def _compared(self, index: int, pairs: Pairs) -> tuple[Levels, Floats]:
        """Levels and bits of one comparison."""
        reached = _COMPARERS[index].compare(pairs)
        return reached.levels, self._weighed(index, reached)

    def _at_best(self, pairs: Pairs) -> Floats:
        """[pairs, comparisons] bits that no comparison surpasses."""
        best = np.zeros((len(pairs), len(_COMPARERS)), np.float32)
        for index, comparer in enumerate(_COMPARERS):
            best[:, index] = self._weighed(index, comparer.at_best(pairs))
        return np.maximum(best, 0, out=best)

    def _weighed(self, index: int, reached: Reached) -> Floats:
        """Bits of what one comparison reached."""
        bits: Floats = self._tables[index][reached.levels]
        if reached.inside is not None:
            bits = bits + reached.inside * self._rises[index][reached.levels]
        return bits if reached.rarity is None else bits + reached.rarity * self._rarity[index]

    def least_weight(self, probability: float, prior: float) -> float:
        """Weight in bits from which a pair reaches `probability`; minus infinity for 0."""
        return self._weights.least_weight(probability, prior)

    def probability(self, weight: float, prior: float) -> float:
        """Probability that a pair of this weight is one person, given the prior of such a pair."""
        return self._weights.probability(weight, prior)

    def prior(self, pool_size: int) -> float:
        """Prior of one pair when `pool_size` persons stand on the other side."""
        return self._weights.prior(pool_size)

    def band(self, probability: float) -> str:
        """strong, probable, possible or weak."""
        return self._weights.band(probability)

    def explain(self, left: Reading, right: Reading, score: Score) -> tuple[Evidence, ...]:
        """One piece of evidence in words per comparison to which both sides speak."""
        readings = left, right
        return self.explain_pairs(Roster(readings), readings, [(0, 1)], [score])[0]

    def explain_pairs(
        self,
        roster: Roster,
        readings: Sequence[Reading],
        places: Sequence[tuple[int, int]],
        scores: Sequence[Score],
    ) -> list[tuple[Evidence, ...]]:
        """The same for many pairs of places in a roster, which was made of `readings` in their order."""
        left, right = (np.array([pair[side] for pair in places], np.int64) for side in (0, 1))
        known = KnownPairs(Pairs(roster, left, right, self._frequencies))
        return [
            self._told(readings[pair[0]], readings[pair[1]], known.of(slice(place, place + 1)), scores[place])
            for place, pair in enumerate(places)
        ]

    def _told(self, left: Reading, right: Reading, pair: Pairs, score: Score) -> tuple[Evidence, ...]:
        """Evidence in words of the one pair that `pair` holds."""
        found = []
        for comparer, level, bits in zip(_COMPARERS, score.levels, score.bits, strict=True):
            if level != SILENT:
                told = comparer.tell(left, right, level, pair)
                reason = told.detail or comparer.reasons[level]
                found.append(Evidence(comparer.name, comparer.levels[level], bits, told.left, told.right, reason))
        return tuple(found)

    def reasons(self, score: Score) -> tuple[str, ...]:
        """One sentence per comparison that spoke, without values: quick enough for lists."""
        spoken = zip(_COMPARERS, score.levels, strict=True)
        return tuple(comparer.reasons[level] for comparer, level in spoken if level != SILENT)

    def compare(self, left: Reading, right: Reading, prior: float = 0.5) -> Comparison:
        """Everything about one pair, in words too."""
        return self.compare_pairs([(left, right)], prior)[0]

    def compare_pairs(self, pairs: Sequence[tuple[Reading, Reading]], prior: float = 0.5) -> list[Comparison]:
        """Everything about each pair; a pair's answer does not depend on the others. Quicker than one by one."""
        readings = [side for pair in pairs for side in pair]
        left = np.arange(0, len(readings), 2)
        return self._comparisons(readings, left, left + 1, None, prior)

    def rank(
        self, query: Reading, candidates: Iterable[Reading], top: int, prior: float | None = None
    ) -> list[Comparison]:
        """The `top` best candidates, best first, ties by id; the prior follows their number unless given.

        Candidates with whom nothing could be compared stand behind the others.
        """
        readings = [query, *candidates]
        others = np.arange(1, len(readings))
        chance = self.prior(len(others)) if prior is None else prior
        return self._comparisons(readings, np.zeros_like(others), others, top, chance)

    def _comparisons(
        self, readings: Sequence[Reading], left: Longs, right: Longs, top: int | None, prior: float
    ) -> list[Comparison]:
        """Pairs of places in `readings` compared: all in their order, or the `top` best ones, best first."""
        roster = Roster(readings)
        scores = self.score_pairs(roster, left, right)
        ids = [readings[place].id for place in right.tolist()]
        chosen = list(range(len(left))) if top is None else best_first(scores.order, ids, top)
        places = list(zip(left[chosen].tolist(), right[chosen].tolist(), strict=True))
        found = [scores.score(place) for place in chosen]
        told = self.explain_pairs(roster, readings, places, found)
        made = []
        for (here, there), score, evidence in zip(places, found, told, strict=True):
            chance = self.probability(score.weight, prior)
            sides = readings[here].id, readings[there].id
            made.append(Comparison(*sides, score.weight, chance, self.band(chance), evidence))
        return made
