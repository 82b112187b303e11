"""Lock 2: tables described anew and words of one's own inside a statement, beside an honest class."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, String, Table, column, table
from sqlmodel import select

from tests.gate.test_guard import session_for
from tracing.gate.guard import Unguarded
from tracing.gate.opening import Gate
from tracing.gate.tables import Record

LIGHT = table("record", column("team"))
TWIN = Table("record", MetaData(), Column("team", String))
UNION = "UNION SELECT team FROM record"

STATEMENTS: dict[str, Callable[[], Any]] = {
    "a lightweight table": lambda: select(Record.id, LIGHT.c.team),
    "a lightweight table in a subquery": lambda: select(Record.id, select(LIGHT.c.team).limit(1).scalar_subquery()),
    "the table described a second time": lambda: select(Record.id, TWIN.c.team),
    "a second description in where": lambda: select(Record.id).where(TWIN.c.team == "WITHDRAWN"),
    "a suffix": lambda: select(Record.team).suffix_with(UNION),
    "a prefix": lambda: select(Record.team).prefix_with("(select max(team) from record),"),
    "a hint at the end": lambda: select(Record.team).with_statement_hint(UNION),
    "a hint at a table": lambda: select(Record.team).with_hint(Record, UNION),
    "a suffix of a subquery": lambda: select(select(Record.team).suffix_with(UNION).subquery().c.team),
}


class TestWhatTheFilterDoesNotReach:
    @pytest.mark.parametrize("name", STATEMENTS)
    def test_is_refused(self, gate: Gate, name: str) -> None:
        with session_for(gate) as session, pytest.raises(Unguarded):
            session.exec(STATEMENTS[name]()).all()
