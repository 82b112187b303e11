"""A row becomes the very drafts that the API takes: a list and a call are judged by the same rules."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from tracing.gate.kinds import Kind
from tracing.gate.purposes import GivenBy, LawfulBasis, Obtained
from tracing.intake.parsers.columns import PERSON, UNUSED
from tracing.intake.schemas import Grounds, ListKind, RowKey
from tracing.kit.errors import Flaw
from tracing.requests.schemas import EnquirerDraft, SoughtDraft
from tracing.sightings.schemas import Basis, SightingDraft

Record = Mapping[str, Any]
Shape = TypeVar("Shape", bound=BaseModel)

BESIDE = frozenset({"id", "names", "seen_place", "seen_date"})
"""Person columns that are not handed to the person as they are."""

CONTACTS = ("phone", "email", "address", "social", "via_third_party")

BY_CODE = {
    "basis-of-another-kind": "basis",
    "only-self-registrations": "kind",
}
"""Columns of rules that look at a row as a whole."""

WORDS = {
    "missing": "it is needed",
    "unknown-field": "no such field",
    "enum": "not one of the values that are known",
    "literal-error": "not one of the values that are known",
    "string-too-long": "too long",
    "string-too-short": "there is nothing in it",
    "too-long": "too many entries",
    "too-short": "at least one is needed",
    "string-type": "text is asked for",
    "list-type": "a list is asked for",
}


@dataclass(frozen=True, slots=True)
class SoughtRow:
    """A row of a list of requests: one sought person, and who seeks them.

    Attributes:
        enquirer: None when the row leaves it to an earlier row of the same `enquirer_ref`.
    """

    home_ref: str
    enquirer_ref: str | None
    enquirer: EnquirerDraft | None
    notice: str | None
    sought: SoughtDraft


@dataclass(frozen=True, slots=True)
class SightingRow:
    """A row of a list of sightings."""

    home_ref: str
    draft: SightingDraft


def sought_row(record: Record, *, follows: bool) -> SoughtRow | list[Flaw]:
    """Return a row of a list of requests, or what is wrong with it.

    Args:
        record: in the neutral shape, known columns only.
        follows: an earlier row of the same `enquirer_ref` has named the enquirer.
    """
    flaws: list[Flaw] = []
    key = _key(record, flaws)
    grounds = _grounds(record, flaws)
    enquirer = None
    if "enquirer_name" in record or not follows:
        enquirer = _draft(EnquirerDraft, _enquirer(record, grounds), _enquirer_column, flaws)
    asked = {"person": _person(record), "relationship": record.get("relationship")}
    if asked["relationship"] is None:
        del asked["relationship"]
    asked["basis"] = _consents(grounds, grounds.lawful_basis) if grounds else []
    sought = _draft(SoughtDraft, asked, _sought_column, flaws)
    for column in UNUSED[ListKind.REQUESTS]:
        if column in record:
            flaws.append(Flaw(column, "not-for-this-kind", "a sought person has a last place, not a sighting's"))
    if flaws or key is None or sought is None or grounds is None:
        return distinct(flaws)
    return SoughtRow(key.home_ref, key.enquirer_ref, enquirer, grounds.information_notice_version, sought)


def sighting_row(record: Record) -> SightingRow | list[Flaw]:
    """Return a row of a list of sightings, or what is wrong with it."""
    flaws: list[Flaw] = []
    key = _key(record, flaws)
    grounds = _grounds(record, flaws)
    if "place" in record and "seen_place" in record:
        flaws.append(Flaw("seen_place", "given-twice", "`place` and `seen_place` are the same; give one of them"))
    own = record.get("basis") == Basis.SELF
    asked: dict[str, Any] = {
        "person": _person(record),
        "kind": record.get("kind", Kind.SELF_REGISTRATION if own else Kind.SIGHTING),
        "sighting_place": record.get("place", record.get("seen_place")),
        "sighting_time": record.get("seen_date"),
        "reporter": {"place": record.get("reporter_place")},
        "consents": _consents(grounds, grounds.lawful_basis) if grounds else [],
    }
    if "basis" in record:
        asked["basis"] = record["basis"]
    draft = _draft(SightingDraft, asked, sighting_column, flaws)
    if flaws or key is None or draft is None:
        return distinct(flaws)
    return SightingRow(key.home_ref, draft)


def _key(record: Record, flaws: list[Flaw]) -> RowKey | None:
    given = {"home_ref": record.get("home_ref", record.get("id")), "enquirer_ref": record.get("enquirer_ref")}
    if given["home_ref"] is None:
        flaws.append(Flaw("home_ref", "missing", "the sender's own row id is needed, as `home_ref` or `id`"))
        return None
    return _draft(RowKey, given, _own_column, flaws)


def _grounds(record: Record, flaws: list[Flaw]) -> Grounds | None:
    if "lawful_basis" not in record:
        flaws.append(Flaw("lawful_basis", "missing-consent", "nobody is registered without a lawful basis"))
        return None
    return _draft(Grounds, {k: record[k] for k in Grounds.model_fields if k in record}, _own_column, flaws)


def _consents(grounds: Grounds, basis: LawfulBasis) -> list[dict[str, Any]]:
    """Return one decision per purpose; on any basis but consent, nobody was asked."""
    asked = basis is LawfulBasis.CONSENT
    return [
        {
            "purpose": purpose,
            "lawful_basis": basis,
            "given_by": GivenBy.SUBJECT if asked else GivenBy.NOT_ASKED,
            "obtained": Obtained.VERBAL if asked else Obtained.NOT_ASKED,
            "information_notice_version": grounds.information_notice_version,
        }
        for purpose in grounds.purposes
    ]


def _person(record: Record) -> dict[str, Any]:
    person = {column: record[column] for column in PERSON if column in record and column not in BESIDE}
    if isinstance(person.get("age"), int) and not isinstance(person["age"], bool):
        person["age"] = str(person["age"])
    if "names" in record:
        person["names"] = _named(record["names"])
    return person


def _named(names: Any) -> Any:
    return [{"full": name} if isinstance(name, str) else name for name in names] if isinstance(names, list) else names


def _enquirer(record: Record, grounds: Grounds | None) -> dict[str, Any]:
    names, contacts = record.get("enquirer_name"), record.get("enquirer_contact")
    names = [names] if isinstance(names, str) else names
    contacts = [contacts] if isinstance(contacts, str) else contacts
    safe = record.get("enquirer_contact_safe", "unknown")
    basis = (grounds.enquirer_basis or grounds.lawful_basis) if grounds else None
    return {
        "person": {"names": _named(names)} if names is not None else {},
        "contacts": [_contact(one, safe) for one in contacts] if isinstance(contacts, list) else contacts or [],
        "no_safe_contact": not contacts,
        "consents": _consents(grounds, basis) if grounds and basis else [],
    }


def _contact(given: Any, safe: Any) -> Any:
    """Return a contact point: `kind=value`, or a kind read off the value's form."""
    if not isinstance(given, str):
        return given
    kind, equals, value = given.partition("=")
    if not equals or kind.strip() not in CONTACTS:
        start = given.strip()[:1]
        kind, value = "email" if "@" in given else "phone" if start in "+0123456789" else "address", given
    return {"kind": kind.strip(), "value": value, "safe": safe}


