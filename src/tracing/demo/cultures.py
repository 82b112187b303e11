"""The cultures of the demo: how each one builds a name, counts years and lost its people.

A structure turns a member's own names into an ordered list of parts. Rules of name structure after common
reference works on naming customs; frequencies are invented.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from tracing.demo.stock import Entry


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a full name: its role (given, father, family ...) and its spellings."""

    role: str
    entry: Entry


class Named(Protocol):
    """What a structure needs to know of a person."""

    sex: str
    culture: Culture
    birth: date
    given: Entry
    middle: Entry | None
    chain: tuple[Entry, ...]
    family: Entry | None
    mother_family: Entry | None


@dataclass(frozen=True, slots=True)
class Culture:
    """One culture. `years` bounds the separation; `routes` are countries where its people are seen later.

    `family_of_children` tells where a child's family name comes from: `father`, `own` (each person has an
    own last name) or `none`. `skew` is the exponent of the family names' frequency law, `native_use` how
    often people of a clerk's own script have one in use, `placeholder` how often 1 January stands for a
    birthday, `seen_from` the year in which searching began where that was long after the separation.
    """

    key: str
    script: str
    lang: str
    stocks: tuple[str, ...]
    structure: Callable[[Named], list[Part]]
    countries: tuple[str, ...]
    routes: tuple[str, ...]
    years: tuple[int, int]
    causes: tuple[str, ...]
    nationality: str
    family_of_children: str = "father"
    wife_takes_name: bool = False
    middle: float = 0.0
    calendar: str | None = None
    placeholder: float = 0.1
    joiner: str = " "
    skew: float = 1.0
    kunya: bool = False
    native_use: float = 1.0
    post_names: bool = False
    seen_from: int = 0


_TITLES = {"male": Entry("ဦး", ("U",)), "female": Entry("ဒေါ်", ("Daw",))}
_YOUNG_TITLES = {"male": Entry("မောင်", ("Maung", "Mg", "Ko")), "female": Entry("မ", ("Ma",))}


def given_family(member: Named) -> list[Part]:
    """Given name(s), then family name if there is one."""
    parts = [Part("given", member.given)]
    if member.middle is not None:
        parts.append(Part("given", member.middle))
    if member.family is not None:
        parts.append(Part("family", gendered(member.family, member.sex)))
    return parts


def chain(depth: int, with_family: bool) -> Callable[[Named], list[Part]]:
    """Given name, then `depth` forefathers, then the family name if wanted."""
    roles = ("father", "grandfather", "great_grandfather")

    def structure(member: Named) -> list[Part]:
        parts = [Part("given", member.given)]
        parts += [Part(role, entry) for role, entry in zip(roles, member.chain[:depth], strict=False)]
        if with_family and member.family is not None:
            parts.append(Part("family", member.family))
        return parts

    return structure


def east_slavic(member: Named) -> list[Part]:
    """Given name, patronymic, family name in the person's gender."""
    parts = [Part("given", member.given)]
    if member.chain and member.chain[0].patronymic:
        parts.append(Part("patronymic", patronymic(member.chain[0], member.sex)))
    if member.family is not None:
        parts.append(Part("family", gendered(member.family, member.sex)))
    return parts


def two_surnames(member: Named) -> list[Part]:
    """Given name(s), father's family name, mother's family name."""
    parts = given_family(member)
    if member.mother_family is not None:
        parts.append(Part("mother_family", member.mother_family))
    return parts


def family_first(member: Named) -> list[Part]:
    """Family name, middle name if any, given name."""
    parts = [Part("family", member.family)] if member.family is not None else []
    if member.middle is not None:
        parts.append(Part("given", member.middle))
    return [*parts, Part("given", member.given)]


def father_first(member: Named) -> list[Part]:
    """Father's name (in Latin script mostly its initial), then the given name."""
    return [*(Part("father", entry) for entry in member.chain[:1]), Part("given", member.given)]


def honorific_given(member: Named) -> list[Part]:
    """A courtesy title by sex and age in place of any surname, then the given name of several syllables."""
    young = member.birth.year > member.culture.years[1] - 30
    titles = _YOUNG_TITLES if young else _TITLES
    parts = [Part("honorific", titles[member.sex]), Part("given", member.given)]
    return parts if member.middle is None else [*parts, Part("given", member.middle)]


def post_name(member: Named) -> list[Part]:
    """Family name, post-name, then the Christian name."""
    parts = [Part("family", member.family)] if member.family is not None else []
    if member.mother_family is not None:
        parts.append(Part("mother_family", member.mother_family))
    return [*parts, Part("given", member.given)]


_LETTERS = dict(zip("абвгґдезиіїйклмнопрстуфьыэъ", "abvhgdezyiiiklmnoprstuf-ye-", strict=True))
_DIGRAPHS = {
    "є": "ie",
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "ю": "iu",
    "я": "ia",
    "ё": "yo",
}
_CYRILLIC = _LETTERS | _DIGRAPHS | {"щ": "shch"}
_INFORMAL = _CYRILLIC | {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
_RUSSIAN = _INFORMAL | {"г": "g", "и": "i"}


def romanise_cyrillic(text: str, table: dict[str, str]) -> str:
    """A Cyrillic word in Latin letters by a one-letter table."""
    return "".join(table.get(letter, letter) for letter in text.lower()).replace("-", "").capitalize()


def patronymic(father: Entry, sex: str) -> Entry:
    """The patronymic made of a father's given name, in the person's gender."""
    native = father.patronymic.split("/")[0 if sex == "male" else 1]
    tables = (_CYRILLIC, _INFORMAL, _RUSSIAN) if re.search("[іїєґ]|івна|ович", native) else (_RUSSIAN, _INFORMAL)
    return Entry(native, tuple(dict.fromkeys(romanise_cyrillic(native, table) for table in tables)))


_FEMININE = (
    (re.compile("(с|ц)(ький|кий)$"), lambda found: found[1] + ("ька" if found[2] == "ький" else "кая")),
    (re.compile("(ов|ев|ёв|ин|ін|їн)$"), lambda found: found[1] + "а"),
    (re.compile("(s|c|z)ki$"), lambda found: found[1] + "ka"),
    (re.compile("(sky|skyi|skiy|skyy|skij|skii)$"), lambda found: "ska"),
    (re.compile("(ov|ev|in|ow|ew|yov)$"), lambda found: found[1] + "a"),
    (re.compile("(s|z)kyj$"), lambda found: found[1] + "ka"),
)


def gendered(family: Entry, sex: str) -> Entry:
    """A family name in the form a woman bears; unchanged where her language makes no difference."""
    if sex == "female" and family.feminine is not None:
        return family.feminine
    if sex != "female" or not re.search("(ий|ов|ев|ёв|ин|ін|їн|ski|cki|dzki)$", family.native):
        return family
    return Entry(_feminine(family.native), tuple(dict.fromkeys(_feminine(form) for form in family.latin)))


def _feminine(form: str) -> str:
    for pattern, ending in _FEMININE:
        if pattern.search(form):
            return pattern.sub(ending, form)
    return form
