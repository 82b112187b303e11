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
    return _held(access, limit, *([col(ExchangeCase.id) > after] if after is not None else []))


def held_about(access: Access, record_ids: Collection[UUID]) -> list[ExchangeCase]:
    """Return such cases about some records, sought persons or requests."""
    about = or_(col(ExchangeCase.sought_id).in_(record_ids), col(ExchangeCase.request_id).in_(record_ids))
    return _held(access, None, about)


def _held(access: Access, limit: int | None, *conditions: Any) -> list[ExchangeCase]:
    """Return cases that have not ended, or were sent and have ended without being taken back."""
    state = col(ExchangeCase.state)
    held = or_(state.in_(LASTING), (col(ExchangeCase.side) == Side.SENT) & state.in_(ENDED_THERE))
    query = select(ExchangeCase).where(held, *conditions).order_by(col(ExchangeCase.id)).limit(limit)
    return list(access.session.exec(query).all())


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
    unseen = col(ExchangeMessage.case_id).not_in(select(ExchangeCase.id))
    return _left(access, limit, col(ExchangeMessage.kind).in_(OPENING), unseen)


def told(access: Access, *, limit: int, after: UUID | None) -> list[ExchangeMessage]:
    """Return at most `limit` messages by which a partner learned, or may have, of a found person; by id, after `after`.

    Those that were taken back are left out.
    """
    of_found = or_(
        ExchangeMessage.finding == Finding.TOLD, ExchangeMessage.kind == Kind.SEND_MESSAGE, ExchangeMessage.found != ""
    )
    return _left(access, limit, of_found, *([col(ExchangeMessage.id) > after] if after is not None else []))


def _left(access: Access, limit: int, *conditions: Any) -> list[ExchangeMessage]:
    """Return messages of ours that left, or may have, and were not taken back, by id."""
    taken_back = select(ExchangeMessage.about).where(
        ExchangeMessage.side == Side.SENT, ExchangeMessage.kind == Kind.REVOKE, col(ExchangeMessage.about).is_not(None)
    )
    query = select(ExchangeMessage).where(
        ExchangeMessage.side == Side.SENT,
        or_(ExchangeMessage.progress == Progress.DELIVERED, ExchangeMessage.attempts > 0),
        col(ExchangeMessage.message_id).not_in(taken_back),
        *conditions,
    )
    return list(access.session.exec(query.order_by(col(ExchangeMessage.id)).limit(limit)).all())


def revocations(access: Access, partner_id: UUID, about: UUID) -> list[ExchangeMessage]:
    """Return our revocations of a message to a partner, whatever became of them, in the order of their numbers."""
    query = select(ExchangeMessage).where(
        ExchangeMessage.partner_id == partner_id,
        ExchangeMessage.side == Side.SENT,
        ExchangeMessage.kind == Kind.REVOKE,
        ExchangeMessage.about == about,
    )
    return list(access.session.exec(query.order_by(col(ExchangeMessage.number))).all())
