"""What a worker sees of tracing requests and sought persons: all of it, or what is theirs to know."""

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tracing.gate import glass, register
from tracing.gate.access import Access
from tracing.kit.editions import UNTOLD, edition
from tracing.kit.errors import impossible
from tracing.persons.whereabouts import as_shown, veiled
from tracing.requests import states, store
from tracing.requests.schemas import RequestView, SealedRequest, SealedSought, Separation, SoughtView, shown
from tracing.requests.states import ClosureReason, Event, FindingReason, Outcome, PublicStatus, Reason, State

if TYPE_CHECKING:
    from tracing.gate.tables import Record
    from tracing.requests.tables import SoughtPerson, TracingRequest


OF_THE_ENQUIRER = frozenset({"enquirer"})
"""Fields of a request that hold what is withheld about a protected enquirer."""
OF_ALL = frozenset({"separation", "already_tried", "never_disclose_to"})
"""Fields of a request that tell where its enquirer or a sought person was, or of whom they are afraid; each is withheld
for all of them."""
OF_THE_SOUGHT = frozenset({"person", "separation"})
"""The same of a sought person."""


def request_views(access: Access, rows: Sequence["TracingRequest"]) -> list[RequestView]:
    """Return requests with their sought persons, without what is withheld from the caller about a protected one."""
    records = register.records(access, [row.id for row in rows])
    shut = glass.shut_to_strangers(access, records.values())
    under: dict[UUID, list[SoughtView]] = {row.id: [] for row in rows}
    for view in sought_views(access, store.sought_of(access, [row.id for row in rows])):
        under[view.request_id].append(view)
    made = []
    for row, sealed in zip(rows, store.details_of_requests(access, rows), strict=True):
        places_withheld = row.id in shut or any(view.places_withheld for view in under[row.id])
        details = _veiled(sealed, enquirer=row.id in shut) if places_withheld else sealed
        made.append(
            RequestView(
                **details.model_dump(exclude={"kin", "asked_for", "set_by", "teams"}),
                contacts_withheld=row.id in shut,
                places_withheld=places_withheld,
                id=row.id,
                case_type=row.case_type,
                intake_channel=row.intake_channel,
                sensitivity=records[row.id].sensitivity,
                assignee_id=records[row.id].assignee_id,
                origin=records[row.id].origin,
                version=row.version,
                created_at=row.created_at,
                updated_at=row.updated_at,
                sought=under[row.id],
            )
        )
    return made


def sought_among(access: Access, ids: Sequence[UUID]) -> list[SoughtView]:
    """Return those of `ids`, at most some hundreds, that are sought persons which the access sees.

    The caller notes the act.
    """
    return sought_views(access, store.sought_among(access, ids))


def sought_views(access: Access, rows: Sequence["SoughtPerson"]) -> list[SoughtView]:
    """Return sought persons, each in the state, for the reason and with the places that the caller may know."""
    records: dict[UUID, Record] = register.records(access, [row.id for row in rows])
    shut = glass.shut_to_strangers(access, records.values())
    asked = _asked(access, rows)
    return [
        SoughtView(
            **(_veiled_sought(details) if row.id in shut else details).model_dump(exclude={"kin", "set_by"}),
            places_withheld=row.id in shut,
            id=row.id,
            request_id=row.request_id,
            state=State(row.state) if access.caller.learns_of_findings else _outwardly(row, asked),
            reason=_shown_reason(access, row),
            sensitivity=records[row.id].sensitivity,
            priority=row.priority,
            origin=records[row.id].origin,
            version=row.version if access.caller.learns_of_findings else UNTOLD,
            created_at=row.created_at,
            updated_at=row.updated_at if access.caller.learns_of_findings else row.created_at,
        )
        for row, details in zip(rows, store.details_of_sought(access, rows), strict=True)
    ]


def request_edition_of(access: Access, row: "TracingRequest") -> str:
    """Return the version of a request, with its visible sought persons, as the caller sees it."""
    if not access.caller.learns_of_findings:
        return request_views(access, [row])[0].edition
    parts: list[TracingRequest | SoughtPerson] = [row, *store.sought_of(access, [row.id])]
    shut = glass.shut_among(access, [part.id for part in parts])
    return edition(pair for part in parts for pair in shown(part.id, part.version, part.id in shut))


