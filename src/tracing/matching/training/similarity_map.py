"""Turn likeness into a probability among the pairs that a blocking key brings together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.matching.names.sounds import skeletons
from tracing.matching.names.transliteration import Model
from tracing.matching.training.corpus import Pair

MOST_NAMES: Final = 3000
"""Names per side: with more, a key would bring more strangers together than in a case base of a few thousand names."""
READINGS: Final = 4
NEWTON_STEPS: Final = 30
RIDGE: Final = 1.0


def calibrate(model: Model, pairs: Sequence[Pair]) -> tuple[float, float, float]:
    """Slope per bit, per Latin letter, and start of the log odds that two tokens under one key are one name."""
    natives, latins, same = blocked(model, pairs[:MOST_NAMES])
    if not len(same):
        return 0.3, 0.0, -2.0
    bits = model.likeness(pairs[0].script, natives, latins).astype(np.float64)
    sizes = np.minimum([len(latin) for latin in latins], 12)
    slope, letter, start = _logistic(np.column_stack([bits, sizes, np.ones(len(bits))]), same).tolist()
    return float(slope), float(letter), float(start)


def blocked(model: Model, pairs: Sequence[Pair]) -> tuple[list[str], list[str], NDArray[np.float64]]:
    """All (native, Latin) of ``pairs`` with a skeleton in common, and 1.0 where they are a listed pair."""
    latin_keys: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        for key in skeletons(pair.latin):
            latin_keys[key].add(pair.latin)
    truth = {(pair.native, pair.latin) for pair in pairs}
    found: set[tuple[str, str]] = set()
    for pair in {pair.native: pair for pair in pairs}.values():
        keys = {key for reading in model.reader.read(pair.symbols, READINGS) for key in skeletons(reading)}
        found.update((pair.native, latin) for key in keys for latin in latin_keys.get(key, ()))
    ordered = sorted(found)
    same = np.array([pair in truth for pair in ordered], dtype=np.float64)
    return [native for native, _ in ordered], [latin for _, latin in ordered], same


def _logistic(features: NDArray[np.float64], labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of a logistic regression (Newton's method, a weak ridge)."""
    weights = np.zeros(features.shape[1])
    ridge = RIDGE * np.eye(features.shape[1])
    for _ in range(NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        gradient = features.T @ (labels - chance) - RIDGE * weights
        curve = (features * (chance * (1 - chance))[:, None]).T @ features + ridge
        weights = weights + np.linalg.solve(curve, gradient)
    return weights
