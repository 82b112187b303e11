"""Places: a text read into words, known towns and countries under one name each, and how alike two texts are.

`data/places.tsv` knows the other names and scripts of towns, camps and countries that matter in tracing, and
stands first; `gazetteer` knows the cities of the world and where they lie. All other words are compared by their
spelling. The gazetteer only ever raises a likeness: two names may stand for one place that it does not know.
"""

import re
import unicodedata
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from anyascii import anyascii
from rapidfuzz.distance import JaroWinkler

from tracing.matching.gazetteer import LONGEST, Entry, entry, is_near, lookup
from tracing.matching.gazetteer import countries as countries_by_code
from tracing.matching.names.fold import fold
from tracing.matching.names.script import script_of

_KEPT = 100_000
_ALIKE = 0.88
"""Jaro-Winkler similarity from which two words of places count as one word spelt twice."""
_JOINED_ALIKE = 0.93
"""The same for whole texts without spaces, which meets words split or joined otherwise."""
_OTHER_COUNTRY = 0.5
"""Most that two places of one name in different countries are alike."""
_NEAR_KM = 30.0
"""Two known places nearer than this are partly alike: a village and the town that it is reported under."""
_NEAR = 0.5
_SAME_COUNTRY = 0.1
_LONGEST_PHRASE = 6
_ADDRESS = 4
"""Words of the shortest address."""
_SHORTEST = 3
"""Letters of the shortest Latin name that the gazetteer is asked for."""
_CODED = re.compile(r"(.*),\s*([A-Z]{2})\s*", re.DOTALL)
"""A text that ends in a country's code."""
_STOP = frozenset({"of", "the", "and", "city", "town", "village", "district", "province", "near", "upon", "al", "el"})


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A known place named in a text.

    Attributes:
        words: tokens of the text that name it.
        places: places of the world that the name may stand for, the largest first: names, countries and coordinates.
    """

    words: int
    places: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One distinct place text; the same text gives the same object within a process.

    Attributes:
        text: as given.
        tokens: words in ASCII lower case, or `@name` for a known town; no words that any place may carry.
        countries: known countries named in the text.
        script: ISO 15924 of the words that the table does not know, "" when it knows all.
        sites: what of the text is a place whose whereabouts are known.
        joined: tokens written as one word, "" when a known town is among them.
    """

    text: str
    tokens: tuple[str, ...]
    countries: frozenset[str]
    script: str
    sites: tuple[Site, ...] = ()
    joined: str = ""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return _read, (self.text,)

    @property
    def meaning(self) -> Hashable:
        """Equal for places that compare alike: all but the spelling. Holds as long as the place is kept."""
        sites = tuple((site.words, *map(id, site.places)) for site in self.sites)
        return self.tokens, self.countries, self.script, sites

    @property
    def is_address(self) -> bool:
        """Whether it has several independent names, where a town or a region is one: five, or four and a number."""
        words = len(self.tokens)
        return words > _ADDRESS or (words == _ADDRESS and any(token.isdigit() for token in self.tokens))


def read_place(text: str) -> Place | None:
    """Read a place; None when it has no word."""
    place = _read(text)
    return place if place.tokens or place.countries else None


@lru_cache(maxsize=_KEPT)
def _read(text: str) -> Place:
    """With the country whose code ends the text, unless the place is known to lie elsewhere: CA is California, too."""
    if ends := _CODED.fullmatch(text[:1000]):
        named, code = ends.groups()
        if name := countries_by_code().get(code):
            found = _read_words(text, named, [_country_names().get(code, name.lower())])
            if not found.sites or any(place.country == code for site in found.sites for place in site.places):
                return found
    return _read_words(text, text[:1000], [])


def _read_words(text: str, named: str, countries: list[str]) -> Place:
    """The place that `named`, a part of `text`, tells of, in these countries or those it names."""
    words = folded_words(named)
    tokens: list[str] = []
    sites: list[Site] = []
    script = ""
    at = 0
    while at < len(words):
        length, kind, name = _known_at(words, at)
        found: tuple[Entry, ...] = ()
        if not kind:
            length, kind, name, found = _listed_at(words, at)
        if kind == "country":
            countries.append(name)
        elif kind == "town":
            tokens.append(f"@{name}")
            found = _whereabouts(name)
        else:
            script = script or script_of(words[at])
            tokens.extend(_spelled(words[at : at + length]))
        if found:
            sites.append(Site(1 if kind == "town" else length, found))
        at += length
    told = tuple(dict.fromkeys([token for token in tokens if token not in _STOP] or tokens))
    kept = tuple(_within(site, countries) for site in sites)
    joined = "" if any(token[0] == "@" for token in told) else "".join(told)
    return Place(text, told, frozenset(countries), script, kept, joined)


def _spelled(words: list[str]) -> list[str]:
    joined = " ".join(anyascii(word).lower() for word in words)
    return "".join(c if c.isalnum() else " " for c in joined).split()


def _within(site: Site, countries: list[str]) -> Site:
    """The same, without the namesakes outside the countries that the text names."""
    codes = {code for country in countries if (code := _country_codes().get(country))}
    inside = tuple(place for place in site.places if place.country in codes)
    return Site(site.words, inside) if inside else site


def folded_words(text: str) -> list[str]:
    """Folded words; marks that belong to a letter stay with it, and so do figures: house numbers, postcodes."""
    kept = (c if c.isalnum() or unicodedata.category(c)[0] == "M" else "" if c in "'’ʼ" else " " for c in text)
    return [folded for word in "".join(kept).split() if (folded := _folded(word))]


def _folded(word: str) -> str:
    return anyascii(word).lower() if any(map(str.isdigit, word)) else fold(word, script_of(word))