def edition_of(access: Access, row: "SoughtPerson") -> str:
    """Return the version of a sought person as the caller sees them."""
    if not access.caller.learns_of_findings:
        return sought_views(access, [row])[0].edition
    return as_shown(row.version, row.id in glass.shut_among(access, [row.id]))


def require_seen(access: Access, row: "TracingRequest", fields: Set[str]) -> None:
    """Refuse to let `fields` of a request be replaced by somebody from whom a part of one is withheld.

    Raises:
        Withheld: the caller does not see all of them.
    """
    shut = glass.shut_among(access, [row.id, *(sought.id for sought in store.sought_of(access, [row.id]))])
    if (fields & OF_ALL and shut) or (fields & OF_THE_ENQUIRER and row.id in shut):
        raise glass.Withheld("who does not see contact points and places cannot replace what they stand in")


def require_sought_seen(access: Access, row: "SoughtPerson", fields: Set[str]) -> None:
    """Refuse the same of a sought person. Raises as `require_seen`."""
    if fields & OF_THE_SOUGHT and glass.shut_among(access, [row.id]):
        raise glass.Withheld("who does not see the places of a person cannot replace what they stand in")


def _veiled(details: SealedRequest, *, enquirer: bool) -> SealedRequest:
    hidden: dict[str, Any] = {"separation": _veiled_separation(details.separation), "already_tried": None}
    hidden["never_disclose_to"] = []
    if enquirer:
        asks = details.enquirer
        hidden["enquirer"] = asks.model_copy(update={"person": veiled(asks.person), "contacts": []})
    return details.model_copy(update=hidden)


def _veiled_sought(details: SealedSought) -> SealedSought:
    own = details.separation
    separation = None if own is None else _veiled_separation(own)
    return details.model_copy(update={"person": veiled(details.person), "separation": separation})


def _veiled_separation(separation: Separation) -> Separation:
    return separation.model_copy(update={"place": None, "route": [], "circumstances": None, "last_contact_mode": None})


def refusal(access: Access, row: "SoughtPerson", event: Event) -> str:
    """Return in words that `event` cannot happen to a search now: where it stands only to whoever may know.

    Of somebody who was found it is said in the same words as of somebody who was not.
    """
    if not access.caller.learns_of_findings:
        return f"`{event}` is not possible in the state `{shown_state(access, row)}`"
    return impossible(event, row.state, states.possible(row.state))


def shown_state(access: Access, row: "SoughtPerson") -> State:
    """Return the state as this caller may know it: whoever reviews no suggestions never learns of a finding."""
    return State(row.state) if access.caller.learns_of_findings else _outwardly(row, _asked(access, [row]))


def _outwardly(row: "SoughtPerson", asked: Set[UUID]) -> State:
    """Return the state of a search as if nobody had been found in it."""
    hidden = row.state in (State.SEARCHING, State.LEAD_FOUND, *states.FOUND)
    if hidden:
        return State.AWAITING_ENQUIRER if row.id in asked else State.SEARCHING
    return State(row.state)


def _asked(access: Access, rows: Sequence["SoughtPerson"]) -> set[UUID]:
    """Return which of `rows` have a question to their enquirer open; nobody who may know of findings needs it."""
    if access.caller.learns_of_findings:
        return set()
    latest = store.latest_statuses(access, [row.request_id for row in rows])
    entries = {row.id: latest.get((row.request_id, row.position)) for row in rows}
    return {i for i, entry in entries.items() if entry and entry.status is PublicStatus.NEED_INFORMATION}


def _shown_reason(access: Access, row: "SoughtPerson") -> Reason | None:
    reason = states.REASON_BY_CODE[row.reason] if row.reason else None
    if reason is None or access.caller.learns_of_findings:
        return reason
    if isinstance(reason, FindingReason):
        return ClosureReason.NOT_FOUND
    return None if isinstance(reason, Outcome) else reason
