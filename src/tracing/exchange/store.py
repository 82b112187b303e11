"""Every statement of the exchange."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, func, or_, select

from tracing.exchange.schemas import SealedWords
from tracing.exchange.states import ALWAYS, OPEN, OPENING, Kind, Progress, Side, State
from tracing.exchange.tables import (
    ExchangeCase,
    ExchangeMessage,
    ExchangeWords,
)
from tracing.gate import register
from tracing.gate.access import Access
from tracing.gate.partnering import partners
from tracing.gate.partnering.partner_tables import Partner
from tracing.gate.sealing import open_details, seal_again
from tracing.kit.ids import new_id

HELD_BACK = "held-back"
"""Trouble of a search for somebody who was erased here; `not_before` then says until when it would have stood open."""


def add_case(
    access: Access,
    partner: Partner,
    *,
    side: Side,
    kind: Kind,
    opened_by: UUID,
    request_id: UUID,
    sought_id: UUID,
    state: State,
    expires_at: datetime,
) -> ExchangeCase:
    """Add and return a case with a partner."""
    row = ExchangeCase(
        society=access.society,
        id=new_id(),
        partner_id=partner.id,
        side=side,
        kind=kind,
        opened_by=opened_by,
        request_id=request_id,
        sought_id=sought_id,
        state=state,
        expires_at=expires_at,
        created_at=access.now,
        updated_at=access.now,
        created_by=access.caller.account_id,
    )
    access.session.add(row)
    access.session.flush()
    return row


def save_case(access: Access, row: ExchangeCase) -> None:
    """Count the version up and save."""
    row.version += 1
    row.updated_at = access.now
    access.session.add(row)
    access.session.flush()


def find_case(access: Access, case_id: UUID, *, hold: bool = False) -> ExchangeCase | None:
    """Return a case whose person the access can see; with `hold`, nobody else changes it until the access ends.

    A case is held before the partner's row, by workers and messages alike, or two of them may wait for each other.
    """
    query = select(ExchangeCase).where(ExchangeCase.id == case_id)
    return access.session.exec(query.with_for_update() if hold else query).one_or_none()


def case_opened_by(access: Access, partner_id: UUID, message_id: UUID) -> ExchangeCase | None:
    """Return the case with a partner that a message began, be it theirs or ours; held until the access ends."""
    query = select(ExchangeCase).where(ExchangeCase.partner_id == partner_id, ExchangeCase.opened_by == message_id)
    return access.session.exec(query.with_for_update()).one_or_none()


def cases_of(access: Access, sought_id: UUID) -> list[ExchangeCase]:
    """Return every case about a sought person, the oldest first."""
    query = select(ExchangeCase).where(ExchangeCase.sought_id == sought_id)
    return list(access.session.exec(query.order_by(col(ExchangeCase.created_at), col(ExchangeCase.id))).all())


def page(
    access: Access,
    *,
    limit: int,
    after: tuple[datetime, UUID] | None,
    side: Side | None = None,
    states: Sequence[State] = (),
) -> list[ExchangeCase]:
    """Return at most `limit` cases that follow `after`, the oldest first."""
    query = select(ExchangeCase).order_by(col(ExchangeCase.created_at), col(ExchangeCase.id)).limit(limit)
    if side is not None:
        query = query.where(ExchangeCase.side == side)
    if states:
        query = query.where(col(ExchangeCase.state).in_(states))
    if after is not None:
        at, case_id = after
        same = (col(ExchangeCase.created_at) == at) & (col(ExchangeCase.id) > case_id)
        query = query.where(or_(col(ExchangeCase.created_at) > at, same))
    return list(access.session.exec(query).all())


def count_open(access: Access, partner_id: UUID) -> int:
    """Return how many of a partner's cases stand open here."""
    query = select(func.count(col(ExchangeCase.id))).where(
        ExchangeCase.partner_id == partner_id,
        ExchangeCase.side == Side.RECEIVED,
        col(ExchangeCase.state).in_(OPEN),
    )
    return access.session.exec(query).one()


def next_number(access: Access, partner_id: UUID) -> int:
    """Return the number of the next message to a partner; nobody else takes one until the access ends."""
    partners.hold(access, partner_id)
    query = select(func.max(ExchangeMessage.number)).where(
        ExchangeMessage.partner_id == partner_id, ExchangeMessage.side == Side.SENT
    )
    return (access.session.exec(query).one() or 0) + 1


