"""What the engine may see of a sighting, and what keeps it waiting for a worker."""

import re
import unicodedata
from collections.abc import Iterator
from uuid import UUID

from tracing.gate.kinds import Kind
from tracing.matching import Person, read
from tracing.matching.dates.edtf import parse
from tracing.matching.names import read_name
from tracing.matching.places import read_place
from tracing.persons.schemas import PersonDraft
from tracing.persons.traits import to_person
from tracing.sightings.schemas import Basis, SightingDetails
from tracing.sightings.states import Flag

ON_THE_SPOT = frozenset({Basis.SELF, Basis.MET_IN_PERSON, Basis.SAW_AT_DISTANCE, Basis.INSTITUTION_RECORD})
"""Bases whose reporter was where the person was; an institution writes down who is within its own walls."""

SHORTEST_NUMBER = 7
"""Digits from which a bare number is a telephone number: the shortest national ones; postcodes have fewer."""

_LABEL = re.compile(
    r"\b(?:phone|tel|telephone|mobile|mob|cell|call|contact|no|nr|whatsapp|viber|telegram|imo|signal|e-?mail)\b"
)
_NUMBER = re.compile(r"(?:00|\+)?[\d\s()./:\-+]+")
_COORDINATES = re.compile(r"[+-]?\d{1,3}[.,]\d+\s*°?\s*[,;/\s]\s*[+-]?\d{1,3}[.,]\d+\s*°?")
_ADDRESS = re.compile(r"\S+@\S+|@\S+|(?:https?://|www\.)\S+")
_JOINTS = re.compile(r"[\s/.\-]+")
_COUNTRY = re.compile(r",\s*[A-Z]{2}$")
_DOTTED = re.compile(r"(?:[^\W\d_]\s*\.\s*)+(?:[^\W\d_])?")


def seen_person(record_id: UUID, details: SightingDetails) -> Person:
    """Return the engine's view of a sighting: the person, its own place and time, nothing of the reporter.

    A place that is plainly none (`no_place`, `place_is_contact`) is silence, which is neutral; a telephone
    number compared as a place would speak against the right person.
    """
    place = details.sighting_place
    if place is not None and (_is_no_place(place) or _is_contact(place)):
        place = None
    return to_person(record_id, details.person, seen_place=place, seen_date=details.sighting_time)


def flags_of(kind: Kind, details: SightingDetails) -> list[Flag]:
    """Return what the triage rules find, in the order of `Flag`.

    The rules are those that sorted rescuers' notices in practice (domain.md §1.11, §6.2): most reports that
    cannot be acted upon give no place, the reporter's own, a name or a telephone number in its stead. Each
    is a question for a worker, never proof. Who registers themselves may keep their place to themselves.
    """
    found = {*_about_place(kind, details), *_about_person(details)}
    return [flag for flag in Flag if flag in found]


def _about_place(kind: Kind, details: SightingDetails) -> Iterator[Flag]:
    place, reporter = details.sighting_place, details.reporter
    if place is None:
        if kind is Kind.SIGHTING:
            yield Flag.NO_PLACE
        return
    if _is_contact(place):
        yield Flag.PLACE_IS_CONTACT
        return
    if _is_no_place(place):
        yield Flag.NO_PLACE
        return
    told = _words(place)
    if told and any(told <= _words(name) for name in _names(details.person)):
        yield Flag.PLACE_IS_NAME
    if details.basis in ON_THE_SPOT:
        return
    if reporter.place is not None and _same_place(place, reporter.place):
        yield Flag.PLACE_IS_REPORTERS
    if details.person.last_place is not None and _same_place(place, details.person.last_place):
        yield Flag.PLACE_IS_LAST_RESIDENCE


def _about_person(details: SightingDetails) -> Iterator[Flag]:
    person = to_person(UUID(int=0), details.person)
    bearing = [token.kind for name in read(person).names for token in name.names]
    if not bearing:
        yield Flag.NO_NAME
    elif set(bearing) == {"initial"} or all(_DOTTED.fullmatch(_bare(n.full)) for n in details.person.names):
        yield Flag.ONLY_INITIALS
    born, seen = details.person.birth, details.sighting_time
    if born is not None and seen is not None:
        birth, sight = parse(born, details.person.birth_calendar), parse(seen)
        first_day, last_day = birth.span()[0], sight.span()[1]
        sure = not (birth.is_vague or sight.is_vague)
        if sure and first_day is not None and last_day is not None and last_day < first_day:
            yield Flag.SEEN_BEFORE_BIRTH


def _names(person: PersonDraft) -> list[str]:
    """Return every name in the report: of the person, of parents and of other kin."""
    return [
        *(n.full for n in person.names),
        *person.father,
        *person.mother,
        *(r.name for r in person.relatives),
    ]


def _is_contact(text: str) -> bool:
    """Return whether `text` is merely a telephone number, an e-mail address, a handle or a link."""
    bare = _LABEL.sub(" ", _western(text).lower()).strip(" :.,;-")
    if _ADDRESS.fullmatch(bare):
        return True
    digits = sum(char.isdigit() for char in bare)
    return digits >= SHORTEST_NUMBER and bool(_NUMBER.fullmatch(bare)) and not _COORDINATES.fullmatch(bare)


def _is_no_place(text: str) -> bool:
    """Return whether `text` only says that no place is known: `unknown`, `n/a`, `?`, in many languages."""
    if any(char.isdigit() for char in text):
        return False
    return not read_name(text).names or not read_name(_JOINTS.sub("", text)).names


def _same_place(left: str, right: str) -> bool:
    return bool(_words(left)) and _words(left) == _words(right)


def _words(text: str) -> frozenset[str]:
    """Return the folded words of a place or name, in any order, without a country code at the end."""
    read_text = read_place(_COUNTRY.sub("", text))
    return frozenset(read_text.tokens) if read_text else frozenset()


def _western(text: str) -> str:
    """Return `text` with the digits of every script as 0 to 9."""
    return "".join(str(unicodedata.digit(char)) if char.isdecimal() else char for char in text)


def _bare(text: str) -> str:
    """Return `text` without marks, so that an Indic initial with its vowel sign counts as one letter."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.category(c).startswith("M"))
