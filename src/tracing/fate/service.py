"""The rules of fate reports: no HTTP, no SQL."""

from uuid import UUID

from tracing.fate import store
from tracing.fate.states import Finding
from tracing.gate.access import Access


def established(access: Access, sought_id: UUID) -> tuple[UUID, Finding] | None:
    """Return id and finding of the latest established report about a sought person, or None."""
    row = store.established(access, sought_id)
    return None if row is None else (row.id, Finding(row.finding))
