"""Turn errors into RFC 9457 problem responses; nothing else does. Never echoes what was sent."""

import logging
import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException  # noqa: TID251  # the one place that renders it
from starlette.routing import compile_path

from tracing.kit import log
from tracing.kit.errors import Flaw, Invalid, Malformed, TracingError, Unsupported
from tracing.web.fields import names_of

MEDIA = "application/problem+json"
MOST_FLAWS = 100
RETRY_AFTER_S = {429: "60", 503: "2"}
NUMBERED = re.compile(r"[A-Za-z]{0,2}[0-9]{1,4}", re.ASCII)
JSON = re.compile(r"application/(.*\+)?json")
STATUS_WORDS = {400: "malformed", 401: "unidentified", 403: "refused", 404: "not-found", 405: "method-not-allowed",
                406: "not-acceptable", 413: "too-large", 415: "unsupported-media-type"}  # fmt: skip
OTHERWISE = "not of the form that is asked for"
WORDS = {
    "missing": "it is needed",
    "extra_forbidden": "no such field",
    "string_too_long": "too long",
    "string_too_short": "too short",
    "json_invalid": "not readable as JSON",
    "finite_number": "not a finite number",
    "uuid_parsing": "not a UUID",
}


class FlawView(BaseModel):
    """One thing wrong with one field."""

    pointer: str = Field(description="RFC 6901 pointer into the body, or `query:limit`, `header:…`, `path:…`.")
    code: str = Field(description="What is wrong, for programs.")
    detail: str = Field(description="What is wrong, in words; never the value.")


class Problem(BaseModel):
    """RFC 9457 problem details."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/not-found",
                    "title": "Not found",
                    "status": 404,
                    "code": "not-found",
                    "detail": "no such record",
                    "errors": [],
                    "request_id": "6f1c0b1e-6f3e-4a57-9a77-0f0c7f1c2b11",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FlawView]
    request_id: str


def answer(error: TracingError, request_id: str) -> JSONResponse:
    """Return the problem response for `error`."""
    return _response(error.status, error.code, error.title, error.detail, error.flaws, request_id)


def _response(status: int, code: str, title: str, detail: str, flaws: Sequence[Flaw], request_id: str) -> JSONResponse:
    body = {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": [{"pointer": f.pointer, "code": f.code, "detail": f.detail} for f in flaws[:MOST_FLAWS]],
        "request_id": request_id,
    }
    headers = {"X-Request-Id": request_id}
    if status in RETRY_AFTER_S:
        headers["Retry-After"] = RETRY_AFTER_S[status]
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body, status, headers, media_type=MEDIA)


def request_id_of(request: Request) -> str:
    """Return the id that the request carries through the log, the trail and the answer."""
    return str(getattr(request.state, "request_id", ""))


def _deliberate(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TracingError)
    if error.status >= 500:
        log.say(logging.ERROR, "failed", error=type(error).__name__, request_id=request_id_of(request))
    return answer(error, request_id_of(request))


def _unreadable(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    flaws = flaws_of(found, _field_names(request.app))
    if any(flaw.code == "json_invalid" for flaw in flaws):
        return answer(Malformed("the body is not readable as JSON"), request_id_of(request))
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if error.body and not JSON.fullmatch(media) and any(e["loc"] == ("body",) for e in found):
        return answer(Unsupported("send the body as application/json"), request_id_of(request))
    return answer(Invalid("some fields break a rule", flaws), request_id_of(request))


def flaws_of(errors: Sequence[Any], known: frozenset[str]) -> list[Flaw]:
    """Return pydantic's errors as flaws: where and what, without the input.

    Args:
        errors: as pydantic lists them.
        known: names that may be told; any other key was made up by the caller and may be somebody's name.
    """
    flaws = []
    for error in errors[:MOST_FLAWS]:
        kind = str(error["type"])
        code = "unknown-field" if kind == "extra_forbidden" else kind.replace("_", "-")
        detail = WORDS.get(kind) or _listed(error) or (str(error["msg"]) if _own(kind) else OTHERWISE)
        if kind == "extra_forbidden":
            detail += _meant(str(error["loc"][-1]), known)
        flaws.append(Flaw(pointer(error["loc"], known), code if kind != "json_invalid" else kind, detail))
    return flaws


def _listed(error: Any) -> str:
    """Return what a value must be one of, as the schema has it; "" where there is no list."""
    listed = str(error.get("ctx", {}).get("expected", "")) if error["type"] in ("enum", "literal_error") else ""
    return f"not one of the values that are known: {listed.replace(chr(39), '`')}" if listed else ""


def _own(kind: str) -> bool:
    return "-" in kind or kind in {"empty", "greater_than", "less_than", "greater_than_equal", "less_than_equal",
                                   "too_long", "too_short", "string_type", "int_type", "bool_type", "list_type",
                                   "model_type", "string_pattern_mismatch"}  # fmt: skip


def _meant(key: str, known: frozenset[str]) -> str:
    near = get_close_matches(key[:60], known - {key}, n=1, cutoff=0.8)
    return f"; did you mean `{near[0]}`?" if near else ""


def pointer(place: Sequence[str | int], known: frozenset[str]) -> str:
    """Return where a flaw lies; a key that is no field's name may be somebody's, and is masked as `…`.

    A number with a letter or two before it (`q1`, the name of a query) is nobody's name and is told.
    """
    parts = [str(p) if isinstance(p, int) or p in known or NUMBERED.fullmatch(p) else "…" for p in place]
    if place and place[0] in ("query", "path", "header", "cookie"):
        return f"{place[0]}:{'/'.join(parts[1:])}"
    return "".join(f"/{part}" for part in parts[1 if place and place[0] == "body" else 0 :])


def _field_names(app: FastAPI) -> frozenset[str]:
    if not hasattr(app.state, "field_names"):
        app.state.field_names = names_of(app.routes, Problem)
    names: frozenset[str] = app.state.field_names
    return names


def _plain_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, TracingError):
        return answer(error.__cause__, request_id_of(request))
    code = STATUS_WORDS.get(error.status_code, "http-error")
    title = code.replace("-", " ").capitalize()
    response = _response(error.status_code, code, title, title, (), request_id_of(request))
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    if error.status_code == 405:
        response.headers["Allow"] = ", ".join(sorted(_methods_at(request)))
    return response


def _methods_at(request: Request) -> set[str]:
    """Return the methods of every route at the path; the framework's own answer knows the first one's only."""
    contexts = iter_route_contexts(request.app.routes)
    here = [c for c in contexts if compile_path(str(c.path))[0].fullmatch(request.url.path)]
    return {method for context in here for method in context.methods or ()}


def _accident(request: Request, error: Exception) -> JSONResponse:
    # The class alone: an exception's text may quote what somebody wrote.
    log.say(logging.ERROR, "accident", error=type(error).__name__, request_id=request_id_of(request))
    return answer(TracingError("an error on our side; it was logged under this request id"), request_id_of(request))


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem response."""
    app.add_exception_handler(TracingError, _deliberate)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _plain_http)
    app.add_exception_handler(Exception, _accident)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI `responses` for problem answers with these statuses, and those that any call may get."""
    return {int(status): told for status, told in described(400, 401, 403, 422, 503, *statuses).items()}


def described(*statuses: int) -> dict[str, dict[str, Any]]:
    """Return these statuses as an OpenAPI document describes them; from 400 on with a problem as the body."""
    content = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        str(status): {"description": _DESCRIPTIONS[status]} | ({"content": content} if status >= 400 else {})
        for status in sorted(statuses)
    }


_DESCRIPTIONS = {
    304: "Unchanged since the `ETag` that came as `If-None-Match`.",
    400: "The request cannot be read: broken JSON, a duplicate key, an altered cursor.",
    401: "No valid token came with the call, or it has expired or was revoked.",
    403: "The role or the token's scope does not allow this; the refusal is on the trail.",
    404: "Absent, another society's, or withdrawn: one answer for all.",
    409: "The id is in use, or the act does not fit the present state.",
    412: "The record has changed since the caller read it.",
    413: "The body is over the limit.",
    415: "The content type is not read here.",
    422: "A field breaks a rule; `errors` says which and how.",
    428: "If-Match is needed.",
    429: "As much came as was agreed; try again later.",
    503: "At the limit; `Retry-After` says when to try again.",
}
