"""Blocking keys: the texts that two readings must share, at least one of them, to be compared at all.

Families (settled by measurement): two parts of the name; a part with the birth year's band; with a parent's
name; with a place; and a lone part. A part stands for its sounds, so other spellings and scripts meet. Where the
name is lost, a full birth date and two words of an address still bring the two together.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

from tracing.matching.dates.birth import Birth, year_of
from tracing.matching.names import NameReading, token_keys
from tracing.matching.places import Place
from tracing.matching.reading import Reading

FAMILIES = ("two_names", "name_year", "name_kin", "name_place", "birth_day", "two_places", "lone_name")

_NAMES = 4
"""Names of one person that get keys; more are nearly always repeats."""
_PARTS = 5
"""Parts of one name that get keys, from the first."""
_SOUNDS = 2
"""Texts of one part that get keys, the likeliest first."""
_BAND = 4
"""Years of one band; each year lies in two, half a band apart, so that two years' difference meets."""
_NARROW = 2
"""Years of a birth that lies in bands of both kinds; wider ones meet it in those of the first kind."""
_WIDEST = 12
"""Years a birth may span and still get bands; wider ones would meet everybody."""
_PLACE_LETTERS = 5
_PLACE_WORDS = 2
_ADDRESS_WORDS = 4
"""Words of an address that go together as keys, the longest ones."""

_KEPT = 8192
"""Births and places whose keys are kept."""

Parts = tuple[tuple[str, ...], ...]


def blocking_keys(reading: Reading, lone_names: bool = False) -> tuple[tuple[str, str], ...]:
    """Keys (family, text) of a reading, without repeats.

    Lone parts come when nothing else exists, or for all parts with `lone_names`: for callers that take the
    rarest keys first and cap the others.
    """
    names = [parts for name in reading.names[:_NAMES] if (parts := _parts(name))]
    found = [("two_names", text) for parts in names for text in _two_names(parts)]
    main = dict.fromkeys([part[0] for parts in names for part in parts])
    found += [("name_year", f"{sound} {band}") for band in _bands(reading.birth) for sound in main]
    found += [("name_kin", f"{sound} {kin}") for kin in _kin(reading) for sound in main if sound != kin]
    found += [("name_place", f"{sound} {place}") for place in _places(reading) for sound in main]
    if reading.birth is not None and reading.birth.digits and not reading.birth.is_placeholder:
        found.append(("birth_day", reading.birth.digits))
    found += [("two_places", text) for text in _addresses(reading)]
    if lone_names or not found:
        found += [("lone_name", sound) for parts in names for part in parts for sound in part]
    return tuple(dict.fromkeys(found))


def _parts(name: NameReading) -> Parts:
    return tuple([texts[:_SOUNDS] for texts in token_keys(name)[:_PARTS] if texts])


def _two_names(parts: Parts) -> list[str]:
    return [
        f"{first} {second}" if first <= second else f"{second} {first}"
        for one, two in combinations(parts, 2)
        for first in one
        for second in two
    ]


@lru_cache(maxsize=_KEPT)
def _bands(birth: Birth | None) -> tuple[str, ...]:
    """Bands of every span of at most `_WIDEST` years."""
    if birth is None:
        return ()
    found: dict[str, None] = {}
    for first, last in birth.spans:
        if first is None or last is None or last - first > _WIDEST * 366:
            continue
        years = range(year_of(first), year_of(last) + 1)
        found.update(dict.fromkeys(f"{year // _BAND}a" for year in years))
        if len(years) <= _NARROW:
            found.update(dict.fromkeys(f"{(year + _BAND // 2) // _BAND}b" for year in years))
    return tuple(found)


def _kin(reading: Reading) -> tuple[str, ...]:
    """Main sound of the given name of father and mother."""
    sounds = (_parts(name)[:1] for name in (*reading.father, *reading.mother))
    return tuple(dict.fromkeys(part[0][0] for part in sounds if part))


def _places(reading: Reading) -> tuple[str, ...]:
    """Beginnings of the longest words of every place."""
    told = [place for place in (reading.birth_place, *reading.places) if place is not None]
    return tuple(dict.fromkeys([beginning for place in told for beginning in _beginnings(place)]))


@lru_cache(maxsize=_KEPT)
def _beginnings(place: Place) -> tuple[str, ...]:
    words = sorted((word for word in place.tokens if not word.isdigit()), key=lambda word: (-len(word), word))
    return tuple([word if word[0] == "@" else word[:_PLACE_LETTERS] for word in words[:_PLACE_WORDS]])


def _addresses(reading: Reading) -> Iterator[str]:
    """Two by two the longest words of an address; numbers of five figures and more are words, too."""
    for place in (reading.birth_place, *reading.places):
        if place is not None and place.is_address:
            words = (word for word in place.tokens if not word.isdigit() or len(word) > 3)
            longest = sorted(words, key=lambda word: (-len(word), word))[:_ADDRESS_WORDS]
            yield from (f"{one} {two}" for one, two in combinations(sorted(longest), 2))
