"""Ranking: the best of many scored candidates, in an order that never depends on chance."""

from collections.abc import Sequence

import numpy as np

from tracing.matching.arrays import Floats


def best_first(weights: Floats, ids: Sequence[str], top: int | None) -> list[int]:
    """Places of the `top` candidates (None: of all) of highest weight, best first, ties by their ids."""
    places = list(range(len(ids)))
    if top is not None and top < len(ids):
        least = -np.partition(-weights, top - 1)[top - 1]
        places = np.flatnonzero(weights >= least).tolist()
    told = weights.tolist()
    return sorted(places, key=lambda place: (-told[place], ids[place]))[:top]
