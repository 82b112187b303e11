"""What falls due in a case base, put there or let pass, and what the night raises of it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import SQLModel, select

from tests.review.desk import Desk, raw, run_night
from tests.support import Json, granted, request_draft
from tracing.gate import foureyes
from tracing.gate.admit import admitted
from tracing.gate.disclosing import Act
from tracing.gate.permissions import Permission
from tracing.kit import clock

PHONE = {"kind": "phone", "value": "+252 61 555 0101", "safe": "yes"}
DAY = timedelta(days=1)
moment = datetime.fromisoformat


def change(desk: Desk, table_name: str, column: str, record_id: str, **values: Any) -> None:
    """Change a row as if time had passed."""
    table = SQLModel.metadata.tables[table_name]
    with raw(desk.gate) as connection:
        done = connection.execute(table.update().where(table.c[column] == UUID(record_id)).values(**values))
    assert done.rowcount == 1, (table_name, record_id)


def put(desk: Desk, table_name: str, **values: Any) -> None:
    with raw(desk.gate) as connection:
        connection.execute(SQLModel.metadata.tables[table_name].insert().values(society="KE", **values))


def raised(desk: Desk) -> set[tuple[str, str]]:
    """Return (kind, record) of every task."""
    table = SQLModel.metadata.tables["task"]
    with raw(desk.gate) as connection:
        rows = connection.execute(select(table.c.kind, table.c.record_id)).all()
    assert len(rows) == len({tuple(row) for row in rows}), "two tasks of one kind about one record"
    return {(str(kind), str(record_id)) for kind, record_id in rows}


def remind(desk: Desk) -> int:
    return run_night(desk.gate, desk.people.token("supervisor")).reminders


def proposal(desk: Desk, record_id: str, about_id: UUID | None = None) -> UUID:
    with admitted(desk.gate, desk.people.token("caseworker"), Permission.DISCLOSURES_WRITE) as access:
        made = foureyes.propose(access, Act.FATE, UUID(record_id), about_id or uuid4(), b"as it is")
        access.note("test.propose")
        return made


def waits(desk: Desk, search: str, event: str, days: float) -> None:
    """Let a search wait for an answer for so many days."""
    desk.happen(f"/sought-persons/{search}", event)
    change(desk, "sought_person", "id", search, updated_at=clock.now() - days * DAY)


def key_of(desk: Desk, record_id: str) -> UUID:
    table = SQLModel.metadata.tables["record"]
    with raw(desk.gate) as connection:
        found: UUID = connection.execute(select(table.c.key_id).where(table.c.id == UUID(record_id))).scalar_one()
    return found


def asking(desk: Desk, *, state: str, until: datetime | None) -> str:
    """Put an asking of a found person, and all that it rests on, into the case base; return the found person's id."""
    found_id, search = desk.report(), desk.seek()
    now, by, pair = clock.now(), uuid4(), {"found_id": UUID(found_id), "sought_id": UUID(search)}
    times = {"version": 1, "created_at": now, "updated_at": now}
    suggestion_id, verification_id = uuid4(), uuid4()
    put(
        desk, "suggestion", id=suggestion_id, left_id=UUID(search), right_id=UUID(found_id), right_kind="sighting",
        state="confirmed_same_person", weight=9.0, probability=0.9, prior=0.1, band="strong", levels="", bits="",
        engine_version="none", left_as="", right_as="", **times,
    )  # fmt: skip
    sealed = {"key_id": key_of(desk, found_id), "details": b"sealed"}
    who = {"opened_by": by, "worker_id": by}
    put(
        desk, "verification", id=verification_id, suggestion_id=suggestion_id, state="passed", **pair, **sealed,
        **who, **times,
    )  # fmt: skip
    put(
        desk, "disclosure_case", id=uuid4(), verification_id=verification_id, state=state, defer_until=until,
        **pair, **sealed, **times,
    )  # fmt: skip
    return found_id


def right(desk: Desk, *, state: str, days: float) -> str:
    """Put a data subject's request that is due in so many days into the case base; return whose record."""
    record_id, now, by = desk.report(), clock.now(), uuid4()
    put(
        desk, "subject_request", id=uuid4(), record_id=UUID(record_id), key_id=key_of(desk, record_id),
        details=b"sealed", kind="access", state=state, received_at=now, due_at=now + days * DAY, extended=False,
        recorded_by=by, worker_id=by, version=1, created_at=now, updated_at=now,
    )  # fmt: skip
    return record_id


def asker(desk: Desk, **fields: Any) -> Json:
    return desk.open(enquirer=request_draft()["enquirer"] | {"contacts": [PHONE | fields]})


def ending(days: float) -> str:
    return f"{(clock.now() + days * DAY).date()}"


def consents_until(end: datetime) -> list[Json]:
    return [consent | {"valid_until": end.isoformat()} for consent in granted()]
