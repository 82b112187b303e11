"""What stands on the trail, for tests that say what must be there."""

from sqlmodel import col, select

from tests.support import People
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.tables import TrailEntry


def entries(gate: Gate, people: People, society: str = "KE") -> list[TrailEntry]:
    """Return a society's trail in its order, read by the auditor."""
    with admitted(gate, people.token("auditor", society), Permission.TRAIL_READ) as access:
        access.note("trail.read")
        return list(access.session.exec(select(TrailEntry).order_by(col(TrailEntry.seq))).all())


def acts(gate: Gate, people: People, society: str = "KE") -> list[tuple[str, str]]:
    """Return (act, outcome) of a society's trail in its order."""
    return [(entry.act, entry.outcome) for entry in entries(gate, people, society)]
