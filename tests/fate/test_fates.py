"""Death and fate: two workers, evidence and a coded source, and never a sighting alone."""

from uuid import UUID, uuid4

import pytest

from tests.enquirer.desk import DECLINED, LEAD, PENDING, Steps, bring
from tests.fate.reports import SIGHTING, draft, established, paper, propose, seen, step, witness
from tests.review.desk import Desk, raw
from tests.sightings.reports import report
from tests.support import Json, made, post
from tests.trails import entries
from tracing.fate import service
from tracing.fate.schemas import Evidence
from tracing.fate.service import enough
from tracing.fate.states import Finding, Source
from tracing.gate.admit import admitted
from tracing.gate.permissions import Permission

ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)

# (finding, source, evidence, whether it carries the finding)
EVIDENCE: tuple[tuple[str, str, list[Json], bool], ...] = (
    *(("deceased", source, [paper(source)], True) for source in sorted(service.DOCUMENTS)),
    ("deceased", "eye_witnesses", [witness("a"), witness("b")], True),
    ("deceased", "eye_witnesses", [witness("a")], False),
    ("deceased", "eye_witnesses", [witness("a"), witness("a")], False),
    ("deceased", "eye_witnesses", [witness("a"), witness("b", apart=False)], False),
    ("deceased", "eye_witnesses", [witness("a"), seen()], False),
    ("deceased", "eye_witnesses", [witness("a"), witness("b", sighting_id=SIGHTING)], False),
    ("deceased", "eye_witnesses", [seen("one"), seen("two")], False),
    ("deceased", "hospital_or_morgue", [paper("court_declaration")], False),
    ("deceased", "hospital_or_morgue", [paper(sighting_id=SIGHTING)], False),
    ("deceased", "hospital_or_morgue", [seen()], False),
    ("deceased", "hospital_or_morgue", [witness("a"), witness("b")], False),
    ("deceased", "cemetery_or_grave", [paper("cemetery_or_grave")], False),
    ("deceased", "family_statement", [paper("family_statement")], False),
    ("deceased", "family_statement", [witness("a"), witness("b")], False),
    ("deceased", "event_list", [paper("event_list")], False),
    ("deceased", "partner_society", [paper("partner_society")], False),
    ("probably_deceased", "family_statement", [paper("family_statement")], True),
    ("probably_deceased", "family_statement", [seen(), seen("two")], False),
    ("event_account", "event_list", [paper("event_list")], True),
    ("partial_answer", "eye_witnesses", [seen()], True),
    ("partial_answer", "eye_witnesses", [], False),
)


BROKEN: tuple[tuple[Json, str], ...] = (
    ({"evidence": []}, "/evidence"),
    ({"evidence": [{"kind": "sighting", "ref": "x"}]}, "/evidence/0"),
    ({"finding": "alive"}, "/finding"),
    ({"source": "hearsay"}, "/source"),
    ({"surprise": 1}, "/…"),
)


class TestEvidence:
    @pytest.mark.parametrize(("finding", "source", "evidence", "carries"), EVIDENCE)
    def test_carries_a_finding_or_does_not(
        self, finding: str, source: str, evidence: list[Json], carries: bool
    ) -> None:
        pieces = [Evidence.model_validate(piece) for piece in evidence]
        assert enough(Finding(finding), Source(source), pieces) is carries

    def test_of_every_source_was_tried_for_a_death(self) -> None:
        assert {source for finding, source, *_ in EVIDENCE if finding == "deceased"} == set(Source)


