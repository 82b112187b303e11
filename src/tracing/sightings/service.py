"""The rules of sightings and self-registrations: no HTTP, no SQL.

A sighting never changes a sought person's status: nothing here knows of requests. Only a caseworker's
decision on a suggestion does, and it comes down from the review as `follow_decision`.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic_core import PydanticCustomError

from tracing.gate import glass, idempotency, register, schedules
from tracing.gate.access import Access
from tracing.gate.purposes import Decision, GivenBy, LawfulBasis, Purpose
from tracing.gate.register import Entry
from tracing.kit.errors import Conflict, Flaw, Invalid, MissingConsent, NotFound, impossible
from tracing.kit.ids import new_id
from tracing.matching import Person
from tracing.matching.dates.edtf import parse
from tracing.persons import safeguards
from tracing.persons.consent import grants
from tracing.persons.contacts import first_end
from tracing.persons.erased import forms_of, refuse_erased
from tracing.persons.traits import fingerprint, keys_of
from tracing.sightings import states, store, traits
from tracing.sightings.errors import DeathNeedsTwoWorkers, NoSuchTransition
from tracing.sightings.schemas import (
    Condition,
    Reporter,
    SealedSighting,
    SightingChange,
    SightingDetails,
    SightingDraft,
    SightingView,
    check_kind,
)
from tracing.sightings.states import Event, Flag, Guard, State, TriageReason
from tracing.sightings.views import WITHHELD, asked_for, is_shut, shown_state, sighting_views

if TYPE_CHECKING:
    from tracing.sightings.tables import Sighting

DAY_LINE = timedelta(days=1)
"""Somewhere on earth it is tomorrow already: a date of tomorrow is no date of the future."""


EXPIRED_AT_ONCE = 400


def open_sighting(access: Access, draft: SightingDraft, key: str | None = None) -> SightingView:
    """Record a sighting and return it. A retry with the same Idempotency-Key returns the first one.

    Raises:
        MissingConsent: no consent of the subject and no other lawful basis covers the registration.
        DeathNeedsTwoWorkers: `condition` is `deceased`.
        Invalid: the person was seen in the future.
        Conflict: the id is in use.
    """
    print_of = f"sightings.open|{draft.model_dump_json()}"
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        return show_sighting(access, made)
    sighting_id = open_sightings(access, [(draft, None)])[0]
    idempotency.remember(access, key, print_of, sighting_id)
    access.note("sightings.open", sighting_id)
    return sighting_views(access, [find_sighting(access, sighting_id)])[0]


def open_sightings(
    access: Access, drafts: Sequence[tuple[SightingDraft, str | None]], *, origin: str = ""
) -> list[UUID]:
    """Record several sightings at once, each with the sender's own reference or None; return their ids.

    A report in which no triage rule finds anything is accepted by rule, and the trail says so; any other
    waits in `triage`. Somebody who was erased is registered anew only at their own wish, on a consent that they
    gave since; any other basis counts as none. Copies of somebody else's reports name their `origin`; they stay
    `received`, which no rule changes, and are compared from the start. The caller notes the opening itself. Raises
    as `open_sighting`; then none is recorded.
    """
    given = [draft.id for draft, _ in drafts if draft.id is not None]
    if len(set(given)) != len(given):
        raise Conflict("the id is in use")
    register.refuse_known_ids(access, given)
    refuse_erased(access, [(forms_of(draft.person), draft.consents, "/consents") for draft, _ in drafts])
    prepared = [_prepare(access, draft, home_ref, origin) for draft, home_ref in drafts]
    register.enter(access, [entry for _, entry in prepared])
    store.add(access, [row for row, _ in prepared])
    contacts = ((row.id, draft.reporter.contacts) for (row, _), (draft, _) in zip(prepared, drafts, strict=True))
    ends = ((sighting_id, first_end(points, access.now)) for sighting_id, points in contacts)
    schedules.begin(access, {sighting_id: end for sighting_id, end in ends if end is not None}, asked=False)
    passed = [row.id for row, _ in prepared if row.state in states.MATCHED]
    if len(passed) == 1:
        access.note("sightings.accept_by_rule", passed[0])
    elif passed:
        access.note_page("sightings.accept_by_rule", passed)
    return [row.id for row, _ in prepared]


def _prepare(access: Access, draft: SightingDraft, home_ref: str | None, origin: str) -> tuple["Sighting", Entry]:
    """Return the row and the register entry of one sighting, as far along as the triage rules bring it."""
    _require_basis(draft)
    sighting_id = draft.id or new_id()
    details = SealedSighting.model_validate(draft.model_dump(include=set(SightingDetails.model_fields)))
    _check(access, details)
    flags = traits.flags_of(draft.kind, details)
    state = State.RECEIVED if origin else states.walk(states.TAKEN_UP if flags else states.PASSED)
    person = traits.seen_person(sighting_id, details)
    key_id, sealed = store.seal(access, sighting_id, details)
    row = store.row(access, sighting_id, draft.kind, state, flags, key_id=key_id, sealed=sealed)
    entry = Entry(
        record_id=sighting_id,
        kind=draft.kind,
        key_id=key_id,
        keys=keys_of(person),
        fingerprint=fingerprint(person),
        facts=[consent.fact() for consent in draft.consents],
        sensitivity=draft.sensitivity,
        assignee_id=access.caller.account_id,
        home_ref=home_ref,
        matchable=bool(origin) or state in states.MATCHED,
        origin=origin,
    )
    return row, entry


def _require_basis(draft: SightingDraft) -> None:
    """Refuse a registration without a basis, and a consent of somebody who does not know of it."""
    if not grants(draft.consents, Purpose.REGISTER):
        raise MissingConsent(
            "a person can be registered only on a consent or another lawful basis",
            [Flaw("/consents", "missing-consent", "nothing grants `register`")],
        )
    if draft.subject_knows == "no":
        flaws = [
            Flaw(
                f"/consents/{place}",
                "missing-consent",
                "who does not know of the record has not consented to it",
            )
            for place, c in enumerate(draft.consents)
            if c.decision is Decision.GRANTED
            and c.lawful_basis is LawfulBasis.CONSENT
            and c.given_by is GivenBy.SUBJECT
        ]
        if flaws:
            raise MissingConsent("the subject does not know of this record, so it needs another lawful basis", flaws)


def _check(access: Access, details: SightingDetails) -> None:
    """Refuse what no sighting may say.

    Raises:
        DeathNeedsTwoWorkers: `condition` is `deceased`.
        Invalid: the person was seen in the future.
    """
    if details.condition is Condition.DECEASED:
        raise DeathNeedsTwoWorkers(
            "one worker cannot record a death from one report; describe it and tell a supervisor",
            [Flaw("/condition", DeathNeedsTwoWorkers.code, "a death needs two workers and evidence")],
        )
    if details.sighting_time is not None:
        earliest = parse(details.sighting_time).span()[0]
        if earliest is not None and earliest > _day(access.now + DAY_LINE):
            flaw = Flaw("/sighting_time", "in-the-future", "nobody has been seen yet on a day that is to come")
            raise Invalid("the sighting lies in the future", [flaw])


def _day(at: datetime) -> int:
    """Return the day of a moment as dates count days."""
    return date(at.year, at.month, at.day).toordinal()


def show_sighting(access: Access, sighting_id: UUID) -> SightingView:
    """Return a sighting.

    Raises:
        NotFound: absent, another society's, or hidden; one answer for all, so that existence never leaks.
    """
    view = sighting_views(access, [find_sighting(access, sighting_id)])[0]
    access.note("sightings.read", sighting_id)
    return view


def page_of_sightings(
    access: Access, *, limit: int, after: tuple[datetime, UUID] | None, within: Sequence[State] = ()
) -> list[SightingView]:
    """Return at most `limit` sightings that follow `after`, oldest first; `within` some states, or all."""
    seen = asked_for(access, within)
    rows = store.page(access, limit=limit, after=after, within=seen) if seen or not within else []
    views = sighting_views(access, rows)
    access.note_page("sightings.list", [view.id for view in views])
    return views


def persons(access: Access, ids: Sequence[UUID]) -> list[Person]:
    """Return what the engine may see of those of `ids` that are sightings which the access sees.

    The caller notes the act.
    """
    rows = store.among(access, ids)
    return [traits.seen_person(r.id, d) for r, d in zip(rows, store.details_of(access, rows), strict=True)]


def reporter(access: Access, sighting_id: UUID) -> Reporter:
    """Return who told us of a sighting, of a self-registration the person; the caller notes the act.

    Raises:
        NotFound: absent, another society's, or hidden.
    """
    return store.details_of(access, [find_sighting(access, sighting_id)])[0].reporter


def change_sighting(access: Access, row: "Sighting", change: SightingChange) -> SightingView:
    """Replace what `change` names and return the sighting; the caller has checked the version.

    The triage rules are asked again. A flag that was not there before sends an accepted sighting back to
    triage, and the trail says that a rule did; flags that are gone accept nothing, a worker does.

    Raises:
        DeathNeedsTwoWorkers, Invalid: as on opening, or what is left does not fit the kind.
        Refused: the record would be handled less carefully, or a name be taken from its never-disclose list, and
            the caller may not do that.
        Withheld: something would be replaced by somebody from whom a part of it is withheld.
    """
    if change.model_fields_set & WITHHELD and is_shut(access, row):
        raise glass.Withheld("who does not see where the person is cannot replace what tells it")
    known = store.details_of(access, [row])[0]
    named = change.model_fields_set & set(SightingDetails.model_fields)
    details = known.model_copy(update={field: getattr(change, field) for field in named})
    _check(access, details)
    _require_kind(row, details)
    before, after = set(known.never_disclose_to), set(details.never_disclose_to)
    set_by = safeguards.keep(access, before, after, set_by=known.set_by, opened_by=row.created_by)
    details = details.model_copy(update={"set_by": set_by})
    flags = traits.flags_of(row.kind, details)
    new = set(flags) - {Flag(word) for word in row.flags.split()}
    row.flags = " ".join(flags)
    store.save(access, row, details)
    person = traits.seen_person(row.id, details)
    register.update(access, row.id, keys=keys_of(person), fingerprint=fingerprint(person))
    if "reporter" in change.model_fields_set:
        schedules.set_end(access, row.id, first_end(details.reporter.contacts, access.now))
    if "sensitivity" in change.model_fields_set:
        register.set_sensitivity(access, row.id, change.sensitivity)
    if new and row.state in (State.ACCEPTED, State.ACTIVE):
        _go(access, row, states.BY_KEY[row.state, Event.RECONSIDER], None)
        access.note("sightings.reconsider_by_rule", row.id)
    access.note("sightings.change", row.id)
    return sighting_views(access, [row])[0]


def _require_kind(row: "Sighting", details: SightingDetails) -> None:
    try:
        check_kind(row.kind, details)
    except PydanticCustomError as error:
        raise Invalid("the change does not fit the kind", [Flaw("", error.type, error.message())]) from None


def require_for(access: Access, event: Event) -> None:
    """Refuse unless the caller may bring `event` about at all; asked before the record is looked up.

    Raises:
        Refused: the caller lacks the event's permission.
    """
    access.require(states.WHO[event])


def happen(access: Access, row: "Sighting", event: Event, reason: TriageReason | None) -> SightingView:
    """Let `event` happen to a sighting, by hand; the caller has checked the version.

    Raises:
        NoSuchTransition: not in the table for this state, or another door brings this event.
        Invalid: a reason is needed.
        Refused: the caller lacks the row's permission.
    """
    step = states.find(row.state, event)
    if step is None:
        if not access.caller.learns_of_findings:
            raise NoSuchTransition(f"`{event}` is not possible in the state `{shown_state(access, row)}`")
        raise NoSuchTransition(impossible(event, row.state, states.possible(row.state)))
    access.require(step.who)
    if step.guard is Guard.CONFIRMED_SUGGESTION:
        raise NoSuchTransition("a sighting is linked and unlinked by deciding a suggestion")
    if step.guard is Guard.OVER:
        raise NoSuchTransition("a sighting expires in the night, when its registration has ended")
    if step.guard is Guard.REASON and reason is None:
        raise Invalid("this step needs a reason", [Flaw("/reason", "missing", "it is needed")])
    _go(access, row, step, reason)
    access.note(f"sightings.{event}", row.id)
    return sighting_views(access, [row])[0]


def follow_decision(access: Access, sighting_id: UUID, event: Event) -> None:
    """Let a completed decision of the review link or unlink a sighting, if the table has such a row now.

    Raises:
        Refused: the caller may not decide suggestions.
    """
    row = store.find(access, sighting_id)
    step = states.find(row.state, event) if row is not None else None
    if row is None or step is None or step.guard is not Guard.CONFIRMED_SUGGESTION:
        return
    access.require(step.who)
    _go(access, row, step, None)
    access.note(f"sightings.{event}", row.id)


def expire(access: Access, ids: Sequence[UUID]) -> None:
    """Let the sightings among `ids`, whose records are being forgotten, expire.

    Their details cannot be read any more; the caller may forget (`gate.erasing` asks), and notes the act.
    """
    for start in range(0, len(ids), EXPIRED_AT_ONCE):
        for row in store.among(access, ids[start : start + EXPIRED_AT_ONCE]):
            step = states.find(row.state, Event.EXPIRE)
            if step is not None:
                row.state, row.reason = step.target, None
                store.save(access, row)


def _go(access: Access, row: "Sighting", step: states.Row, reason: TriageReason | None) -> None:
    """Take a step whose guard holds."""
    row.state, row.reason = step.target, reason
    store.save(access, row)
    register.set_matchable(access, row.id, step.target in states.MATCHED)


def find_sighting(access: Access, sighting_id: UUID) -> "Sighting":
    """Return the row of a sighting, for checking its version.

    Raises:
        NotFound: absent, another society's, or hidden.
    """
    row = store.find(access, sighting_id)
    if row is None:
        raise NotFound("no such sighting")
    return row


def never_disclose_to(access: Access, ids: Sequence[UUID]) -> list[str]:
    """Return whom the persons of sightings among `ids` named as never to learn of them. The caller notes the act."""
    return [
        name for details in store.details_of(access, store.among(access, ids)) for name in details.never_disclose_to
    ]
