"""From a person of a PFIF file to the draft of what is registered of them: for matching, and for nothing else."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from tracing.kit.errors import Flaw
from tracing.persons.erased import forms_of, forms_of_enquirer
from tracing.pfif.schemas import Claim, CopyDetails, Note, Person, Status
from tracing.requests.schemas import RequestDraft
from tracing.sightings.schemas import SightingDraft

GRACE = timedelta(days=1)
"""How long after its expiry date a record may still be taken."""
AHEAD = timedelta(days=1)
"""By how much another clock may be ahead; a date far in the future would outdo every later correction."""
RECORD_MOST = 1 << 20
ANY_LOCAL_ID = r"[^\s\x00-\x1f\x7f]{1,200}"
RECORD_ID = re.compile(rf"(?P<domain>[A-Za-z0-9](?:[A-Za-z0-9.-]{{0,72}}[A-Za-z0-9])?)/{ANY_LOCAL_ID}")
DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?Z")
SOUGHT = frozenset({Status.INFORMATION_SOUGHT, Status.BELIEVED_MISSING})
SURVIVING = frozenset({"person_record_id", "source_date", "entry_date", "expiry_date"})
"""What is left of a record that its home has removed."""
DEATH = (
    "The source says that the person is believed dead. Nothing follows from it here: a death needs two workers "
    "and evidence, in a fate report on the search."
)
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
        draft: what would be registered; None of a record that its home has removed, or that is over.
        is_over: its home has set an end that is past, and has not removed it.
        until: when the copy must go; None as long as the society keeps any.
        forms: how the persons in it may be known as erased.
    """

    line: int
    ref: str
    origin: str
    source_at: datetime
    until: datetime | None
    draft: RequestDraft | SightingDraft | None
    is_over: bool
    details: CopyDetails
    raw: bytes
    forms: tuple[tuple[str, ...], ...] = ()


def copy_of(person: Person, now: datetime, own_domain: str) -> Copy | Refusal:
    """Return what may be registered of a person as their home describes them, or what is wrong."""
    flaws: list[Flaw] = []
    fields = person.fields
    domain = _home(fields.get("person_record_id", ""), own_domain, flaws)
    source_at = _moment(fields, "source_date", flaws) or _moment(fields, "entry_date", flaws)
    expiry = _moment(fields, "expiry_date", flaws)
    if len(person.raw) > RECORD_MOST:
        flaws.append(Flaw("", "record-too-large", f"with its notes the record has more than {RECORD_MOST} bytes"))
    if source_at is None and not flaws:
        flaws.append(Flaw("source_date", "missing", "it is needed"))
    if source_at is not None and source_at > now + AHEAD:
        flaws.append(Flaw("source_date", "in-the-future", "it lies in the future"))
    if flaws or source_at is None:
        return Refusal(person.line, tuple(flaws))
    is_removed = fields.keys() <= SURVIVING and not person.notes
    is_over = expiry is not None and expiry + GRACE <= now and not is_removed
    until = expiry if expiry is None or expiry > now else expiry + GRACE
    draft = None if is_over or is_removed else _draft(person, source_at, until, flaws)
    if flaws:
        return Refusal(person.line, tuple(flaws))
    return Copy(
        line=person.line,
        ref=f"pfif|{domain}/{fields['person_record_id'].partition('/')[2]}",
        origin=f"pfif:{domain}",
        source_at=source_at,
        until=until,
        draft=draft,
        is_over=is_over,
        details=_details(person),
        raw=person.raw,
        forms=_forms(draft),
    )


def claims_death(details: CopyDetails) -> bool:
    """Return whether any note says that the person is believed dead."""
    return any(claim.status is Status.BELIEVED_DEAD for claim in details.claims)


def _home(record_id: str, own_domain: str, flaws: list[Flaw]) -> str:
    """Return the domain of a record's home, in small letters."""
    found = RECORD_ID.fullmatch(record_id)
    if found is None:
        told = "it is a domain, a slash and an id" if record_id else "it is needed"
        flaws.append(Flaw("person_record_id", "bad-record-id" if record_id else "missing", told))
        return ""
    domain = found["domain"].lower()
    if own_domain and (domain == own_domain or domain.endswith(f".{own_domain}")):
        flaws.append(Flaw("person_record_id", "own-record", "the record is the service's own, come back"))
    return domain


def moment(text: str) -> datetime | None:
    """Return a date of PFIF (UTC, with or without a fraction of the second); None for any other text."""
    found = DATE.fullmatch(text)
    if found is None:
        return None
    *parts, fraction = found.groups()
    try:
        whole = datetime(*map(int, parts), tzinfo=UTC)  # type: ignore[misc,arg-type]  # six numbers
    except ValueError:
        return None
    return whole.replace(microsecond=int((fraction or "0")[:6].ljust(6, "0")))


def _moment(fields: Any, name: str, flaws: list[Flaw]) -> datetime | None:
    text = fields.get(name, "")
    found = moment(text)
    if text and found is None:
        flaws.append(Flaw(name, "impossible-date", "a moment is written as 2026-01-31T12:00:00Z"))
    return found


def _details(person: Person) -> CopyDetails:
    claims = [_claim(note) for note in person.notes]
    links = [note.fields.get("linked_person_record_id", "") for note in person.notes]
    linked = list(dict.fromkeys(link for link in links if RECORD_ID.fullmatch(link)))
    return CopyDetails(person_record_id=person.fields["person_record_id"], claims=claims, linked=linked)


def _claim(note: Note) -> Claim:
    contact = {"true": True, "false": False}.get(note.fields.get("author_made_contact", "").lower())
    return Claim(status=_status(note), source_date=_dated(note), author_made_contact=contact)


def _status(note: Note) -> Status | None:
    said = note.fields.get("status", "")
    return Status(said) if said in set(Status) else None


def _dated(note: Note) -> datetime | None:
    return moment(note.fields.get("source_date", "") or note.fields.get("entry_date", ""))


def newest(notes: Sequence[Note]) -> list[Note]:
    """Return notes, the newest first; of equal or unknown date in the reverse order of the file."""
    earliest = datetime.min.replace(tzinfo=UTC)
    dated = sorted(enumerate(notes), key=lambda one: (_dated(one[1]) or earliest, one[0]))
    return [note for _, note in reversed(dated)]


def _draft(
    person: Person, source_at: datetime, until: datetime | None, flaws: list[Flaw]
) -> RequestDraft | SightingDraft | None:
    """Return the draft: whoever is sought becomes a search, everybody else a sighting from a list."""
    notes = newest(person.notes)
    status = next((said for note in notes if (said := _status(note)) is not None), None)
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
    at = _dated(seen) if seen is not None else None
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
    home = [_line(fields[name]) for name in ("home_city", "home_state", "home_country") if name in fields]
    known = {
        "names": [*names, *others],
        "sex": fields.get("sex") if fields.get("sex") in ("female", "male", "other") else None,
        "birth": fields.get("date_of_birth"),
        "age": fields.get("age"),
        "age_date": f"{source_at:%Y-%m-%d}" if "age" in fields else None,
        "last_place": ", ".join(home) or None,
        "physical_description": fields.get("description"),
    }
    return {name: value for name, value in known.items() if value is not None}


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
