"""The rules of verification: no HTTP, no SQL."""

from uuid import UUID

from tracing.gate.access import Access
from tracing.verification import store
from tracing.verification.errors import NotVerified
from tracing.verification.states import State


def require_passed(access: Access, found_id: UUID, sought_id: UUID) -> UUID:
    """Return the id of the verification of a pair that stands passed.

    Raises:
        NotVerified: the latest one did not pass, or there is none.
    """
    row = store.latest(access, found_id, sought_id)
    if row is None or row.state is not State.PASSED:
        raise NotVerified("identity and relationship are not verified")
    return row.id
