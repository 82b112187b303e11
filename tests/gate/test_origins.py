"""A copy of somebody else's record is compared, marked wherever it is shown, and given on nowhere."""

from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from tests.review.desk import run_night
from tests.sightings.reports import report
from tests.support import Json, People, granted, made, post, request_draft
from tracing.gate import consents, disclosures, register
from tracing.gate.admit import admitted
from tracing.gate.answers import AnswerFact
from tracing.gate.consents import ConsentFact
from tracing.gate.disclosing import Answer, Level
from tracing.gate.opening import Gate
from tracing.gate.origins import ForeignRecord
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Decision, GivenBy, LawfulBasis, Obtained, Purpose
from tracing.kit.errors import NotFound
from tracing.kit.ids import new_id
from tracing.requests import opening
from tracing.requests.schemas import RequestDraft
from tracing.sightings import service as sightings
from tracing.sightings.schemas import SightingDraft

ORIGIN = "pfif:example.org"


def copy_of_sighting(gate: Gate, people: People, **fields: object) -> UUID:
    with admitted(gate, people.token("caseworker"), Permission.SIGHTINGS_WRITE) as access:
        draft = SightingDraft.model_validate(report(**fields))
        access.note("sightings.open")
        return sightings.open_sightings(access, [(draft, None)], origin=ORIGIN)[0]


def copy_of_request(gate: Gate, people: People, draft: Json) -> UUID:
    with admitted(gate, people.token("caseworker"), Permission.REQUESTS_WRITE) as access:
        access.note("requests.open")
        return opening.open_requests(access, [(RequestDraft.model_validate(draft), None)], origin=ORIGIN)[0]


def fact(purpose: Purpose, **fields: object) -> ConsentFact:
    return ConsentFact(purpose, Decision.GRANTED, LawfulBasis.CONSENT, **fields)  # type: ignore[arg-type]  # fields of the test


class TestCopy:
    def test_is_marked_on_either_side_of_a_suggestion(self, client: TestClient, people: People, gate: Gate) -> None:
        own = made(post(client, "/tracing-requests", request_draft(), people.auth()))
        theirs = copy_of_request(gate, people, request_draft(start=False))
        seen = copy_of_sighting(gate, people)
        run_night(gate, people.token("supervisor"))
        shown = made(client.get("/v1/suggestions", headers=people.auth()), 200)["items"]
        origins = {(s["left_id"], s["right_id"]): s["origins"] for s in shown}
        (foreign,) = made(client.get(f"/v1/tracing-requests/{theirs}", headers=people.auth()), 200)["sought"]
        assert origins[own["sought"][0]["id"], str(seen)] == ["", ORIGIN]
        assert origins[foreign["id"], str(seen)] == [ORIGIN, ORIGIN]
        assert (foreign["state"], foreign["origin"]) == ("pre_case", ORIGIN)
        view = made(client.get(f"/v1/sightings/{seen}", headers=people.auth()), 200)
        assert (view["origin"], own["origin"], own["sought"][0]["origin"]) == (ORIGIN, "", "")
        assert view["state"] == "received"

    def test_raises_no_task(self, client: TestClient, people: People, gate: Gate) -> None:
        copy_of_request(gate, people, request_draft(start=False))
        days: Any = {"retention_notice_days": 3650, "reconfirm_days": 1}
        assert run_night(gate, people.token("supervisor"), **days).reminders == 0
        made(post(client, "/tracing-requests", request_draft(), people.auth()))
        assert run_night(gate, people.token("supervisor"), **days).reminders == 1

    def test_is_marked_in_the_answer_to_a_query(self, client: TestClient, people: People, gate: Gate) -> None:
        copy_of_sighting(gate, people)
        draft = {"queries": {"q1": {"person": report()["person"], "min_probability": 0.0}}}
        hits = made(post(client, "/match", draft, people.auth()), 200)["responses"]["q1"]
        assert [hit["origin"] for hit in hits] == [ORIGIN]

    def test_is_granted_nothing_beside_matching(self, people: People, gate: Gate) -> None:
        seen = copy_of_sighting(gate, people)
        for purpose in set(Purpose) - {Purpose.REGISTER, Purpose.MATCH_WITHIN_SOCIETY}:
            for recipient in ("", "UG"):
                with (
                    pytest.raises(ForeignRecord),
                    admitted(gate, people.token("caseworker"), Permission.CONSENTS_WRITE) as access,
                ):
                    consents.decide(access, seen, [fact(purpose, recipient=recipient)])
        with admitted(gate, people.token("caseworker"), Permission.CONSENTS_WRITE) as access:
            consents.decide(access, seen, [fact(Purpose.MATCH_WITHIN_SOCIETY)])
            access.note("consents.decide", seen)

    def test_is_granted_nothing_that_it_was_not_sent_for(self, people: People, gate: Gate) -> None:
        read_only = copy_of_sighting(gate, people, consents=granted("register"))
        matched = copy_of_sighting(gate, people)
        for seen in (read_only, matched):
            with admitted(gate, people.token("caseworker"), Permission.CONSENTS_WRITE) as access:
                consents.withdraw(access, seen, [Purpose.MATCH_WITHIN_SOCIETY])
                access.note("consents.withdraw", seen)
        with admitted(gate, people.token("caseworker"), Permission.CONSENTS_WRITE) as access:
            consents.decide(access, matched, [fact(Purpose.MATCH_WITHIN_SOCIETY)])
            access.note("consents.decide", matched)
        for _ in range(2):
            with (
                pytest.raises(ForeignRecord),
                admitted(gate, people.token("caseworker"), Permission.CONSENTS_WRITE) as access,
            ):
                consents.decide(access, read_only, [fact(Purpose.MATCH_WITHIN_SOCIETY)])

    def test_is_not_registered_for_more(self, people: People, gate: Gate) -> None:
        with pytest.raises(ForeignRecord):
            copy_of_sighting(gate, people, consents=granted("register", "share_with_society"))

    def test_is_no_found_person_who_says_yes(self, client: TestClient, people: People, gate: Gate) -> None:
        own = made(post(client, "/tracing-requests", request_draft(), people.auth()))
        seen = copy_of_sighting(gate, people)
        yes = AnswerFact(Answer.GRANTED, Level.SAY_ALIVE_ONLY, GivenBy.SUBJECT, Obtained.VERBAL)
        with (
            pytest.raises(ForeignRecord),
            admitted(gate, people.token("caseworker"), Permission.DISCLOSURES_WRITE) as access,
        ):
            disclosures.answer(access, seen, UUID(own["sought"][0]["id"]), yes)

    def test_is_refused_to_whatever_gives_records_on(self, client: TestClient, people: People, gate: Gate) -> None:
        own = UUID(made(post(client, "/sightings", report(), people.auth()))["id"])
        seen = copy_of_sighting(gate, people)
        with admitted(gate, people.token("caseworker"), Permission.SIGHTINGS_READ) as access:
            access.note("sightings.read", own)
            register.require_own(access, own)
            with pytest.raises(ForeignRecord):
                register.require_own(access, own, seen)
            with pytest.raises(NotFound):
                register.require_own(access, own, new_id())
