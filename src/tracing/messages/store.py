"""Every statement about Red Cross Messages."""

from uuid import UUID

from sqlmodel import select

from tracing.gate.access import Access
from tracing.messages.states import State
from tracing.messages.tables import Message


def delivered(access: Access, sought_id: UUID) -> list[Message]:
    """Return the messages about a search that reached whom they were for."""
    query = select(Message).where(Message.sought_id == sought_id, Message.state == State.DELIVERED)
    return list(access.session.exec(query).all())
