"""From a person of a PFIF file to the draft of what is registered of them: for matching, and for nothing else."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tracing.kit.errors import Flaw
from tracing.kit.text import Line
from tracing.persons.erased import forms_of, forms_of_enquirer
from tracing.pfif.dates import UNDATED, moment
from tracing.pfif.notes import dated, newest, status_of
from tracing.pfif.schemas import Note, Person, Status
from tracing.requests.schemas import RequestDraft
from tracing.sightings.schemas import SightingDraft

GRACE = timedelta(days=1)
"""How long after its expiry date a record may still be taken."""
AHEAD = timedelta(days=1)
"""By how much another clock may be ahead; a date far in the future would outdo every later correction."""
RECORD_MOST = 1 << 21  # bytes; a note inside the record counts twice, since it is kept by itself as well
ANY_LOCAL_ID = r"[^\s\x00-\x1f\x7f]{1,200}"
RECORD_ID = re.compile(rf"(?P<domain>[A-Za-z0-9](?:[A-Za-z0-9.-]{{0,72}}[A-Za-z0-9])?)/{ANY_LOCAL_ID}")
SOUGHT = frozenset({Status.INFORMATION_SOUGHT, Status.BELIEVED_MISSING})
SURVIVING = frozenset({"person_record_id", "source_date", "entry_date", "expiry_date"})
"""What is left of a record that its home has removed."""
DEATH = (
    "The source says that the person is believed dead. Nothing follows from it here: a death needs two workers "
    "and evidence, in a fate report on the search."
)
STREET = ("home_street", "home_neighborhood")
TOWN = ("home_city", "home_state", "home_postal_code", "home_country")
LONGEST_LINE = 300
PLACE: TypeAdapter[str | None] = TypeAdapter(Line | None)
NOTE_MOST = 1 << 18  # bytes of a note that stands apart
UNNAMED = "unknown"
"""The author of a note stands for no relative: a name would be compared as kin."""
FIELDS = {
    "names": "full_name",
    "birth": "date_of_birth",
    "age_date": "source_date",
    "age": "age",
    "last_place": "home_city",
    "physical_description": "description",
    "sighting_place": "last_known_location",
    "sighting_time": "source_date",
}
"""Field of the draft → field of the file."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that cannot be taken, and what is wrong with it."""

    line: int
    flaws: tuple[Flaw, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """A record that can be taken.

    Attributes:
        person: as the file has them, with every note about them.
        draft: what would be registered; None of a record that its home has removed, or that is over.
        is_over: its home has set an end that is past, and has not removed it.
        until: when the copy must go; None as long as the society keeps any.
        forms: how the persons in it may be known as erased.
    """

    person: Person
    ref: str
    origin: str
    source_at: datetime
    until: datetime | None
    draft: RequestDraft | SightingDraft | None
    is_over: bool
    forms: tuple[tuple[str, ...], ...] = ()

    @property
    def line(self) -> int:
        """Where it stands in the file."""
        return self.person.line


def copy_of(person: Person, now: datetime, own_domain: str) -> Copy | Refusal:
    """Return what may be registered of a person as their home describes them, or what is wrong."""
    flaws: list[Flaw] = []
    fields = person.fields
    ref, home = home_of(fields.get("person_record_id", ""), own_domain, flaws)
    source_at = _moment(fields, "source_date", flaws) or _moment(fields, "entry_date", flaws)
    expiry = _moment(fields, "expiry_date", flaws)
    if len(person.raw) + sum(len(note.raw) for note in person.notes) > RECORD_MOST:
        flaws.append(Flaw("", "record-too-large", f"with its notes the record has more than {RECORD_MOST} bytes"))
    if source_at is not None and source_at > now + AHEAD:
        flaws.append(Flaw("source_date", "in-the-future", "it lies in the future"))
    if flaws:
        return Refusal(person.line, tuple(flaws))
    is_removed = fields.keys() <= SURVIVING and not person.notes
    is_over = expiry is not None and expiry + GRACE <= now and not is_removed
    until = expiry if expiry is None or expiry > now else expiry + GRACE
    draft = None if is_over or is_removed else _draft(person, source_at or now, until, flaws)
    if flaws:
        return Refusal(person.line, tuple(flaws))
    return Copy(
        person=person,
        ref=ref,
        origin=f"pfif:{home}",
        source_at=source_at or UNDATED,
        until=until,
        draft=draft,
        is_over=is_over,
        forms=_forms(draft),
    )


def flaws_of_note(note: Note, now: datetime) -> list[Flaw]:
    """Return what is wrong with a note that stands apart: with it, it would keep its person out when they come."""
    at, place = dated(note), _line(note.fields.get("last_known_location", ""))
    if len(note.raw) > NOTE_MOST:
        return [Flaw("", "record-too-large", f"a note has more than {NOTE_MOST} bytes")]
    if at is not None and at > now:
        return [Flaw("source_date", "in-the-future", "it lies in the future")]
    try:
        PLACE.validate_python(place or None)
    except ValidationError as error:
        return [_flaw(found | {"loc": ("sighting_place",)}) for found in error.errors(include_input=False)]
    return []


def home_of(record_id: str, own_domain: str, flaws: list[Flaw]) -> tuple[str, str]:
    """Return by what a person is known here, and the domain of their home in small letters; a flaw for no such id."""
    found = RECORD_ID.fullmatch(record_id)
    if found is None:
        told = "it is a domain, a slash and an id" if record_id else "it is needed"
        flaws.append(Flaw("person_record_id", "bad-record-id" if record_id else "missing", told))
        return "", ""
    domain = found["domain"].lower()
    if own_domain and (domain == own_domain or domain.endswith(f".{own_domain}")):
        flaws.append(Flaw("person_record_id", "own-record", "the record is the service's own, come back"))
    return f"pfif|{domain}/{record_id.partition('/')[2]}", domain


def _moment(fields: Any, name: str, flaws: list[Flaw]) -> datetime | None:
    text = fields.get(name, "")
    found = moment(text)
    if text and found is None:
        flaws.append(Flaw(name, "impossible-date", "a moment is written as 2026-01-31T12:00:00Z"))
    return found


def _draft(
    person: Person, source_at: datetime, until: datetime | None, flaws: list[Flaw]
) -> RequestDraft | SightingDraft | None:
    """Return the draft: whoever is sought becomes a search, everybody else a sighting from a list."""
    notes = newest(person.notes)
    status = next((said for note in notes if (said := status_of(note)) is not None), None)
    known = _person(person, source_at)
    if not known["names"]:
        flaws.append(Flaw("full_name", "missing", "it is needed"))
        return None
    basis = [_consent(purpose, until) for purpose in ("register", "match_within_society")]
    try:
        if status in SOUGHT:
            return RequestDraft.model_validate(_search(known, basis))
        return SightingDraft.model_validate(_sighting(known, notes, status, basis))
    except ValidationError as error:
        flaws += [_flaw(found) for found in error.errors(include_input=False, include_url=False, include_context=False)]
        return None


def _search(known: dict[str, Any], basis: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "enquirer": {"person": {"names": [{"full": UNNAMED}]}, "no_safe_contact": True, "consents": basis[:1]},
        "intake_channel": "online",
        "sought": [{"person": known, "relationship": "other_nonfamily", "basis": basis}],
    }


def _sighting(
    known: dict[str, Any], notes: Sequence[Note], status: Status | None, basis: list[dict[str, Any]]
) -> dict[str, Any]:
    seen = next((note for note in notes if note.fields.get("last_known_location")), None)
    at = dated(seen) if seen is not None else None
    return {
        "person": known,
        "basis": "list_or_document",
        "sighting_place": _line(seen.fields["last_known_location"]) if seen is not None else None,
        "sighting_time": f"{at:%Y-%m-%d}" if at is not None else None,
        "narrative": DEATH if status is Status.BELIEVED_DEAD else None,
        "consents": basis,
    }


def _person(person: Person, source_at: datetime) -> dict[str, Any]:
    fields = person.fields
    names = [{"full": line} for text in fields.get("full_name", "").splitlines() if (line := _line(text))]
    others = [
        {"full": line, "type": "alias"}
        for text in fields.get("alternate_names", "").splitlines()
        if (line := _line(text))
    ]
    if names and "given_name" in fields and "family_name" in fields:
        names[0]["parts"] = [  # type: ignore[assignment]  # a draft, validated as a whole
            {"value": _line(fields["given_name"]), "role": "given"},
            {"value": _line(fields["family_name"]), "role": "family"},
        ]
    known = {
        "names": [*names, *others],
        "sex": fields.get("sex") if fields.get("sex") in ("female", "male", "other") else None,
        "birth": fields.get("date_of_birth"),
        "age": fields.get("age"),
        "age_date": f"{source_at:%Y-%m-%d}" if "age" in fields else None,
        "last_place": _address(fields),
        "physical_description": fields.get("description"),
    }
    return {name: value for name, value in known.items() if value is not None}


def _address(fields: Mapping[str, str]) -> str | None:
    """Return the last residence as one text, the street first; what is too long for one is the town's part alone."""
    known = {name: line for name in (*STREET, *TOWN) if (line := _line(fields.get(name, "")))}
    whole = ", ".join(known.values())
    return (whole if len(whole) <= LONGEST_LINE else ", ".join(known[name] for name in TOWN if name in known)) or None


def _line(text: str) -> str:
    return " ".join(text.split(" ")).replace("\n", " ").replace("\t", " ").strip()


def _consent(purpose: str, until: datetime | None) -> dict[str, Any]:
    return {
        "purpose": purpose,
        "lawful_basis": "public_interest",
        "given_by": "not_asked",
        "obtained": "not_asked",
        "valid_until": until,
    }


def field_of(place: Iterable[object]) -> str:
    """Return the field of the file that a place in the draft came from; "" for none."""
    return next((FIELDS[part] for part in place if isinstance(part, str) and part in FIELDS), "")


def _flaw(error: Any) -> Flaw:
    """Return one thing wrong as a flaw of a field of the file; own codes keep their words, which hold no value."""
    name = field_of(error["loc"])
    own = "-" in error["type"]
    code = error["type"] if own else error["type"].replace("_", "-")
    return Flaw(name, code, error["msg"] if own else "it breaks a rule of this field")


def _forms(draft: RequestDraft | SightingDraft | None) -> tuple[tuple[str, ...], ...]:
    if draft is None:
        return ()
    if isinstance(draft, SightingDraft):
        return (forms_of(draft.person),)
    sought = [one.person for one in draft.sought]
    return (forms_of_enquirer(draft.enquirer.person, [], sought), *map(forms_of, sought))
