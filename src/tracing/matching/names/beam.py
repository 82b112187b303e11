"""Read a native token in Latin letters: beam search over what each symbol emits between its neighbours.

Partial readings that sound alike in their consonants share one place in the beam and add up: what a blocking key needs
is the likeliest consonants, each with its likeliest vowels. Weighing Latin letter pairs as well was tried and lost
0.2 to 2 % of the keys, and used for the vowels alone it brought no reading nearer to the true form: the neighbours in
the native word say more. Unwritten vowels are therefore often left out (``krim`` for Karim).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tracing.matching.names.channel import EDGE, FIRST_SYMBOL, MOST_SYMBOLS, UNKNOWN, Symbols
from tracing.matching.names.emissions import Table, background
from tracing.matching.names.learned import Learned

BEAM: Final = 8
"""Partial readings kept after each symbol; 16 find 0.3 % more keys in twice the time."""
MOST_OPTIONS: Final = 8
"""Chunks tried per symbol."""
RAREST_OPTION: Final = 0.02
"""Least probability of a chunk that is tried."""
_SOUNDS: Final = str.maketrans("bdgqcjzvm", "ptkkkxsfm", "aeiouyhw")
"""Roughly the codes of ``sounds.skeletons``, letter by letter."""

Option = tuple[float, str, str]
"""Probability, chunk, its consonant sounds."""
State = tuple[float, float, str]
"""Probability of all readings with these consonants, that of the likeliest one, and it."""


@dataclass
class Reader:
    """Readings of the tokens of one script."""

    learned: Learned
    table: Table
    _options: dict[tuple[int, int, int], list[Option]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        learned = self.learned
        self._numbers = {symbol: place for place, symbol in enumerate(learned.sources.symbols, FIRST_SYMBOL)}
        names = ["", "", "", *learned.targets.symbols]
        base, codes = learned.chunks.base, learned.chunks.codes.tolist()
        self._chunks = ["".join(names[code // base**k % base] for k in (2, 1, 0)) for code in codes]
        self._background = background(learned.chunks, learned.letters)

    def read(self, word: Symbols, n: int) -> tuple[str, ...]:
        """At most ``n`` readings of the symbols, likeliest consonants first, no two with the same ones."""
        if not 0 < len(word) <= MOST_SYMBOLS:
            return ()
        places = [EDGE, *(self._numbers.get(symbol, UNKNOWN) for symbol in word), EDGE]
        beam: dict[str, State] = {"": (1.0, 1.0, "")}
        contexts = list(zip(places, places[1:], places[2:], strict=False))
        if new := [context for context in contexts if context not in self._options]:
            self._try(new)
        for context in contexts:
            beam = _grown(beam, self._options[context])
        return _best(beam, n)

    def _try(self, contexts: list[tuple[int, int, int]]) -> None:
        """Remember the likeliest chunks of contexts."""
        before, own, after = np.array(contexts).T
        rows = self.table.rows(before, own, after)
        shares = self.table.ratios[rows, :-1] * self._background
        best = np.argsort(-shares, axis=1, kind="stable")[:, :MOST_OPTIONS]
        for context, share, order in zip(contexts, shares, best.tolist(), strict=True):
            used = (place for rank, place in enumerate(order) if not rank or share[place] > RAREST_OPTION)
            self._options[context] = [
                (float(share[place]), self._chunks[place], self._chunks[place].translate(_SOUNDS)) for place in used
            ]


def _grown(beam: dict[str, State], options: list[Option]) -> dict[str, State]:
    grown: dict[str, State] = {}
    for sounds, (weight, best, text) in beam.items():
        for share, chunk, sound in options:
            key = sounds + sound if sound[:1] != sounds[-1:] else sounds + sound[1:]
            other = grown.get(key)
            if other is None:
                grown[key] = (weight * share, best * share, text + chunk)
            elif best * share > other[1]:
                grown[key] = (other[0] + weight * share, best * share, text + chunk)
            else:
                grown[key] = (other[0] + weight * share, other[1], other[2])
    if len(grown) <= BEAM:
        return grown
    return dict(sorted(grown.items(), key=lambda item: -item[1][0])[:BEAM])


def _best(beam: dict[str, State], n: int) -> tuple[str, ...]:
    return tuple(text for _, _, text in sorted(beam.values(), reverse=True) if text)[:n]
