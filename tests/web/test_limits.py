"""What stands in front of the application: sizes, broken uploads, and which bodies are read as JSON."""

import asyncio
import email.message
from collections.abc import Iterable
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from tracing.web.limits import Limits, is_json

BEARER = (b"authorization", b"Bearer x")
JSON = (b"content-type", b"application/json")


class Inside:
    """An application that keeps the bodies it was given."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        self.bodies.append(message["body"])
        assert message["more_body"] is False
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def call(
    messages: Iterable[Message], *headers: tuple[bytes, bytes], path: str = "/v1/sightings"
) -> tuple[int, list[bytes]]:
    """Send messages through the limits; return the status and the bodies that the application saw."""
    inside, sent, waiting = Inside(), list[Message](), list(messages)

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": path, "headers": list(headers)}
    scope["state"] = {"request_id": "7"}
    asyncio.run(Limits(inside, max_body=100, max_import=1000)(scope, receive, send))
    return sent[0]["status"], inside.bodies


def part(body: bytes, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


class TestBody:
    def test_reaches_the_application_in_one_piece(self) -> None:
        assert call([part(b'{"a"', True), part(b": 1", True), part(b"}")], JSON, BEARER) == (
            204,
            [b'{"a": 1}'],
        )

    def test_that_breaks_off_never_reaches_it(self) -> None:
        upload = [part(b"home_ref,name\n1,A\n", True), {"type": "http.disconnect"}]
        assert call(upload, BEARER, path="/v1/imports") == (400, [])

    @pytest.mark.parametrize(("size", "status"), [(100, 204), (101, 413)])
    def test_has_a_limit(self, size: int, status: int) -> None:
        assert call([part(b" " * 50, True), part(b" " * (size - 50))], BEARER)[0] == status

    @pytest.mark.parametrize(("size", "status"), [(1000, 204), (1001, 413)])
    @pytest.mark.parametrize("path", ["/v1/imports", "/v1/imports/pfif"])
    def test_of_an_import_has_another(self, size: int, status: int, path: str) -> None:
        assert call([part(b" " * size)], BEARER, path=path)[0] == status

    @pytest.mark.parametrize("path", ["/v1/imports/template", "/v1/importsx", "/livez", "/V1/imports"])
    def test_has_the_import_limit_nowhere_else(self, path: str) -> None:
        assert call([part(b" " * 101)], BEARER, path=path) == (413, [])

    def test_of_nobody_is_not_read_beyond_the_small_limit(self) -> None:
        assert call([part(b" " * 101)], path="/v1/imports") == (401, [])

    def test_announced_too_large_is_not_read_at_all(self) -> None:
        assert call([], (b"content-length", b"101"), BEARER) == (413, [])

    def test_of_an_import_may_be_no_json(self) -> None:
        assert call([part(b'{"a": NaN}')], JSON, BEARER, path="/v1/imports") == (204, [b'{"a": NaN}'])

    def test_of_other_kinds_is_left_to_the_routes(self) -> None:
        lines = (b"content-type", b"application/x-ndjson")
        assert call([part(b'{"a": NaN}')], lines, BEARER) == (204, [b'{"a": NaN}'])


class TestJson:
    @pytest.mark.parametrize(
        "text",
        [
            "application/json",
            "application/json;charset=utf-8",
            "application/JSON ",
            " application/json",
            "application/a+json",
            "application/x-ndjson",
            "application/jsonp",
            "text/json",
            "application/json, text/plain",
            "application/ json",
            "application/json/x",
            "application",
            "json",
            "",
            ";",
            "application/json;;",
            "application/+json",
            "APPLICATION/A+JSON",
            'application/json; x="a;b"',
            "application/json\t; q=1",
            "application//json",
            "application/a+json+xml",
        ],
    )
    def test_is_found_wherever_the_framework_would_read_it(self, text: str) -> None:
        message = email.message.Message()
        message["content-type"] = text
        kind, name = message.get_content_maintype(), message.get_content_subtype()
        framework = kind == "application" and (name == "json" or name.endswith("+json"))
        assert not framework or is_json(Headers({"content-type": text}))
