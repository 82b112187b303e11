"""HTTP face of consent: the counter of the record's caseworker, and the door of the person's own rights."""

from enum import Enum
from uuid import UUID

from fastapi import APIRouter, Response

from tracing.consent import service
from tracing.consent.schemas import ConsentsView, DecisionsDraft, WithdrawalDraft
from tracing.web.door import ConsentReader, ConsentWriter, DataSubjectOfficer
from tracing.web.idempotency import IdempotencyKey
from tracing.web.problems import documented

router = APIRouter()
TAGS: list[str | Enum] = ["consent"]
RIGHTS: list[str | Enum] = ["data subject"]


@router.get("/records/{record_id}/consents", tags=TAGS, responses=documented(404))
def show_consents(access: ConsentReader, record_id: UUID) -> ConsentsView:
    """Show every decision about a person record, oldest first, and what is in force now.

    A record is a tracing request (its enquirer), a sought person, a sighting or a self-registration.
    404 is one answer for absent, another society's and withdrawn.
    """
    return service.show(access, record_id)


@router.post("/records/{record_id}/consents", tags=TAGS, status_code=201, responses=documented(404, 413, 415))
def decide(
    access: ConsentWriter, record_id: UUID, draft: DecisionsDraft, idempotency_key: IdempotencyKey = None
) -> ConsentsView:
    """Add decisions: granted, refused, deferred or withdrawn, each for one purpose.

    Decisions are only ever added. Per purpose the latest counts, and a no beats a yes of the same moment.
    They act from the next statement on: without `match_within_society` the record leaves matching and its
    suggestions are hidden; without `register` the record itself is. `decided_at` may lie in the past, never
    in the future; `valid_until` ends a consent by itself.
    """
    return service.decide(access, record_id, draft, idempotency_key)


@router.post(
    "/records/{record_id}/consents/withdrawal",
    tags=TAGS,
    status_code=204,
    responses=documented(404, 413, 415),
)
def withdraw(access: ConsentWriter, record_id: UUID, draft: WithdrawalDraft) -> Response:
    """End purposes at once. The answer is 204, also when the record itself is hidden by it.

    Withdrawing `match_within_society` ends matching and leaves the record readable to its caseworker.
    Withdrawing `register` hides the record from the next statement on, and with a tracing request its sought
    persons; it answers 404 like one that never was. Within the undo window a supervisor can grant it again
    through the data subject's door; after it the night destroys the record's key.
    """
    service.withdraw(access, record_id, draft)
    return Response(status_code=204)


@router.get("/data-subject/records/{record_id}/consents", tags=RIGHTS, responses=documented(404))
def show_consents_of_hidden(access: DataSubjectOfficer, record_id: UUID) -> ConsentsView:
    """Show the decisions about a record that may be hidden, for the person's own rights.

    Needs `data-subject:act`; the act stands on the trail under its own name. Forgotten records stay absent.
    """
    return service.show(access, record_id)


@router.post(
    "/data-subject/records/{record_id}/consents",
    tags=RIGHTS,
    status_code=201,
    responses=documented(404, 413, 415),
)
def decide_on_hidden(
    access: DataSubjectOfficer, record_id: UUID, draft: DecisionsDraft, idempotency_key: IdempotencyKey = None
) -> ConsentsView:
    """Add decisions to a record that may be hidden; granting `register` brings it back.

    It comes back to matching only with `match_within_society`, and never past its retention.
    """
    return service.decide(access, record_id, draft, idempotency_key)
