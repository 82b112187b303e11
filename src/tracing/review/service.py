"""The rules of the review: what a caseworker sees of a pair, and what a verdict leads to. No HTTP, no SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.gate import bulk, glass, register
from tracing.gate.access import Access
from tracing.gate.kinds import Kind, Sensitivity
from tracing.gate.permissions import Permission
from tracing.kit.errors import NotFound
from tracing.matching import BANDS, Engine, Person, Score
from tracing.matching.questions import Candidate, next_questions
from tracing.persons.traits import to_person
from tracing.requests import service as requests
from tracing.requests.states import Event as SoughtEvent
from tracing.review import states, store, suggest
from tracing.review.errors import NoSuchVerdict, NotConfirmed, SameReader
from tracing.review.schemas import (
    ComparisonView,
    DecisionDraft,
    EngineView,
    MatchAnswer,
    MatchDraft,
    MatchHit,
    MatchQuery,
    QuestionView,
    SuggestionCase,
    SuggestionView,
)
from tracing.review.states import Guard, ReasonCode, State, Verdict
from tracing.review.veil import PLACES, veiled
from tracing.review.views import case_of, evidence_views, names_of, suggestion_views
from tracing.sightings import service as sightings
from tracing.sightings.states import Event as SightingEvent

if TYPE_CHECKING:
    from tracing.gate.tables import Record
    from tracing.review.tables import Suggestion

ASKED = UUID(int=0)
"""Stands for the person of an ad-hoc query, who has no record."""
CANDIDATES = 500
"""Most records that an ad-hoc query is compared with: those that share the most blocking keys."""

TAKEN_UP = tuple(state for state in State if state not in (State.SUGGESTED, State.REJECTED))
MOST_FOUND = 200


def page(
    access: Access,
    *,
    limit: int,
    after: tuple[float, UUID] | None = None,
    states: Sequence[State] = (),
    bands: Sequence[str] = (),
) -> list[SuggestionView]:
    """Return at most `limit` suggestions of the queue, in the order of `place_in_queue`."""
    rows = store.page(access, limit=limit, after=after, states=states, bands=bands)
    access.note_page("suggestions.list", [row.id for row in rows])
    return suggestion_views(access, rows)


def place_in_queue(view: SuggestionView) -> float:
    """Return what the queue is ordered by, descending: see `store.page`."""
    return store.FIRST if view.needs_second_reader else view.probability


def page_of_record(
    access: Access,
    record_id: UUID,
    kinds: Sequence[Kind],
    *,
    limit: int,
    after: tuple[float, UUID] | None = None,
) -> list[SuggestionView]:
    """Return the suggestions of one record of `kinds`, from whichever side.

    Raises:
        NotFound: the record is absent, of another kind, another society's, hidden, or takes no part in matching.
    """
    record = register.records(access, [record_id]).get(record_id)
    if record is None or record.kind not in kinds:
        raise NotFound("no such record, or it takes no part in matching")
    rows = store.page(access, limit=limit, after=after, record_id=record_id)
    access.note_page("suggestions.list", [record_id, *(row.id for row in rows)])
    return suggestion_views(access, rows)


def show(access: Access, suggestion_id: UUID) -> SuggestionCase:
    """Return a suggestion with its decisions.

    Raises:
        NotFound: absent, another society's, or one side is no longer in force for matching.
    """
    row = find(access, suggestion_id)
    _note(access, "suggestions.read", row)
    return case_of(access, row)


def _note(access: Access, act: str, row: "Suggestion") -> None:
    """Put an act on a pair on the trail, under its own id and under each person's, so that either is found."""
    for subject_id in (row.id, row.left_id, row.right_id):
        access.note(act, subject_id)


def find(access: Access, suggestion_id: UUID) -> "Suggestion":
    """Return the row of a suggestion, for checking its version.

    Raises:
        NotFound: absent, another society's, or one side is no longer in force for matching.
    """
    row = store.find(access, suggestion_id)
    if row is None:
        raise NotFound("no such suggestion")
    return row


def found_pair(access: Access, suggestion_id: UUID) -> tuple[UUID, UUID]:
    """Return the found person's record and the sought person of a confirmed suggestion. The caller notes the act.

    Raises:
        NotFound: absent, another society's, or one side is no longer in force for matching.
        NotConfirmed: it does not stand confirmed, or both sides are sought: a duplicate, and nobody is found.
    """
    row = find(access, suggestion_id)
    if row.state is not State.CONFIRMED_SAME_PERSON or row.right_kind is Kind.SOUGHT:
        raise NotConfirmed("the suggestion does not stand confirmed, or nobody is found by it")
    return row.right_id, row.left_id


def found_for(access: Access, sought_id: UUID) -> list[UUID]:
    """Return the records of the persons whom confirmed suggestions say that a sought person is; no duplicates of it."""
    return store.found_for(access, sought_id)


