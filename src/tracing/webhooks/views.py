"""What of an event the endpoint's owner may know: never more than their own account could read at this moment."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.gate import glass, register
from tracing.gate.access import Access
from tracing.gate.permissions import Permission
from tracing.kit.errors import NotFound
from tracing.review import service as review
from tracing.webhooks.states import TABLE, About, EventType

if TYPE_CHECKING:
    from tracing.gate.tables import Record

Event = tuple[EventType, UUID | None]


def seen(access: Access, events: Sequence[Event]) -> list[bool]:
    """Return of each event whether the caller, who owns the endpoint, could read what it is about.

    Hidden, erased, of another society, or protected and neither theirs nor their team's: it is not told.
    """
    pairs = {event: _pair(access, event) for event in set(events)}
    records = register.records(access, [record for pair in pairs.values() for record in pair])
    shut = glass.shut_to_strangers(access, records.values())
    return [_is_seen(access, event, pairs[event], records, shut) for event in events]


def _pair(access: Access, event: Event) -> tuple[UUID, ...]:
    """Return the records that an event is about; of a suggestion both, of what is no suggestion none."""
    kind, subject = event
    if subject is None or kind is EventType.TEST:
        return ()
    match TABLE[kind].about:
        case About.RECORD:
            return (subject,)
        case About.SUGGESTION:
            try:
                row = review.find(access, subject)
            except NotFound:
                return ()
            return (row.left_id, row.right_id)
        case _:
            return ()


def _is_seen(
    access: Access, event: Event, pair: tuple[UUID, ...], records: Mapping[UUID, "Record"], shut: Iterable[UUID]
) -> bool:
    kind, _ = event
    if kind is EventType.TEST:
        return True
    told = TABLE[kind]
    if told.needs not in access.caller.permissions:
        return False
    if told.about is About.RUN:
        return True
    if not pair or not all(record in records and record not in shut for record in pair):
        return False
    every_team = not told.own_team or Permission.REQUESTS_ASSIGN in access.caller.permissions
    return every_team or all(records[record].team == access.caller.team for record in pair)
