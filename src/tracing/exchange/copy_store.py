"""Every statement about what partners hold of ours."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlmodel import col, or_, select

from tracing.exchange.states import ENDED_THERE, LASTING, OPENING, Finding, Kind, Progress, Side
from tracing.exchange.tables import ExchangeCase, ExchangeMessage
from tracing.gate.access import Access


def held(access: Access, *, limit: int, after: UUID | None) -> list[ExchangeCase]:
    """Return at most `limit` cases, by id, after `after`, under which something may be held here or there."""
    query = select(ExchangeCase).where(_may_be_held()).order_by(col(ExchangeCase.id))
    if after is not None:
        query = query.where(col(ExchangeCase.id) > after)
    return list(access.session.exec(query.limit(limit)).all())


def held_about(access: Access, record_ids: Collection[UUID]) -> list[ExchangeCase]:
    """Return such cases about some records, sought persons or requests."""
    about = or_(col(ExchangeCase.sought_id).in_(record_ids), col(ExchangeCase.request_id).in_(record_ids))
    query = select(ExchangeCase).where(_may_be_held(), about)
    return list(access.session.exec(query.order_by(col(ExchangeCase.id))).all())


def _may_be_held() -> Any:
    """Return the condition that a case has not ended, or was sent and has ended without being taken back."""
    state = col(ExchangeCase.state)
    return or_(state.in_(LASTING), (col(ExchangeCase.side) == Side.SENT) & state.in_(ENDED_THERE))


def named(access: Access, case: ExchangeCase) -> bool:
    """Return whether the enquirer was named in what began a case of ours, as it left."""
    query = select(ExchangeMessage.id).where(
        ExchangeMessage.case_id == case.id,
        ExchangeMessage.side == Side.SENT,
        ExchangeMessage.message_id == case.opened_by,
        col(ExchangeMessage.named).is_(True),
    )
    return access.session.exec(query).first() is not None


def sent_of_forgotten(access: Access, *, limit: int) -> list[ExchangeMessage]:
    """Return at most `limit` messages by which we gave somebody to a partner whom even the eraser sees no more.

    Those that were taken back, or never left, are left out.
    """
    query = _left().where(
        col(ExchangeMessage.kind).in_(OPENING), col(ExchangeMessage.case_id).not_in(select(ExchangeCase.id))
    )
    return list(access.session.exec(query.order_by(col(ExchangeMessage.id)).limit(limit)).all())


def told(access: Access, *, limit: int, after: UUID | None) -> list[ExchangeMessage]:
    """Return at most `limit` messages by which a partner learned, or may have, of a found person; by id, after `after`.

    Those that were taken back are left out.
    """
    of_found = or_(
        ExchangeMessage.finding == Finding.TOLD, ExchangeMessage.kind == Kind.SEND_MESSAGE, ExchangeMessage.found != ""
    )
    query = _left().where(of_found)
    if after is not None:
        query = query.where(col(ExchangeMessage.id) > after)
    return list(access.session.exec(query.order_by(col(ExchangeMessage.id)).limit(limit)).all())


def _left() -> Any:
    """Return the select of the messages of ours that left, or may have, and were not taken back."""
    taken_back = select(ExchangeMessage.about).where(
        ExchangeMessage.side == Side.SENT, ExchangeMessage.kind == Kind.REVOKE, col(ExchangeMessage.about).is_not(None)
    )
    return select(ExchangeMessage).where(
        ExchangeMessage.side == Side.SENT,
        or_(ExchangeMessage.progress == Progress.DELIVERED, ExchangeMessage.attempts > 0),
        col(ExchangeMessage.message_id).not_in(taken_back),
    )


def revocations(access: Access, partner_id: UUID, about: UUID) -> list[ExchangeMessage]:
    """Return our revocations of a message to a partner, whatever became of them, in the order of their numbers."""
    query = select(ExchangeMessage).where(
        ExchangeMessage.partner_id == partner_id,
        ExchangeMessage.side == Side.SENT,
        ExchangeMessage.kind == Kind.REVOKE,
        ExchangeMessage.about == about,
    )
    return list(access.session.exec(query.order_by(col(ExchangeMessage.number))).all())