def found_of(access: Access, sought_id: UUID) -> list[UUID]:
    """Return who may be a sought person as workers see it: of each pair that one took up and did not reject.

    The caller notes the act.
    """
    rows = store.page(access, limit=MOST_FOUND, states=TAKEN_UP, record_id=sought_id)
    return [row.right_id for row in rows if row.left_id == sought_id and row.right_kind is not Kind.SOUGHT]


def pair_of(access: Access, suggestion_id: UUID) -> tuple[UUID, UUID]:
    """Return the right and the left record of a suggestion in whichever state. The caller notes the act.

    Raises:
        NotFound: absent, another society's, or one side is no longer in force for matching.
    """
    row = find(access, suggestion_id)
    return row.right_id, row.left_id


def confirmed_at(access: Access, suggestion_id: UUID) -> datetime | None:
    """Return when a pair was confirmed as it stands; None when it does not stand confirmed or is out of force."""
    row = store.find(access, suggestion_id)
    if row is None or row.state is not State.CONFIRMED_SAME_PERSON:
        return None
    return store.decisions(access, suggestion_id)[-1].decided_at


def shown_as(access: Access, pair: "Suggestion | SuggestionCase") -> str:
    """Return the version of a pair as it is shown: of the suggestion, and of both persons with their sensitivity.

    Who has read it before a person was changed decides about somebody else.
    """
    records = register.records(access, [pair.left_id, pair.right_id])
    sides = [(records[side].matched_as, records[side].sensitivity) for side in (pair.left_id, pair.right_id)]
    return f"{pair.version}-{access.vault.hash('pair as shown', repr(sides))[:24]}"


def decide(access: Access, row: "Suggestion", draft: DecisionDraft) -> SuggestionCase:
    """Record a verdict and let its effects happen; the caller has checked the version.

    Raises:
        NoSuchVerdict: not possible in the suggestion's state.
        SameReader: the second reader of a protected pair is the human who read first.
    """
    records = register.records(access, [row.left_id, row.right_id])
    _take(access, row, draft, _target(access, row, draft.verdict, records), records)
    return case_of(access, row)


def refute(access: Access, suggestion_id: UUID, reason: ReasonCode) -> None:
    """Take back a confirmed pair of which the verification came to nothing; the caller has made sure that it did.

    It stands rejected, as if two strangers had been told apart: the next nights pass it over until a side changes.

    Raises:
        NotFound: absent, another society's, or one side is no longer in force for matching.
        NoSuchVerdict: it does not stand confirmed.
    """
    row = find(access, suggestion_id)
    steps = states.rows(State(row.state), Verdict.REFUTE)
    if not steps:
        raise NoSuchVerdict(f"nothing is refuted in the state `{row.state}`")
    records = register.records(access, [row.left_id, row.right_id])
    _take(access, row, DecisionDraft(verdict=Verdict.REFUTE, reason=reason), steps[0].target, records)


def _take(
    access: Access, row: "Suggestion", draft: DecisionDraft, target: State, records: dict[UUID, "Record"]
) -> None:
    """Record a decision whose guard holds, and let its effects happen."""
    before = State(row.state)
    left, right = records[row.left_id], records[row.right_id]
    store.add_decision(
        access,
        row,
        verdict=draft.verdict,
        reason=draft.reason,
        note=draft.note or "",
        led_to=target,
        key_id=left.key_id,
        seen_as=(left.matched_as, right.matched_as),
    )
    row.resurface_reason = None
    store.save(access, row, target)
    _note(access, f"suggestions.{draft.verdict}", row)
    _follow(access, row, before, target)


def _target(access: Access, row: "Suggestion", verdict: Verdict, records: dict[UUID, "Record"]) -> State:
    protected = any(record.sensitivity is not Sensitivity.NORMAL for record in records.values())
    holding = [step for step in states.rows(State(row.state), verdict) if _may_hold(step.guard, protected)]
    if not holding:
        raise NoSuchVerdict(f"`{verdict}` is not possible in the state `{row.state}`")
    step = holding[0]
    if step.guard is Guard.ANOTHER_WORKER and _first_reader(access, row.id) == access.caller.worker_id:
        raise SameReader("the second reader must be another person than the first")
    return step.target


def _may_hold(guard: Guard, protected: bool) -> bool:
    if guard is Guard.VERIFICATION_REFUTED:
        return False  # no verdict by hand
    if guard is Guard.ONE_READER_IS_ENOUGH:
        return not protected
    return guard is not Guard.SECOND_READER_NEEDED or protected


def _first_reader(access: Access, suggestion_id: UUID) -> UUID | None:
    confirming = [d for d in store.decisions(access, suggestion_id) if d.led_to is State.PROVISIONALLY_CONFIRMED]
    return confirming[-1].worker_id if confirming else None