def _known_at(words: list[str], at: int) -> tuple[int, str, str]:
    """(words taken, kind, name) of the longest known phrase that begins at `at`; kind "" if none."""
    table = _known()
    for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
        found = table.get(" ".join(words[at : at + length]))
        if found is not None:
            return length, *found
    return 1, "", ""


def _listed_at(words: list[str], at: int) -> tuple[int, str, str, tuple[Entry, ...]]:
    """(words taken, kind, name, places) of the longest name in the gazetteer that begins at `at`.

    A country counts at the end of the text only: Georgia Street is no country.
    """
    for length in range(min(LONGEST, len(words) - at), 0, -1):
        phrase = " ".join(words[at : at + length])
        if phrase in _STOP or (phrase.isascii() and len(phrase) < _SHORTEST):
            continue
        found = tuple(entry(number) for number in lookup(phrase))
        if found and found[0].is_country and at + length == len(words):
            return length, "country", _country_names().get(found[0].country, found[0].name.lower()), ()
        if cities := tuple(place for place in found if not place.is_country):
            return length, "", "", cities
    return 1, "", "", ()


@cache
def _country_codes() -> dict[str, str]:
    """Canonical name of a country in places.tsv → ISO 3166-1 alpha-2, where the gazetteer knows the name."""
    names = {name for kind, name in _known().values() if kind == "country"}
    found = {name: [entry(number) for number in lookup(" ".join(folded_words(name)))] for name in sorted(names)}
    return {name: places[0].country for name, places in found.items() if places and places[0].is_country}


@cache
def _country_names() -> dict[str, str]:
    """ISO 3166-1 alpha-2 → canonical name in places.tsv."""
    return {code: name for name, code in _country_codes().items()}


@lru_cache(maxsize=4096)
def _whereabouts(name: str) -> tuple[Entry, ...]:
    """Where a town of places.tsv lies: as its own line says, else every city of that name."""
    if (own := _hand_entries().get(name)) is not None:
        return (own,)
    cities = (entry(number) for number in lookup(" ".join(folded_words(name))))
    return tuple(city for city in cities if not city.is_country)


@cache
def _hand_entries() -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for _, name, _, *where in _lines():
        if where:
            country, latitude, longitude = where[0].split()
            found[name] = Entry(name, country, float(latitude), float(longitude), 0)
    return found


def _lines() -> list[list[str]]:
    text = resources.files("tracing.matching.data").joinpath("places.tsv").read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


@cache
def _known() -> dict[str, tuple[str, str]]:
    """Folded spelling -> (kind, canonical name)."""
    table: dict[str, tuple[str, str]] = {}
    for kind, name, others, *_ in _lines():
        for spelling in (name, *others.split("|")):
            if folded := " ".join(folded_words(spelling)):
                table.setdefault(folded, (kind, name))
    return table


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
    if left.sites and right.sites and of_long < 1.0:
        by_site = _by_sites(left, right)
        of_long, of_short = max(of_long, by_site[0]), max(of_short, by_site[1])
    if of_short == 0.0 and left.script != right.script and left.script and right.script:
        return None
    if left.countries and right.countries and left.countries.isdisjoint(right.countries):
        return min(of_long, _OTHER_COUNTRY), min(of_short, _OTHER_COUNTRY)
    return of_long, of_short


def _by_sites(left: Place, right: Place) -> tuple[float, float]:
    """The same two shares by what is known of the places named: one place, near ones, or only one country."""
    short, long = (left, right) if _in_order(left.tokens, right.tokens) else (right, left)
    best = 0.0, 0.0
    for one in short.sites:
        for other in long.sites:
            found = _sites_alike(one, other)
            if found:
                best = max(best, (found * _part(other, long), found * _part(one, short)))
    return best


def _part(site: Site, place: Place) -> float:
    return min(1.0, site.words / len(place.tokens))


def _sites_alike(left: Site, right: Site) -> float:
    for one in left.places:
        for other in right.places:
            if one is other:
                return 1.0
    one, other = left.places[0], right.places[0]
    if is_near(one, other, _NEAR_KM):
        return _NEAR
    return _SAME_COUNTRY if one.country == other.country else 0.0


def _shares(left: Place, right: Place) -> tuple[float, float]:
    if left.tokens == right.tokens:
        return 1.0, 1.0
    short, long = sorted((len(left.tokens), len(right.tokens)))
    found = sum([alike for _, _, alike in matched_words(left, right)])
    if left.joined and right.joined:
        joined = JaroWinkler.similarity(left.joined, right.joined, score_cutoff=_JOINED_ALIKE)
        if joined:
            return max(found / long, joined), 1.0
    return found / long, found / short


def matched_words(left: Place, right: Place) -> list[tuple[str, str, float]]:
    """(word of the shorter text, of the longer, similarity above 0) of words that are one; symmetric."""
    short, long = left.tokens, right.tokens
    if not _in_order(short, long):
        short, long = long, short
    rest, found = list(long), []
    for word in short:
        best, place = 0.0, 0
        for at, other in enumerate(rest):
            alike = _word(word, other)
            if alike > best:
                best, place = alike, at
        if best:
            found.append((word, rest.pop(place), best))
    return found


def _in_order(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether the text of fewer words stands first; of two of as many, one that does not hang on who is asked about."""
    return len(short) < len(long) or (len(short) == len(long) and short <= long)


def _word(left: str, right: str) -> float:
    """1 for one word, its similarity for two spellings of one, else 0; figures have no spellings."""
    if left == right:
        return 1.0
    if len(left) < 4 or len(right) < 4 or left.isdigit() or right.isdigit() or (left[0] == "@" and right[0] == "@"):
        return 0.0
    return JaroWinkler.similarity(left.lstrip("@"), right.lstrip("@"), score_cutoff=_ALIKE)
