"""A fictional case base for the night, and what is done to it."""

from sqlmodel import SQLModel

from tests.review.desk import raw
from tests.support import People
from tracing.cli.casebase import request_draft, sighting_draft
from tracing.demo.casebase import build
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.requests import opening
from tracing.sightings import service as sightings

FAMILIES = 8


def fill(gate: Gate, people: People, families: int = FAMILIES, seed: int = 5) -> None:
    """Register a fictional case base."""
    base, token = build(seed, families), people.token("caseworker")
    with admitted(gate, token, Permission.REQUESTS_WRITE) as access:
        opened = opening.open_requests(access, [(request_draft(s), s.home_ref) for s in base.requests])
        access.note_page("requests.open", opened)
    with admitted(gate, token, Permission.SIGHTINGS_WRITE) as access:
        kept = sightings.open_sightings(access, [(sighting_draft(s), s.home_ref) for s in base.sightings])
        access.note_page("sightings.open", kept)


def unmatched(gate: Gate) -> None:
    """Take the case base back to before its first night."""
    names = ("decision", "suggestion", "match_shard", "match_run")
    with raw(gate) as connection:
        for name in names:
            connection.execute(SQLModel.metadata.tables[name].delete())
        connection.execute(SQLModel.metadata.tables["record"].update().values(match_due=True))


def stop(gate: Gate) -> None:
    with raw(gate) as connection:
        connection.execute(SQLModel.metadata.tables["match_run"].update().values(stop_asked=True))


def crash(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
