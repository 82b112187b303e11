"""Places: where born, and where last known or seen."""

from tracing.matching.comparisons.base import SILENCE, Comparer, Context, Reached, Told
from tracing.matching.places import Place, likeness
from tracing.matching.reading import Reading

LEVELS = ("same", "most", "part", "different")
_REACHED = tuple(Reached(level, 0.0) for level in range(4))
_SAME = 0.999
_MOST = 0.6
_PART = 0.3


def _level(left: Place, right: Place) -> int | None:
    found = likeness(left, right)
    if found is None:
        return None
    of_long, of_short = found
    if of_long >= _SAME:
        return 0
    if of_long >= _MOST:
        return 1
    return 2 if of_long >= _PART or of_short >= 0.97 else 3


def compare_birth_place(left: Reading, right: Reading, _context: Context) -> Reached:
    if left.birth_place is None or right.birth_place is None:
        return SILENCE
    level = _level(left.birth_place, right.birth_place)
    return SILENCE if level is None else _REACHED[level]


def _best(left: Reading, right: Reading) -> tuple[int, Place, Place] | None:
    best: tuple[int, Place, Place] | None = None
    for one in left.places:
        for two in right.places:
            level = _level(one, two)
            if level is not None and (best is None or level < best[0]):
                best = level, one, two
    return best


def compare_place(left: Reading, right: Reading, _context: Context) -> Reached:
    if not left.places or not right.places:
        return SILENCE
    best = _best(left, right)
    return SILENCE if best is None else _REACHED[best[0]]


def tell_birth_place(left: Reading, right: Reading, _level: int, _context: Context) -> Told:
    assert left.birth_place is not None
    assert right.birth_place is not None
    return Told(left.birth_place.text, right.birth_place.text)


def tell_place(left: Reading, right: Reading, _level: int, _context: Context) -> Told:
    best = _best(left, right)
    assert best is not None
    return Told(best[1].text, best[2].text)


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
    3,
    "Place of birth.",
    compare_birth_place,
    tell_birth_place,
)
PLACE = Comparer(
    "place",
    LEVELS,
    tuple(f"Last known or seen: {found}" for found in _FOUND),
    3,
    "Last known place and place of the sighting, each against each.",
    compare_place,
    tell_place,
)
