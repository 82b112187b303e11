"""Engine: reads persons, scores pairs, says why. One engine serves commands, API and night."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tracing.matching.comparisons.base import Comparer, Context
from tracing.matching.comparisons.birth import BIRTH
from tracing.matching.comparisons.identifiers import IDENTIFIERS
from tracing.matching.comparisons.kin import FATHER, FATHER_IN_NAME, LISTED, MOST_KIN_RARITY, MOTHER, RELATIVES
from tracing.matching.comparisons.names import NAMES
from tracing.matching.comparisons.nationality import NATIONALITY
from tracing.matching.comparisons.place import BIRTH_PLACE, PLACE
from tracing.matching.comparisons.sex import SEX
from tracing.matching.evidence import SILENT, Comparison, Evidence, Score
from tracing.matching.frequencies import TermFrequencies
from tracing.matching.keys import blocking_keys
from tracing.matching.model import Weights, default_weights
from tracing.matching.names import MOST_ADJUST
from tracing.matching.person import Person
from tracing.matching.ranking import best_first
from tracing.matching.reading import Reading, read

ENGINE_VERSION = "1"
"""Counts up whenever the same person may read, or the same pair may compare, differently."""

_COMPARERS: tuple[Comparer, ...] = (
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


class ComparisonInfo(NamedTuple):
    """One comparison, described: `levels` from the strongest agreement to the strongest conflict."""

    name: str
    levels: tuple[str, ...]
    description: str


class Bound(NamedTuple):
    """The most bits that a costly comparison can give, and whether both sides speak to it at all."""

    most: float
    may_speak: Callable[[Reading, Reading], bool]


_COSTLY: dict[str, tuple[float, Callable[[Reading, Reading], bool]]] = {
    NAMES.name: (MOST_ADJUST, lambda left, right: bool(left.names and right.names)),
    FATHER.name: (MOST_KIN_RARITY, lambda left, right: bool(left.father and right.father)),
    MOTHER.name: (MOST_KIN_RARITY, lambda left, right: bool(left.mother and right.mother)),
    FATHER_IN_NAME.name: (0.0, lambda left, right: bool(left.untold_fathers or right.untold_fathers)),
    RELATIVES.name: (MOST_KIN_RARITY, lambda left, right: bool(left.kin and right.kin)),
    LISTED.name: (0.0, lambda left, right: bool(left.kin or right.kin)),
}
"""Comparisons that align names, in the order in which they are tried after all others: the most bits that they
give on top of a level, and whether both sides speak to them."""


class Engine:
    """Compares persons with one weights table and one count of how common names are.

    Engines are cheap to make once tables are loaded, safe to share between threads, and picklable.
    """

    def __init__(self, frequencies: TermFrequencies | None = None, weights: Weights | None = None) -> None:
        self._weights = default_weights() if weights is None else weights
        self._frequencies = TermFrequencies() if frequencies is None else frequencies
        self._context = Context(self._frequencies)
        self._bits = tuple(self._weights.bits(c.name, c.levels, c.agreeing) for c in _COMPARERS)
        self._steps = tuple(
            (comparer.compare, bits, index)
            for index, (comparer, bits) in enumerate(zip(_COMPARERS, self._bits, strict=True))
        )
        costly = {
            name: Bound(max(0.0, *self.level_bits(name)) + rarity, may_speak)
            for name, (rarity, may_speak) in _COSTLY.items()
        }
        places = {comparer.name: index for index, comparer in enumerate(_COMPARERS)}
        self._bounds = tuple(costly.values())
        self._order: tuple[tuple[int, Bound | None], ...] = (
            *((index, None) for name, index in places.items() if name not in costly),
            *((places[name], bound) for name, bound in costly.items()),
        )

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
        return tuple(ComparisonInfo(c.name, c.levels, c.description) for c in _COMPARERS)

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
        context = self._context
        levels: list[int] = []
        weights: list[float] = []
        for compare, bits, _ in self._steps:
            level, rarity = compare(left, right, context)
            levels.append(level)
            weights.append(0.0 if level == SILENT else bits[level] + rarity)
        return Score(sum(weights), tuple(levels), tuple(weights))

    def score_above(self, left: Reading, right: Reading, least: float) -> Score | None:
        """The same as `score`, or None as soon as it is certain that the weight stays below `least` bits.

        Cheap comparisons come first; a costly one is left out when not even its strongest level, and those of
        all that are still to come, could lift the pair. What is returned is never different from `score`.
        """
        levels = [SILENT] * len(_COMPARERS)
        weights = [0.0] * len(_COMPARERS)
        open_bits = sum(bound.most for bound in self._bounds if bound.may_speak(left, right))
        total = 0.0
        for index, bound in self._order:
            if bound is not None:
                if total + open_bits < least:
                    return None
                if not bound.may_speak(left, right):
                    continue
                open_bits -= bound.most
            compare, bits, _ = self._steps[index]
            level, rarity = compare(left, right, self._context)
            if level != SILENT:
                levels[index], weights[index] = level, bits[level] + rarity
                total += weights[index]
        if total < least:
            return None
        return Score(sum(weights), tuple(levels), tuple(weights))

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
        found = []
        for comparer, level, bits in zip(_COMPARERS, score.levels, score.bits, strict=True):
            if level != SILENT:
                told = comparer.tell(left, right, level, self._context)
                reason = told.detail or comparer.reasons[level]
                found.append(Evidence(comparer.name, comparer.levels[level], bits, told.left, told.right, reason))
        return tuple(found)

    def reasons(self, score: Score) -> tuple[str, ...]:
        """One sentence per comparison that spoke, without values: quick enough for lists."""
        spoken = zip(_COMPARERS, score.levels, strict=True)
        return tuple(comparer.reasons[level] for comparer, level in spoken if level != SILENT)

    def compare(self, left: Reading, right: Reading, prior: float = 0.5) -> Comparison:
        """Everything about one pair, in words too."""
        score = self.score(left, right)
        return self._comparison(left, right, score, prior)

    def rank(
        self, query: Reading, candidates: Iterable[Reading], top: int, prior: float | None = None
    ) -> list[Comparison]:
        """The `top` best candidates, best first, ties by id; the prior follows their number unless given."""
        pool: Sequence[Reading] = candidates if isinstance(candidates, Sequence) else list(candidates)
        chance = self.prior(len(pool)) if prior is None else prior
        best = best_first(((self.score(query, one), one) for one in pool), top)
        return [self._comparison(query, one, score, chance) for score, one in best]

    def _comparison(self, left: Reading, right: Reading, score: Score, prior: float) -> Comparison:
        probability = self.probability(score.weight, prior)
        return Comparison(
            left.id,
            right.id,
            score.weight,
            probability,
            self.band(probability),
            self.explain(left, right, score),
        )
