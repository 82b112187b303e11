"""Places: where born, and where last known or seen."""

import numpy as np

from tracing.matching.arrays import Floats, Ints, Levels, Longs, best_of, combinations
from tracing.matching.comparisons.base import Comparer, Pairs, Reached, Told
from tracing.matching.evidence import SILENT
from tracing.matching.frequencies import TermFrequencies
from tracing.matching.names.memo import Memo
from tracing.matching.places import Place, likeness, matched_words
from tracing.matching.reading import Reading

LEVELS = ("same", "most", "part", "different")
_SAME = 0.999
_MOST = 0.6
_PART = 0.3
AGREEING = 3

MOST_PAIRS = 1 << 19
"""Distinct pairs of places remembered per roster, 12 bytes each."""
COMMON_BITS = 8.0
"""A place rarer than 1 in 256 adds to the weight where it agrees."""
RARE_WORDS = 5
"""Words of an address whose rarity counts."""
MOST_RARITY = 40.0
"""Bits of rarity at most."""


def compare_birth_place(pairs: Pairs) -> Reached:
    one, two = pairs.roster.birth_place[pairs.left], pairs.roster.birth_place[pairs.right]
    levels, rarity = pairs.silence(), np.zeros(len(pairs), np.float32)
    at = np.flatnonzero((one >= 0) & (two >= 0))
    levels[at], rarity[at] = _levels(pairs, one[at], two[at])
    return Reached(levels, rarity)


def compare_place(pairs: Pairs) -> Reached:
    """The best of all combinations."""
    places = pairs.roster.places
    pair, one, other = combinations(places, pairs.left, places, pairs.right)
    found, bits = _levels(pairs, places.items[one], places.items[other])
    spoken = np.flatnonzero(found != SILENT)
    pair, found, bits = pair[spoken], found[spoken], bits[spoken]
    best = best_of(pair, -found.astype(np.float32), bits)
    levels, rarity = pairs.silence(), np.zeros(len(pairs), np.float32)
    levels[pair[best]], rarity[pair[best]] = found[best], bits[best]
    return Reached(levels, rarity)


def _levels(pairs: Pairs, one: Ints, other: Ints) -> tuple[Levels, Floats]:
    """(levels, bits of rarity) of places; `SILENT` where there is no comparing."""
    roster, frequencies = pairs.roster, pairs.frequencies
    texts = roster.place_texts
    size = max(len(texts), 1)

    def look(codes: Longs) -> Floats:
        met = [(texts[code // size], texts[code % size]) for code in codes.tolist()]
        return np.array([_told(*both, frequencies) for both in met], np.float32)

    memo = roster.kept("place pairs", frequencies, lambda: Memo(MOST_PAIRS, size * size, (2,)))
    low, high = np.minimum(one, other), np.maximum(one, other)
    found = memo.ask(low.astype(np.int64) * size + high, look)
    return found[:, 0].astype(np.int8), found[:, 1]


def _told(one: Place, other: Place, frequencies: TermFrequencies) -> tuple[int, float]:
    """(level, bits of rarity); the rarity of what agrees in part counts in part."""
    level, agreed = _level(one, other)
    return level, _rarity(one, other, level == 0, frequencies) * agreed if 0 <= level < AGREEING else 0.0


def _rarity(one: Place, other: Place, whole: bool, frequencies: TermFrequencies) -> float:
    """Bits for sharing rare words: of an address the rarest ones together; of a town one of them."""
    words = RARE_WORDS if one.is_address and other.is_address else 1
    if whole:
        rarest = min(_rarest([frequencies.place_bits(word) for word in side.tokens], words) for side in (one, other))
    else:
        shared = matched_words(one, other)
        rarest = _rarest([min(map(frequencies.place_bits, both)) * alike for *both, alike in shared], words)
    return min(MOST_RARITY, max(0.0, rarest - COMMON_BITS))


def _rarest(bits: list[float], words: int) -> float:
    return sum(sorted(bits, reverse=True)[:words])


def _level(one: Place, other: Place) -> tuple[int, float]:
    """(level, share of the longer text's words that agree)."""
    known = likeness(one, other)
    if known is None:
        return SILENT, 0.0
    of_long, of_short = known
    if of_long >= _SAME:
        return 0, 1.0
    if of_long >= _MOST:
        return 1, of_long
    return (2 if of_long >= _PART or of_short >= 0.97 else 3), of_long


def birth_place_at_best(pairs: Pairs) -> Reached:
    rows = pairs.roster.birth_place
    rarity = pairs.kept_rarity("birth_place", lambda: np.append(_most_rarity(pairs), np.float32(0))[rows])
    return Reached(pairs.speaking(rows >= 0), rarity)


def place_at_best(pairs: Pairs) -> Reached:
    places = pairs.roster.places
    rarity = pairs.kept_rarity("places", lambda: places.greatest(_most_rarity(pairs)[places.items]))
    return Reached(pairs.speaking(places.counts > 0), rarity)


def _most_rarity(pairs: Pairs) -> Floats:
    """Bits of rarity, per distinct place, that no comparison with it exceeds."""
    texts, frequencies = pairs.roster.place_texts, pairs.frequencies

    def make() -> Floats:
        return np.array([_rarity(place, place, True, frequencies) for place in texts], np.float32)

    return pairs.roster.kept("place_texts", frequencies, make)


def tell_birth_place(left: Reading, right: Reading, _level: int, _pairs: Pairs) -> Told:
    assert left.birth_place is not None
    assert right.birth_place is not None
    return Told(left.birth_place.text, right.birth_place.text)


def tell_place(left: Reading, right: Reading, level: int, pairs: Pairs) -> Told:
    """The first two places that reach the level."""
    places = pairs.roster.places
    _, one, other = combinations(places, pairs.left, places, pairs.right)
    found, _ = _levels(pairs, places.items[one], places.items[other])
    here, there = divmod(int(np.argmax(found == level)), len(right.places))
    return Told(left.places[here].text, right.places[there].text)


_FOUND = (
    "the same place.",
    "nearly the same words.",
    "some words in common, or one lies within the other.",
    "different places.",
)

BIRTH_PLACE = Comparer(
    "birth_place",
    LEVELS,
    tuple(f"Birth places: {found}" for found in _FOUND),
    AGREEING,
    "Place of birth.",
    compare_birth_place,
    tell_birth_place,
    birth_place_at_best,
)
PLACE = Comparer(
    "place",
    LEVELS,
    tuple(f"Last known or seen: {found}" for found in _FOUND),
    AGREEING,
    "Last known place and place of the sighting, each against each.",
    compare_place,
    tell_place,
    place_at_best,
)
