"""The match tokens of a person for a blind pre-check: canonical text, the same in every society.

A token joins two of the engine's compound blocking keys: two parts of the name, as sounds, with a birth year's
band, a parent's name or a place; or the first part with a birth year's band and a place. One compound key alone is
shared with siblings and namesakes all over a pool and would tell next to nothing; a lone name is never a token. One of
the parts is the first of a name, and the sex stands in it, so that sisters and brothers part.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tracing.matching import ENGINE_VERSION, Name, Person, blocking_keys, read
from tracing.matching.names import token_keys
from tracing.matching.reading import Reading

SCHEME = f"pre-check-2/engine-{ENGINE_VERSION}"
"""How tokens are made. It stands in each of them, and societies with different ones cannot ask each other."""
BESIDE = ("name_year", "name_kin", "name_place")
SEXES = ("female", "male")
MOST = 40
"""Tokens of one person, the surest first: two names with the year, a parent, a place, then one with year and place."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        text: what is compared.
        fact: what it says apart from the sex; somebody of unknown sex has it twice, and it counts once.
    """

    text: str
    fact: str


def tokens_of(person: Person) -> tuple[Token, ...]:
    """Return a person's tokens, at most `MOST`, without repeats; none for whoever has a name and nothing beside it."""
    reading = read(person)
    keys = blocking_keys(reading)
    split = {family: _split(keys, family) for family in BESIDE}
    main = {sound for pairs in split.values() for sound, _ in pairs}
    beside = {family: list(dict.fromkeys(value for _, value in pairs)) for family, pairs in split.items()}
    first = _first(reading)
    parents = [_sounds(name) for name in (*person.father, *person.mother)]
    pairs = [(text, frozenset(text.split(" "))) for family, text in keys if family == "two_names"]
    names = [
        text
        for text, pair in pairs
        if pair <= main and pair & first.keys() and not any(pair <= sounds for sounds in parents)
    ]
    facts = [f"{text}|{family}|{value}" for family in BESIDE for text in names for value in beside[family]]
    facts += [
        f"{sound}|year_place|{year} {place}"
        for sound in first
        for year in beside["name_year"]
        for place in beside["name_place"]
    ]
    sexes = (person.sex,) if person.sex in SEXES else SEXES
    made = [Token(f"{SCHEME}|{fact}|{sex}", fact) for fact in dict.fromkeys(facts) for sex in sexes]
    return tuple(made[:MOST])


def _first(reading: Reading) -> dict[str, None]:
    """Return the main sound of the first part of each name, in order: siblings have different ones."""
    return dict.fromkeys(texts[0] for name in reading.names for texts in token_keys(name)[:1] if texts)


def _sounds(name: str) -> frozenset[str]:
    """Return every sound of a name."""
    alone = Person(id="", names=(Name(full=name),))
    return frozenset(text for family, text in blocking_keys(read(alone), lone_names=True) if family == "lone_name")


def _split(keys: Sequence[tuple[str, str]], family: str) -> list[tuple[str, str]]:
    """Return the keys of a family as (sound of the name, what stands beside it)."""
    return [(sound, value) for known, text in keys if known == family for sound, _, value in [text.partition(" ")]]
