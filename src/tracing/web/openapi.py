"""The OpenAPI document: what is on the wire, no more and no less."""

import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from tracing.web.problems import FlawView, Problem, described

SIGNATURE = "HTTPMessageSignature"
TOKEN = "PartnerToken"  # noqa: S105  # the name of a scheme
TOKEN_URL = "/v1/exchange/{society}/token"  # noqa: S105  # where they are got
METHODS = ("get", "post", "put", "patch", "delete")


def install(app: FastAPI) -> None:
    """Make `app.openapi()` describe problem answers instead of FastAPI's own error shapes."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the way that FastAPI documents


def _document(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        routes=app.routes,
        tags=app.openapi_tags,
        servers=app.servers,
        license_info=app.license_info,
        separate_input_output_schemas=False,
    )
    schemes = made.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes[SIGNATURE] = {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "HTTP Message Signature (RFC 9421, Ed25519) of a partner society, with the tag of the exchange.",
    }
    schemes[TOKEN] = {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": TOKEN_URL, "scopes": {}}},
        "description": "A partner society shows who it is with a client assertion (RFC 7523, EdDSA).",
    }
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for shape in (Problem, FlawView):
        schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        schemas[shape.__name__] = schema
    for path in made["paths"].values():
        for method in METHODS:
            if method in path:
                _tell_errors(path[method])
    return made


def _tell_errors(operation: dict[str, Any]) -> None:
    """Let an operation name the problems of its body, and those of the door only where there is one."""
    answers = operation["responses"]
    if "HTTPValidationError" in str(answers.get("422", "")):
        del answers["422"]
    if "requestBody" in operation:
        answers |= described(413, 415)
    if "security" not in operation:
        for status in ("401", "403"):
            answers.pop(status, None)
    operation["responses"] = dict(sorted(answers.items()))


def operation_id(route: APIRoute) -> str:
    """Return an operation's name: its tag and its function, ``sightings_open_sighting``.

    Programs are generated from it, so it hangs on nothing that moves: neither path nor method nor order.
    """
    return re.sub(r"\W+", "_", f"{route.tags[0]}_{route.name}" if route.tags else route.name)
