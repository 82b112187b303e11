"""In front of everything: how large a body may be, and JSON without deceit (a key twice, NaN, half characters)."""

import re

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracing.kit.errors import Malformed, TooLarge, TracingError, Unidentified
from tracing.kit.strict import strict_json
from tracing.web.problems import answer

API = "/v1/"
IMPORTS = frozenset({"/v1/imports", "/v1/imports/pfif"})
LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
LONG = 65_536
"""A longer JSON text is read in a worker thread: the event loop answers others meanwhile."""


class Limits:
    """ASGI middleware that reads the whole body up to a limit before the application sees any of it.

    Nothing of a body that ends early reaches the application: half a list must not become half an import.
    A call without a bearer token never gets the import's larger limit, and is told 401 rather than what is
    wrong with its body.
    """

    def __init__(self, app: ASGIApp, max_body: int, max_import: int) -> None:
        self.app = app
        self.max_body = max_body
        self.max_import = max_import

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            body = await self._read(scope, headers, receive)
            if is_json(headers) and scope["path"] not in IMPORTS:
                await _check(body)
        except TracingError as error:
            nobody = scope["path"].startswith(API) and not _bears(headers)
            told = Unidentified("no valid token came with the call") if nobody else error
            await answer(told, scope["state"]["request_id"])(scope, receive, send)
            return
        handed = False

        async def replay() -> Message:
            nonlocal handed
            if handed:
                return await receive()
            handed = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, replay, send)

    async def _read(self, scope: Scope, headers: Headers, receive: Receive) -> bytes:
        large = scope["path"] in IMPORTS and _bears(headers)
        most = self.max_import if large else self.max_body
        declared = headers.get("content-length", "0")
        if not LENGTH.fullmatch(declared):
            raise Malformed("the Content-Length is not a number of bytes")
        if int(declared) > most:
            raise TooLarge(f"a body may have at most {most} bytes here")
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise Malformed("the body ended early")
            size += len(message.get("body", b""))
            if size > most:
                raise TooLarge(f"a body may have at most {most} bytes here")
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                return b"".join(parts)


def is_json(headers: Headers) -> bool:
    """Return whether the framework reads the body as JSON: `application/json` or `application/…+json`."""
    kind, _, name = headers.get("content-type", "").split(";")[0].strip().lower().partition("/")
    return kind == "application" and (name == "json" or name.endswith("+json"))


async def _check(body: bytes) -> None:
    if len(body) > LONG:
        await to_thread.run_sync(strict_json, body)
    elif body:
        strict_json(body)


def _bears(headers: Headers) -> bool:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and bool(token.strip())
