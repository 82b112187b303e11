"""Weights: m and u probabilities per comparison level, as bits; probability from weight and prior; bands.

The model is Fellegi and Sunter's (1969): a level's weight is log2(m / u), where m is its frequency among
pairs of one person and u among pairs of two; weights of comparisons add up. The table `data/weights.json`
is versioned, and its version stands beside every stored suggestion.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

BANDS = ("strong", "probable", "possible", "weak")
_STEEPEST = 4.0


class WeightsError(ValueError):
    """A weights table that lacks a level or holds something else than probabilities."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A weights table.

    Attributes:
        version: as stored with suggestions.
        levels: comparison -> level -> (m, u), both within (0, 1].
        bands: lowest probability of each band but the last, in the order of `BANDS`.
        share: expected true partners per person in the pool, of which `prior` makes the prior of one pair.
        rarity: comparison -> share, 0 or more, of the bits of rarity that count on top of a level; 0 where not named.
        slope: factor on the weight in the probability, below 1 as comparisons are not quite independent.
        against: further factor on a weight below 0, at least 1: agreement repeats itself, as kin and places do, while
            what outweighs all of it mostly stands alone, as when only names are told (docs/decisions/0017).
    """

    version: str
    levels: Mapping[str, Mapping[str, tuple[float, float]]]
    bands: tuple[float, float, float]
    share: float
    slope: float
    against: float
    rarity: Mapping[str, float]

    @classmethod
    def from_json(cls, text: str) -> "Weights":
        """Read a table; WeightsError when it is not one."""
        try:
            table: dict[str, Any] = json.loads(text)
            levels = {
                comparison: {level: _probabilities(pair) for level, pair in entries.items()}
                for comparison, entries in table["levels"].items()
            }
            strong, probable, possible = (float(table["bands"][band]) for band in BANDS[:3])
            share, slope, against = (float(table[name]) for name in ("share", "slope", "against"))
            rarity = {comparison: float(counted) for comparison, counted in table["rarity"].items()}
            if not all(0.0 <= counted < math.inf for counted in rarity.values()):
                raise WeightsError("rarity must be 0 or more")
            if not (math.inf > share > 0.0 and _STEEPEST >= slope > 0.0):
                raise WeightsError(f"share must be above 0, slope above 0 and at most {_STEEPEST:g}")
            if not _STEEPEST >= against >= 1.0:
                raise WeightsError(f"against must be 1 or more and at most {_STEEPEST:g}")
            if not 1.0 > strong > probable > possible > 0.0:
                raise WeightsError("bands must fall from below 1 to above 0")
            return cls(
                version=str(table["version"]),
                levels=levels,
                bands=(strong, probable, possible),
                share=share,
                slope=slope,
                against=against,
                rarity=rarity,
            )
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise WeightsError(f"not a weights table: {type(error).__name__} {error}") from error

    def to_json(self) -> str:
        """The table as `from_json` reads it, one level per line."""
        table = {
            "version": self.version,
            "share": self.share,
            "slope": self.slope,
            "against": self.against,
            "rarity": dict(self.rarity),
            "bands": dict(zip(BANDS, self.bands, strict=False)),
            "levels": {
                comparison: {level: list(pair) for level, pair in entries.items()}
                for comparison, entries in self.levels.items()
            },
        }
        text = json.dumps(table, indent=2, ensure_ascii=False)
        return re.sub(r"\[\s+([^\[\]]*?),\s+([^\[\]]*?)\s+\]", r"[\1, \2]", text) + "\n"

    def bits(self, comparison: str, levels: Sequence[str], agreeing: int) -> tuple[float, ...]:
        """Bits per level, in the order of `levels`.

        Agreement levels (the first `agreeing`) are never below 0 and never rise; conflict levels never stand
        above 0. WeightsError when the table lacks a level.
        """
        table = self.levels.get(comparison, {})
        missing = [level for level in levels if level not in table]
        if missing:
            raise WeightsError(f"no weights for {comparison}: {', '.join(missing)}")
        found: list[float] = []
        ceiling = math.inf
        for index, level in enumerate(levels):
            m, u = table[level]
            bits = math.log2(m / u)
            if index < agreeing:
                ceiling = bits = max(0.0, min(bits, ceiling))
            else:
                bits = min(bits, 0.0)
            found.append(round(bits, 4))
        return tuple(found)

    def odds(self, weight: float) -> float:
        """Log2 odds that a weight adds to those of the prior; they rise with it, and are 0 for 0."""
        return self.slope * (weight if weight >= 0.0 else weight * self.against)

    def probability(self, weight: float, prior: float) -> float:
        """Probability that a pair of this weight is one person; `prior` within (0, 1)."""
        odds = math.log2(prior / (1.0 - prior)) + self.odds(weight)
        if odds > 60:
            return 1.0 - 2.0**-60
        return float(1.0 / (1.0 + 2.0 ** min(-odds, 1000.0)))

    def least_weight(self, probability: float, prior: float) -> float:
        """Weight from which a pair reaches `probability`; minus infinity for 0, infinity for 1."""
        if not 0.0 < probability < 1.0:
            return math.inf if probability >= 1.0 else -math.inf
        odds = math.log2(probability / (1.0 - probability)) - math.log2(prior / (1.0 - prior))
        return odds / self.slope if odds >= 0.0 else odds / (self.slope * self.against)

    def prior(self, pool_size: int) -> float:
        """Prior of one pair when the other side holds `pool_size` persons; at most one in two.

        Its log odds are those of `share` / pool times the slope: a slope then flattens probabilities around the weight
        that outweighs the pool, and does not move that weight.
        """
        chance = min(0.5, self.share / max(pool_size, 1))
        return float(1.0 / (1.0 + ((1.0 - chance) / chance) ** self.slope))

    def band(self, probability: float) -> str:
        """Name of the band that a probability falls into."""
        for band, least in zip(BANDS, self.bands, strict=False):
            if probability >= least:
                return band
        return BANDS[-1]


def _probabilities(pair: object) -> tuple[float, float]:
    if not isinstance(pair, list) or len(pair) != 2:
        raise WeightsError("a level needs [m, u]")
    m, u = float(pair[0]), float(pair[1])
    if not (0.0 < m <= 1.0 and 0.0 < u <= 1.0):
        raise WeightsError("m and u lie within (0, 1]")
    return m, u


@lru_cache(maxsize=1)
def default_weights() -> Weights:
    """The table that ships with the engine."""
    return Weights.from_json(resources.files("tracing.matching.data").joinpath("weights.json").read_text("utf-8"))
