"""Two callers at once: what one of them has withdrawn or changed is not undone by the other."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from tests.review.desk import run_night
from tests.sightings.reports import report
from tests.support import Json, People, made, post, request_draft
from tracing.gate import consents, register
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.consents import ConsentFact
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Decision, LawfulBasis, Purpose, Use
from tracing.kit.errors import NotFound, Stale
from tracing.requests import service as requests
from tracing.requests.states import Event
from tracing.review import service, store
from tracing.review.schemas import DecisionDraft
from tracing.review.states import ReasonCode, Verdict
from tracing.web.conditional import etag, require_match

PATIENCE_S = 0.7
"""Long enough for the second caller to come as far as it can while the first one is not done."""


@pytest.fixture
def case(client: TestClient, people: People) -> Json:
    return made(post(client, "/tracing-requests", request_draft(), people.auth()))


def meanwhile(
    gate: Gate, token: str, first: Callable[[Access], object], second: Callable[[], object]
) -> "Future[object]":
    """Let `second` begin when `first` has written but not committed; return what became of it."""
    with ThreadPoolExecutor(1) as other:
        with admitted(gate, token, Permission.CONSENTS_WRITE) as access:
            first(access)
            access.session.flush()
            access.note("consents.withdraw")
            ending = other.submit(second)
            time.sleep(PATIENCE_S)
        ending.exception(timeout=30)
        return ending


def is_seen(gate: Gate, token: str, record_id: UUID) -> bool:
    with admitted(gate, token, Permission.CONSENTS_READ) as access:
        access.note("consents.read")
        return record_id in register.records(access, [record_id])


class TestAWithdrawal:
    def withdraw(self, record_id: UUID) -> Callable[[Access], object]:
        return lambda access: consents.withdraw(access, record_id, [Purpose.REGISTER])

    def test_is_not_undone_by_another_decision_of_the_same_moment(self, gate: Gate, people: People, case: Json) -> None:
        record_id, token = UUID(case["sought"][0]["id"]), people.token("caseworker")
        beside = ConsentFact(Purpose.FOLLOW_UP, Decision.GRANTED, LawfulBasis.CONSENT)

        def decide() -> None:
            with admitted(gate, token, Permission.CONSENTS_WRITE) as access:
                access.note("consents.decide", record_id)
                consents.decide(access, record_id, [beside])

        ending = meanwhile(gate, token, self.withdraw(record_id), decide)
        assert isinstance(ending.exception(), NotFound)
        assert not is_seen(gate, token, record_id)

    def test_of_a_request_hides_a_sought_person_who_is_granted_again_meanwhile(
        self, gate: Gate, people: People, case: Json
    ) -> None:
        request_id, sought_id = UUID(case["id"]), UUID(case["sought"][0]["id"])
        token = people.token("caseworker")
        with admitted(gate, token, Permission.CONSENTS_WRITE) as access:
            access.note("consents.withdraw", sought_id)
            consents.withdraw(access, sought_id, [Purpose.REGISTER])

        def grant() -> None:
            officer, use = people.token("supervisor"), Use.DATA_SUBJECT
            with admitted(gate, officer, Permission.DATA_SUBJECT_ACT, use=use) as access:
                access.note("data-subject.decide", sought_id)
                again = ConsentFact(Purpose.REGISTER, Decision.GRANTED, LawfulBasis.PUBLIC_INTEREST)
                consents.decide(access, sought_id, [again])

        assert meanwhile(gate, token, self.withdraw(request_id), grant).exception() is None
        assert not is_seen(gate, token, sought_id)


class TestAChange:
    def test_from_a_version_that_another_has_replaced_meanwhile_is_stale(
        self, gate: Gate, people: People, case: Json
    ) -> None:
        sought_id, token = UUID(case["sought"][0]["id"]), people.token("caseworker")

        def suspend(access: Access) -> None:
            access.note("sought.suspend", sought_id)
            row = requests.find_sought(access, sought_id)
            require_match(etag(sought_id, case["sought"][0]["version"]), row.id, row.version)
            requests.happen(access, row, Event.SUSPEND, None)

        def again() -> None:
            with admitted(gate, token, Permission.REQUESTS_WRITE) as access:
                suspend(access)

        assert isinstance(meanwhile(gate, token, suspend, again).exception(), Stale)


class TestANight:
    def test_does_not_undo_a_decision_that_is_made_while_it_writes(
        self, gate: Gate, client: TestClient, people: People, case: Json
    ) -> None:
        post(client, "/sightings", report(), people.auth())
        night, token = people.token("supervisor"), people.token("caseworker")
        run_night(gate, night)
        (pair,) = client.get("/v1/suggestions", headers=people.auth()).json()["items"]

        def decide() -> None:
            with admitted(gate, token, Permission.SUGGESTIONS_DECIDE, use=Use.MATCH) as access:
                row = service.find(access, UUID(pair["id"]))
                service.decide(access, row, DecisionDraft(verdict=Verdict.CANNOT_TELL, reason=ReasonCode.OTHER))
            decided.append(time.monotonic())

        decided: list[float] = []
        with ThreadPoolExecutor(1) as other:
            with admitted(gate, night, Permission.NIGHT_RUN, use=Use.MATCH) as access:
                access.note("night.keep")
                assert len(store.of_lefts(access, [UUID(pair["left_id"])])) == 1
                ending = other.submit(decide)
                time.sleep(PATIENCE_S)
                assert not decided, "the night would write over it"
            ending.result(timeout=30)
        assert decided
