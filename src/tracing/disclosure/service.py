"""The rules of disclosure: no HTTP, no SQL.

The found person decides what, if anything, one enquirer learns. What they gave to be passed on is told once
another worker approved exactly that, and only while their answer is in force.
"""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.disclosure import opening, states, store, telling, views
from tracing.disclosure.errors import NoSuchTransition
from tracing.disclosure.schemas import (
    AskingEventDraft,
    DisclosureCaseView,
    SealedCase,
    Shared,
    flaws_of,
)
from tracing.disclosure.states import Event, ReleaseState, State
from tracing.gate import disclosures, foureyes, idempotency, register
from tracing.gate.access import Access
from tracing.gate.answers import AnswerFact
from tracing.gate.disclosing import Act, Answer, Level
from tracing.gate.dues import Bookmark, Due
from tracing.gate.permissions import Permission
from tracing.gate.purposes import GivenBy, Obtained
from tracing.kit.errors import Conflict, Invalid, NotFound, impossible
from tracing.requests import service as requests
from tracing.requests.schemas import RequestDraft, RequestView
from tracing.requests.states import Event as SearchEvent
from tracing.requests.states import Outcome
from tracing.requests.states import State as SearchState
from tracing.tasks import service as tasks
from tracing.tasks.states import TaskKind

if TYPE_CHECKING:
    from tracing.disclosure.tables import DisclosureCase

TOWARDS_TELLING = frozenset({Event.REACH_OUT, Event.INFORM, Event.GRANT})
"""Events that only a search which waits for the answer allows; a no, a withdrawal, a death are heard at any time."""
APPROVED_FIRST = (Event.REACH_OUT, Event.INFORM)
"""What another team approves first where that is asked for; it may come to be asked for between the two."""
GAVE = (State.GRANTED, State.DECLINED)
NOT_MET = (State.NOT_STARTED, State.REACHING, State.NOT_REACHABLE, State.DECEASED)
ANSWERS = {
    Event.GRANT: Answer.GRANTED,
    Event.DECLINE: Answer.DECLINED,
    Event.WITHDRAW: Answer.WITHDRAWN,
    Event.REVISE: Answer.WITHDRAWN,
    Event.LEARN_OF_DEATH: Answer.WITHDRAWN,
}


def asking_of(access: Access, sought_id: UUID) -> State | None:
    """Return where the latest asking about a search stands; None when nobody was asked."""
    row = store.case_of_search(access, sought_id)
    return None if row is None else State(row.state)


def found_of(access: Access, sought_id: UUID) -> UUID | None:
    """Return the found person who was asked last about a search; None when nobody was asked."""
    row = store.case_of_search(access, sought_id)
    return None if row is None else row.found_id


def asked(access: Access, sought_id: UUID) -> dict[UUID, State]:
    """Return the found persons who were or are to be asked about a search, and where the asking of each stands."""
    return {row.found_id: State(row.state) for row in store.cases_of_search(access, sought_id)}


def told(access: Access, sought_id: UUID) -> list[tuple[UUID, Level]]:
    """Return id and level of each release by which the enquirer of a search was told something, oldest first."""
    return [(row.id, Level(row.level)) for row in store.told_releases(access, sought_id)]


def open_case(access: Access, verification_id: UUID, key: str | None = None) -> DisclosureCaseView:
    """Open the asking for the pair of a passed verification. A retry with the same Idempotency-Key returns it.

    Who was asked before about the same search, on an earlier verification, is not asked from the beginning
    again: their asking is taken up where it stood, and an answer that they gave stands. What was to be told on the
    earlier verification is stopped, and proposed anew.

    Raises:
        NotFound: the verification is absent, another society's, or hidden.
        NotVerified: it does not stand passed.
        NoSuchTransition: the search does not wait for the found person's answer.
        Conflict: the asking is open already.
    """
    print_of = f"disclosures.open|{verification_id}"
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        return show_case(access, made)
    passed = store.find_verification(access, verification_id)
    if passed is None:
        raise NotFound("no such verification")
    register.hold(access, passed.found_id, passed.sought_id)
    opening.require_verified(access, passed.found_id, passed.sought_id, passed.id)
    opening.require_search(access, passed.sought_id, SearchState.LOCATED_PENDING_CONSENT)
    row = store.case_of_pair(access, passed.found_id, passed.sought_id)
    if row is None:
        row = store.add_case(access, passed)
    elif row.verification_id == passed.id:
        raise Conflict("the asking is open already")
    else:
        row.verification_id, row.created_at = passed.id, access.now  # the latest asking about its search from now on
        store.save_case(access, row)
        _stop_releases(access, row)
        _end_asking(access, row)
    idempotency.remember(access, key, print_of, row.id)
    access.note("disclosures.open", row.found_id)
    return views.of_case(access, row)


