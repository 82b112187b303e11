"""Places: a text read into tokens, and how alike two such texts are."""

from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import JaroWinkler

_KEPT = 100_000
_ALIKE = 0.88
"""Jaro-Winkler similarity from which two words of places count as one word spelt twice."""
_STOP = frozenset(
    {"of", "the", "and", "city", "town", "village", "district", "province", "near", "upon", "al", "el"}
)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One distinct place text; the same text gives the same object within a process.

    Attributes:
        text: as given.
        tokens: folded words in ASCII lower case, without words that any place may carry.
    """

    text: str
    tokens: tuple[str, ...]

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return _read, (self.text,)


def read_place(text: str) -> Place | None:
    """Read a place; None when nothing is left after folding."""
    place = _read(text)
    return place if place.tokens else None


@lru_cache(maxsize=_KEPT)
def _read(text: str) -> Place:
    ascii_text = anyascii(text[:1000]).lower()
    words = "".join(c if c.isalnum() else " " for c in ascii_text).split()
    told = [word for word in words if word not in _STOP] or words
    return Place(text, tuple(dict.fromkeys(told)))


@lru_cache(maxsize=400_000)
def likeness(left: Place, right: Place) -> tuple[float, float]:
    """Return (share of the words of the longer text, share of the shorter) that have a partner, 0 to 1."""
    if left is right or left.tokens == right.tokens:
        return 1.0, 1.0
    short, long = sorted((left.tokens, right.tokens), key=lambda tokens: (len(tokens), tokens))
    rest = list(long)
    found = 0.0
    for word in short:
        best, at = 0.0, -1
        for index, other in enumerate(rest):
            same = _word(word, other)
            if same > best:
                best, at = same, index
        if at >= 0:
            rest.pop(at)
            found += best
    joined = JaroWinkler.similarity("".join(left.tokens), "".join(right.tokens))
    if joined >= 0.93:
        return max(found / len(long), joined), 1.0
    return found / len(long), found / len(short)


def _word(left: str, right: str) -> float:
    """1 for one word, its similarity for two spellings of one, else 0; figures have no spellings."""
    if left == right:
        return 1.0
    if left.isdigit() or right.isdigit() or min(len(left), len(right)) < 4:
        return 0.0
    same = JaroWinkler.similarity(left, right)
    return same if same >= _ALIKE else 0.0
