"""Server-sent events without a transaction held open: each tick is an access of its own."""

from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from anyio import sleep, to_thread
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from pydantic import BaseModel

from tracing.kit.errors import TracingError

INTERVAL_S = 1.0
LONGEST_S = 3600.0

View = TypeVar("View", bound=BaseModel)


def stream(look: Callable[[], View], is_last: Callable[[View], bool]) -> StreamingResponse:
    """Return an event stream that sends what `look` sees, when it changed, until `is_last` of it.

    `look` opens and closes its own access, in a worker thread; when it is refused (the token was revoked,
    the record withdrawn) the stream ends. Silence is filled with comments that keep the line open.
    """

    async def events() -> AsyncIterator[bytes]:
        before = ""
        for _ in range(int(LONGEST_S / INTERVAL_S)):
            try:
                view = await to_thread.run_sync(look)
            except TracingError:
                return
            text = view.model_dump_json()
            yield _event(data_str=text, event="progress") if text != before else _event(comment="still here")
            before = text
            if is_last(view):
                return
            await sleep(INTERVAL_S)

    return StreamingResponse(events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


def _event(*, data_str: str | None = None, event: str | None = None, comment: str | None = None) -> bytes:
    made = format_sse_event(data_str=data_str, event=event, comment=comment)
    return made if isinstance(made, bytes) else made.encode()