class TestReport:
    def test_goes_its_way_by_two_workers(self, desk: Desk) -> None:
        sought_id = desk.seek()
        view = propose(desk, sought_id)
        assert (view["state"], desk.state_of(sought_id)) == ("proposed", "searching")
        assert made(step(desk, view["id"], "confirm"), 200)["state"] == "under_review"
        assert desk.state_of(sought_id) == "fate_review"
        assert made(step(desk, view["id"], "establish"), 200)["state"] == "established"
        search = made(desk.get(f"/sought-persons/{sought_id}"), 200)
        assert (search["state"], search["reason"]) == ("outcome_ready", "fate_to_tell")
        about = [e.act for e in entries(desk.gate, desk.people) if str(e.subject_id) == sought_id]
        assert [act for act in about if not act.endswith((".read", ".accept_by_rule"))] == [
            "fates.propose",
            "fates.confirm",
            "sought.report_fate",
            "fates.establish",
            "sought.establish_fate",
        ]

    def test_is_sealed_and_read_back_whole(self, desk: Desk) -> None:
        sought_id = desk.seek()
        view = propose(desk, sought_id)
        assert {name: view[name] for name in draft()} == draft(
            evidence=[draft()["evidence"][0] | {"heard_apart": False, "sighting_id": None}]
        )
        assert made(desk.get(f"/fate-reports/{view['id']}"), 200) == view
        assert made(desk.get(f"/sought-persons/{sought_id}/fate-reports"), 200)["items"] == [view]
        with raw(desk.gate) as connection:
            details, same_key = connection.exec_driver_sql(
                "select f.details, f.key_id = r.key_id from fate_report f join record r on r.id = f.sought_id"
            ).one()
        assert b"hospital" not in bytes(details)
        assert same_key  # whoever is forgotten takes it along
        answer = desk.client.get(
            f"/v1/fate-reports/{view['id']}",
            headers=desk.auth() | {"If-None-Match": desk.get(f"/fate-reports/{view['id']}").headers["etag"]},
        )
        assert answer.status_code == 304


@ONE_DATABASE
class TestRules:
    def test_that_is_refuted_lets_the_search_go_on(self, desk: Desk) -> None:
        sought_id = desk.seek()
        bring(desk, sought_id, LEAD)
        view = propose(desk, sought_id)
        step(desk, view["id"], "confirm")
        assert made(step(desk, view["id"], "refute", "caseworker-2"), 200)["state"] == "refuted"
        assert desk.state_of(sought_id) == "searching"

    def test_that_is_refuted_unconfirmed_changes_no_search(self, desk: Desk) -> None:
        sought_id = desk.seek()
        bring(desk, sought_id, LEAD)
        view = propose(desk, sought_id)
        made(step(desk, view["id"], "refute", "caseworker"), 200)
        assert desk.state_of(sought_id) == "lead_found"

    def test_is_made_once_per_idempotency_key(self, desk: Desk) -> None:
        path, key = f"/sought-persons/{desk.seek()}/fate-reports", {"Idempotency-Key": "fate-report-01"}
        first = made(post(desk.client, path, draft(), desk.auth(), **key))
        assert made(post(desk.client, path, draft(), desk.auth(), **key)) == first
        assert len(made(desk.get(path), 200)["items"]) == 1

    def test_names_only_sightings_that_are_there(self, desk: Desk) -> None:
        sought_id = desk.seek()
        there = desk.report()
        propose(desk, sought_id, evidence=[paper(), seen() | {"sighting_id": there}])
        path = f"/sought-persons/{sought_id}/fate-reports"
        answer = post(desk.client, path, draft(evidence=[paper(), seen()]), desk.auth())
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/evidence/1/sighting_id")

    def test_that_are_broken_are_422(self, desk: Desk) -> None:
        path = f"/sought-persons/{desk.seek()}/fate-reports"
        for fields, pointer in BROKEN:
            answer = post(desk.client, path, draft(**fields), desk.auth())
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


