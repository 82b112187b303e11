"""Safeguards that anybody may set and nobody takes away alone: names on never-disclose lists, dangerous causes.

Whether four eyes are asked for rests on them, so one pair of eyes must not be able to unmake them.
"""

from collections.abc import Mapping, Set
from uuid import UUID

from tracing.gate import foureyes, people
from tracing.gate.access import Access

UNSET = (
    "a name on a never-disclose list, or a cause of separation that endangers somebody, is taken away by a supervisor "
    "who did not set it: ask one to look at the case and to make this change"
)


def keep(
    access: Access, before: Set[str], after: Set[str], *, set_by: Mapping[str, UUID], opened_by: UUID
) -> dict[str, UUID]:
    """Return by whom each safeguard of a record was set since it was opened, as its safeguards become `after`.

    Args:
        access: of whoever changes the record.
        before: the safeguards as they stand.
        after: the safeguards as they are to stand.
        set_by: the human who set each, as last returned; who is not named there set theirs on opening.
        opened_by: the account that opened the record.

    Raises:
        SupervisorNeeded, SameWorker: one would be taken away by somebody who may not.
    """
    for gone in before - after:
        setter = set_by.get(gone) or people.worker_of(access, opened_by)
        foureyes.require_lowering(access, setter, UNSET)
    kept = {safeguard: worker for safeguard, worker in set_by.items() if safeguard in after}
    return kept | dict.fromkeys(after - before, access.caller.worker_id)
