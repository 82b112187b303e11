"""In front of everything: how large a body may be, and JSON without deceit (duplicate keys, NaN, half characters)."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracing.kit.errors import TooLarge, TracingError
from tracing.kit.strict import strict_json
from tracing.web.problems import answer

IMPORTS = "/v1/imports"
LINES = ("application/x-ndjson", "application/ndjson")  # many JSON texts, which the import reads one by one


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
            media = headers.get("content-type", "").split(";")[0].strip().lower()
            if body and media.endswith("json") and media not in LINES:
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
