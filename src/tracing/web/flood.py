"""In front of the partners' inbox: who was told to come back later waits at no cost, before a byte of it is read."""

import re
from typing import TYPE_CHECKING

import anyio
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from tracing.kit.errors import TooMany
from tracing.web.problems import answer

if TYPE_CHECKING:
    from tracing.gate.opening import Gate

INBOX = re.compile(r"/v1/exchange/[A-Z]{2,8}/inbox", re.ASCII)
LATE_S = 1.0
KEY_ID = re.compile(r';keyid="([0-9a-f]{1,64})"', re.ASCII)


class Flood:
    """ASGI middleware that answers 429 late for a key whose owner has just sent too much.

    Only a verified message puts a key there (`gate.rooms`), so nobody shuts out another by naming their key. A
    flood over so many connections thereby sends as many messages in a second as it has connections.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and INBOX.fullmatch(scope["path"]):
            gate: Gate = scope["app"].state.gate
            named = KEY_ID.search(Headers(scope=scope).get("signature-input", ""))
            left = gate.rooms.shut_for(named[1]) if named is not None else 0.0
            if left > 0:
                await anyio.sleep(min(left, LATE_S))
                error = TooMany("more messages than are worked on; send them one after the other")
                await answer(error, scope["state"]["request_id"])(scope, receive, send)
                return
        await self.app(scope, receive, send)
