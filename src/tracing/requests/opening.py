"""How a tracing request begins: its rows and register entries, and how far `start` leads at once."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from tracing.gate import register, schedules
from tracing.gate.access import Access
from tracing.gate.kinds import Kind
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Purpose
from tracing.gate.register import Entry
from tracing.kit.errors import Flaw, Invalid, MissingConsent
from tracing.kit.ids import new_id
from tracing.persons import safeguards
from tracing.persons.ages import is_child
from tracing.persons.consent import grants
from tracing.persons.contacts import first_end
from tracing.persons.erased import Candidate, forms_of, forms_of_enquirer, refuse_erased
from tracing.persons.traits import fingerprint, keys_of
from tracing.requests import states, store, traits
from tracing.requests.errors import NoSuchTransition, NotEligible
from tracing.requests.schemas import (
    Relationship,
    RequestDetails,
    RequestDraft,
    SealedRequest,
    SealedSought,
    SoughtDetails,
    SoughtDraft,
)
from tracing.requests.states import Event, Guard, HoldReason, Reason, State

if TYPE_CHECKING:
    from tracing.requests.tables import SoughtPerson, StatusEntry, TracingRequest

Kept = TypeVar("Kept", SealedRequest, SealedSought)
START = (Event.SUBMIT, Event.ACCEPT, Event.START)
CHILDREN_OF_THE_HOUSE = frozenset(
    {
        Relationship.SON,
        Relationship.DAUGHTER,
        Relationship.BROTHER,
        Relationship.SISTER,
        Relationship.HALF_SIBLING,
    }
)
"""What a sought child is to a parent or a sibling."""
IN_CHARGE = frozenset({"parent", "guardian", "caregiver"})
"""Capacities of an enquirer in which a child of any relationship is theirs to seek."""


def open_requests(
    access: Access, drafts: Sequence[tuple[RequestDraft, str | None]], *, origin: str = "", waits: bool = False
) -> list[UUID]:
    """Open several requests at once, each with the sender's own reference or None; return their ids in order.

    Somebody who was erased is registered anew only at their own wish, on a consent that they gave since; any
    other basis counts as none. Copies of somebody else's requests name their `origin`; such a search is compared
    from the start, whatever its state, which a worker moves or nobody, and nobody is reminded of it; with `waits` only
    once a worker has moved it. The caller notes the act. Raises as `open_request`; then none of them is opened.
    """
    made: list[UUID] = []
    rows: list[TracingRequest | SoughtPerson | StatusEntry] = []
    entries: list[Entry] = []
    register.refuse_known_ids(access, [i for draft, _ in drafts for i in draft.given_ids])
    for draft, _ in drafts:
        _require_basis(draft)
    refuse_erased(access, [person for draft, _ in drafts for person in _people(draft)])
    for draft, home_ref in drafts:
        request_id = draft.id or new_id()
        made.append(request_id)
        new_rows, new_entries = _prepare(access, request_id, draft, home_ref, origin, waits=waits)
        rows += new_rows
        entries += new_entries
    register.enter(access, entries)
    store.add(access, rows)
    contacts = (draft.enquirer.contacts for draft, _ in drafts)
    ends = (first_end(points, access.now) for points in contacts)
    schedules.begin(access, dict(zip(made, ends, strict=True)), asked=not origin)
    return made


def is_held_back(access: Access, draft: RequestDraft) -> bool:
    """Return whether a request would register somebody who was erased, and is refused for that."""
    try:
        refuse_erased(access, _people(draft))
    except MissingConsent:
        return True
    return False


def _state_at_opening(access: Access, draft: RequestDraft, sought: SoughtDraft) -> State:
    """Return the state in which a search begins: `pre_case`, or as far as `start` leads by the table."""
    state = State.PRE_CASE
    for event in START if draft.start else ():
        step = states.BY_KEY[state, event]
        access.require(step.who)
        hold(step.guard, reason=None, matching=grants(sought.basis, Purpose.MATCH_WITHIN_SOCIETY), asked=draft)
        if step.guard is Guard.ELIGIBLE:
            require_eligible(access, draft, sought, access.now.date())
        state = step.target
    return state


def _require_basis(draft: RequestDraft) -> None:
    flaws = []
    if not grants(draft.enquirer.consents, Purpose.REGISTER):
        flaws.append(Flaw("/enquirer/consents", "missing-consent", "nothing grants `register`"))
    for place, sought in enumerate(draft.sought):
        if not grants(sought.basis, Purpose.REGISTER):
            flaws.append(Flaw(f"/sought/{place}/basis", "missing-consent", "nothing grants `register`"))
    if flaws:
        raise MissingConsent("a person can be registered only on a consent or another lawful basis", flaws)


def _people(draft: RequestDraft) -> list[Candidate]:
    """Return everybody whom a request would register."""
    asked = draft.enquirer
    forms = forms_of_enquirer(asked.person, asked.contacts, [s.person for s in draft.sought])
    sought = [(forms_of(s.person), s.basis, f"/sought/{place}/basis") for place, s in enumerate(draft.sought)]
    return [(forms, asked.consents, "/enquirer/consents"), *sought]


def _prepare(
    access: Access, request_id: UUID, draft: RequestDraft, home_ref: str | None, origin: str, *, waits: bool
) -> tuple[list["TracingRequest | SoughtPerson | StatusEntry"], list[Entry]]:
    """Return the rows and register entries of one request, parents first."""
    sought = [SoughtDetails.model_validate(s.model_dump(include=set(SoughtDetails.model_fields))) for s in draft.sought]
    details = SealedRequest.model_validate(
        draft.model_dump(include=set(RequestDetails.model_fields), exclude={"enquirer": {"consents"}})
        | {"kin": traits.kin_of_enquirer(sought), "asked_for": {n: s.relationship for n, s in enumerate(sought)}}
    )
    person = traits.enquirer_person(request_id, details)
    key_id, sealed = store.seal_request(access, request_id, details)
    rows: list[TracingRequest | SoughtPerson | StatusEntry] = [
        store.request_row(access, request_id, draft, key_id=key_id, sealed=sealed)
    ]
    entries = [
        Entry(
            record_id=request_id,
            kind=Kind.REQUEST,
            key_id=key_id,
            keys=keys_of(person),
            fingerprint=fingerprint(person),
            facts=[c.fact() for c in draft.enquirer.consents],
            sensitivity=draft.sensitivity,
            assignee_id=access.caller.account_id,
            home_ref=home_ref,
            origin=origin,
        )
    ]
    for place, (asked, seen) in enumerate(zip(draft.sought, sought, strict=True)):
        sought_id = asked.id or new_id()
        known = SealedSought(**dict(seen), kin=traits.kin_of_sought(seen, details.enquirer.person))
        person = traits.sought_person(sought_id, known)
        key_id, sealed = store.seal_sought(access, sought_id, known)
        state = _state_at_opening(access, draft, asked)
        row = store.sought_row(access, sought_id, request_id, place, asked, state=state, key_id=key_id, sealed=sealed)
        rows += (row, first_status(access, row))
        entries.append(
            Entry(
                record_id=sought_id,
                kind=Kind.SOUGHT,
                key_id=key_id,
                keys=keys_of(person),
                fingerprint=fingerprint(person),
                facts=[c.fact() for c in asked.basis],
                parent_id=request_id,
                sensitivity=max(asked.sensitivity, draft.sensitivity, key=list(type(asked.sensitivity)).index),
                assignee_id=access.caller.account_id,
                matchable=(bool(origin) and not waits) or state in states.MATCHED,
                origin=origin,
            )
        )
    return rows, entries


def first_status(access: Access, row: "SoughtPerson") -> "StatusEntry":
    """Return what the enquirer may see of a search as it stands, not yet added."""
    return store.status_entry(access, row, states.PUBLIC[State(row.state)], version=row.version, at_once=True)


def hold(
    guard: Guard, *, reason: Reason | None, matching: bool, asked: RequestDetails | None, sharing: bool = False
) -> None:
    """Check a guard.

    Raises:
        NoSuchTransition: the notice or a safe contact is missing.
        MissingConsent: nothing covers matching, or sharing with another society.
        Invalid: a reason is needed.
    """
    if guard is Guard.REASON and reason is None:
        raise Invalid("this step needs a reason", [Flaw("/reason", "missing", "it is needed")])
    if guard in (Guard.MATCHING_ALLOWED, Guard.ELIGIBLE) and not matching:
        raise MissingConsent("no consent or other lawful basis covers matching this person")
    if guard is Guard.SHARING_ALLOWED and not sharing:
        raise MissingConsent("no consent or other lawful basis covers sharing this person with another society")
    if guard is Guard.NOTICE_AND_CONTACT and asked is not None:
        if asked.information_notice_version is None:
            raise NoSuchTransition("the version of the information notice is not recorded")
        if not asked.enquirer.no_safe_contact and not any(c.safe == "yes" for c in asked.enquirer.contacts):
            raise NoSuchTransition("no contact is marked safe, and `no_safe_contact` is not set")


def require_eligible(access: Access, asked: RequestDetails, sought: SoughtDraft | SoughtDetails, day: date) -> None:
    """Check the rules of acceptance about children (domain.md §4.3, §6.1), each at `day`, that of registration.

    A child's request needs the child's own wish and a trained worker. A request about a child is taken from a
    parent, guardian, caregiver or sibling and from no third party; a supervisor may make an exception.

    Raises:
        NotEligible: with one flaw per rule that is not kept.
    """
    flaws = []
    if is_child(asked.enquirer.person, day):
        if asked.child is None or asked.child.own_wish != "yes":
            flaws.append(Flaw("/child/own_wish", "childs-own-wish", "it is not recorded as the child's own wish"))
        if asked.child is None or not asked.child.trained_worker:
            flaws.append(Flaw("/child/trained_worker", "trained-worker", "no trained worker took the request"))
    theirs = sought.relationship in CHILDREN_OF_THE_HOUSE or asked.enquirer.capacity in IN_CHARGE
    may_except = Permission.REQUESTS_ASSIGN in access.caller.permissions
    if is_child(sought.person, day) and not theirs and not may_except:
        told = "about a child only a parent, guardian, caregiver or sibling may ask; a supervisor may make an exception"
        flaws.append(Flaw("/sought/relationship", "third-party-about-a-child", told))
    if flaws:
        raise NotEligible("a rule of acceptance about children is not kept", flaws)


def safe(access: Access, known: Kept, new: Kept, opened_by: UUID) -> Kept:
    """Return `new` with those who set its safeguards. Raises as `persons.safeguards.keep`."""
    set_by = safeguards.keep(access, known.safeguards, new.safeguards, set_by=known.set_by, opened_by=opened_by)
    return new.model_copy(update={"set_by": set_by})


def require_fit(event: Event, reason: Reason | None) -> None:
    """Refuse a reason that is of another step."""
    if reason is not None and not isinstance(reason, states.REASONS.get(event, HoldReason)):
        raise Invalid("the reason is of another step", [Flaw("/reason", "reason-of-another-step", "not of this step")])
