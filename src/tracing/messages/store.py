"""Every statement about Red Cross Messages."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, or_, select

from tracing.gate import dues
from tracing.gate.access import Access
from tracing.gate.dues import Bookmark, Due
from tracing.gate.sealing import open_details, seal_again
from tracing.kit.ids import new_id
from tracing.messages.schemas import MessageDetails
from tracing.messages.states import UNDER_WAY, Direction, State
from tracing.messages.tables import Message


def add(
    access: Access, found_id: UUID, sought_id: UUID, direction: Direction, details: MessageDetails, *, key_id: UUID
) -> Message:
    """Add a message as written; its words are sealed with the found person's own key."""
    message_id = new_id()
    row = Message(
        society=access.society,
        id=message_id,
        found_id=found_id,
        sought_id=sought_id,
        key_id=key_id,
        details=seal_again(access, Message, message_id, key_id, details.model_dump_json().encode()),
        direction=direction,
        state=State.WRITTEN,
        entered_by=access.caller.account_id,
        worker_id=access.caller.worker_id,
        created_at=access.now,
        updated_at=access.now,
    )
    access.session.add(row)
    access.session.flush()
    return row


def find(access: Access, message_id: UUID) -> Message | None:
    """Return a message that the access can see."""
    return access.session.exec(select(Message).where(Message.id == message_id)).one_or_none()


def page(access: Access, sought_id: UUID, *, limit: int, after: tuple[datetime, UUID] | None) -> list[Message]:
    """Return at most `limit` messages about a search that follow `after`, oldest first."""
    at, message_id = col(Message.created_at), col(Message.id)
    query = select(Message).where(Message.sought_id == sought_id).order_by(at, message_id).limit(limit)
    if after is not None:
        query = query.where(or_(at > after[0], (at == after[0]) & (message_id > after[1])))
    return list(access.session.exec(query).all())


def under_way(access: Access, found_id: UUID, sought_id: UUID) -> list[Message]:
    """Return the messages of a pair that are still under way."""
    query = select(Message).where(Message.sought_id == sought_id, Message.found_id == found_id)
    return list(access.session.exec(query.where(col(Message.state).in_(UNDER_WAY))).all())


def all_under_way(access: Access, bookmark: Bookmark) -> list[Due]:
    """Return the next page of messages under way: when they were entered, which, of which found person."""
    query = select(Message.created_at, Message.id, Message.found_id).where(col(Message.state).in_(UNDER_WAY))
    return dues.page(access, query, Message.created_at, Message.id, bookmark)


def among(access: Access, ids: Sequence[UUID]) -> list[Message]:
    """Return the visible ones of some hundreds of messages."""
    return list(access.session.exec(select(Message).where(col(Message.id).in_(ids))).all())


def delivered(access: Access, sought_id: UUID) -> list[Message]:
    """Return the messages about a search that reached whom they were for."""
    query = select(Message).where(Message.sought_id == sought_id, Message.state == State.DELIVERED)
    return list(access.session.exec(query).all())


def details_of(access: Access, rows: Sequence[Message]) -> list[MessageDetails]:
    """Return the details of `rows`, opened, in their order."""
    return [MessageDetails.model_validate_json(plain) for plain in open_details(access, rows)]


def save(access: Access, row: Message, details: MessageDetails | None = None) -> None:
    """Seal a changed text again, if there is one, and count the version up."""
    if details is not None:
        row.details = seal_again(access, Message, row.id, row.key_id, details.model_dump_json().encode())
    row.version += 1
    row.updated_at = access.now
    access.session.add(row)
    access.session.flush()