def find_case(access: Access, case_id: UUID) -> "DisclosureCase":
    """Return the row of an asking, for checking its version.

    Raises:
        NotFound: absent, another society's, or one side is hidden.
    """
    row = store.find_case(access, case_id)
    if row is None:
        raise NotFound("no such asking")
    return row


def shown_with(access: Access, row: "DisclosureCase") -> list[tuple[UUID, int]]:
    """Return id and version of all that an asking shows: of itself and its releases."""
    return [(row.id, row.version), *((r.id, r.version) for r in store.releases_of(access, row.id))]


def show_case(access: Access, case_id: UUID) -> DisclosureCaseView:
    """Return an asking with its releases.

    Raises:
        NotFound: absent, another society's, or one side is hidden.
    """
    view = views.of_case(access, find_case(access, case_id))
    access.note("disclosures.read", view.found_id)
    return view


def page_of_cases(access: Access, *, limit: int, after: tuple[datetime, UUID] | None) -> list[DisclosureCaseView]:
    """Return at most `limit` askings that follow `after`, oldest first, without what the persons gave."""
    rows = store.page(access, limit=limit, after=after)
    access.note_page("disclosures.list", [row.id for row in rows])
    return [views.of_case_in_list(access, row) for row in rows]


def happen(access: Access, row: "DisclosureCase", draft: AskingEventDraft) -> DisclosureCaseView:
    """Let something happen in an asking; the caller has checked the version.

    Raises:
        NoSuchTransition: not in the table for this state, or the search does not wait for an answer.
        Invalid: a field is missing, of another event, or beyond the level.
        NotVerified, NotScreened, NotApproved, NotExhausted, GuardianNeeded: a guard does not hold.
    """
    step = states.find(State(row.state), draft.event)
    if step is None:
        raise NoSuchTransition(impossible(draft.event, row.state, states.possible(row.state)))
    if flaws := list(flaws_of(draft)):
        raise Invalid("the fields do not fit the event", flaws)
    register.hold(access, row.found_id, row.sought_id)
    _ask_again(access, row)
    if draft.event in TOWARDS_TELLING:
        opening.require_search(access, row.sought_id, SearchState.LOCATED_PENDING_CONSENT)
    opening.hold(access, row, step.guard, draft)
    _record(access, row, draft)
    row.state = step.target
    row.defer_until = draft.until
    store.save_case(access, row, _details_after(access, row, draft))
    access.note(f"disclosures.{draft.event}", row.found_id)
    if step.source in GAVE:
        _stop(access, row)
    if step.source is State.DEFERRED:
        tasks.end(access, TaskKind.ASK_AGAIN, row.id)
    if draft.until is not None:
        occasion = f"{row.id.hex}:{row.version}"
        tasks.raise_task(
            access, TaskKind.ASK_AGAIN, row.found_id, occasion=occasion, due_at=draft.until, about_id=row.id
        )
    _end_asking(access, row)
    return views.of_case(access, row)


def _record(access: Access, row: "DisclosureCase", draft: AskingEventDraft) -> None:
    """Record an answer, or the end of one, with the gate."""
    said = ANSWERS.get(draft.event)
    if said is None or (said is Answer.WITHDRAWN and row.state not in GAVE):
        return
    dead = draft.event is Event.LEARN_OF_DEATH
    fact = AnswerFact(
        said,
        level=draft.level or Level.NOTHING,
        given_by=draft.given_by or (GivenBy.NOT_ASKED if dead else GivenBy.SUBJECT),
        obtained=draft.obtained or (Obtained.NOT_ASKED if dead else Obtained.VERBAL),
        valid_until=opening.ends_at(access, row, draft) if said is Answer.GRANTED else None,
    )
    disclosures.answer(access, row.found_id, row.sought_id, fact)


def _details_after(access: Access, row: "DisclosureCase", draft: AskingEventDraft) -> SealedCase:
    """Return what is kept of the person's words: what they gave with the answer that holds, and nothing older."""
    known = store.details_of_case(access, row)
    gave = Shared(**{field: getattr(draft, field) for field in Shared.model_fields})
    named_as = draft.named_as or known.named_as
    return SealedCase(named_as=named_as, shared=gave, apart_from_enquirer=draft.apart_from_enquirer)


