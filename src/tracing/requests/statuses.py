"""What the enquirer of a request may see of it. Nothing of the sought persons themselves is read here."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.gate.access import Access
from tracing.requests import store
from tracing.requests.schemas import PublicLine
from tracing.requests.states import PublicStatus

if TYPE_CHECKING:
    from tracing.requests.tables import TracingRequest


def statuses(access: Access, row: "TracingRequest", until: datetime) -> list[PublicLine]:
    """Return what the enquirer of a request may see at a date of the cadence, in the order in which they named.

    Nothing of the sought persons themselves is read, so nothing about them can show: not what was found, and not
    that one of them is hidden or forgotten. The caller notes the act.
    """
    asked_for = store.details_of_requests(access, [row])[0].asked_for
    latest = {entry.position: entry.status for entry in store.statuses(access, row.id, until)}
    return [PublicLine(position=p, relationship=asked_for.get(p), status=s) for p, s in latest.items()]


def end_statuses(access: Access, sought_ids: Sequence[UUID], request_ids: Sequence[UUID]) -> None:
    """Let the enquirers of `request_ids` see from the next date of the cadence on that searches have ended.

    For sought persons who are about to be forgotten, whatever was found: nobody looks for them any more, and
    their line reads as that of any search that was ended in vain. The caller notes the act.
    """
    for request_id in request_ids:
        latest = {entry.position: entry.status for entry in store.statuses(access, request_id, access.now)}
        going = [row for row in store.sought_of(access, [request_id]) if row.id in set(sought_ids)]
        ended = [row for row in going if latest.get(row.position, PublicStatus.CLOSED) is not PublicStatus.CLOSED]
        store.add(access, [store.last_status(access, row) for row in ended])