def _follow(access: Access, row: "Suggestion", before: State, after: State) -> None:
    """Set or undo `lead_found` and the sighting's link. Two sought persons confirmed are a duplicate, no lead."""
    if row.right_kind is Kind.SOUGHT or (before is after):
        return
    if after is State.CONFIRMED_SAME_PERSON:
        requests.follow_decision(access, row.left_id, SoughtEvent.CONFIRM_LEAD)
        if row.right_kind is not Kind.REQUEST:
            sightings.follow_decision(access, row.right_id, SightingEvent.LINK)
    elif before is State.CONFIRMED_SAME_PERSON:
        if not store.confirmed_others(access, row.left_id, row.id):
            requests.follow_decision(access, row.left_id, SoughtEvent.UNDO_LEAD)
        if row.right_kind is not Kind.REQUEST and not store.confirmed_others(access, row.right_id, row.id):
            sightings.follow_decision(access, row.right_id, SightingEvent.UNLINK)


def decided_pairs(access: Access) -> suggest.DecidedPairs:
    """Return what people decided, as evidence to learn weights from; nobody's details are opened.

    Raises:
        Refused: the caller may not train.
    """
    access.require(Permission.WEIGHTS_TRAIN)
    rows = store.decided(access)
    access.note_page("weights.train", [row.id for row in rows])
    return suggest.decided_pairs(suggest.plain_engine(access.settings), rows)


def match(access: Access, draft: MatchDraft) -> MatchAnswer:
    """Answer ad-hoc queries. Nothing is stored but the trail."""
    engine = suggest.engine_of(access)
    pool = register.count_for_matching(access)
    found = {name: _match_one(access, engine, pool, query) for name, query in draft.queries.items()}
    responses = {name: hits for name, (hits, _) in found.items()}
    questions = {name: asked for name, (_, asked) in found.items()}
    access.note_page("match.query", [hit.record_id for hits in responses.values() for hit in hits])
    return MatchAnswer(engine_version=engine.version, responses=responses, next_questions=questions)


def _match_one(
    access: Access, engine: Engine, size: int, query: MatchQuery
) -> tuple[list[MatchHit], list[QuestionView]]:
    person = to_person(ASKED, query.person, seen_place=query.seen_place, seen_date=query.seen_date)
    asked = engine.read(person)
    found, shut = _candidates(access, engine, person, query)
    records = register.records(access, found)
    prior = engine.prior(size)
    known = {record_id: engine.read(person) for record_id, person in found.items()}
    pool = suggest.Pool.of(engine, (asked, *known.values()))
    pairs = [(ASKED, record_id) for record_id in known]
    _, kept = suggest.score_pairs(pool, pairs, prior=prior, minimum=query.min_probability)
    kept = sorted(kept, key=lambda scored: (-scored.weight, str(scored.right)))[: query.limit]
    places = [(0, pool.places[scored.right]) for scored in kept]
    scores = [Score(scored.weight, scored.levels, scored.bits) for scored in kept]
    told = engine.explain_pairs(pool.roster, (asked, *known.values()), places, scores)
    hits, candidates = [], []
    for scored, evidence in zip(kept, told, strict=True):
        record = records[scored.right]
        hidden = PLACES if record.id in shut else frozenset[str]()
        candidates.append(Candidate(known[scored.right], scored.weight, hidden))
        hits.append(
            MatchHit(
                record_id=scored.right,
                kind=record.kind,
                weight=scored.weight,
                probability=scored.probability,
                band=scored.band,
                names=names_of(found[scored.right]),
                origin=record.origin,
                evidence=evidence_views(evidence),
                places_withheld=record.id in shut,
            )
        )
    questions = next_questions(engine, asked, candidates, prior)
    return hits, [QuestionView(**question._asdict()) for question in questions]


def _candidates(
    access: Access, engine: Engine, asked: Person, query: MatchQuery
) -> tuple[dict[UUID, Person], set[UUID]]:
    """Return whom an ad-hoc query is compared with, and those of them who are shut to the caller.

    Who is shut stands as if no place of theirs were known, and comes by such keys only as the query has without
    any: a guessed address neither finds them nor weighs.
    """

    def sharing(person: Person) -> set[UUID]:
        numbers = suggest.numbers_of(access, engine.read(person))
        return set(bulk.sharing(access, numbers, kinds=query.kinds, most=CANDIDATES)) - set(query.exclude)

    openly, bare = sharing(asked), sharing(veiled(asked))
    shut = glass.shut(access, register.records(access, openly | bare).values())
    found = suggest.persons(access, sorted((openly - shut) | (bare & shut)))
    return {i: veiled(person) if i in shut else person for i, person in found.items()}, shut & found.keys()


def engine_view(access: Access) -> EngineView:
    """Return what the engine compares, with its weights and bands."""
    engine = suggest.plain_engine(access.settings)
    weights = engine.weights
    return EngineView(
        version=engine.version,
        comparisons=[
            ComparisonView(
                name=c.name, levels=list(c.levels), bits=list(engine.level_bits(c.name)), description=c.description
            )
            for c in engine.comparisons
        ],
        bands=dict(zip(BANDS, (*weights.bands, 0.0), strict=True)),
    )