@ONE_DATABASE
class TestFourEyes:
    @pytest.mark.parametrize("event", ["confirm", "establish"])
    def test_whoever_reported_neither_confirms_nor_establishes(self, desk: Desk, event: str) -> None:
        view = propose(desk, desk.seek(), "supervisor")
        if event == "establish":
            made(step(desk, view["id"], "confirm", "supervisor-2"), 200)
        answer = step(desk, view["id"], event, "supervisor")
        assert (answer.status_code, answer.json()["code"]) == (403, "same-worker")
        made(step(desk, view["id"], event, "supervisor-2"), 200)

    @pytest.mark.parametrize("event", ["confirm", "establish"])
    def test_not_by_a_second_account_either(self, desk: Desk, event: str) -> None:
        desk.hire_again("the-same", "supervisor")
        view = propose(desk, desk.seek(), "the-same")
        if event == "establish":
            made(step(desk, view["id"], "confirm", "supervisor-2"), 200)
        assert step(desk, view["id"], event, "supervisor").json()["code"] == "same-worker"

    @pytest.mark.parametrize("event", ["confirm", "establish"])
    def test_a_caseworker_does_neither(self, desk: Desk, event: str) -> None:
        view = propose(desk, desk.seek())
        assert step(desk, view["id"], event, "caseworker-2").json()["code"] == "refused"

    def test_what_was_confirmed_is_what_is_established(self, desk: Desk) -> None:
        """A report that was altered since, past the service, is not what another worker agreed to."""
        view = propose(desk, desk.seek(), finding="event_account")
        made(step(desk, view["id"], "confirm"), 200)
        with raw(desk.gate) as connection:
            connection.exec_driver_sql("update fate_report set finding = 'deceased'")
        assert step(desk, view["id"], "establish").json()["code"] == "not-approved"

    @pytest.mark.parametrize(
        "fields",
        [{"evidence": [paper("court_declaration")]}, {"source": "eye_witnesses", "evidence": [witness("a")]}],
        ids=["a document of another source", "one witness"],
    )
    def test_evidence_that_is_not_enough_establishes_nothing(self, desk: Desk, fields: Json) -> None:
        sought_id = desk.seek()
        view = propose(desk, sought_id, **fields)
        made(step(desk, view["id"], "confirm"), 200)
        answer = step(desk, view["id"], "establish")
        assert (answer.status_code, answer.json()["code"]) == (409, "not-enough-evidence")
        assert desk.state_of(sought_id) == "fate_review"

    @pytest.mark.parametrize("finding", ["probably_deceased", "event_account", "partial_answer"])
    def test_partial_answers_are_established_without_a_document(self, desk: Desk, finding: str) -> None:
        fields = {"finding": finding, "source": "event_list", "evidence": [paper("event_list")]}
        assert established(desk, desk.seek(), **fields)["finding"] == finding


@ONE_DATABASE
class TestSearch:
    @pytest.mark.parametrize("steps", [DECLINED], ids=["outcome_ready"])
    def test_that_is_past_it_takes_no_report_up(self, desk: Desk, steps: Steps) -> None:
        sought_id = desk.seek()
        bring(desk, sought_id, steps)
        view = propose(desk, sought_id)
        assert step(desk, view["id"], "confirm").json()["code"] == "no-such-transition"
        assert made(desk.get(f"/fate-reports/{view['id']}"), 200)["state"] == "proposed"

    def test_has_one_review_at_a_time(self, desk: Desk) -> None:
        sought_id = desk.seek()
        bring(desk, sought_id, PENDING)
        first, second = propose(desk, sought_id), propose(desk, sought_id, finding="event_account")
        made(step(desk, first["id"], "confirm"), 200)
        assert step(desk, second["id"], "confirm").status_code == 409
        made(step(desk, second["id"], "refute"), 200)
        assert desk.state_of(sought_id) == "fate_review"
        made(step(desk, first["id"], "refute"), 200)
        assert desk.state_of(sought_id) == "searching"

    def test_stays_in_review_while_another_report_is(self, desk: Desk) -> None:
        """A review that a suspension cut off does not end the one that follows."""
        sought_id = desk.seek()
        first, second = propose(desk, sought_id), propose(desk, sought_id, finding="event_account")
        made(step(desk, first["id"], "confirm"), 200)
        for event in ("suspend", "resume"):
            desk.happen(f"/sought-persons/{sought_id}", event)
        assert step(desk, first["id"], "establish").json()["code"] == "no-such-transition"
        made(step(desk, second["id"], "confirm"), 200)
        made(step(desk, first["id"], "refute"), 200)
        assert desk.state_of(sought_id) == "fate_review"
        made(step(desk, second["id"], "refute"), 200)
        assert desk.state_of(sought_id) == "searching"

    def test_knows_the_latest_established_report(self, desk: Desk) -> None:
        sought_id = desk.seek()
        with admitted(desk.gate, desk.people.token("caseworker"), Permission.FATES_READ) as access:
            assert service.established(access, UUID(sought_id)) is None
            access.note("test.look")
        view = established(desk, sought_id)
        with admitted(desk.gate, desk.people.token("caseworker"), Permission.FATES_READ) as access:
            assert service.established(access, UUID(sought_id)) == (UUID(view["id"]), Finding.DECEASED)
            access.note("test.look")


