"""In front of what partners send: who was told to come back later waits at no cost, before a byte of it is read."""

import re
from typing import TYPE_CHECKING

import anyio
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from tracing.kit.errors import TooMany
from tracing.web.problems import answer

if TYPE_CHECKING:
    from tracing.gate.opening import Gate

SIGNED = re.compile(r"/v1/exchange/[A-Z]{2,8}/(inbox|pre-checks)", re.ASCII)
LATE_S = 1.0
KEY_ID = re.compile(r';keyid="([0-9a-f]{1,64})"', re.ASCII)


async def hold_up(gate: "Gate", key_id: str) -> None:
    """Let whoever names a key that is shut wait a second outside, and refuse them.

    Raises:
        TooMany: the key is shut.
    """
    left = gate.rooms.shut_for(key_id)
    if left > 0:
        await anyio.sleep(min(left, LATE_S))
        raise TooMany("more messages than are worked on; send them one after the other")


class Flood:
    """ASGI middleware that answers 429 late for a key whose owner has just sent too much.

    Only a verified message puts a key there (`gate.rooms`), so nobody shuts out another by naming their key. A
    flood over so many connections thereby sends as many messages in a second as it has connections.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and SIGNED.fullmatch(scope["path"]):
            gate: Gate = scope["app"].state.gate
            named = KEY_ID.search(Headers(scope=scope).get("signature-input", ""))
            try:
                await hold_up(gate, named[1] if named is not None else "")
            except TooMany as error:
                await answer(error, scope["state"]["request_id"])(scope, receive, send)
                return
        await self.app(scope, receive, send)
