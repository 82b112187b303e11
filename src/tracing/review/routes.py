"""HTTP face of the review: queue, decisions, ad-hoc matches, the engine in words, nights as jobs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Query, Request, Response
from fastapi.responses import StreamingResponse

from tracing.gate.kinds import Kind
from tracing.review import nights, service
from tracing.review.schemas import (
    Band,
    DecisionDraft,
    EngineView,
    MatchAnswer,
    MatchDraft,
    RunView,
    SuggestionCase,
    SuggestionView,
)
from tracing.review.states import State
from tracing.web.conditional import IfMatch, require_match, tag
from tracing.web.door import (
    EngineReader,
    MatchReader,
    NightRunner,
    RunReader,
    RunTicks,
    SuggestionDecider,
    SuggestionReader,
    gate_of,
)
from tracing.web.paging import Limit, Page, Paged, Paging
from tracing.web.problems import documented
from tracing.web.ticks import stream

router = APIRouter(tags=["review"])
QUEUE = "suggestions"

States = Annotated[list[State] | None, Query(alias="state", description="Only these states; left out: all that wait.")]
Bands = Annotated[list[Band] | None, Query(alias="band", description="Only these bands.")]
WAITING = (State.SUGGESTED, State.NEEDS_INFORMATION, State.CANNOT_TELL, State.PROVISIONALLY_CONFIRMED)


@router.get("/suggestions", responses=documented())
def list_suggestions(
    access: SuggestionReader,
    paging: Paged,
    state: States = None,
    band: Bands = None,
) -> Page[SuggestionView]:
    """The review queue, each pair with its reasons: pairs of protected persons first, then the most probable.

    Protected pairs stand in no order and in every band: either would tell whether a guessed place was right.

    A pair is shown only while both persons have `match_within_society` in force: a withdrawn consent hides it
    from the next call on.
    """
    after = paging.after_number(access, QUEUE)
    rows = service.page(access, limit=paging.most, after=after, states=state or WAITING, bands=band or ())
    return paging.page(access, QUEUE, rows, _key)


@router.get("/sought-persons/{sought_id}/suggestions", responses=documented(404))
def suggestions_of_sought(
    access: SuggestionReader,
    sought_id: UUID,
    paging: Paged,
) -> Page[SuggestionView]:
    """Suggestions for one sought person, in every state, in the order of the queue."""
    return _of_record(access, sought_id, (Kind.SOUGHT,), paging)


@router.get("/sightings/{sighting_id}/suggestions", responses=documented(404))
def suggestions_of_sighting(
    access: SuggestionReader,
    sighting_id: UUID,
    paging: Paged,
) -> Page[SuggestionView]:
    """Suggestions for one sighting or self-registration: the same pairs, seen from the other side."""
    return _of_record(access, sighting_id, (Kind.SIGHTING, Kind.SELF_REGISTRATION), paging)


def _of_record(
    access: SuggestionReader, record_id: UUID, kinds: tuple[Kind, ...], paging: Paging
) -> Page[SuggestionView]:
    what = f"{QUEUE}/{record_id}"
    after = paging.after_number(access, what)
    rows = service.page_of_record(access, record_id, kinds, limit=paging.most, after=after)
    return paging.page(access, what, rows, _key)


def _key(row: SuggestionView) -> tuple[float, UUID]:
    return service.place_in_queue(row), row.id


@router.get("/suggestions/{suggestion_id}", responses=documented(404))
def show_suggestion(access: SuggestionReader, suggestion_id: UUID, response: Response) -> SuggestionCase:
    """One pair with its reasons and everything that was decided about it."""
    case = service.show(access, suggestion_id)
    tag(response, case.id, service.shown_as(access, case))
    return case


@router.post("/suggestions/{suggestion_id}/decisions", status_code=201, responses=documented(404, 409, 412, 428))
def decide(
    access: SuggestionDecider,
    suggestion_id: UUID,
    draft: DecisionDraft,
    response: Response,
    if_match: IfMatch = None,
) -> SuggestionCase:
    """Decide about a pair: `confirm_same_person`, `not_same_person`, `needs_information`, `cannot_tell`, `undo`.

    Nothing is merged, closed or sent by any verdict. A completed confirmation sets the sought person to
    `lead_found`; undoing it returns to `searching`. Where one side is protected, the first confirmation
    is provisional and the second must come from another human (403 `same-reader` otherwise). A rejected
    pair stays away until a matchable field of either side changes; `resurface_reason` then says which side.
    Needs `If-Match` with the suggestion's ETag; it changes with the suggestion and with either person.
    """
    row = service.find(access, suggestion_id)
    require_match(if_match, row.id, service.shown_as(access, row))
    case = service.decide(access, row, draft)
    tag(response, case.id, service.shown_as(access, case))
    return case


@router.post("/match", responses=documented(413))
def match(access: MatchReader, draft: MatchDraft) -> MatchAnswer:
    """Compare described persons with the case base, now. Nothing is stored but the trail; no Idempotency-Key.

    Every option stands inside its query. Probabilities are absolute: a lone poor hit stays poor.
    `next_questions` says, for each query, which missing fact would separate its hits best.
    """
    return service.match(access, draft)


@router.get("/engine", responses=documented())
def show_engine(access: EngineReader) -> EngineView:
    """What the engine compares, with which weights, and where its bands begin."""
    access.note("engine.read")
    return service.engine_view(access)


@router.post("/match-runs", status_code=202, responses=documented(409))
def start_night(access: NightRunner, request: Request, response: Response, afterwards: BackgroundTasks) -> RunView:
    """Start the night for the caller's society as a job in a process of its own, under the caller's token.

    Answers at once; `Location` follows the job. 409 `night-under-way` while one is running.
    """
    view = nights.queue(access)
    token = request.headers["authorization"].split(maxsplit=1)[1]
    # Only what is committed can be found by the other process.
    afterwards.add_task(request.app.state.start_night, gate_of(request).settings, token)
    response.headers["Location"] = f"/v1/jobs/{view.id}"
    response.headers["Retry-After"] = "2"
    return view


@router.get("/match-runs", responses=documented())
def list_runs(access: RunReader, limit: Limit = 20) -> list[RunView]:
    """The latest nights, newest first, with their counts."""
    return nights.latest(access, limit=limit)


@router.get("/jobs/{run_id}", responses=documented(404))
def show_job(access: RunReader, run_id: UUID) -> RunView:
    """One night: state, progress and counts."""
    return nights.show(access, run_id)


@router.post("/jobs/{run_id}/stop", status_code=202, responses=documented(404))
def stop_job(access: NightRunner, run_id: UUID) -> RunView:
    """Ask a night to stop after the shard that it is at; the next night goes on from there."""
    return nights.ask_to_stop(access, run_id)


EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events until the night is done or stopped.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get("/jobs/{run_id}/events", responses=EVENTS | documented(404), response_class=StreamingResponse)
def follow_job(access: RunReader, ticks: RunTicks, run_id: UUID) -> StreamingResponse:
    """Follow a night by server-sent events (`event: progress`, the job as JSON) until it is done or stopped."""
    nights.show(access, run_id)

    def look() -> RunView:
        with ticks() as access:
            return nights.show(access, run_id)

    return stream(look, lambda view: view.state in ("done", "stopped"))
