"""Every statement about verifications and interviews."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, or_, select

from tracing.gate.access import Access
from tracing.gate.sealing import open_details, seal_again
from tracing.kit.ids import new_id
from tracing.verification.schemas import InterviewDetails, InterviewDraft, VerificationDetails
from tracing.verification.states import State
from tracing.verification.tables import Interview, Verification


def latest(access: Access, found_id: UUID, sought_id: UUID) -> Verification | None:
    """Return the latest verification of a found person and a search."""
    query = select(Verification).where(Verification.found_id == found_id, Verification.sought_id == sought_id)
    query = query.order_by(col(Verification.created_at).desc(), col(Verification.id)).limit(1)
    return access.session.exec(query).first()


def find(access: Access, verification_id: UUID) -> Verification | None:
    """Return a verification of which both sides are in force."""
    return access.session.exec(select(Verification).where(Verification.id == verification_id)).one_or_none()


def of_search(access: Access, sought_id: UUID, within: Sequence[State]) -> list[Verification]:
    """Return the verifications of a search in some states."""
    query = select(Verification).where(Verification.sought_id == sought_id, col(Verification.state).in_(within))
    return list(access.session.exec(query.order_by(col(Verification.created_at), col(Verification.id))).all())


def page(
    access: Access, *, limit: int, after: tuple[datetime, UUID] | None, within: Sequence[State] = ()
) -> list[Verification]:
    """Return at most `limit` verifications, oldest first, that follow `after`; `within` some states, or all."""
    query = select(Verification).order_by(col(Verification.created_at), col(Verification.id)).limit(limit)
    if within:
        query = query.where(col(Verification.state).in_(within))
    if after is not None:
        at, verification_id = after
        same = (col(Verification.created_at) == at) & (col(Verification.id) > verification_id)
        query = query.where(or_(col(Verification.created_at) > at, same))
    return list(access.session.exec(query).all())


def add(access: Access, suggestion_id: UUID, *, found_id: UUID, sought_id: UUID, key_id: UUID) -> Verification:
    """Add an open verification; its details are sealed with the found person's key `key_id`."""
    verification_id = new_id()
    row = Verification(
        society=access.society,
        id=verification_id,
        suggestion_id=suggestion_id,
        sought_id=sought_id,
        found_id=found_id,
        key_id=key_id,
        details=_sealed(access, verification_id, key_id, VerificationDetails()),
        state=State.OPEN,
        opened_by=access.caller.account_id,
        worker_id=access.caller.worker_id,
        created_at=access.now,
        updated_at=access.now,
    )
    access.session.add(row)
    access.session.flush()
    return row


def save(access: Access, row: Verification, details: VerificationDetails | None = None) -> None:
    """Seal changed details again, if there are any, and count the version up."""
    if details is not None:
        row.details = _sealed(access, row.id, row.key_id, details)
    row.version += 1
    row.updated_at = access.now
    access.session.add(row)
    access.session.flush()


def details_of(access: Access, rows: Sequence[Verification]) -> list[VerificationDetails]:
    """Return the details of `rows`, opened, in their order."""
    return [VerificationDetails.model_validate_json(plain) for plain in open_details(access, rows)]


def add_interview(access: Access, verification: Verification, draft: InterviewDraft, *, key_id: UUID) -> Interview:
    """Add an interview; what was said is sealed with `key_id`, the key of the side that spoke."""
    interview_id = new_id()
    said = InterviewDetails(language=draft.language, interpreter=draft.interpreter, facts=draft.facts)
    row = Interview(
        society=access.society,
        id=interview_id,
        verification_id=verification.id,
        sought_id=verification.sought_id,
        found_id=verification.found_id,
        key_id=key_id,
        details=seal_again(access, Interview, interview_id, key_id, said.model_dump_json().encode()),
        side=draft.side,
        apart=draft.apart,
        held_at=draft.held_at,
        recorded_at=access.now,
        recorded_by=access.caller.account_id,
        worker_id=access.caller.worker_id,
    )
    access.session.add(row)
    access.session.flush()
    return row


def interviews(access: Access, verification_id: UUID) -> list[Interview]:
    """Return the interviews of a verification, oldest first."""
    query = select(Interview).where(Interview.verification_id == verification_id)
    return list(
        access.session.exec(query.order_by(col(Interview.held_at), col(Interview.recorded_at), col(Interview.id))).all()
    )


def find_interview(access: Access, interview_id: UUID) -> Interview | None:
    """Return an interview of which both sides are in force."""
    return access.session.exec(select(Interview).where(Interview.id == interview_id)).one_or_none()


def said_in(access: Access, rows: Sequence[Interview]) -> list[InterviewDetails]:
    """Return what was said in `rows`, opened, in their order."""
    return [InterviewDetails.model_validate_json(plain) for plain in open_details(access, rows)]


def _sealed(access: Access, verification_id: UUID, key_id: UUID, details: VerificationDetails) -> bytes:
    return seal_again(access, Verification, verification_id, key_id, details.model_dump_json().encode())
