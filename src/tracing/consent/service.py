"""The rules of recording consent: no HTTP, no SQL. The gate keeps the decisions and acts on them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.consent.schemas import ConsentsView, ConsentView, DecisionsDraft, WithdrawalDraft
from tracing.gate import consents, idempotency, register
from tracing.gate.access import Access
from tracing.gate.purposes import Purpose, Use
from tracing.kit.errors import NotFound

if TYPE_CHECKING:
    from tracing.gate.tables import Consent, Record


def show(access: Access, record_id: UUID) -> ConsentsView:
    """Return every decision about a record, and what is in force.

    Raises:
        NotFound: absent, another society's, or hidden for this use.
    """
    record = _record(access, record_id)
    access.note(_act(access, "read"), record_id)
    return _view(access, record, consents.decisions(access, record_id))


def decide(access: Access, record_id: UUID, draft: DecisionsDraft, key: str | None = None) -> ConsentsView:
    """Add decisions to a record; they act from the next statement on. Returns all decisions.

    A retry with the same Idempotency-Key adds nothing.

    Raises:
        NotFound: absent, another society's, or hidden for this use.
        Invalid: a decision lies in the future or ends before it was given.
    """
    print_of = f"consents.decide|{access.use}|{record_id}|{draft.model_dump_json()}"
    if idempotency.made_before(access, key, print_of) is not None:
        return show(access, record_id)
    record = _record(access, record_id)  # in hand before a decision may hide it
    consents.decide(access, record_id, [decision.fact() for decision in draft.decisions])
    idempotency.remember(access, key, print_of, record_id)
    access.note(_act(access, "decide"), record_id, count=len(draft.decisions))
    return _view(access, record, consents.decisions(access, record_id))


def withdraw(access: Access, record_id: UUID, draft: WithdrawalDraft) -> None:
    """End purposes from the next statement on; without `register` the record itself is hidden.

    Raises:
        NotFound: absent, another society's, or hidden already.
    """
    consents.withdraw(access, record_id, draft.purposes, given_by=draft.given_by, obtained=draft.obtained)
    access.note(_act(access, "withdraw"), record_id, count=len(draft.purposes))


def _act(access: Access, verb: str) -> str:
    return f"data-subject.{verb}" if access.use is Use.DATA_SUBJECT else f"consents.{verb}"


def _record(access: Access, record_id: UUID) -> "Record":
    record = register.records(access, [record_id]).get(record_id)
    if record is None:
        raise NotFound("no such record")
    return record


def _view(access: Access, record: "Record", rows: Iterable["Consent"]) -> ConsentsView:
    decisions = list(rows)
    # The register's mask knows of the request above a sought person, the decisions which purpose is over.
    mask = record.purposes & consents.in_force(decisions, record.retain_until, access.now).purposes
    return ConsentsView(
        record_id=record.id,
        in_force=[p for p in Purpose if mask & p.bit] if record.expires_at > access.now else [],
        expires_at=record.expires_at,
        decisions=[_decision(row) for row in decisions],
    )


def _decision(row: "Consent") -> ConsentView:
    return ConsentView(
        id=row.id,
        purpose=row.purpose,
        recipient=row.recipient or None,
        decision=row.decision,
        lawful_basis=row.lawful_basis,
        given_by=row.given_by,
        obtained=row.obtained,
        information_notice_version=row.notice_version or None,
        valid_until=row.valid_until,
        decided_at=row.decided_at,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )
