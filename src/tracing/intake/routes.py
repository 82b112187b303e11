"""HTTP face of importing lists."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from tracing.intake import service
from tracing.intake.parsers.lines import Source
from tracing.intake.schemas import ListFormat, ListKind, Order, Report, SourceCode, TemplateFormat
from tracing.kit.errors import Flaw, Malformed, Unsupported
from tracing.web.door import ImportBatches, Importer
from tracing.web.problems import documented

router = APIRouter(tags=["imports"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA = {
    "application/x-ndjson": ListFormat.NDJSON,
    "application/ndjson": ListFormat.NDJSON,
    "application/jsonl": ListFormat.NDJSON,
    "text/csv": ListFormat.CSV,
    XLSX: ListFormat.XLSX,
}
ENDINGS = {
    ".ndjson": ListFormat.NDJSON,
    ".jsonl": ListFormat.NDJSON,
    ".csv": ListFormat.CSV,
    ".xlsx": ListFormat.XLSX,
}
_FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-ndjson": {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}},
            XLSX: _FILE,
            "multipart/form-data": {
                "schema": {"type": "object", "required": ["file"], "properties": {"file": _FILE["schema"]}}
            },
        },
    }
}


class InMemory(MultiPartParser):
    """Keeps an upload in memory, never in a temporary file; the body's size is limited in front."""

    spool_max_size = 1 << 40


async def upload(request: Request, _: ImportBatches) -> tuple[ListFormat, bytes]:
    """Return the format and the bytes of what was sent, as the body itself or as one file of a form.

    Raises:
        Unsupported: another content type.
        Malformed: a form without exactly one file.
    """
    media = _media(request.headers.get("content-type", ""))
    if media in MEDIA:
        return MEDIA[media], await request.body()
    if media != "multipart/form-data":
        raise Unsupported("a list is NDJSON (application/x-ndjson), CSV (text/csv) or XLSX")
    try:
        form = await InMemory(request.headers, request.stream(), max_files=1, max_fields=10).parse()
    except MultiPartException:
        raise Malformed("the form cannot be read, or holds more than one file") from None
    files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
    if not files:
        raise Malformed("the form holds no file", [Flaw("/file", "missing", "it is needed")])
    file = files[0]
    try:
        return _format_of(file), await file.read()
    finally:
        await file.close()


def _format_of(file: UploadFile) -> ListFormat:
    """Return the format of an uploaded file: by content type, or by ending where a browser knows none."""
    ending = f".{(file.filename or '').lower().rpartition('.')[2]}"
    found = MEDIA.get(_media(file.content_type or "")) or ENDINGS.get(ending)
    if found is None:
        raise Unsupported("a list is NDJSON (.ndjson), CSV (.csv) or XLSX (.xlsx)")
    return found


def _media(header: str) -> str:
    return header.split(";")[0].strip().lower()


Upload = Annotated[tuple[ListFormat, bytes], Depends(upload)]


@router.post("/imports", openapi_extra=_BODY, responses=documented(413, 415))
def import_list(
    turn: ImportBatches,
    upload: Upload,
    kind: Annotated[ListKind, Query(description="What the rows are.")],
    dry_run: Annotated[bool, Query(description="Do the same work and undo it.")] = False,
    start: Annotated[bool, Query(description="Requests only: submit, accept and start every search.")] = False,
    source: Annotated[SourceCode, Query(description="Short code of the sender.")] = "",
) -> Report:
    """Import a list of requests or of sightings: NDJSON, CSV or XLSX, as the body or as one uploaded file.

    Good rows are kept, in batches; bad ones are listed in `errors` with line, field, code and reason, never
    with what was written. The columns are those of `GET /v1/imports/template`. Each row names `home_ref`, the
    sender's own id of it: a row whose `home_ref` was imported before is passed over and counted as
    `already_there`, also when its record is hidden by now, so a list may be sent again after corrections
    or an interruption. A row under another `home_ref` that may name somebody who was erased at their own wish is
    refused as `held-back`; a worker can register them on their own consent. Two senders who number their rows
    alike send their own `source`.

    Rows of requests with the same `enquirer_ref`, one below the other, make one request, which is kept or
    refused as a whole. Searches begin as `pre_case`; `start=true` submits, accepts and starts them under the
    same guards as by hand. Sightings go through the triage rules like any other.

    `dry_run=true` does the very same work, writes the trail, and undoes the rest.

    400 `unreadable-file`: another encoding than UTF-8 or UTF-16, no workbook, a password, macros. 413: over
    the limit, also when unpacked. 415: another content type. 422 `wrong-header`: nothing was imported. 422
    `nothing-imported`: every single row breaks a rule.
    """
    listed, content = upload
    order = Order(kind=kind, format=listed, dry_run=dry_run, start=start, source=source)
    report = service.import_list(turn, order, Source(content))
    service.require_some(report)
    return report


EMPTY: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "An empty list.",
        "content": {"text/csv": {"schema": {"type": "string"}}, XLSX: _FILE},
    }
}


@router.get("/imports/template", response_class=Response, responses=EMPTY | documented())
def template(
    access: Importer,
    kind: Annotated[ListKind, Query(description="What the rows will be.")],
    format: Annotated[TemplateFormat, Query(description="How the list is written.")] = TemplateFormat.CSV,
) -> Response:
    """Return an empty list with all columns; in the workbook every column is text, so nothing is rounded.

    What the columns hold is told in `docs/how-to/import.md`.
    """
    name = f'attachment; filename="{kind}.{format}"'
    media = XLSX if format is TemplateFormat.XLSX else "text/csv; charset=utf-8"
    content = service.empty_list(access, kind, format)
    return Response(content, media_type=media, headers={"Content-Disposition": name})
