"""The rules of disclosure: no HTTP, no SQL."""

from uuid import UUID

from tracing.disclosure import store
from tracing.disclosure.states import State
from tracing.gate.access import Access
from tracing.gate.disclosing import Level


def asking_of(access: Access, sought_id: UUID) -> State | None:
    """Return where the latest asking about a search stands; None when nobody was asked."""
    row = store.case_of_search(access, sought_id)
    return None if row is None else State(row.state)


def told(access: Access, sought_id: UUID) -> list[tuple[UUID, Level]]:
    """Return id and level of each release by which the enquirer of a search was told something, oldest first."""
    return [(row.id, Level(row.level)) for row in store.told_releases(access, sought_id)]
