"""Places: a text read into words, known towns and countries under one name each, and how alike two texts are.

`data/places.tsv` knows the other names and scripts of some towns and countries that matter in tracing; all
other words are compared by their spelling.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from anyascii import anyascii
from rapidfuzz.distance import JaroWinkler

from tracing.matching.names.fold import fold
from tracing.matching.names.script import script_of

_KEPT = 100_000
_ALIKE = 0.88
"""Jaro-Winkler similarity from which two words of places count as one word spelt twice."""
_JOINED_ALIKE = 0.93
"""The same for whole texts without spaces, which meets words split or joined otherwise."""
_OTHER_COUNTRY = 0.5
"""Most that two places of one name in different countries are alike."""
_LONGEST_PHRASE = 6
_STOP = frozenset({"of", "the", "and", "city", "town", "village", "district", "province", "near", "upon", "al", "el"})


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One distinct place text; the same text gives the same object within a process.

    Attributes:
        text: as given.
        tokens: words in ASCII lower case, or `@name` for a known town; no words that any place may carry.
        countries: known countries named in the text.
        script: ISO 15924 of the words that the table does not know, "" when it knows all.
    """

    text: str
    tokens: tuple[str, ...]
    countries: frozenset[str]
    script: str

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return _read, (self.text,)


def read_place(text: str) -> Place | None:
    """Read a place; None when it has no word."""
    place = _read(text)
    return place if place.tokens or place.countries else None


@lru_cache(maxsize=_KEPT)
def _read(text: str) -> Place:
    words = _words(text[:1000])
    tokens: list[str] = []
    countries: list[str] = []
    script = ""
    at = 0
    while at < len(words):
        length, kind, name = _known_at(words, at)
        if kind == "country":
            countries.append(name)
        elif kind == "town":
            tokens.append(f"@{name}")
        else:
            script = script or script_of(words[at])
            tokens.extend("".join(c if c.isalnum() else " " for c in anyascii(words[at]).lower()).split())
        at += length
    told = [token for token in tokens if token not in _STOP] or tokens
    return Place(text, tuple(dict.fromkeys(told)), frozenset(countries), script)


def _words(text: str) -> list[str]:
    """Folded words; marks that belong to a letter stay with it."""
    kept = (c if c.isalnum() or unicodedata.category(c)[0] == "M" else "" if c in "'’ʼ" else " " for c in text)
    return [folded for word in "".join(kept).split() if (folded := fold(word, script_of(word)))]


def _known_at(words: list[str], at: int) -> tuple[int, str, str]:
    """(words taken, kind, name) of the longest known phrase that begins at `at`; kind "" if none."""
    table = _known()
    for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
        found = table.get(" ".join(words[at : at + length]))
        if found is not None:
            return length, *found
    return 1, "", ""


@cache
def _known() -> dict[str, tuple[str, str]]:
    """Folded spelling -> (kind, canonical name)."""
    table: dict[str, tuple[str, str]] = {}
    lines = resources.files("tracing.matching.data").joinpath("places.tsv").read_text("utf-8").splitlines()
    for line in lines:
        if line.startswith("#"):
            continue
        kind, name, others = line.split("\t")
        for spelling in (name, *others.split("|")):
            if folded := " ".join(_words(spelling)):
                table.setdefault(folded, (kind, name))
    return table


@lru_cache(maxsize=100_000)
def likeness(left: Place, right: Place) -> tuple[float, float] | None:
    """Share of the words of the longer text, and of the shorter, that have a partner, 0 to 1.

    None when the two cannot be held against each other: a country against a town, or two scripts without
    any likeness, which may be one place. Symmetric.
    """
    if left is right:
        return 1.0, 1.0
    if not left.tokens or not right.tokens:
        if not left.countries or not right.countries:
            return None
        if left.countries.isdisjoint(right.countries):
            return 0.0, 0.0
        return (1.0, 1.0) if not left.tokens and not right.tokens else (_OTHER_COUNTRY, 1.0)
    of_long, of_short = _shares(left, right)
    if of_short == 0.0 and left.script != right.script and left.script and right.script:
        return None
    if left.countries and right.countries and left.countries.isdisjoint(right.countries):
        return min(of_long, _OTHER_COUNTRY), min(of_short, _OTHER_COUNTRY)
    return of_long, of_short


def _shares(left: Place, right: Place) -> tuple[float, float]:
    if left.tokens == right.tokens:
        return 1.0, 1.0
    short, long = sorted((left.tokens, right.tokens), key=lambda tokens: (len(tokens), tokens))
    rest = list(long)
    found = 0.0
    for word in short:
        alike, at = max(((_word(word, other), -index) for index, other in enumerate(rest)), default=(0.0, 0))
        if alike:
            rest.pop(-at)
            found += alike
    joined = JaroWinkler.similarity("".join(left.tokens), "".join(right.tokens))
    if joined >= _JOINED_ALIKE and not any(token[0] == "@" for token in (*left.tokens, *right.tokens)):
        return max(found / len(long), joined), 1.0
    return found / len(long), found / len(short)


def _word(left: str, right: str) -> float:
    """1 for one word, its similarity for two spellings of one, else 0; figures have no spellings."""
    if left == right:
        return 1.0
    if left.isdigit() or right.isdigit() or min(len(left), len(right)) < 4:
        return 0.0
    same = JaroWinkler.similarity(left.lstrip("@"), right.lstrip("@"))
    known = left[0] == "@" and right[0] == "@"
    return same if same >= _ALIKE and not known else 0.0
