"""HTTP face of risk screens and of broken glass."""

from uuid import UUID

from fastapi import APIRouter

from tracing.risk import service
from tracing.risk.schemas import GlassDraft, GlassView, ScreenDraft, ScreenView
from tracing.web.door import GlassBreaker, RiskReader, RiskWriter, TrailReader
from tracing.web.idempotency import IdempotencyKey
from tracing.web.paging import Page, Paged
from tracing.web.problems import documented

router = APIRouter(tags=["risk"])
GLASS = "broken-glass"


@router.post("/suggestions/{suggestion_id}/risk-screens", status_code=201, responses=documented(404, 409))
def screen(
    access: RiskWriter, suggestion_id: UUID, draft: ScreenDraft, idempotency_key: IdempotencyKey = None
) -> ScreenView:
    """Screen a confirmed pair before anybody reaches out: the question itself reveals that there is a search.

    Each flag is answered `yes`, `no` or `unknown`; unknown counts as yes, and so does what is left out. The
    verdict follows from the answers: `stop` when the enquirer stands on a never-disclose list, `clear` when every
    answer is no, `second_approver` otherwise. The never-disclose lists of both sides are compared with the names
    of the enquirer and their relatives; a likely hit is a `stop`, whatever was answered, until a supervisor other
    than the first worker screens again with `override: true`.

    A screen is never changed; the latest one counts. A graver one is free for anybody; one that is milder than the
    one that stands is made by a supervisor who did not make that one: 403 `supervisor-needed` or `same-worker`.
    409 `not-confirmed` while the pair does not stand confirmed.
    """
    return service.screen(access, suggestion_id, draft, idempotency_key)


@router.get("/suggestions/{suggestion_id}/risk-screens", responses=documented(404))
def list_screens(access: RiskReader, suggestion_id: UUID) -> list[ScreenView]:
    """Every screen of a pair, oldest first; the last one counts.

    Notes are withheld where a side is protected and neither your case nor your team's.
    """
    return service.screens(access, suggestion_id)


@router.post("/records/{record_id}/broken-glass", status_code=201, responses=documented(404))
def break_glass(
    access: GlassBreaker, record_id: UUID, draft: GlassDraft, idempotency_key: IdempotencyKey = None
) -> GlassView:
    """See what is withheld from you about a protected person, for a while and for a reason.

    Until `until`, the places in the reasons of their suggestions, the contact points of their record and what was
    written about them in free text (interviews, notes, accounts) are shown to you and to nobody else. The trail keeps
    it, and a task tells a supervisor.
    """
    return service.break_glass(access, record_id, draft, idempotency_key)


@router.get("/broken-glass", responses=documented())
def list_broken_glass(access: TrailReader, paging: Paged) -> Page[GlassView]:
    """Who broke the glass of which record and why, oldest first. For supervisors; an auditor reads no notes."""
    rows = service.page_of_glass(access, limit=paging.most, after=paging.after(access, GLASS))
    return paging.page(access, GLASS, rows, lambda row: (row.broken_at, row.id))