def _ask_again(access: Access, row: "DisclosureCase") -> None:
    """Take a search back from the outcome that rests on this asking, before the asking goes on."""
    search = requests.find_sought(access, row.sought_id)
    rests = search.reason in (Outcome.SOMETHING_TO_TELL, Outcome.NOTHING_TO_TELL) and telling.is_latest(access, row)
    if search.state is SearchState.OUTCOME_READY and rests:
        requests.bring(access, row.sought_id, SearchEvent.ASK_AGAIN)


def _end_asking(access: Access, row: "DisclosureCase") -> None:
    """Give a search that waits for it its outcome, once the asking has come to an end."""
    waits = requests.state_of(access, row.sought_id) is SearchState.LOCATED_PENDING_CONSENT
    if row.state in states.ENDED and waits and telling.is_latest(access, row):
        allowed = disclosures.level(access, row.found_id, row.sought_id)
        outcome = Outcome.NOTHING_TO_TELL if allowed is Level.NOTHING else Outcome.SOMETHING_TO_TELL
        requests.bring(access, row.sought_id, SearchEvent.END_ASKING, outcome)


def _stop(access: Access, row: "DisclosureCase") -> None:
    """Stop whatever was to be told on an answer that holds no more, and let the enquirer's team know."""
    _stop_releases(access, row)
    occasion = f"{row.id.hex}:{row.version}"
    tasks.raise_task(
        access, TaskKind.ANSWER_CHANGED, row.sought_id, occasion=occasion, due_at=access.now, about_id=row.id
    )


def _stop_releases(access: Access, row: "DisclosureCase") -> None:
    for release in store.releases_of(access, row.id):
        if release.state in states.UNTOLD:
            store.save_release(access, release, ReleaseState.STOPPED)
            tasks.end_waiting(access, release.id)
            access.note("releases.stop", row.found_id)


def propose_outreach(access: Access, row: "DisclosureCase") -> DisclosureCaseView:
    """Propose to reach out to a found person where somebody of another team must approve it.

    Raises:
        NoSuchTransition: nobody is to be reached out to now.
        NotVerified, NotScreened: reaching out is not possible at all.
    """
    if not any(states.find(State(row.state), event) for event in APPROVED_FIRST):
        raise NoSuchTransition(f"nobody reaches out in the state `{row.state}`")
    away_from = opening.require_clear(access, row)
    foureyes.propose(access, Act.OUTREACH, row.found_id, row.id, opening.outreach(row), away_from=away_from)
    store.save_case(access, row)
    access.note("disclosures.propose_outreach", row.found_id)
    tasks.await_approval(access, row.found_id, row.id, row.version)
    return views.of_case(access, row)


def settle_outreach(access: Access, row: "DisclosureCase", *, approve: bool) -> DisclosureCaseView:
    """Approve or turn down the proposal to reach out.

    Raises:
        NotFound: nothing was proposed.
        AlreadySettled, SameWorker, SameTeam, NotApproved: as the law of four eyes says.
    """
    foureyes.settle(access, row.id, Act.OUTREACH, approve=approve, content=opening.outreach(row))
    tasks.end_waiting(access, row.id)
    store.save_case(access, row)
    access.note(f"disclosures.{'approve' if approve else 'turn_down'}_outreach", row.found_id)
    return views.of_case(access, row)


def open_own_request(access: Access, row: "DisclosureCase", draft: RequestDraft, key: str | None = None) -> RequestView:
    """Open a tracing request of the found person's own, in the same act in which they are asked.

    It is handled at least as carefully as their record. Raises as `requests.service.open_request`, and

    Raises:
        Refused: the caller may not open requests.
        NoSuchTransition: nobody has spoken with the person.
    """
    access.require(Permission.REQUESTS_WRITE)
    if row.state in NOT_MET:
        raise NoSuchTransition("nobody has spoken with the person")
    known = register.records(access, [row.found_id])[row.found_id].sensitivity
    sensitivity = max(known, draft.sensitivity, key=list(type(known)).index)
    view = requests.open_request(access, draft.model_copy(update={"sensitivity": sensitivity}), key)
    access.note("disclosures.own_request", row.found_id)
    return view


def deferred_until_past(access: Access, bookmark: Bookmark) -> list[Due]:
    """Return the next page of askings that were put off until now: since when, which asking, which found person."""
    return store.deferred_until_past(access, bookmark)
