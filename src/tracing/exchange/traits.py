"""What of a case another society may be given, and what a partner's payload is here."""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from tracing.exchange.envelope import Envelope, SearchPayload, SharedSeparation, TransferPayload
from tracing.exchange.states import Kind
from tracing.gate.kinds import Sensitivity
from tracing.gate.purposes import GivenBy, LawfulBasis, Obtained, Purpose
from tracing.persons.consent import ConsentDraft
from tracing.persons.schemas import NameDraft, PersonDraft
from tracing.requests.schemas import (
    CaseType,
    EnquirerDetails,
    EnquirerDraft,
    IntakeChannel,
    RequestDetails,
    RequestDraft,
    Separation,
    SoughtDetails,
    SoughtDraft,
)

SEARCHED = (
    "names",
    "sex",
    "birth_calendar",
    "birth",
    "age_date",
    "age",
    "father",
    "mother",
    "relatives",
    "nationalities",
    "languages",
)
"""What a search needs of a person (the engine's fields). Never in it: identifiers, marks, work, school."""
PLACES = ("birth_place", "origin_place", "last_place", "last_place_date")
"""Left out of what is shared of a protected person."""
NAMED = ("names", "sex")
"""What is shared of an enquirer who agreed to be named."""
NOBODY = PersonDraft(names=[NameDraft(full="—")])
"""An enquirer whom the partner does not name: no letter of it can be mistaken for a name."""
NOTICE = "partner-society"
LETTERS = "bcdfgklmnprstvz"
VEIL = secrets.token_bytes(16)


def search_payload(
    kind: Kind, sought: SoughtDetails, asked: RequestDetails, *, named: bool, protected: bool
) -> SearchPayload:
    """Return what is shared of a search: only fields of `SEARCHED`, places unless protected, who asks if `named`."""
    separation = sought.separation or asked.separation
    return SearchPayload(
        kind=kind,
        sought=_cut(sought.person, SEARCHED if protected else (*SEARCHED, *PLACES)),
        relationship=sought.relationship,
        separation=SharedSeparation(
            date=separation.date, place=None if protected else separation.place, cause=separation.cause
        ),
        enquirer=_cut(asked.enquirer.person, NAMED) if named else None,
        protected=protected,
    )


def transfer_payload(sought: SoughtDetails, asked: RequestDetails, *, protected: bool) -> TransferPayload:
    """Return a whole case, for a society that takes it over; both sides agreed to that."""
    return TransferPayload(
        kind=Kind.TRANSFER_CASE,
        sought=sought.person,
        relationship=sought.relationship,
        separation=sought.separation or asked.separation,
        enquirer=asked.enquirer,
        child=asked.child,
        never_disclose_to=asked.never_disclose_to,
        protected=protected,
    )


def _cut(person: PersonDraft, fields: Sequence[str]) -> PersonDraft:
    return PersonDraft.model_validate(person.model_dump(include=set(fields), exclude_defaults=True))


def scope_of(payload: SearchPayload | TransferPayload) -> list[str]:
    """Return the fields that a payload carries, `part.field` each, in order: the allow-list that travels along."""
    return sorted(_carried(payload))


def beyond(envelope: Envelope) -> list[str]:
    """Return the fields that an opening payload carries beyond its scope."""
    payload = envelope.payload
    if not isinstance(payload, SearchPayload | TransferPayload):
        return []
    return sorted(set(_carried(payload)) - set(envelope.scope))


def _carried(payload: SearchPayload | TransferPayload) -> Iterator[str]:
    for part, value in payload.model_dump(exclude_defaults=True, exclude={"kind"}).items():
        if isinstance(value, dict):
            yield from (f"{part}.{field}" for field in value)
        else:
            yield part


