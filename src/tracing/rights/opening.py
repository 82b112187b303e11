"""Opening what is held about a person: for the bundle that they are given, and to know them if a feed names them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.gate import consents, suppression
from tracing.gate.access import Access
from tracing.gate.kinds import Kind, Sensitivity
from tracing.gate.purposes import Decision, Purpose
from tracing.rights import store, traits
from tracing.rights.schemas import (
    ActPart,
    AnswerPart,
    AttemptPart,
    BundleView,
    ConsentPart,
    DetailsPart,
    FatePart,
    MessagePart,
    SharedPart,
)

if TYPE_CHECKING:
    from tracing.gate.tables import Consent, Record


def bundle(access: Access, request_id: UUID, record: "Record", *, own: bool) -> BundleView:
    """Return everything that is held about the person of `record`, as far as it is theirs to have.

    Unless it is their `own` request, as far as somebody who speaks for them may have it.
    """
    decisions = consents.decisions(access, record.id)
    in_force = [p for p in Purpose if record.purposes & p.bit]
    whole = BundleView(
        request_id=request_id,
        record_id=record.id,
        record_kind=record.kind,
        origin=record.origin,
        made_at=access.now,
        registered_at=record.created_at,
        kept_until=record.retain_until,
        in_force=in_force if record.expires_at > access.now else [],
        details=_details(access, record, own=own),
        consents=[_consent(row) for row in decisions],
        answers=[AnswerPart.model_validate(row, from_attributes=True) for row in store.answers(access, record.id)],
        messages=_messages(access, record),
        contact_attempts=[
            AttemptPart(at=row.made_at, channel=row.channel, result=row.result)
            for row in store.attempts(access, record.id)
        ],
        shared=_shared(access, record, decisions),
        fate_reports=[
            FatePart(at=row.created_at, finding=row.finding, source=row.source, state=row.state)
            for row in store.fates(access, record.id)
        ],
        acts=_acts(access, record),
        left_out=traits.left_out(record.kind, record.sensitivity, own=own),
    )
    return whole if own else traits.for_another(whole)


def _details(access: Access, record: "Record", *, own: bool) -> DetailsPart:
    places = own and record.sensitivity is Sensitivity.NORMAL
    if record.kind is Kind.REQUEST:
        return traits.of_request(store.request_details(access, record.id), places=places)
    if record.kind is Kind.SOUGHT:
        return traits.of_sought(store.sought_details(access, record.id), places=places)
    herself = record.kind is Kind.SELF_REGISTRATION
    return traits.of_sighting(store.sighting_details(access, record.id), own=herself, places=places)


def _consent(row: "Consent") -> ConsentPart:
    return ConsentPart(
        purpose=row.purpose,
        recipient=row.recipient or None,
        decision=row.decision,
        lawful_basis=row.lawful_basis,
        given_by=row.given_by,
        obtained=row.obtained,
        information_notice_version=row.notice_version or None,
        valid_until=row.valid_until,
        decided_at=row.decided_at,
    )


def _messages(access: Access, record: "Record") -> list[MessagePart]:
    searches = store.sought_ids(access, record.id) if record.kind is Kind.REQUEST else []
    told = store.messages(access, record.id, searches)
    plain = store.plain_messages(access, [row for row, _ in told])
    return [
        MessagePart(wrote=wrote, at=row.created_at if wrote else row.settled_at, words=traits.words_of_message(words))
        for (row, wrote), words in zip(told, plain, strict=True)
    ]


def _shared(access: Access, record: "Record", decisions: Sequence["Consent"]) -> list[SharedPart]:
    """Return what left the society about the person: to relatives, and to whom they let it go."""
    named = [
        SharedPart(at=row.decided_at, what=row.purpose, level=None, recipient=row.recipient)
        for row in decisions
        if row.recipient and row.decision is Decision.GRANTED
    ]
    told = [
        SharedPart(at=row.told_at, what="told_to_a_relative", level=row.level, recipient=None)
        for row in store.told_releases(access, record.id)
        if row.told_at is not None
    ]
    fates = [
        SharedPart(at=row.told_at, what="fate_told_to_a_relative", level=None, recipient=None)
        for row in store.tellings(access, record.id)
        if row.fate_id is not None
    ]
    return sorted((*named, *told, *fates), key=lambda part: part.at)


def _acts(access: Access, record: "Record") -> list[ActPart]:
    known = store.acts(access, record.id)
    told = traits.told_acts(record.kind, [act for act, _ in known])
    return [ActPart(act=act, at=at) for (act, at), tell in zip(known, told, strict=True) if tell]


def hashes_of(access: Access, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Return, by record, the keyed hashes by which a feed that names the person again is known.

    A sought person who goes along with their enquirer has none: others may look for them, and come to know.
    A record whose key is destroyed already has none any more; the ledger keeps those that it had.
    """
    known = store.forms_of_records(access, ids)
    return {record_id: [suppression.hash_of(access, form) for form in forms] for record_id, forms in known.items()}
