"""HTTP face of PFIF: a file in, a file out, and what the home of a copy says."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from tracing.kit.errors import Unsupported
from tracing.pfif import service
from tracing.pfif.parsers.staged import Staged
from tracing.pfif.schemas import CopyView, Order, PfifReport
from tracing.web.door import ImportBatches, PfifExporter, SuggestionReader, gate_of
from tracing.web.problems import documented

router = APIRouter(tags=["pfif"])

MEDIA = frozenset({"application/xml", "text/xml", "text/csv", "application/zip"})
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {media: {"schema": {"type": "string", "format": "binary"}} for media in sorted(MEDIA)},
    }
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "PFIF 1.4.", "content": {"application/xml": {"schema": {"type": "string"}}}}
}


async def upload(request: Request, _: ImportBatches) -> bytes:
    """Return the bytes of what was sent.

    Raises:
        Unsupported: another content type.
    """
    if request.headers.get("content-type", "").split(";")[0].strip().lower() not in MEDIA:
        raise Unsupported("PFIF is XML (application/xml), CSV (text/csv), or one of them in a zip (application/zip)")
    return await request.body()


@router.post("/imports/pfif", openapi_extra=_BODY, responses=documented(413, 415))
def import_pfif(
    request: Request,
    turn: ImportBatches,
    content: Annotated[bytes, Depends(upload)],
    dry_run: Annotated[bool, Query(description="Do the same work and undo it.")] = False,
    domain: Annotated[
        str, Query(pattern=r"^[A-Za-z0-9.-]{0,70}$", description="CSV: home of the rows whose ids name none.")
    ] = "",
) -> PfifReport:
    """Import records of PFIF 1.1 to 1.4, XML or Person Finder's CSV, as copies for matching and nothing else.

    Somebody who is sought, or believed missing, becomes a search; everybody else a sighting. Copies carry their
    `origin`, no rule acts on them, and they are never given on. A claim that somebody is dead is kept and changes
    nothing. The original's bytes are kept sealed with the record's key.

    A record that is here already replaces its copy if its `source_date` is newer; a record that its home has
    removed hides its copy, and so does one whose `expiry_date` is more than a day past. Records of the service's
    own domain are refused as `own-record`, those that may name somebody who was erased as `held-back`, and what is
    more of one home than is taken in 24 hours as `quota-reached`.

    Every note is kept: it joins the copy of its person, whichever comes first, and waits for them for 30 days at most,
    sealed. No newer record loses one.

    400 `unreadable-file`: not UTF-8, damaged anywhere, a document type, nested without end. 413: over the limit,
    also when unpacked. In both cases nothing was imported. 422 `nothing-imported`: neither a record nor a note is good.
    """
    settings = gate_of(request).settings
    order = Order(dry_run=dry_run, domain=domain.lower())
    report = service.import_pfif(turn, order, Staged(content, settings.max_import_bytes), settings.pfif_domain)
    service.require_some(report)
    return report


@router.get("/exports/pfif", response_class=Response, responses=_FILE | documented(409))
def export_pfif(access: PfifExporter) -> Response:
    """Return every sought person who may be named in public, as PFIF 1.4: name, sex, age band, town, and no more.

    Only on a consent to `publish_name` that somebody gave and that is in force. Never a protected person, a child,
    a copy, or somebody whose enquirer named anybody who must never learn of the search. Photos are not kept here
    and not published. Nothing in it tells whether somebody was found.

    409 `no-domain`: `TRACING_PFIF_DOMAIN` is not set.
    """
    content = service.export_pfif(access)
    disposition = {"Content-Disposition": 'attachment; filename="pfif.xml"'}
    return Response(content, media_type="application/xml", headers=disposition)


@router.get("/records/{record_id}/pfif-copy", responses=documented(404))
def show_copy(access: SuggestionReader, record_id: UUID) -> CopyView:
    """Return what the home of a copied record says of it: claims that nobody here has checked, and links."""
    return service.show(access, record_id)
