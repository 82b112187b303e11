"""Name and place tables of the demo: hand-composed TSV files, drawn from with a skewed frequency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import accumulate
from random import Random

KINDS = ("m", "f", "s", "t", "xm", "xf", "n")


@dataclass(frozen=True, slots=True)
class Entry:
    """One name (or name part) as its people write it and as Latin-writing clerks may write it.

    `native` is the spelling in the culture's own script, `latin` holds 1..n Latin spellings, the usual
    document spelling first. `patronymic` is "male/female" in the native script, `short` a pet name,
    `feminine` the form that a woman bears where no rule gives it.
    """

    native: str
    latin: tuple[str, ...]
    patronymic: str = ""
    short: Entry | None = None
    feminine: Entry | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A place with its country (ISO 3166-1 alpha-2), native spelling and Latin spellings."""

    country: str
    native: str
    latin: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawer:
    """Entries in order of frequency with their cumulative Zipf-like weights."""

    entries: tuple[Entry, ...]
    cumulative: tuple[float, ...]

    def draw(self, rng: Random) -> Entry:
        """One entry; the first ones come most often."""
        return rng.choices(self.entries, cum_weights=self.cumulative)[0]


def zipf(size: int, exponent: float) -> tuple[float, ...]:
    """Cumulative weights 1/(rank+2)^exponent: the head of real name lists is flatter than a pure Zipf law."""
    return tuple(accumulate(1.0 / (rank + 2.0) ** exponent for rank in range(1, size + 1)))


def _lines(name: str) -> list[list[str]]:
    text = resources.files("tracing.demo").joinpath("data", name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def _entry(columns: Sequence[str]) -> Entry:
    native, latin = columns[1], tuple(columns[2].split("|"))
    extra = dict(item.split("=", 1) for item in columns[3].split(";")) if len(columns) > 3 else {}
    return Entry(native, latin, extra.get("pat", ""), _form(extra.get("short")), _form(extra.get("fem")))


def _form(text: str | None) -> Entry | None:
    """The entry in `native:latin|latin`."""
    if text is None:
        return None
    native, latin = text.split(":", 1)
    return Entry(native, tuple(latin.split("|")))


@cache
def entries(stock: str, kind: str) -> tuple[Entry, ...]:
    """All entries of one kind in `data/<stock>.tsv`, most frequent first.

    Kinds: m and f given names, s family names, t women's last names, xm and xf middle names, n nicknames.
    """
    return tuple(_entry(columns) for columns in _lines(f"{stock}.tsv") if columns[0] == kind)


@cache
def drawer(stocks: tuple[str, ...], kind: str, exponent: float = 1.0) -> Drawer | None:
    """A drawer over one kind of entry from several stocks, or None where they hold none of it."""
    found = tuple(entry for stock in stocks for entry in entries(stock, kind))
    return Drawer(found, zipf(len(found), exponent)) if found else None


@cache
def places(region: str) -> tuple[Place, ...]:
    """The places of one country or region of the table, largest first."""
    found = []
    for where, native, latin in _lines("places.tsv"):
        group, _, country = where.partition("/")
        if group == region:
            found.append(Place(country or group, native, tuple(latin.split("|"))))
    return tuple(found)


@cache
def avoided() -> frozenset[tuple[str, str]]:
    """(given name, next name), native, that would name a known or publicly listed person: never drawn together."""
    return frozenset((row[0], row[1]) for row in _lines("avoid.tsv"))
