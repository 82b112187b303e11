"""Person names in any script: reading, comparing, blocking texts. The public face of the names part of the
engine.
"""

from tracing.matching.names.compare import AGREEING, LEVELS, MOST_RARITY, NameOutcomes, compare_names, most_rarity
from tracing.matching.names.keys import token_keys
from tracing.matching.names.reading import NameReading, read_name, read_whole
from tracing.matching.names.sentences import sentence
from tracing.matching.names.tokens import Token, token

__all__ = [
    "AGREEING", "LEVELS", "MOST_RARITY", "NameOutcomes", "NameReading", "Token", "compare_names", "most_rarity",
    "read_name", "read_whole", "sentence", "token", "token_keys",
]  # fmt: skip