def request_draft(envelope: Envelope) -> RequestDraft:
    """Return a partner's search as the request it is registered as: apart, not yet started, until it expires."""
    payload = envelope.payload
    assert isinstance(payload, SearchPayload | TransferPayload)
    purposes = [Purpose.REGISTER]
    if payload.kind is not Kind.SHARE_FOR_INFORMATION:
        purposes.append(Purpose.MATCH_WITHIN_SOCIETY)
    enquirer = payload.enquirer if isinstance(payload, TransferPayload) else _enquirer(payload)
    extra: dict[str, Any] = {}
    if isinstance(payload, TransferPayload):
        extra = {"child": payload.child, "never_disclose_to": payload.never_disclose_to}
    return RequestDraft(
        case_type=CaseType.TRACING_REQUEST,
        intake_channel=IntakeChannel.PARTNER_SOCIETY,
        sensitivity=Sensitivity.PROTECTED if payload.protected else Sensitivity.NORMAL,
        information_notice_version=NOTICE,
        separation=Separation.model_validate(payload.separation.model_dump()),
        enquirer=EnquirerDraft(**dict(enquirer), consents=_basis(envelope, [Purpose.REGISTER])),
        sought=[
            SoughtDraft(
                person=payload.sought,
                relationship=payload.relationship,
                basis=_basis(envelope, purposes),
            )
        ],
        **extra,
    )


def decoy(draft: RequestDraft) -> RequestDraft:
    """Return a request of the same size about nobody: as much work as the given one, with no name of it."""
    asked, sought = draft.enquirer, draft.sought[0]
    return draft.model_copy(
        update={
            "enquirer": asked.model_copy(update={"person": _nobody_like(asked.person), "contacts": []}),
            "sought": [sought.model_copy(update={"person": _nobody_like(sought.person)})],
        }
    )


def _nobody_like(person: PersonDraft) -> PersonDraft:
    kin = [relative.model_copy(update={"name": _veiled(relative.name)}) for relative in person.relatives]
    return person.model_copy(
        update={
            "names": [NameDraft(full=_veiled(name.full)) for name in person.names],
            "father": [_veiled(name) for name in person.father],
            "mother": [_veiled(name) for name in person.mother],
            "relatives": kin,
        }
    )


def _veiled(name: str) -> str:
    """Return as many words of the same lengths that nobody is called by.

    The same name is veiled alike while the process lives: what was read before is read faster, also of a decoy.
    """
    drawn = iter(hashlib.shake_256(VEIL + name.encode()).digest(len(name)))
    return " ".join("".join(LETTERS[next(drawn) % len(LETTERS)] for _ in word) for word in name.split())


def own_draft(payload: TransferPayload, ends: datetime) -> RequestDraft:
    """Return a case that was taken over as a request of our own, on the basis on which it was handed over."""
    basis = [
        ConsentDraft(
            purpose=purpose,
            lawful_basis=LawfulBasis.PUBLIC_INTEREST,
            given_by=GivenBy.NOT_ASKED,
            obtained=Obtained.NOT_ASKED,
            valid_until=ends,
        )
        for purpose in (Purpose.REGISTER, Purpose.MATCH_WITHIN_SOCIETY)
    ]
    return RequestDraft(
        intake_channel=IntakeChannel.PARTNER_SOCIETY,
        sensitivity=Sensitivity.PROTECTED if payload.protected else Sensitivity.NORMAL,
        information_notice_version=NOTICE,
        separation=payload.separation,
        enquirer=EnquirerDraft(**dict(payload.enquirer), consents=basis),
        child=payload.child,
        never_disclose_to=payload.never_disclose_to,
        sought=[SoughtDraft(person=payload.sought, relationship=payload.relationship, basis=basis)],
        start=True,
    )


def _enquirer(payload: SearchPayload) -> EnquirerDetails:
    return EnquirerDetails(person=payload.enquirer or NOBODY, no_safe_contact=True)


def _basis(envelope: Envelope, purposes: Sequence[Purpose]) -> list[ConsentDraft]:
    """Return the decisions on which a partner's record rests here: what the envelope says, and no longer.

    That the person agreed is the partner's word. Nobody here asked them, and it brings nobody back who was erased.
    """
    return [
        ConsentDraft(
            purpose=purpose,
            lawful_basis=envelope.legal_basis,
            given_by=GivenBy.NOT_ASKED,
            obtained=Obtained.NOT_ASKED,
            valid_until=envelope.expires_at,
        )
        for purpose in purposes
    ]
