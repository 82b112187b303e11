"""The rules of disclosure: no HTTP, no SQL."""

from uuid import UUID

from tracing.disclosure import store
from tracing.disclosure.states import State
from tracing.gate.access import Access
from tracing.gate.disclosing import Level
from tracing.gate.dues import Due


def asking_of(access: Access, sought_id: UUID) -> State | None:
    """Return where the latest asking about a search stands; None when nobody was asked."""
    row = store.case_of_search(access, sought_id)
    return None if row is None else State(row.state)


def told(access: Access, sought_id: UUID) -> list[tuple[UUID, Level]]:
    """Return id and level of each release by which the enquirer of a search was told something, oldest first."""
    return [(row.id, Level(row.level)) for row in store.told_releases(access, sought_id)]


def deferred_until_past(access: Access, after: Due | None = None) -> list[Due]:
    """Return the next page of askings that were put off until now: since when, which asking, which found person."""
    return store.deferred_until_past(access, after)
