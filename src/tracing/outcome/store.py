"""Every statement about tellings and closures."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from tracing.gate.access import Access
from tracing.gate.disclosing import Level
from tracing.gate.sealing import open_details, seal_again
from tracing.kit.ids import new_id
from tracing.outcome.schemas import TellingDetails, TellingDraft
from tracing.outcome.tables import Closure, PartnerAnswer, Telling
from tracing.requests.states import FindingReason


def add_telling(access: Access, sought_id: UUID, key_id: UUID, draft: TellingDraft) -> Telling:
    """Add a telling, its note sealed with the sought person's key."""
    telling_id = new_id()
    plain = TellingDetails(note=draft.note).model_dump_json().encode()
    row = Telling(
        society=access.society,
        id=telling_id,
        key_id=key_id,
        details=seal_again(access, Telling, telling_id, key_id, plain),
        sought_id=sought_id,
        release_id=draft.release_id,
        fate_id=draft.fate_id,
        message_id=draft.message_id,
        answer_id=draft.answer_id,
        channel=draft.channel,
        told_at=draft.told_at,
        language=draft.language,
        support_offered=draft.support_offered,
        recorded_at=access.now,
        recorded_by=access.caller.account_id,
        worker_id=access.caller.worker_id,
    )
    access.session.add(row)
    access.session.flush()
    return row


def find_telling(access: Access, telling_id: UUID) -> Telling | None:
    """Return a telling that the access can see."""
    return access.session.exec(select(Telling).where(Telling.id == telling_id)).one_or_none()


def tellings(access: Access, sought_id: UUID) -> list[Telling]:
    """Return the tellings of a search, oldest first."""
    query = select(Telling).where(Telling.sought_id == sought_id)
    return list(access.session.exec(query.order_by(col(Telling.told_at), col(Telling.id))).all())


def details_of(access: Access, rows: Sequence[Telling]) -> list[TellingDetails]:
    """Return the details of `rows`, opened, in their order."""
    return [TellingDetails.model_validate_json(plain) for plain in open_details(access, rows)]


def add_answer(access: Access, sought_id: UUID, answer_id: UUID, level: Level) -> None:
    """Add what a partner society lets us tell."""
    row = PartnerAnswer(society=access.society, id=answer_id, sought_id=sought_id, level=level, heard_at=access.now)
    access.session.add(row)
    access.session.flush()


def drop_answer(access: Access, answer_id: UUID) -> None:
    """Drop what a partner society let us tell, as far as the access sees it; what was told stays, as over."""
    row = access.session.exec(select(PartnerAnswer).where(PartnerAnswer.id == answer_id)).one_or_none()
    if row is None:
        return
    if access.session.exec(select(Telling.id).where(Telling.answer_id == answer_id).limit(1)).first() is None:
        access.session.delete(row)
    else:
        row.over = True
        access.session.add(row)
    access.session.flush()


def answers(access: Access, sought_id: UUID) -> list[PartnerAnswer]:
    """Return what partner societies let us tell the enquirer of a search, the oldest first."""
    query = select(PartnerAnswer).where(PartnerAnswer.sought_id == sought_id)
    return list(access.session.exec(query.order_by(col(PartnerAnswer.heard_at), col(PartnerAnswer.id))).all())


def add_closure(access: Access, sought_id: UUID, reason: FindingReason, telling_id: UUID | None) -> None:
    """Add a conclusion of a search."""
    row = Closure(
        society=access.society,
        id=new_id(),
        sought_id=sought_id,
        reason=reason,
        telling_id=telling_id,
        closed_at=access.now,
        closed_by=access.caller.account_id,
        worker_id=access.caller.worker_id,
    )
    access.session.add(row)
    access.session.flush()


def closures(access: Access, sought_id: UUID) -> list[Closure]:
    """Return the conclusions of a search, oldest first."""
    query = select(Closure).where(Closure.sought_id == sought_id)
    return list(access.session.exec(query.order_by(col(Closure.closed_at), col(Closure.id))).all())
