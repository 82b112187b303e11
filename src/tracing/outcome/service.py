"""The rules of outcomes: no HTTP, no SQL. What happened is on record in other rooms; here it comes together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.contact import service as contact
from tracing.contact.errors import NotExhausted
from tracing.disclosure import service as disclosure
from tracing.fate import service as fate
from tracing.gate import glass, idempotency, register
from tracing.gate.access import Access
from tracing.gate.disclosing import Level
from tracing.kit.errors import Flaw, Invalid, NotFound
from tracing.messages import service as messages
from tracing.outcome import states, store
from tracing.outcome.errors import NotConcluded, NotTold
from tracing.outcome.schemas import (
    ClosureView,
    OutcomeView,
    ReasonView,
    TellableView,
    TellingDraft,
    TellingView,
)
from tracing.outcome.states import Facts, Lack, Told
from tracing.requests import service as requests
from tracing.requests import statuses
from tracing.requests.states import Event, FindingReason, Outcome, State
from tracing.requests.states import find as find_step

if TYPE_CHECKING:
    from tracing.outcome.tables import Closure, PartnerAnswer, Telling

TO_TELL = frozenset({Outcome.SOMETHING_TO_TELL, Outcome.FATE_TO_TELL})
"""Why an outcome is ready where there is something for the enquirer."""


def show(access: Access, sought_id: UUID) -> OutcomeView:
    """Return what the enquirer of a search may be told and was told, and for which reasons it may be concluded.

    Raises:
        NotFound: the sought person is absent, another society's, or hidden.
    """
    view = preview(access, sought_id)
    access.note("outcomes.read", sought_id)
    return view


def preview(access: Access, sought_id: UUID) -> OutcomeView:
    """Return what `show` returns; the caller notes the act. Raises as `show`."""
    row = requests.find_sought(access, sought_id)
    state, reason = State(row.state), row.reason
    facts = _facts(access, sought_id)
    answers = store.answers(access, sought_id)
    untold = facts.fate is not None and not fate.may_be_told(access, facts.fate[0])
    tellable = _tellable(replace(facts, fate=None) if untold else facts, answers)
    return OutcomeView(
        sought_id=sought_id,
        state=state,
        outcome=Outcome(reason) if state is State.OUTCOME_READY and reason else None,
        may_be_told=tellable,
        people_to_tell=int(any(not thing.recorded for thing in tellable)),  # a search has one enquirer
        tellings=_tellings(access, sought_id),
        reasons=[_reason(reason, state, facts) for reason in FindingReason],
        closures=[_closure(row) for row in store.closures(access, sought_id)],
    )


def tell(access: Access, sought_id: UUID, draft: TellingDraft, key: str | None = None) -> TellingView:
    """Record that the enquirer was told. A retry with the same Idempotency-Key returns the first record.

    Raises:
        NotFound: the sought person is absent, another society's, or hidden.
        NotTold: the release was not told, the message not delivered, or the fate is not the established one, or
            would speak of a found person who has not agreed.
        Invalid: it lies in the future.
    """
    print_of = f"outcomes.tell|{sought_id}|{draft.model_dump_json()}"
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        return _show_telling(access, made)
    requests.find_sought(access, sought_id)
    if draft.told_at > access.now:
        raise Invalid("nobody was told in the future", [Flaw("/told_at", "in-the-future", "it is not yet past")])
    facts = _facts(access, sought_id)
    if draft.release_id is not None and draft.release_id not in dict(disclosure.told(access, sought_id)):
        raise NotTold("this release was not told")
    if draft.fate_id is not None and (facts.fate is None or facts.fate[0] != draft.fate_id):
        raise NotTold("this is not the established fate")
    if draft.fate_id is not None and not fate.may_be_told(access, draft.fate_id):
        raise NotTold("this fate may not be told")
    if draft.message_id is not None and draft.message_id not in facts.delivered:
        raise NotTold("this message was not delivered")
    if draft.answer_id is not None and draft.answer_id not in _standing(store.answers(access, sought_id)):
        raise NotTold("no partner society lets us tell this")
    row = store.add_telling(access, sought_id, register.records(access, [sought_id])[sought_id].key_id, draft)
    idempotency.remember(access, key, print_of, row.id)
    access.note("outcomes.tell", sought_id)
    return _views(access, [row])[0]


def conclude(access: Access, sought_id: UUID, reason: FindingReason) -> OutcomeView:
    """End a search for a reason that rests on what is on record; the caller has checked the edition.

    Raises:
        NotFound: the sought person is absent, another society's, or hidden.
        NotConcluded: the reason's rule finds something missing.
        NoSuchTransition: a search in this state is not concluded.
    """
    requests.find_sought(access, sought_id)
    facts = _facts(access, sought_id)
    missing = states.lacks(reason, facts)
    if missing:
        raise NotConcluded(f"`{reason}`: {', '.join(missing)}")
    requests.bring(access, sought_id, Event.CONCLUDE, reason)
    store.add_closure(access, sought_id, reason, states.telling_of(reason, facts))
    return preview(access, sought_id)


def _facts(access: Access, sought_id: UUID) -> Facts:
    told_by_partners = [(row.id, Level(row.level)) for row in store.answers(access, sought_id)]
    return Facts(
        releases=(*disclosure.told(access, sought_id), *told_by_partners),
        delivered=frozenset(messages.delivered(access, sought_id)),
        fate=fate.established(access, sought_id),
        asking=disclosure.asking_of(access, sought_id),
        tellings=tuple(
            Told(row.id, row.release_id or row.fate_id or row.message_id or row.answer_id, row.support_offered)
            for row in store.tellings(access, sought_id)
        ),
        exhausted=_exhausted(access, requests.request_of(access, sought_id)),
    )


def hear(access: Access, sought_id: UUID, answer_id: UUID, level: Level) -> None:
    """Put on record what a partner society lets us tell the enquirer of a search; the caller notes the act.

    The enquirer is asked to come, as for a match of our own, unless a match or a fate is being looked into here: then
    what comes of that decides.
    """
    store.add_answer(access, sought_id, answer_id, level)
    row = requests.find_sought(access, sought_id)
    told_of = row.state is State.OUTCOME_READY and row.reason in TO_TELL
    if find_step(State(row.state), Event.HEAR_PARTNER) is None:
        return
    if not told_of:
        requests.bring(access, sought_id, Event.HEAR_PARTNER, Outcome.SOMETHING_TO_TELL)
    statuses.speak(access, sought_id)


def unhear(access: Access, answer_id: UUID) -> None:
    """Let nobody be told any more what a partner society took back; a search whose enquirer was told may still end so.

    The caller notes the act.
    """
    store.drop_answer(access, answer_id)


def _exhausted(access: Access, request_id: UUID) -> bool:
    try:
        contact.require_exhausted(access, request_id)
    except NotExhausted:
        return False
    return True


def _standing(answers: Sequence["PartnerAnswer"]) -> frozenset[UUID]:
    return frozenset(row.id for row in answers if not row.over)


def _tellable(facts: Facts, answers: Sequence["PartnerAnswer"]) -> list[TellableView]:
    told = {telling.of for telling in facts.tellings}
    theirs, standing = {row.id for row in answers}, _standing(answers)
    things = [
        TellableView(
            kind="partner_answer" if i in theirs else "release", id=i, level=level, finding=None, recorded=i in told
        )
        for i, level in facts.releases
        if i in standing or i not in theirs
    ]
    if facts.fate is not None:
        fate_id, finding = facts.fate
        recorded = fate_id in told
        things.append(TellableView(kind="fate", id=fate_id, level=None, finding=finding, recorded=recorded))
    things += [
        TellableView(kind="message", id=i, level=None, finding=None, recorded=i in told)
        for i in sorted(facts.delivered)
    ]
    return things


def _reason(reason: FindingReason, state: State, facts: Facts) -> ReasonView:
    missing = states.lacks(reason, facts)
    if find_step(state, Event.CONCLUDE) is None:
        missing = [Lack.STATE, *missing]
    return ReasonView(reason=reason, allowed=not missing, missing=missing)


def _show_telling(access: Access, telling_id: UUID) -> TellingView:
    row = store.find_telling(access, telling_id)
    if row is None:
        raise NotFound("no such telling")
    access.note("outcomes.read", row.sought_id)
    return _views(access, [row])[0]


def _tellings(access: Access, sought_id: UUID) -> list[TellingView]:
    return _views(access, store.tellings(access, sought_id))


def _views(access: Access, rows: "list[Telling]") -> list[TellingView]:
    hushed = glass.unspoken(access, [[row.sought_id] for row in rows])
    return [
        TellingView(
            note=None if withheld else details.note,
            words_withheld=withheld,
            id=row.id,
            release_id=row.release_id,
            fate_id=row.fate_id,
            message_id=row.message_id,
            answer_id=row.answer_id,
            channel=row.channel,
            told_at=row.told_at,
            language=row.language,
            support_offered=row.support_offered,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by,
        )
        for row, details, withheld in zip(rows, store.details_of(access, rows), hushed, strict=True)
    ]


def _closure(row: "Closure") -> ClosureView:
    return ClosureView(
        id=row.id,
        reason=FindingReason(row.reason),
        telling_id=row.telling_id,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )
