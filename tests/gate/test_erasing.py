"""Forgetting: who may, whom it reaches, and what is left of a person in other rows."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import SQLModel, select

from tests.review.desk import Desk, raw, tables
from tests.support import People, post, request_draft
from tracing.gate import erasing, guard
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.ledger import Line
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.gate.tables import Protected, Sealed
from tracing.kit.errors import Refused

T = SQLModel.metadata.tables


@pytest.fixture
def desk(client: TestClient, people: People, gate: Gate) -> Desk:
    return Desk(client, people, gate)


def do(desk: Desk, label: str, permission: Permission, use: Use, act: Callable[[Access], Any], of: str = "KE") -> Any:
    with admitted(desk.gate, desk.people.token(label, of), permission, use=use) as access:
        access.note("tests.try")
        return act(access)


def lines_of(desk: Desk, *ids: str) -> list[Line]:
    known = [UUID(one) for one in ids]
    return do(  # type: ignore[no-any-return]  # as the act returns it
        desk, "supervisor", Permission.NIGHT_RUN, Use.FORGET, lambda access: erasing.lines(access, known, {})
    )


class TestWho:
    def test_needs_an_access_for_it(self, desk: Desk) -> None:
        seen = desk.report()
        lines = lines_of(desk, seen)
        before = tables(desk.gate)
        acts: tuple[Callable[[Access], Any], ...] = (
            lambda access: erasing.forget(access, lines),
            lambda access: erasing.condemn(access, [UUID(seen)]),
            lambda access: erasing.lines(access, [UUID(seen)], {}),
        )
        tries = (
            ("caseworker", Permission.REQUESTS_READ, Use.REGISTER, guard.Unguarded),
            ("supervisor", Permission.NIGHT_RUN, Use.MATCH, guard.Unguarded),
            ("caseworker", Permission.REQUESTS_READ, Use.FORGET, Refused),
            ("caseworker", Permission.REQUESTS_READ, Use.DATA_SUBJECT, Refused),
        )
        for label, permission, use, error in tries:
            for act in acts:
                with pytest.raises(error):
                    do(desk, label, permission, use, act)
        assert tables(desk.gate) == before

    @pytest.mark.parametrize(
        ("permission", "use"),
        [(Permission.NIGHT_RUN, Use.FORGET), (Permission.DATA_SUBJECT_ACT, Use.DATA_SUBJECT)],
    )
    def test_is_the_nights_or_the_data_subjects(self, desk: Desk, permission: Permission, use: Use) -> None:
        lines = lines_of(desk, desk.report())
        do(desk, "supervisor", permission, use, lambda access: erasing.forget(access, lines))
        assert lines_of(desk, str(lines[0].subject_id)) == []

    def test_reaches_no_other_society(self, desk: Desk) -> None:
        seen = desk.report()
        lines, before = lines_of(desk, seen), tables(desk.gate)

        def foreign(access: Access) -> None:
            erasing.condemn(access, [UUID(seen)])
            erasing.forget(access, lines)
            assert erasing.lines(access, [UUID(seen)], {}) == []

        do(desk, "supervisor", Permission.NIGHT_RUN, Use.FORGET, foreign, of="UG")
        assert tables(desk.gate) == before


class TestCondemned:
    def test_are_hidden_and_no_consent_brings_them_back(self, desk: Desk) -> None:
        seen = desk.register()
        do(
            desk,
            "supervisor",
            Permission.DATA_SUBJECT_ACT,
            Use.DATA_SUBJECT,
            lambda access: erasing.condemn(access, [UUID(seen)]),
        )
        assert desk.get(f"/sightings/{seen}").status_code == 404
        door = f"/data-subject/records/{seen}/consents"
        post(desk.client, door, {"decisions": [{"purpose": "register"}]}, desk.auth("supervisor"))
        assert desk.get(f"/sightings/{seen}").status_code == 404
        assert desk.night().forgotten == 1


class TestWhatIsLeft:
    def test_of_a_pair_holds_nothing_of_either(self, desk: Desk) -> None:
        sought, seen = desk.seek(), desk.report()
        desk.night()
        pair = desk.only()["id"]
        body = {"verdict": "needs_information", "reason": "insufficient_data", "note": "She limps."}
        tag = {"If-Match": desk.get(f"/suggestions/{pair}").headers["etag"]}
        assert post(desk.client, f"/suggestions/{pair}/decisions", body, desk.auth(), **tag).status_code == 201
        lines = lines_of(desk, seen)
        do(desk, "supervisor", Permission.NIGHT_RUN, Use.FORGET, lambda access: erasing.forget(access, lines))
        with raw(desk.gate) as connection:
            suggestion = connection.execute(select(*T["suggestion"].c)).one()._mapping
            decision = connection.execute(select(*T["decision"].c)).one()._mapping
            record = connection.execute(select(*T["record"].c).where(T["record"].c.id == UUID(seen))).one()._mapping
        assert [suggestion[name] for name in ("levels", "bits", "left_as", "right_as", "weight", "probability")] == [
            "", "", "", "", 0, 0,
        ]  # fmt: skip
        assert [decision[name] for name in ("details", "left_as", "right_as")] == [b"", "", ""]
        assert (record["matched_as"], record["home_hash"], record["purposes"]) == ("", None, 0)
        assert desk.state_of(sought) == "searching"

    def test_is_settled_for_every_kind_of_row_with_details(self) -> None:
        kinds: list[Any] = [kind for kind in guard.tenanted() if issubclass(kind, Protected)]
        sealed = [kind for kind in kinds if issubclass(kind, Sealed)]
        assert len(sealed) > 10
        assert [kind.__name__ for kind in sealed if kind.erased_as.get("details") != b""] == []
        hashed = [k for k in kinds if {"left_as", "right_as", "matched_as"} & set(k.__table__.c.keys())]
        assert {kind.__name__ for kind in hashed} == {"Record", "Suggestion", "Decision"}

    def test_of_a_retry_is_a_refusal(self, desk: Desk) -> None:
        """The fingerprint of what was sent is gone, and the person does not come back by the same key."""
        key = {"Idempotency-Key": "a-retry-of-long-ago"}
        view = post(desk.client, "/tracing-requests", request_draft(), desk.auth(), **key).json()
        lines = lines_of(desk, view["id"], view["sought"][0]["id"])
        do(desk, "supervisor", Permission.NIGHT_RUN, Use.FORGET, lambda access: erasing.forget(access, lines))
        with raw(desk.gate) as connection:
            assert connection.execute(select(T["idempotency_key"].c.fingerprint)).scalars().all() == [""]
        again = post(desk.client, "/tracing-requests", request_draft(), desk.auth(), **key)
        assert (again.status_code, again.json()["code"]) == (422, "idempotency-key-reused")
