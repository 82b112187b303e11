"""The one place with set-based statements: what it may read and write, and what happens without its conditions."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import exc, true
from sqlmodel import SQLModel

from tests.review.desk import Desk, raw, suggested, tables
from tests.sightings.reports import report
from tests.support import People, made, post
from tracing.gate import bulk, guard
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.bulk import Warrant
from tracing.gate.opening import Gate, open_gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.kit import clock
from tracing.kit.db import PASS
from tracing.kit.errors import Refused
from tracing.kit.ids import new_id
from tracing.review.tables import Suggestion

KEY = ("society", "left_id", "right_id")


@pytest.fixture
def desk(client: TestClient, people: People, gate: Gate) -> Desk:
    return Desk(client, people, gate)


def paper(gate: Gate, people: People, society: str = "KE") -> Warrant:
    with admitted(gate, people.token("supervisor", society), Permission.NIGHT_RUN, use=Use.MATCH) as access:
        access.note("night.begin")
        return bulk.warrant(access, 1)


def found(desk: Desk, society: str = "KE") -> set[tuple[str, str]]:
    reader = open_gate(desk.gate.settings, reader=True)
    try:
        return {(str(a), str(b)) for a, b in bulk.candidates(reader, paper(desk.gate, desk.people, society), 0)}
    finally:
        reader.close()


@pytest.fixture
def pair(desk: Desk) -> tuple[str, str]:
    return desk.seek(), desk.report()


def do(gate: Gate, token: str, permission: Permission, use: Use, act: Callable[[Access], object]) -> object:
    """Do something under an access of its own."""
    with admitted(gate, token, permission, use=use) as access:
        access.note("tests.try")
        return act(access)


class TestWarrant:
    def test_needs_an_access_to_the_night(self, gate: Gate, people: People) -> None:
        for label in ("auditor", "caseworker"):
            token = people.token(label)
            with pytest.raises(Refused):
                do(gate, token, Permission.RUNS_READ, Use.MATCH, lambda a: bulk.warrant(a, 1))

    def test_needs_an_access_for_matching(self, gate: Gate, people: People) -> None:
        token = people.token("supervisor")
        for use in (Use.REGISTER, Use.FORGET):
            with pytest.raises(guard.Unguarded):
                do(gate, token, Permission.NIGHT_RUN, use, lambda a: bulk.warrant(a, 1))
            with pytest.raises(guard.Unguarded):
                do(gate, token, Permission.NIGHT_RUN, use, lambda a: bulk.marks(a, [new_id()]))


class TestCandidates:
    def test_are_those_who_share_a_key(self, desk: Desk, pair: tuple[str, str]) -> None:
        desk.report(person={"names": [{"full": "Nguyen Van Tam"}]})
        assert found(desk) == {pair}

    def test_are_read_by_a_connection_that_cannot_write(self, desk: Desk) -> None:
        reader = open_gate(desk.gate.settings, reader=True)
        table = SQLModel.metadata.tables["match_key"]
        with (
            pytest.raises(exc.DBAPIError),
            reader.engine.connect().execution_options(**PASS) as connection,
        ):
            connection.execute(table.delete())
        reader.close()

    @pytest.mark.parametrize("side", [0, 1], ids=["sought", "seen"])
    @pytest.mark.parametrize("how", ["match_within_society", "register"])
    def test_never_hold_who_withdrew(self, desk: Desk, pair: tuple[str, str], side: int, how: str) -> None:
        desk.withdraw(pair[side], how)
        assert found(desk) == set()

    @pytest.mark.parametrize("side", ["left", "right"])
    def test_hold_them_when_a_side_of_the_join_forgets_its_condition(
        self, desk: Desk, pair: tuple[str, str], side: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.withdraw(pair[0 if side == "left" else 1])
        plant(monkeypatch, {"left": ("l",), "right": ("r",)}[side])
        assert pair in found(desk)

    def test_hold_nobody_who_is_matched_already(self, desk: Desk, pair: tuple[str, str]) -> None:
        desk.night()
        assert found(desk) == set()
        later = desk.register()
        assert found(desk) == {(pair[0], later)}

    def test_hold_no_row_of_another_society(self, desk: Desk, pair: tuple[str, str]) -> None:
        foreign = made(post(desk.client, "/sightings", report(), desk.auth(society="UG")))["id"]
        everybody = {record_id for ids in found(desk) for record_id in ids}
        assert everybody == set(pair)
        assert found(desk, "UG") == set()
        with raw(desk.gate, "UG") as connection:  # as if both societies hashed alike
            keys = SQLModel.metadata.tables["match_key"]
            connection.execute(keys.delete().where(keys.c.record_id == UUID(foreign)))
        with raw(desk.gate) as connection:
            rows = connection.execute(keys.select().where(keys.c.record_id == UUID(pair[1]))).mappings().all()
        with raw(desk.gate, "UG") as connection:
            connection.execute(keys.insert(), [dict(r) | {"society": "UG", "record_id": UUID(foreign)} for r in rows])
        assert {record_id for ids in found(desk) for record_id in ids} == set(pair)


def plant(monkeypatch: pytest.MonkeyPatch, sides: tuple[str, ...]) -> None:
    """Let the join forget to ask whether the records of `sides` are in force."""
    whole = guard.in_force

    def forgetful(record: Any, use: Use, now: Any) -> Any:
        name = getattr(next(iter(record)).table, "name", "")
        return true() if name in sides else whole(record, use, now)

    monkeypatch.setattr(guard, "in_force", forgetful)


class TestSharing:
    def test_is_asked_only_for_those_in_force(
        self, desk: Desk, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        query = {"queries": {"q": {"person": report()["person"], "min_probability": 0}}}

        def hits() -> set[str]:
            answer = made(post(desk.client, "/match", query, desk.auth()), 200)
            return {hit["record_id"] for hit in answer["responses"]["q"]}

        assert pair[1] in hits()
        desk.withdraw(pair[1])
        assert pair[1] not in hits()


class TestUpsert:
    def row(self, desk: Desk, pair: tuple[str, str], **changes: Any) -> dict[str, Any]:
        now = clock.now()
        return {
            "society": "KE", "id": new_id(), "left_id": UUID(pair[0]), "right_id": UUID(pair[1]),
            "right_kind": "sighting", "state": "suggested", "weight": 1.0, "probability": 0.5, "prior": 0.5,
            "band": "weak", "levels": "", "bits": "", "engine_version": "1", "left_as": "", "right_as": "",
            "resurface_reason": None, "run_id": None, "version": 1, "created_at": now, "updated_at": now,
        } | changes  # fmt: skip

    def write(self, desk: Desk, *rows: dict[str, Any]) -> None:
        with admitted(desk.gate, desk.people.token("supervisor"), Permission.NIGHT_RUN, use=Use.MATCH) as access:
            access.note("night.keep")
            bulk.upsert(access, Suggestion, rows, key=KEY)

    def test_refuses_a_row_of_another_society_and_writes_nothing(self, desk: Desk, pair: tuple[str, str]) -> None:
        before = tables(desk.gate)
        with pytest.raises(guard.Unguarded):
            self.write(desk, self.row(desk, pair), self.row(desk, pair, society="UG"))
        assert tables(desk.gate) == before

    def test_keeps_id_and_creation_of_the_same_pair(self, desk: Desk, pair: tuple[str, str]) -> None:
        first = self.row(desk, pair)
        self.write(desk, first)
        self.write(desk, self.row(desk, pair, probability=0.75, version=2))
        view = desk.only()
        assert (view["id"], view["probability"], view["version"]) == (str(first["id"]), 0.75, 2)
        assert view["created_at"][:19] == first["created_at"].isoformat()[:19]
        assert len(suggested(desk.gate)) == 1

    def test_of_nothing_is_nothing(self, desk: Desk) -> None:
        before = tables(desk.gate)
        self.write(desk)
        assert tables(desk.gate) == before


class TestMatched:
    def test_marks_only_what_stands_as_it_was_seen(self, desk: Desk, pair: tuple[str, str]) -> None:
        ids = [UUID(i) for i in pair]
        with admitted(desk.gate, desk.people.token("supervisor"), Permission.NIGHT_RUN, use=Use.MATCH) as access:
            access.note("night.read")
            seen = bulk.marks(access, [*ids, new_id()])
        assert set(seen) == set(ids)
        desk.change(f"/sightings/{pair[1]}", narrative="She asked after her brother.")
        with admitted(desk.gate, desk.people.token("supervisor"), Permission.NIGHT_RUN, use=Use.MATCH) as access:
            access.note("night.end")
            bulk.matched(access, {i: mark.touched_at for i, mark in seen.items()})
            after = bulk.marks(access, ids)
        assert {str(i): mark.due for i, mark in after.items()} == {pair[0]: False, pair[1]: True}
