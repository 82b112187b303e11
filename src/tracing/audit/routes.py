"""HTTP face of the trail."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from tracing.audit import service
from tracing.audit.schemas import TrailView
from tracing.web.door import TrailReader
from tracing.web.paging import Page, Paged, read_cursor
from tracing.web.problems import documented

router = APIRouter(tags=["trail"])
SubjectId = Annotated[UUID | None, Query(description="Only acts on this one record.")]
NewestFirst = Annotated[bool, Query(description="Count down from the last act instead of up from the first.")]


@router.get("/trail", responses=documented())
def read_trail(
    access: TrailReader,
    paging: Paged,
    subject_id: SubjectId = None,
    newest_first: NewestFirst = False,
) -> Page[TrailView]:
    """Read the society's trail: who did what to which record, when; ids only.

    For auditors and supervisors. A page of a list is one row with a keyed hash of its ids, so `subject_id`
    finds the acts on the record itself. Reading the trail stands on the trail, too.
    """
    what = f"trail|{subject_id}|{newest_first}"
    place = read_cursor(access, what, paging.cursor)
    rows, more = service.page(
        access,
        limit=paging.limit,
        after=place.id.int if place else None,
        subject_id=subject_id,
        newest_first=newest_first,
    )
    # A cursor carries a moment and an id; the chain's number stands in the id's place.
    return paging.cut(access, what, rows, (rows[-1].at, UUID(int=rows[-1].seq)) if more else None)
