"""The rules of data subjects' requests: no HTTP, no SQL."""

from datetime import timedelta

from tracing.gate.access import Access
from tracing.gate.dues import Due
from tracing.rights import store

DUE_SOON = timedelta(days=7)
"""How long before its due date the night reminds of a request."""


def due_soon(access: Access, after: Due | None = None) -> list[Due]:
    """Return the next page of open requests due within `DUE_SOON`, those that are late included."""
    return store.due_before(access, access.now + DUE_SOON, after)
