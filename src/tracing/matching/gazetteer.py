"""Places of the world by any of their names: cities and countries, with coordinates (data/gazetteer.tsv.gz).

The table is made by `bench/gazetteer.py` from GeoNames (CC BY 4.0) and Unicode CLDR. It is read at the first
look-up: 40,000 places and 140,000 names, about 7 MB.
"""

from __future__ import annotations

import gzip
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from math import asin, cos, radians, sin, sqrt
from typing import Final

import numpy as np

FILE: Final = "gazetteer.tsv.gz"
COUNTRY: Final = "country"
"""Last column of a country; of a city it holds thousands of inhabitants."""
LONGEST: Final = 5
"""Words of the longest name that is looked up."""
_EARTH_KM: Final = 6371.0
_KM_PER_DEGREE: Final = radians(_EARTH_KM)
"""Of latitude: two places are never nearer than their latitudes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One place. ``country`` is ISO 3166-1 alpha-2; a country itself has no coordinates (degrees, None)."""

    name: str
    country: str
    latitude: float | None
    longitude: float | None
    thousands: int

    @property
    def is_country(self) -> bool:
        return self.latitude is None


class _Lines:
    """Lines of one text, each made when asked for: 140,000 names as objects took 20 MB."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        ends = np.flatnonzero(np.frombuffer(text + b"\n", np.uint8) == ord("\n"))
        self._starts = array("i", [0, *(ends + 1).tolist()])

    def __getitem__(self, place: int) -> bytes:
        return self._text[self._starts[place] : self._starts[place + 1] - 1]

    def __iter__(self) -> Iterator[bytes]:
        return map(self.__getitem__, range(len(self._starts) - 1))


class _Names:
    """Folded names and what stands beside each: found by their hashes, which are in order."""

    def __init__(self, names: bytes, ids: bytes) -> None:
        hashes = np.fromiter(map(hash, names.split(b"\n")), np.int64)
        order = np.argsort(hashes)
        self._names, self._ids = _Lines(names), _Lines(ids)
        self._hashes, self._places = array("q", hashes[order].tobytes()), array("q", order.tobytes())

    def get(self, name: bytes) -> bytes:
        """Ids parted by commas; empty for an unknown name."""
        number = hash(name)
        for at in range(bisect_left(self._hashes, number), len(self._hashes)):
            if self._hashes[at] != number:
                break
            if self._names[self._places[at]] == name:
                return self._ids[self._places[at]]
        return b""


@cache
def _table() -> tuple[_Lines, _Names]:
    """Lines of places, and their names; kept unread until asked for."""
    packed = resources.files("tracing.matching.data").joinpath(FILE).read_bytes()
    places, names, ids = gzip.decompress(packed).split(b"\n\n")
    return _Lines(places), _Names(names, ids)


def lookup(phrase: str) -> tuple[int, ...]:
    """Ids of the places that bear this name, countries before cities, the largest first; empty when none does.

    Args:
        phrase: folded words parted by one blank, as `places.folded_words` gives them.
    """
    found = _table()[1].get(phrase.encode())
    return tuple(map(int, found.split(b","))) if found else ()


@lru_cache(maxsize=65536)
def entry(number: int) -> Entry:
    """The place with this id (from ``lookup``)."""
    name, country, latitude, longitude, size = _table()[0][number].decode().split("\t")
    if size == COUNTRY:
        return Entry(name, country, None, None, 0)
    return Entry(name, country, float(latitude), float(longitude), int(size))


@cache
def countries() -> dict[str, str]:
    """ISO 3166-1 alpha-2 → name of every country."""
    lines = _table()[0]
    found = (line.decode().split("\t") for line in lines if line.endswith(COUNTRY.encode()))
    return {code: name for name, code, *_ in found}


def distance_km(left: Entry, right: Entry) -> float | None:
    """Great-circle distance in km; None when one of the two is a country."""
    if left.latitude is None or left.longitude is None or right.latitude is None or right.longitude is None:
        return None
    one, other = radians(left.latitude), radians(right.latitude)
    along = sin(radians(right.longitude - left.longitude) / 2) ** 2
    across = sin((other - one) / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(across + cos(one) * cos(other) * along)))


def is_near(left: Entry, right: Entry, km: float) -> bool:
    """Whether two places lie less than `km` apart; False when one of them is a country."""
    if left.latitude is None or right.latitude is None:
        return False
    if abs(left.latitude - right.latitude) * _KM_PER_DEGREE >= km:
        return False
    away = distance_km(left, right)
    return away is not None and away < km