def add_message(
    access: Access,
    partner: Partner,
    *,
    side: Side,
    message_id: UUID,
    kind: Kind,
    number: int,
    progress: Progress,
    case_id: UUID | None = None,
    about: UUID | None = None,
    code: str = "",
    reason: str = "",
    finding: str = "",
    release_id: UUID | None = None,
    words_id: UUID | None = None,
) -> ExchangeMessage:
    """Add and return a message."""
    row = ExchangeMessage(
        society=access.society,
        id=new_id(),
        partner_id=partner.id,
        side=side,
        message_id=message_id,
        kind=kind,
        case_id=case_id,
        about=about,
        number=number,
        progress=progress,
        code=code,
        reason=reason,
        finding=finding,
        release_id=release_id,
        words_id=words_id,
        at=access.now,
        not_before=access.now,
        done_at=None if progress is Progress.WAITING else access.now,
        by=access.caller.account_id,
    )
    access.session.add(row)
    access.session.flush()
    return row


def save_message(access: Access, row: ExchangeMessage) -> None:
    """Save a changed message."""
    access.session.add(row)
    access.session.flush()


def find_message(access: Access, message_id: UUID) -> ExchangeMessage | None:
    """Return a message by the id of its row; held until the access ends."""
    query = select(ExchangeMessage).where(ExchangeMessage.id == message_id).with_for_update()
    return access.session.exec(query).one_or_none()


def came_before(access: Access, partner_id: UUID, message_id: UUID) -> ExchangeMessage | None:
    """Return the row of a partner's message that came already."""
    query = select(ExchangeMessage).where(
        ExchangeMessage.partner_id == partner_id,
        ExchangeMessage.side == Side.RECEIVED,
        ExchangeMessage.message_id == message_id,
    )
    return access.session.exec(query).one_or_none()


def revocation_of(access: Access, partner_id: UUID, opened_by: UUID) -> ExchangeMessage | None:
    """Return a partner's revocation of a message, whether or not that one came."""
    query = select(ExchangeMessage).where(
        ExchangeMessage.partner_id == partner_id,
        ExchangeMessage.side == Side.RECEIVED,
        ExchangeMessage.kind == Kind.REVOKE,
        ExchangeMessage.about == opened_by,
    )
    return access.session.exec(query.limit(1)).one_or_none()


def count_received(access: Access, partner_id: UUID, since: datetime, *, control: bool) -> int:
    """Return how many messages of a partner came since a moment: receipts and revocations, or all the others."""
    query = select(func.count(col(ExchangeMessage.id))).where(
        ExchangeMessage.partner_id == partner_id,
        ExchangeMessage.side == Side.RECEIVED,
        col(ExchangeMessage.at) > since,
        col(ExchangeMessage.kind).in_(ALWAYS) if control else col(ExchangeMessage.kind).not_in(ALWAYS),
    )
    return access.session.exec(query).one()


def count_held_back(access: Access, partner_id: UUID) -> int:
    """Return how many searches of a partner stand open to them though nothing of them is kept here."""
    taken_back = select(ExchangeMessage.about).where(
        ExchangeMessage.partner_id == partner_id,
        ExchangeMessage.side == Side.RECEIVED,
        ExchangeMessage.kind == Kind.REVOKE,
    )
    query = select(func.count(col(ExchangeMessage.id))).where(
        ExchangeMessage.partner_id == partner_id,
        ExchangeMessage.side == Side.RECEIVED,
        ExchangeMessage.trouble == HELD_BACK,
        col(ExchangeMessage.not_before) > access.now,
        col(ExchangeMessage.message_id).not_in(taken_back),
    )
    return access.session.exec(query).one()


def began(access: Access, partner_id: UUID, message_id: UUID) -> bool:
    """Return whether a message of theirs or ours began something with a partner, whatever became of it."""
    query = select(ExchangeMessage.id).where(
        ExchangeMessage.partner_id == partner_id,
        ExchangeMessage.message_id == message_id,
        col(ExchangeMessage.kind).in_(OPENING),
    )
    return access.session.exec(query).first() is not None


def sent(access: Access, partner_id: UUID, message_id: UUID) -> ExchangeMessage | None:
    """Return a message of ours to a partner by the id that it has there."""
    query = select(ExchangeMessage).where(
        ExchangeMessage.partner_id == partner_id,
        ExchangeMessage.side == Side.SENT,
        ExchangeMessage.message_id == message_id,
    )
    return access.session.exec(query.with_for_update()).one_or_none()