class TestHidden:
    def test_foreign_absent_and_withdrawn_are_one_answer(self, desk: Desk) -> None:
        sought_id = desk.seek()
        view = propose(desk, sought_id)
        path, body = f"/sought-persons/{sought_id}/fate-reports", draft()
        event = f"/fate-reports/{view['id']}/events"
        foreign = [
            desk.get(path, society="UG"),
            desk.get(f"/fate-reports/{view['id']}", society="UG"),
            post(desk.client, path, body, desk.auth(society="UG")),
            post(desk.client, event, {"event": "confirm"}, desk.auth("supervisor", "UG"), **{"If-Match": '"x"'}),
        ]
        desk.withdraw(sought_id, "register")
        gone = [
            desk.get(path),
            desk.get(f"/fate-reports/{view['id']}"),
            post(desk.client, path, body, desk.auth()),
            post(desk.client, event, {"event": "confirm"}, desk.auth("supervisor"), **{"If-Match": '"x"'}),
            desk.get(f"/fate-reports/{uuid4()}"),
        ]
        assert {answer.status_code for answer in (*foreign, *gone)} == {404}

    def test_a_change_needs_what_was_read(self, desk: Desk) -> None:
        view = propose(desk, desk.seek())
        path = f"/fate-reports/{view['id']}/events"
        assert post(desk.client, path, {"event": "confirm"}, desk.auth("supervisor")).status_code == 428
        assert step(desk, view["id"], "confirm", **{"If-Match": '"x"'}).status_code == 412


@ONE_DATABASE
class TestSightings:
    """`condition: deceased` changes nothing by itself, however often it is said."""

    def test_of_the_dead_are_refused_and_no_search_moves(self, desk: Desk) -> None:
        sought_id = desk.seek()
        for _ in range(2):
            answer = post(desk.client, "/sightings", report(condition="deceased"), desk.auth())
            assert (answer.status_code, answer.json()["code"]) == (422, "death-needs-two-workers")
        sighting_id = desk.report()
        tag = {"If-Match": desk.get(f"/sightings/{sighting_id}").headers["etag"]}
        changed = desk.client.patch(
            f"/v1/sightings/{sighting_id}", json={"condition": "deceased"}, headers=desk.auth() | tag
        )
        assert changed.json()["code"] == "death-needs-two-workers"
        desk.night()
        assert desk.state_of(sought_id) == "searching"
        assert made(desk.get(f"/sought-persons/{sought_id}/fate-reports"), 200)["items"] == []

    def test_are_no_witnesses_of_a_death(self, desk: Desk) -> None:
        sought_id = desk.seek()
        twice = [
            {"kind": "sighting", "ref": f"report {n}", "sighting_id": desk.report(), "heard_apart": True}
            for n in range(2)
        ]
        view = propose(desk, sought_id, source="eye_witnesses", evidence=twice)
        made(step(desk, view["id"], "confirm"), 200)
        assert step(desk, view["id"], "establish").json()["code"] == "not-enough-evidence"
