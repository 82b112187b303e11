"""In front of everything: how large a body may be, and JSON without deceit (duplicate keys, NaN, half characters)."""

import json
from typing import Any, Never

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracing.kit.errors import Malformed, TooLarge, TracingError
from tracing.web.problems import answer

IMPORTS = "/v1/imports"
DEEPEST = 64


class Limits:
    """ASGI middleware that reads the whole body up to a limit before the application sees any of it."""

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
            if body and headers.get("content-type", "").split(";")[0].strip().lower().endswith("json"):
                strict_json(body)
        except TracingError as error:
            await answer(error, scope["state"]["request_id"])(scope, receive, send)
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
        most = self.max_import if scope["path"].startswith(IMPORTS) else self.max_body
        declared = headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > most:
            raise TooLarge(f"a body may have at most {most} bytes here")
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                break
            size += len(message.get("body", b""))
            if size > most:
                raise TooLarge(f"a body may have at most {most} bytes here")
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                break
        return b"".join(parts)


def strict_json(body: bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        Malformed: not UTF-8, not JSON, a key twice in one object, NaN or Infinity, half of a surrogate
            pair, a number beyond 64 bits, or nesting beyond 64 levels.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("the body is not UTF-8") from None
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_int)
    except RecursionError:
        raise Malformed("the body is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"the body is not readable as JSON (line {error.lineno}, column {error.colno})") from None
    _check(value, 0)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Malformed("an object holds the same key twice")
    return made


def _no_constant(_: str) -> Never:
    raise Malformed("NaN and Infinity are no JSON")


def _int(digits: str) -> int:
    if len(digits) > 19:
        raise Malformed("a number is too large")
    return int(digits)


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise Malformed("the body is nested too deeply")
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            raise Malformed("half of a surrogate pair stands in a text")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check(key, depth)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)
