"""The rules of tracing requests: no HTTP, no SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.gate import consents, idempotency, people, register, schedules
from tracing.gate.access import Access
from tracing.gate.purposes import Purpose
from tracing.kit.errors import Flaw, Invalid, NotFound
from tracing.matching import Person
from tracing.persons.contacts import first_end
from tracing.requests import kin, opening, states, statuses, store, traits
from tracing.requests.errors import NoSuchTransition
from tracing.requests.schemas import (
    EnquirerDetails,
    RequestChange,
    RequestDetails,
    RequestDraft,
    RequestView,
    SeparationCause,
    SoughtChange,
    SoughtDetails,
    SoughtView,
)
from tracing.requests.states import Event, Guard, Reason, State
from tracing.requests.views import refusal, request_views, require_seen, require_sought_seen, sought_views

AT_ONCE = 400

if TYPE_CHECKING:
    from tracing.requests.tables import SoughtPerson, TracingRequest


def open_request(access: Access, draft: RequestDraft, key: str | None = None, *, origin: str = "") -> RequestView:
    """Open a tracing request and return it. A retry with the same Idempotency-Key returns the first one.

    Raises:
        MissingConsent: no lawful basis covers the registration of the enquirer or of a sought person.
        Conflict: an id is in use.
        Refused: `start` was asked for by somebody who may not accept cases.
        NoSuchTransition: `start` was asked for and a guard does not hold.
    """
    print_of = f"requests.open|{draft.model_dump_json()}"
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        return show_request(access, made)
    request_id = opening.open_requests(access, [(draft, None)], origin=origin)[0]
    idempotency.remember(access, key, print_of, request_id)
    access.note("requests.open", request_id, count=1 + len(draft.sought))
    return request_views(access, [_request(access, request_id)])[0]


def show_request(access: Access, request_id: UUID) -> RequestView:
    """Return a request with its sought persons.

    Raises:
        NotFound: absent, another society's, or hidden; one answer for all, so that existence never leaks.
    """
    view = request_views(access, [_request(access, request_id)])[0]
    access.note("requests.read", request_id, count=1 + len(view.sought))
    return view


def show_requests(access: Access, ids: Sequence[UUID]) -> list[RequestView]:
    """Return those of `ids` that are requests which the access sees, in the order of `ids`."""
    views = {view.id: view for view in request_views(access, store.requests_among(access, ids))}
    access.note_page("requests.read", views)
    return [views[request_id] for request_id in ids if request_id in views]


def page_of_requests(access: Access, *, limit: int, after: tuple[datetime, UUID] | None) -> list[RequestView]:
    """Return at most `limit` requests that follow `after`, oldest first."""
    views = request_views(access, store.page(access, limit=limit, after=after))
    access.note_page("requests.list", [view.id for view in views])
    return views


def change_request(access: Access, row: "TracingRequest", change: RequestChange) -> RequestView:
    """Replace what `change` names and return the request; the caller has checked the version.

    Raises:
        Withheld: something would be replaced by somebody from whom a part of it is withheld.
        SupervisorNeeded, SameWorker: a safeguard would be taken away by somebody who may not.
    """
    require_seen(access, row, change.model_fields_set)
    known = store.details_of_requests(access, [row])[0]
    details = known.model_copy(update={f: getattr(change, f) for f in change.model_fields_set})
    store.save_request(access, row, opening.safe(access, known, details, row.created_by))
    kin.follow(access, row)
    if "enquirer" in change.model_fields_set:
        schedules.set_end(access, row.id, first_end(details.enquirer.contacts, access.now))
    access.note("requests.change", row.id)
    return request_views(access, [row])[0]


def assign(access: Access, row: "TracingRequest", account_id: UUID) -> RequestView:
    """Make an account of the society answerable for a case and its searches.

    Raises:
        Invalid: no open account of the society has this id and a role that works on cases.
    """
    if not people.may_be_answerable(access, account_id):
        flaw = Flaw("/account_id", "no-such-account", "no open account of this society that works on cases")
        raise Invalid("nobody to assign the case to", [flaw])
    register.assign(access, [row.id, *(sought.id for sought in store.sought_of(access, [row.id]))], account_id)
    details = store.details_of_requests(access, [row])[0]
    teams = sorted({*details.teams, people.team_of(access, account_id)})
    store.save_request(access, row, details.model_copy(update={"teams": teams}))
    access.note("requests.assign", row.id)
    return request_views(access, [row])[0]


def change_sought(access: Access, row: "SoughtPerson", change: SoughtChange) -> SoughtView:
    """Replace what `change` names and return the sought person; the caller has checked the version.

    Raises:
        Withheld: something would be replaced by somebody from whom a part of it is withheld.
        SupervisorNeeded, SameWorker: a safeguard would be taken away by somebody who may not.
    """
    require_sought_seen(access, row, change.model_fields_set)
    known = store.details_of_sought(access, [row])[0]
    named = change.model_fields_set & set(SoughtDetails.model_fields)
    details = known.model_copy(update={f: getattr(change, f) for f in named})
    request = _request(access, row.request_id)
    details = opening.safe(access, known, details, request.created_by)
    if "priority" in change.model_fields_set:
        row.priority = change.priority
    store.save_sought(access, row, details)
    kin.follow(access, request)
    if "sensitivity" in change.model_fields_set:
        register.set_sensitivity(access, row.id, change.sensitivity)
    access.note("requests.change", row.id)
    return sought_views(access, [row])[0]


def persons(access: Access, ids: Sequence[UUID]) -> list[Person]:
    """Return what the engine may see of the enquirers and sought persons among `ids` that the access sees.

    The caller notes the act.
    """
    asked, sought = store.requests_among(access, ids), store.sought_among(access, ids)
    return [
        *map(traits.enquirer_person, (r.id for r in asked), kin.details_in_force(access, asked)),
        *map(traits.sought_person, (s.id for s in sought), store.details_of_sought(access, sought)),
    ]


def enquirer(access: Access, request_id: UUID) -> EnquirerDetails:
    """Return who asks, with their contact points; the caller notes the act.

    Raises:
        NotFound: the request is absent, another society's, or hidden.
    """
    return store.details_of_requests(access, [_request(access, request_id)])[0].enquirer


def details_of(access: Access, sought_id: UUID) -> tuple[SoughtDetails, RequestDetails]:
    """Return what is stored of a sought person and of the request that they belong to; the caller notes the act.

    Raises:
        NotFound: one of the two is absent, another society's, or hidden.
    """
    row = find_sought(access, sought_id)
    request = _request(access, row.request_id)
    return store.details_of_sought(access, [row])[0], store.details_of_requests(access, [request])[0]


def cases_of(access: Access, sought_ids: Sequence[UUID]) -> list[UUID]:
    """Return the requests of those of `sought_ids` that are sought persons which the access sees."""
    parts = (sought_ids[start : start + AT_ONCE] for start in range(0, len(sought_ids), AT_ONCE))
    return sorted({row.request_id for part in parts for row in store.sought_among(access, part)})


def forget_kin(access: Access, request_ids: Sequence[UUID]) -> None:
    """Take from the enquirers' own records what they hold of sought persons whom the access sees no more.

    The caller notes the act.
    """
    for start in range(0, len(request_ids), AT_ONCE):
        for row in store.requests_among(access, request_ids[start : start + AT_ONCE]):
            kin.follow(access, row)


def show_sought(access: Access, sought_id: UUID) -> SoughtView:
    """Return a sought person.

    Raises:
        NotFound: absent, another society's, or hidden.
    """
    view = sought_views(access, [find_sought(access, sought_id)])[0]
    access.note("sought.read", sought_id)
    return view


def require_for(access: Access, event: Event) -> None:
    """Refuse unless the caller may bring `event` about at all; asked before the record is looked up.

    Raises:
        Refused: the caller lacks the event's permission.
    """
    access.require(states.WHO[event])


def happen(access: Access, row: "SoughtPerson", event: Event, reason: Reason | None) -> SoughtView:
    """Let `event` happen to a search, by hand; the caller has checked the version.

    Raises:
        NoSuchTransition: not in the table for this state, or its guard does not hold.
        Invalid: a reason is needed, or is not one of this step.
        Refused: the caller lacks the row's permission.
    """
    row_of_table = states.find(row.state, event)
    if row_of_table is not None and row_of_table.guard in states.BROUGHT:
        raise NoSuchTransition(f"`{event}` is brought about by the act that holds its facts, not by hand")
    if row_of_table:
        opening.require_fit(event, reason)
    _move(access, row, event, reason)
    access.note(f"sought.{event}", row.id)
    return sought_views(access, [row])[0]


def follow_decision(access: Access, sought_id: UUID, event: Event) -> None:
    """Let a completed decision of the review set or undo `lead_found`, if the table has such a row now."""
    row = store.find_sought(access, sought_id)
    if row is not None and states.find(row.state, event) is not None:
        _move(access, row, event, None)
        access.note(f"sought.{event}", row.id)


def bring(access: Access, sought_id: UUID, event: Event, reason: Reason | None = None) -> None:
    """Let an act that holds the facts bring `event` about; the caller has checked what the row's guard names.

    Raises:
        NotFound: the sought person is absent, another society's, or hidden.
        NoSuchTransition: the table has no such row for the state, or its rows happen by hand.
        Invalid: the reason is not one of this step.
        Refused: the caller lacks the row's permission.
    """
    row = find_sought(access, sought_id)
    step = states.find(row.state, event)
    if step is not None and step.guard not in states.BROUGHT:
        raise NoSuchTransition(f"`{event}` happens by hand")
    opening.require_fit(event, reason)
    _move(access, row, event, reason)
    access.note(f"sought.{event}", row.id)


def state_of(access: Access, sought_id: UUID) -> State:
    """Return where the search for a sought person stands.

    Raises:
        NotFound: the sought person is absent, another society's, or hidden.
    """
    return State(find_sought(access, sought_id).state)


def request_of(access: Access, sought_id: UUID) -> UUID:
    """Return the request that a sought person belongs to.

    Raises:
        NotFound: the sought person is absent, another society's, or hidden.
    """
    return find_sought(access, sought_id).request_id


def teams_of(access: Access, request_id: UUID) -> set[str]:
    """Return the teams that have worked for an enquirer: that registered the request, and all it was assigned to.

    The caller notes the act.

    Raises:
        NotFound: the request is absent, another society's, or hidden.
    """
    (details,) = store.details_of_requests(access, [_request(access, request_id)])
    record = register.records(access, [request_id])[request_id]
    assigned = people.team_of(access, record.assignee_id) if record.assignee_id else record.team
    return {record.team, assigned, *details.teams}


def never_disclose_to(access: Access, ids: Sequence[UUID]) -> list[str]:
    """Return whom the enquirers among `ids` named as never to learn of their search. The caller notes the act."""
    rows = store.requests_among(access, ids)
    return [name for details in store.details_of_requests(access, rows) for name in details.never_disclose_to]


def separation_causes(access: Access, ids: Sequence[UUID]) -> set[SeparationCause]:
    """Return why contact was lost in the requests and searches among `ids`. The caller notes the act."""
    asked, sought = store.requests_among(access, ids), store.sought_among(access, ids)
    told = [
        *(details.separation for details in store.details_of_requests(access, asked)),
        *(details.separation for details in store.details_of_sought(access, sought)),
    ]
    return {separation.cause for separation in told if separation is not None}


def begin_statuses(access: Access, row: "TracingRequest") -> None:
    """Bring what an enquirer may see up to date for a request that was registered before such entries were kept."""
    known = {entry.position for entry in store.statuses(access, row.id, access.now)}
    new = [sought for sought in store.sought_of(access, [row.id]) if sought.position not in known]
    if new:
        store.add(access, [opening.first_status(access, sought) for sought in new])
        kin.follow(access, row)


def _move(access: Access, row: "SoughtPerson", event: Event, reason: Reason | None) -> None:
    step = states.find(row.state, event)
    if step is None and event is Event.ANSWERED and statuses.is_asked(access, row):
        statuses.answered(access, row)
        return
    if step is None:
        raise NoSuchTransition(refusal(access, row, event))
    access.require(step.who)
    (record,) = register.hold(access, row.id)  # before the search, as everybody does, or two may wait for each other
    if step.guard is Guard.SHARING_ALLOWED:
        register.require_own(access, row.id)
    # Only where a guard asks: whoever decides a suggestion does not see an enquirer who agreed to no matching.
    request = _request(access, row.request_id) if step.guard in states.ASKED else None
    asked = store.details_of_requests(access, [request])[0] if request is not None else None
    opening.hold(
        step.guard,
        reason=reason,
        matching=bool(record.purposes & Purpose.MATCH_WITHIN_SOCIETY.bit),
        sharing=step.guard is Guard.SHARING_ALLOWED and consents.shares(access, row.id),
        asked=asked,
    )
    if request is not None and asked is not None and step.guard is Guard.ELIGIBLE:
        opening.require_eligible(access, asked, store.details_of_sought(access, [row])[0], request.created_at.date())
    row.state, row.reason = step.target, reason
    store.save_sought(access, row)
    shown = states.is_shown(step)
    if shown:
        statuses.follow(access, row, event)
    register.set_matchable(access, row.id, step.target in states.MATCHED, kept_anew=shown)


def find_request(access: Access, request_id: UUID) -> "TracingRequest":
    """Return the row of a request, for checking its version.

    Raises:
        NotFound: absent, another society's, or hidden.
    """
    return _request(access, request_id)


def find_sought(access: Access, sought_id: UUID) -> "SoughtPerson":
    """Return the row of a sought person, for checking its version.

    Raises:
        NotFound: absent, another society's, or hidden.
    """
    row = store.find_sought(access, sought_id)
    if row is None:
        raise NotFound("no such sought person")
    return row


def _request(access: Access, request_id: UUID) -> "TracingRequest":
    row = store.find_request(access, request_id)
    if row is None:
        raise NotFound("no such tracing request")
    return row
