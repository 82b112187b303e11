"""Somebody who was erased does not come back by a feed, nor at the counter but at their own wish."""

import json
from typing import Any

import pytest

from tests.intake.lists import csv_of, request_row, sighting_row
from tests.review.desk import tables
from tests.rights.desk import Officer
from tests.sightings.reports import registration, report
from tests.support import Json, granted, made, person, post, request_draft, sought_draft
from tracing.persons import erased

NAMED: Json = {"names": "Amina Yusuf Warsame", "birth": "1990-05-12", "father": "Yusuf Warsame"}
HELD: Json = {
    "line": 2,
    "field": "",
    "code": "held-back",
    "detail": "it is held back: a worker asks the person before anybody is registered",
}
AGAIN: tuple[tuple[str, Json], ...] = (
    ("the same row", {}),
    ("another number", {"home_ref": "77"}),
    ("turned round, in capitals", {"home_ref": "77", "names": "WARSAME Amina Yusuf"}),
    ("without the father", {"home_ref": "77", "father": ""}),
)


class TestFeeds:
    """A row that may name somebody who was erased is known by its number or held back, without a word of whom."""

    def send(self, desk: Officer, kind: str, *rows: Any, **asked: str) -> Json:
        answer = desk.client.post(
            "/v1/imports",
            params={"kind": kind, "source": "centre-4"} | asked,
            content=csv_of(rows),
            headers=desk.auth("intake") | {"Content-Type": "text/csv"},
        )
        return made(answer, 200)

    @pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
    @pytest.mark.parametrize(("why", "changed"), AGAIN, ids=[row[0] for row in AGAIN])
    def test_do_not_bring_a_person_back(self, desk: Officer, why: str, changed: Json) -> None:
        row = sighting_row(1, **NAMED)
        self.send(desk, "sightings", row)
        (seen,) = desk.get("/sightings").json()["items"]
        desk.erase(seen["id"])
        other = sighting_row(2, names="Hodan Abdi Farah", birth="1991", father="Abdi Farah")
        told = self.send(desk, "sightings", row | changed, other)
        held = [] if why == "the same row" else [HELD]
        assert (told["imported"], told["already_there"], told["refused"]) == (1, 1 - len(held), len(held))
        assert told["errors"] == held
        assert [s["person"]["names"][0]["full"] for s in desk.get("/sightings").json()["items"]] == ["Hodan Abdi Farah"]

    ROWS = (sighting_row(3, **NAMED), sighting_row(4, **NAMED | {"names": "Hodan Abdi Farah"}))

    @pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
    @pytest.mark.parametrize("wrong", [{}, {"birth": "1990-13-45"}, {"seen_date": "2999-01-01"}], ids=str)
    def test_rehearsed_tell_of_nobody_who_was_erased(self, desk: Officer, wrong: Json) -> None:
        self.send(desk, "sightings", sighting_row(1, **NAMED))
        (seen,) = desk.get("/sightings").json()["items"]
        desk.erase(seen["id"])
        before = tables(desk.gate)
        gone, stranger = (self.send(desk, "sightings", row | wrong, self.OTHER, dry_run="true") for row in self.ROWS)
        assert gone == stranger
        assert (gone["imported"], gone["refused"]) == ((1, 1) if wrong else (2, 0))
        assert tables(desk.gate) == before

    OTHER = sighting_row(5, names="Omar Ali Jama", birth="1985", father="Ali Jama")

    @pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
    def test_rehearsed_would_tell_where_a_rehearsal_is_taken_for_an_import(
        self, desk: Officer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.send(desk, "sightings", sighting_row(1, **NAMED))
        (seen,) = desk.get("/sightings").json()["items"]
        desk.erase(seen["id"])
        monkeypatch.setattr(erased, "is_rehearsed", lambda _: False)
        gone, stranger = (self.send(desk, "sightings", row, self.OTHER, dry_run="true") for row in self.ROWS)
        assert gone != stranger

    def test_do_not_bring_an_enquirer_back_with_those_they_seek(self, desk: Officer) -> None:
        rows = [request_row(1, enquirer_ref="e"), request_row(2, enquirer_ref="e", names="Hodan Yusuf Warsame")]
        self.send(desk, "requests", *rows)
        (view,) = desk.get("/tracing-requests").json()["items"]
        desk.erase(view["id"])
        told = self.send(desk, "requests", *rows)
        assert (told["imported"], told["already_there"]) == (0, 2)

    ASKED: tuple[tuple[str, Json, bool], ...] = (
        ("the same names and contact", {"names": "Omar Abdi Farah"}, True),
        ("a contact written otherwise", {"names": "Omar Abdi Farah", "enquirer_contact": "061 5550101"}, True),
        ("turned round, in capitals", {"names": "Omar Abdi Farah", "enquirer_name": "WARSAME Abdi Yusuf"}, True),
        ("the same search, another contact", {"enquirer_contact": "new@example.org"}, True),
        ("a relative with the same telephone", {"names": "Omar Abdi Farah", "enquirer_name": "Halima Nur Ali"}, False),
        ("a namesake", {"names": "Omar Abdi Farah", "enquirer_contact": "+254 700 555 199"}, False),
        ("another relative of whom was sought", {"enquirer_name": "Halima Nur", "enquirer_contact": ""}, False),
    )

    @pytest.mark.parametrize(("who", "changed", "held"), ASKED, ids=[row[0] for row in ASKED])
    def test_of_an_erased_enquirer_under_another_number(
        self, desk: Officer, who: str, changed: Json, held: bool
    ) -> None:
        """Of an enquirer a list tells no birth: the name goes with a contact, or with whom they seek."""
        born = {"birth": "1990-05-12"}
        self.send(desk, "requests", request_row(1, **born))
        (view,) = desk.get("/tracing-requests").json()["items"]
        desk.erase(view["id"])
        before = tables(desk.gate)
        other = request_row(78, names="Hodan Ali Jama", enquirer_name="Asha Ali Jama", enquirer_contact="a@b.org")
        told = self.send(desk, "requests", request_row(77, **born | changed), other, dry_run="true")
        assert (tables(desk.gate), told["imported"], told["errors"]) == (before, 2, [])
        told = self.send(desk, "requests", request_row(77, **born | changed), other)
        assert (told["imported"], told["already_there"], told["refused"]) == (2 - held, 0, int(held))
        assert told["errors"] == ([HELD] if held else [])
        assert not [word for word in ("Abdi", "Amina", "Omar", "555") if word in json.dumps(told)]
        assert len(desk.get("/tracing-requests").json()["items"]) == 2 - held

    def test_of_a_namesake_are_let_in_by_a_worker_on_their_own_consent(self, desk: Officer) -> None:
        self.send(desk, "requests", request_row(1))
        (view,) = desk.get("/tracing-requests").json()["items"]
        desk.erase(view["id"])
        for lawful_basis, status in (("public_interest", 422), ("consent", 201)):
            draft = request_draft(sought_draft("Omar Abdi Farah"))
            draft["enquirer"]["consents"] = granted(lawful_basis=lawful_basis)
            answer = post(desk.client, "/tracing-requests", draft, desk.auth())
            assert answer.status_code == status, answer.text

    def test_of_strangers_are_kept(self, desk: Officer) -> None:
        self.send(desk, "sightings", sighting_row(1, **NAMED))
        (seen,) = desk.get("/sightings").json()["items"]
        desk.erase(seen["id"])
        stranger = NAMED | {"birth": "1990-05-13"}
        assert self.send(desk, "sightings", sighting_row(5, **stranger))["imported"] == 1

    def test_of_another_society_are_its_own(self, desk: Officer) -> None:
        self.send(desk, "sightings", sighting_row(1, **NAMED))
        (seen,) = desk.get("/sightings").json()["items"]
        desk.erase(seen["id"])
        answer = desk.client.post(
            "/v1/imports",
            params={"kind": "sightings", "source": "centre-4"},
            content=csv_of([sighting_row(1, **NAMED)]),
            headers=desk.auth("intake", "UG") | {"Content-Type": "text/csv"},
        )
        assert made(answer, 200)["imported"] == 1


HERSELF = person("Amina Yusuf Warsame", birth="1990-05-12", father=["Yusuf Warsame"], sex="female")


class TestAtTheCounter:
    """A worker registers somebody who was erased only at that person's own wish."""

    @pytest.fixture
    def erased(self, desk: Officer) -> None:
        desk.erase(desk.register(person=HERSELF))

    CONSENTS: tuple[tuple[str, Json, int], ...] = (
        ("her own, now", {}, 201),
        ("her own, before the erasure", {"decided_at": "2025-01-01T00:00:00Z"}, 422),
        ("a guardian's", {"given_by": "guardian"}, 422),
        ("public interest", {"lawful_basis": "public_interest", "given_by": "not_asked"}, 422),
    )

    @pytest.mark.usefixtures("erased")
    @pytest.mark.parametrize(("whose", "given", "status"), CONSENTS, ids=[row[0] for row in CONSENTS])
    def test_a_sighting(self, desk: Officer, whose: str, given: Json, status: int) -> None:
        consents = [{"purpose": p} | given for p in ("register", "match_within_society")]
        for draft in (registration, report):
            answer = post(desk.client, "/sightings", draft(person=HERSELF, consents=consents), desk.auth())
            assert answer.status_code == status, answer.text

    @pytest.mark.usefixtures("erased")
    def test_a_search_for_her(self, desk: Officer) -> None:
        sought = {"person": HERSELF, "relationship": "sister", "basis": request_draft()["sought"][0]["basis"]}
        answer = post(desk.client, "/tracing-requests", request_draft(sought), desk.auth())
        (flaw,) = answer.json()["errors"]
        assert (answer.status_code, flaw["pointer"], flaw["code"]) == (422, "/sought/0/basis", "missing-consent")

    @pytest.mark.usefixtures("erased")
    def test_the_answer_is_that_of_any_registration_without_a_basis(self, desk: Officer) -> None:
        def told(**fields: Any) -> tuple[int, Json]:
            answer = post(desk.client, "/sightings", report(**fields), desk.auth())
            return answer.status_code, answer.json() | {"request_id": ""}

        public = [{"purpose": "register", "lawful_basis": "public_interest", "given_by": "not_asked"}]
        assert told(person=HERSELF, consents=public) == told(person=person("Any Body"), consents=[])

    @pytest.mark.usefixtures("erased")
    def test_an_enquirer_of_her_own_wish(self, desk: Officer) -> None:
        draft = request_draft(sought_draft("Omar Yusuf Warsame", relationship="brother"))
        draft["enquirer"]["person"] = HERSELF
        assert post(desk.client, "/tracing-requests", draft, desk.auth()).status_code == 201