def due(access: Access, partner_id: UUID, by: datetime, *, limit: int) -> list[ExchangeMessage]:
    """Return at most `limit` messages to a partner that are due by a moment, in the order in which they leave.

    Revocations first, then receipts, whatever waits before them; else by their numbers.
    """
    first = (col(ExchangeMessage.kind) != Kind.REVOKE, col(ExchangeMessage.kind).not_in(ALWAYS))
    return _waiting(access, partner_id, limit, *first, where=col(ExchangeMessage.not_before) <= by)


def waiting(
    access: Access, partner_id: UUID, *, limit: int, after: int = 0, control: bool | None = None
) -> list[ExchangeMessage]:
    """Return at most `limit` messages to a partner that wait, in the order of their numbers from after `after` on.

    Of them all, or with `control` revocations and receipts, or everything else.
    """
    where = col(ExchangeMessage.number) > after
    if control is not None:
        kind = col(ExchangeMessage.kind)
        where &= kind.in_(ALWAYS) if control else kind.not_in(ALWAYS)
    return _waiting(access, partner_id, limit, where=where)


def _waiting(access: Access, partner_id: UUID, limit: int, *first: Any, where: Any) -> list[ExchangeMessage]:
    query = select(ExchangeMessage).where(
        ExchangeMessage.side == Side.SENT,
        ExchangeMessage.progress == Progress.WAITING,
        ExchangeMessage.partner_id == partner_id,
        where,
    )
    return list(access.session.exec(query.order_by(*first, col(ExchangeMessage.number)).limit(limit)).all())


def over(access: Access, *, limit: int) -> list[ExchangeMessage]:
    """Return at most `limit` messages of partners whose words must not be used any more, and are still kept."""
    query = select(ExchangeMessage).where(
        ExchangeMessage.side == Side.RECEIVED,
        ExchangeMessage.progress == Progress.DELIVERED,
        col(ExchangeMessage.words_id).is_not(None),
        col(ExchangeMessage.not_before) > col(ExchangeMessage.at),
        col(ExchangeMessage.not_before) <= access.now,
    )
    return list(access.session.exec(query.order_by(col(ExchangeMessage.id)).limit(limit)).all())


def is_over(access: Access, row: ExchangeMessage) -> bool:
    """Return whether a message is a partner's whose words must not be used any more."""
    return row.side is Side.RECEIVED and row.at < row.not_before <= access.now


def messages_of(access: Access, case_id: UUID) -> list[ExchangeMessage]:
    """Return the messages about a case, both sides', the oldest first."""
    query = select(ExchangeMessage).where(ExchangeMessage.case_id == case_id)
    return list(access.session.exec(query.order_by(col(ExchangeMessage.at), col(ExchangeMessage.id))).all())


def page_of_messages(
    access: Access, *, side: Side, limit: int, after: tuple[datetime, UUID] | None
) -> list[ExchangeMessage]:
    """Return at most `limit` messages of the outbox or the inbox that follow `after`, the oldest first."""
    query = select(ExchangeMessage).where(ExchangeMessage.side == side)
    query = query.order_by(col(ExchangeMessage.at), col(ExchangeMessage.id)).limit(limit)
    if after is not None:
        at, message_id = after
        same = (col(ExchangeMessage.at) == at) & (col(ExchangeMessage.id) > message_id)
        query = query.where(or_(col(ExchangeMessage.at) > at, same))
    return list(access.session.exec(query).all())


def add_words(access: Access, case: ExchangeCase, words: SealedWords) -> UUID:
    """Seal words with the key of the case's sought person, and return their id."""
    words_id = new_id()
    key_id = register.records(access, [case.sought_id])[case.sought_id].key_id
    plain = words.model_dump_json(exclude_defaults=True).encode()
    row = ExchangeWords(
        society=access.society,
        id=words_id,
        case_id=case.id,
        sought_id=case.sought_id,
        key_id=key_id,
        details=seal_again(access, ExchangeWords, words_id, key_id, plain),
    )
    access.session.add(row)
    access.session.flush()
    return words_id


def drop_words(access: Access, words_id: UUID) -> None:
    """Forget words that were taken back, as far as the access sees them."""
    row = access.session.exec(select(ExchangeWords).where(ExchangeWords.id == words_id)).one_or_none()
    if row is not None:
        access.session.delete(row)
        access.session.flush()


def words(access: Access, ids: Sequence[UUID]) -> dict[UUID, SealedWords]:
    """Return the words of those of `ids` that the access can see, opened."""
    rows = access.session.exec(select(ExchangeWords).where(col(ExchangeWords.id).in_(ids))).all()
    opened = open_details(access, rows)
    return {row.id: SealedWords.model_validate_json(plain) for row, plain in zip(rows, opened, strict=True)}
