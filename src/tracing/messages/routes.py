"""HTTP face of Red Cross Messages."""

from uuid import UUID

from fastapi import APIRouter, Response

from tracing.messages import service
from tracing.messages.schemas import MessageChange, MessageDraft, MessageView, StepDraft
from tracing.web.conditional import IfMatch, IfNoneMatch, is_unchanged, require_match, tag
from tracing.web.door import MessageReader, MessageReleaser, MessageWriter
from tracing.web.idempotency import IdempotencyKey
from tracing.web.paging import Page, Paged
from tracing.web.problems import documented

router = APIRouter(tags=["messages"])
LIST = "messages"


@router.post("/sought-persons/{sought_id}/messages", status_code=201, responses=documented(404, 409, 413, 415))
def write_message(
    access: MessageWriter,
    sought_id: UUID,
    draft: MessageDraft,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> MessageView:
    """Enter short family news for the other side of a search, to be carried by the society.

    The found person's answer must allow the direction: `to_enquirer` from the level `pass_message` on, `to_found`
    from `receive_message` on. It is asked anew when the message is read, sent and handed over.

    `flags` say what the text seems to hold that must not leave (an address, a telephone number, money…); another
    worker reads and decides. Where a side is protected, such a text is refused.
    """
    view = service.write(access, sought_id, draft, idempotency_key)
    response.headers["Location"] = f"/v1/messages/{view.id}"
    tag(response, view.id, view.edition)
    return view


@router.get("/sought-persons/{sought_id}/messages", responses=documented(404))
def list_messages(
    access: MessageReader,
    sought_id: UUID,
    paging: Paged,
) -> Page[MessageView]:
    """List the messages about a search, both directions, the oldest first."""
    what = f"{LIST}|{sought_id}"
    rows = service.page_of_messages(access, sought_id, limit=paging.most, after=paging.after(access, what))
    return paging.page(access, what, rows, lambda row: (row.created_at, row.id))


@router.get("/messages/{message_id}", responses=documented(304, 404))
def show_message(
    access: MessageReader, message_id: UUID, response: Response, if_none_match: IfNoneMatch = None
) -> MessageView:
    """Show one message. Its text is withheld while the found person's answer does not allow the direction.

    The words of a protected person are shown to who entered them, to who is answerable for that person, to their
    team, and through broken glass; once they are sent, to the other side's, who hand them over.
    """
    view = service.show_message(access, message_id)
    tag(response, view.id, view.edition)
    if view.text is not None and is_unchanged(if_none_match, view.id, view.edition):
        return Response(status_code=304, headers=dict(response.headers))  # type: ignore[return-value]  # FastAPI passes it on
    return view


@router.patch("/messages/{message_id}", responses=documented(404, 409, 412, 428))
def rewrite_message(
    access: MessageWriter, message_id: UUID, change: MessageChange, response: Response, if_match: IfMatch = None
) -> MessageView:
    """Replace the text of a message that has not left. What another worker has read before counts no more."""
    row = service.find_message(access, message_id)
    require_match(if_match, row.id, service.edition_of(access, row))
    view = service.rewrite(access, row, change)
    tag(response, view.id, view.edition)
    return view


@router.post("/messages/{message_id}/events", responses=documented(404, 409, 412, 428))
def step_message(
    access: MessageReleaser, message_id: UUID, draft: StepDraft, response: Response, if_match: IfMatch = None
) -> MessageView:
    """Let something happen to a message: read, return, send, deliver, fail, refuse, stop.

    `read` says: I am another person than its writer, and this is family news only. Where a side is protected or the
    risk screen asks for it, the reader of news for the enquirer is of another team than the enquirer's. Nobody reads
    what is withheld from them (403 `withheld`): break the glass first. What is
    possible in which state is one table (`docs/reference/states.md`); anything else answers 409.
    """
    row = service.find_message(access, message_id)
    require_match(if_match, row.id, service.edition_of(access, row))
    view = service.happen(access, row, draft.event, draft.reason)
    tag(response, view.id, view.edition)
    return view
