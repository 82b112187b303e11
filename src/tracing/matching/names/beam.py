"""Read a native token in Latin letters: beam search over what each symbol emits, weighed by Latin letter pairs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tracing.matching.names.channel import EDGE, FIRST_SYMBOL, Symbols, contexts
from tracing.matching.names.emissions import Table, background
from tracing.matching.names.learned import Learned

BEAM: Final = 12
"""Partial readings kept after each symbol."""
MOST_OPTIONS: Final = 8
"""Chunks tried per symbol."""
LETTER_PAIRS: Final = 0.4
"""Weight of the Latin bigrams beside the emissions; tried 0 … 1 on held-out names."""
_UNSPOKEN: Final = str.maketrans("", "", "aeiouyhw")

Option = tuple[str, float]


@dataclass
class Reader:
    """Readings of the tokens of one script."""

    learned: Learned
    table: Table
    _options: dict[int, list[Option]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        learned = self.learned
        self._numbers = {symbol: place for place, symbol in enumerate(learned.sources.symbols, FIRST_SYMBOL)}
        names = ["", "", "", *learned.targets.symbols]
        base = learned.chunks.base
        self._chunks = [
            "".join(names[code // base**k % base] for k in (2, 1, 0)) for code in learned.chunks.codes.tolist()
        ]
        self._background = background(learned.chunks, learned.letters)
        pairs = np.log2(learned.bigrams) * LETTER_PAIRS
        signs = {EDGE: "^", **dict(enumerate(learned.targets.symbols, FIRST_SYMBOL))}
        self._pairs = {a + b: float(pairs[i, j]) for i, a in signs.items() for j, b in signs.items()}

    def read(self, word: Symbols, n: int) -> tuple[str, ...]:
        """At most ``n`` readings of the symbols, likeliest first, no two with the same consonants."""
        places, sizes = self.learned.sources.encode([word])
        if not sizes[0]:
            return ()
        beam: dict[str, float] = {"": 0.0}
        for row in self.table.rows(*contexts(places, sizes))[0].tolist():
            beam = self._grown(beam, self._options.get(row) or self._tried(row))
        best: dict[str, str] = {}
        for reading in sorted(beam, key=lambda text: (-beam[text] - self._pairs[(text[-1:] or "^") + "^"], text)):
            if reading:
                spoken = reading.translate(_UNSPOKEN)
                best.setdefault(spoken if len(spoken) > 1 else reading, reading)
        return tuple(best.values())[:n]

    def _grown(self, beam: dict[str, float], options: list[Option]) -> dict[str, float]:
        pairs = self._pairs
        grown: dict[str, float] = {}
        for text, weight in beam.items():
            for chunk, cost in options:
                value, last = weight + cost, text[-1:] or "^"
                for letter in chunk:
                    value += pairs[last + letter]
                    last = letter
                longer = text + chunk
                other = grown.get(longer)
                if other is not None:
                    value = max(value, other) + math.log2(1 + 2.0 ** -abs(value - other))
                grown[longer] = value
        if len(grown) <= BEAM:
            return grown
        return dict(sorted(grown.items(), key=lambda item: -item[1])[:BEAM])

    def _tried(self, row: int) -> list[Option]:
        """The likeliest chunks of a context with their log2 probabilities; remembered."""
        shares = self.table.ratios[row, :-1] * self._background
        order = np.argsort(-shares, kind="stable")[:MOST_OPTIONS]
        options = [(self._chunks[place], math.log2(shares[place])) for place in order.tolist() if shares[place] > 1e-3]
        self._options[row] = options
        return options
