"""What comparing names needs to know about how common names are."""

from __future__ import annotations

from typing import Protocol

from tracing.matching.names.tokens import Token


class Rarity(Protocol):
    """Anything that knows the rarity of a name; ``TermFrequencies`` is the engine's own."""

    def bits(self, token: Token, /) -> float:
        """Rarity in bits, log2 of one over the share of persons with this name; at least 0."""