def _draft(
    shape: type[Shape], given: Any, column: Callable[[Sequence[int | str], str], str], flaws: list[Flaw]
) -> Shape | None:
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False, include_context=False):
            kind = str(one["type"])
            code = "unknown-field" if kind == "extra_forbidden" else kind.replace("_", "-")
            # Messages of our own rules are known to quote nothing; pydantic's are replaced by words.
            detail = WORDS.get(code) or (
                str(one["msg"]) if "-" in kind or kind == "empty" else "not of the form asked for"
            )
            flaws.append(Flaw(column(one["loc"], code), code, detail))
        return None


def distinct(flaws: Sequence[Flaw]) -> list[Flaw]:
    """Return `flaws` with each (column, code) once: several purposes repeat what is wrong with one basis."""
    return list({(flaw.pointer, flaw.code): flaw for flaw in reversed(flaws)}.values())[::-1]


def _own_column(place: Sequence[int | str], _: str) -> str:
    return str(place[0]) if place else ""


def _person_column(place: Sequence[int | str]) -> str:
    return str(place[0]) if place and place[0] in PERSON else ""


def _consent_column(place: Sequence[int | str], basis: str) -> str:
    return "purposes" if len(place) > 1 and place[1] == "purpose" else basis


def _sought_column(place: Sequence[int | str], _: str) -> str:
    if place and place[0] == "person":
        return _person_column(place[1:])
    if place and place[0] == "basis":
        return _consent_column(place[1:], "lawful_basis")
    return "relationship" if place and place[0] == "relationship" else ""


def _enquirer_column(place: Sequence[int | str], _: str) -> str:
    if place and place[0] == "contacts":
        return "enquirer_contact_safe" if place[-1] == "safe" else "enquirer_contact"
    if place and place[0] == "consents":
        return _consent_column(place[1:], "enquirer_basis")
    return "enquirer_name"


SIGHTING_COLUMNS = {"sighting_place": "place", "sighting_time": "seen_date", "reporter": "reporter_place"}


def sighting_column(place: Sequence[int | str], code: str) -> str:
    """Return the column that a place in a sighting's draft came from."""
    if place and place[0] == "person":
        return _person_column(place[1:])
    if place and place[0] == "consents":
        return _consent_column(place[1:], "lawful_basis")
    return SIGHTING_COLUMNS.get(str(place[0]), str(place[0])) if place else BY_CODE.get(code, "")


def request_column(place: Sequence[int | str], code: str) -> str:
    """Return the column that a place in a request's draft came from."""
    if place and place[0] == "enquirer":
        return _enquirer_column(place[1:], code)
    if len(place) > 2 and place[0] == "sought":
        return _sought_column(place[2:], code)
    return str(place[0]) if place else ""
