"""What a worker sees of tracing requests and sought persons: all of it, or what is theirs to know."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tracing.gate import glass, register
from tracing.gate.access import Access
from tracing.gate.permissions import Permission
from tracing.requests import states, store
from tracing.requests.schemas import RequestView, SoughtView
from tracing.requests.states import ClosureReason, FindingReason, Outcome, Reason, State

if TYPE_CHECKING:
    from tracing.gate.tables import Record
    from tracing.requests.tables import SoughtPerson, TracingRequest


SEALED_ONLY: dict[str, Any] = {"kin": True, "asked_for": True}
"""What is kept for the engine and for the enquirer's view, and shown to nobody."""


def request_views(access: Access, rows: Sequence["TracingRequest"]) -> list[RequestView]:
    """Return requests with their sought persons, contact points withheld where they are none of the caller's."""
    records = register.records(access, [row.id for row in rows])
    shut = glass.shut_to_strangers(access, records.values())
    under: dict[UUID, list[SoughtView]] = {row.id: [] for row in rows}
    for view in sought_views(access, store.sought_of(access, [row.id for row in rows])):
        under[view.request_id].append(view)
    return [
        RequestView(
            **details.model_dump(
                exclude={"kin": True, "asked_for": True} | ({"enquirer": {"contacts"}} if row.id in shut else {})
            ),
            contacts_withheld=row.id in shut,
            id=row.id,
            case_type=row.case_type,
            intake_channel=row.intake_channel,
            sensitivity=records[row.id].sensitivity,
            assignee_id=records[row.id].assignee_id,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
            sought=under[row.id],
        )
        for row, details in zip(rows, store.details_of_requests(access, rows), strict=True)
    ]


def sought_views(access: Access, rows: Sequence["SoughtPerson"]) -> list[SoughtView]:
    """Return sought persons, each in the state and for the reason that the caller may know."""
    records: dict[UUID, Record] = register.records(access, [row.id for row in rows])
    return [
        SoughtView(
            **details.model_dump(exclude={"kin"}),
            id=row.id,
            request_id=row.request_id,
            state=_shown_state(access, row),
            reason=_shown_reason(access, row),
            sensitivity=records[row.id].sensitivity,
            priority=row.priority,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row, details in zip(rows, store.details_of_sought(access, rows), strict=True)
    ]


def _shown_state(access: Access, row: "SoughtPerson") -> State:
    """Return the state as this caller may know it: whoever reviews no suggestions never learns of a finding."""
    found = row.state in (State.LEAD_FOUND, *states.FOUND)
    return State.SEARCHING if found and not _may_know(access) else State(row.state)


def _shown_reason(access: Access, row: "SoughtPerson") -> Reason | None:
    reason = states.REASON_BY_CODE[row.reason] if row.reason else None
    if reason is None or _may_know(access):
        return reason
    if isinstance(reason, FindingReason):
        return ClosureReason.NOT_FOUND
    return None if isinstance(reason, Outcome) else reason


def _may_know(access: Access) -> bool:
    return Permission.SUGGESTIONS_READ in access.caller.permissions
