"""The rules of risk screens: no HTTP, no SQL."""

from uuid import UUID

from tracing.gate import register
from tracing.gate.access import Access
from tracing.gate.kinds import Sensitivity
from tracing.kit.errors import NotFound
from tracing.requests import service as requests
from tracing.risk import store
from tracing.risk.errors import NotScreened
from tracing.risk.states import Verdict


def verdict(access: Access, found_id: UUID, sought_id: UUID) -> Verdict | None:
    """Return what the latest screen of a found person and a search allows; None when nobody made one."""
    screen = store.latest(access, found_id, sought_id)
    return None if screen is None else Verdict(screen.verdict)


def require_screened(access: Access, found_id: UUID, sought_id: UUID) -> Verdict:
    """Return the verdict when it allows to reach out.

    Raises:
        NotScreened: nobody has screened the pair, or the screen says stop.
    """
    found = verdict(access, found_id, sought_id)
    if found is None or found is Verdict.STOP:
        raise NotScreened("the pair was not screened" if found is None else "the screen says stop")
    return found


def away_from(access: Access, found_id: UUID, sought_id: UUID) -> str:
    """Return the enquirer's team when the approver must not be of it, "" when any other worker will do.

    Another team is asked for where either side is protected or of high risk, or the screen asks for it.

    Raises:
        NotFound: a record is absent, another society's, or hidden.
    """
    request_id = requests.request_of(access, sought_id)
    records = register.records(access, [found_id, sought_id, request_id])
    if len(records) < 3:
        raise NotFound("no such record")
    risky = any(record.sensitivity is not Sensitivity.NORMAL for record in records.values())
    asked = verdict(access, found_id, sought_id) is not Verdict.CLEAR
    return records[request_id].team if risky or asked else ""
