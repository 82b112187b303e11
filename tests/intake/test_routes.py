"""Importing lists over HTTP, on both databases."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from tests.intake.lists import NDJSON, XLSX, csv_of, ndjson_of, request_row, sighting_row, workbook
from tests.support import People, made
from tracing.gate import consents, register
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.consents import ConsentFact
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Decision, LawfulBasis, Purpose
from tracing.gate.register import known_home_refs
from tracing.intake import service

Json = dict[str, Any]


def send(
    client: TestClient,
    auth: dict[str, str],
    content: bytes,
    kind: str = "requests",
    media: str = "text/csv",
    **asked: str,
) -> Response:
    headers = auth | {"Content-Type": media}
    answer: Response = client.post("/v1/imports", params={"kind": kind} | asked, content=content, headers=headers)
    return answer


def items(client: TestClient, people: People, path: str = "/tracing-requests") -> list[Json]:
    found: list[Json] = made(client.get(f"/v1{path}?limit=200", headers=people.auth()), 200)["items"]
    return found


class TestRequests:
    def test_become_requests_with_their_sought_persons(self, client: TestClient, people: People) -> None:
        rows = [
            request_row(1),
            request_row(2, names="Omar Yusuf Warsame|عمر يوسف ورسمه", relationship="brother"),
        ]
        report = made(send(client, people.auth(), csv_of(rows)), 200)
        assert report == {
            "kind": "requests",
            "dry_run": False,
            "rows": 2,
            "imported": 2,
            "already_there": 0,
            "refused": 0,
            "errors": [],
        }
        first, second = sorted(items(client, people), key=lambda r: len(r["sought"][0]["person"]["names"]))
        assert first["enquirer"]["person"]["names"][0]["full"] == "Abdi Yusuf Warsame"
        assert first["sought"][0]["state"] == "pre_case"
        assert [n["full"] for n in second["sought"][0]["person"]["names"]] == [
            "Omar Yusuf Warsame",
            "عمر يوسف ورسمه",
        ]

    def test_rows_of_one_enquirer_become_one_request(self, client: TestClient, people: People) -> None:
        rows = [
            request_row(1, enquirer_ref="E1"),
            request_row(2, enquirer_ref="E1", enquirer_name="", names="Omar"),
        ]
        assert made(send(client, people.auth(), csv_of(rows)), 200)["imported"] == 2
        (request,) = items(client, people)
        assert [s["person"]["names"][0]["full"] for s in request["sought"]] == ["Amina Yusuf Warsame", "Omar"]

    def test_a_request_with_one_bad_row_is_not_half_written(self, client: TestClient, people: People) -> None:
        rows = [
            request_row(1, enquirer_ref="E1"),
            request_row(2, enquirer_ref="E1", birth="1990-02-31"),
            request_row(3, enquirer_ref="E2"),
        ]
        report = made(send(client, people.auth(), csv_of(rows)), 200)
        assert (report["imported"], report["refused"]) == (1, 2)
        assert [(e["line"], e["code"]) for e in report["errors"]] == [
            (2, "same-request"),
            (3, "impossible-date"),
        ]
        assert len(items(client, people)) == 1

    def test_start_brings_them_under_way(self, client: TestClient, people: People) -> None:
        rows = [request_row(1), request_row(2, enquirer_contact_safe="unknown"), request_row(3)]
        report = made(send(client, people.auth(), csv_of(rows), start="true"), 200)
        assert (report["imported"], report["refused"]) == (2, 1)
        assert [(e["line"], e["code"]) for e in report["errors"]] == [(3, "no-such-transition")]
        assert {r["sought"][0]["state"] for r in items(client, people)} == {"searching"}

    def test_who_may_not_accept_may_not_start(self, client: TestClient, people: People) -> None:
        assert send(client, people.auth("intake"), csv_of([request_row(1)]), start="true").status_code == 403
        assert items(client, people) == []


class TestSightings:
    def test_become_sightings_and_self_registrations(self, client: TestClient, people: People) -> None:
        rows = [sighting_row(1), sighting_row(2, basis="self", lawful_basis="consent")]
        report = made(send(client, people.auth(), ndjson_of(rows), "sightings", NDJSON), 200)
        assert report["imported"] == 2
        found = {s["kind"]: s for s in items(client, people, "/sightings")}
        assert set(found) == {"sighting", "self_registration"}
        assert found["sighting"]["sighting_place"] == "Kakuma"
        assert found["sighting"]["sighting_time"] == "2026-05"

    def test_a_sighting_of_the_future_is_refused_alone(self, client: TestClient, people: People) -> None:
        rows = [sighting_row(n, seen_date="2999" if n == 3 else "2026-05") for n in range(1, 6)]
        for dry_run in ("true", "false"):
            report = made(send(client, people.auth(), csv_of(rows), "sightings", dry_run=dry_run), 200)
            assert (report["imported"], report["refused"]) == (4, 1)
            (error,) = report["errors"]
            assert (error["line"], error["field"], error["code"]) == (4, "seen_date", "in-the-future")
        assert len(items(client, people, "/sightings")) == 4


class TestRerun:
    def test_imports_nothing_twice(self, client: TestClient, people: People) -> None:
        content = csv_of([request_row(n) for n in range(1, 4)])
        made(send(client, people.auth(), content), 200)
        again = made(send(client, people.auth(), content), 200)
        assert (again["rows"], again["imported"], again["already_there"]) == (3, 0, 3)
        assert len(items(client, people)) == 3

    def test_takes_in_what_was_corrected(self, client: TestClient, people: People) -> None:
        rows = [request_row(1), request_row(2, birth="1990-13")]
        made(send(client, people.auth(), csv_of(rows)), 200)
        rows[1]["birth"] = "1990-12"
        again = made(send(client, people.auth(), csv_of(rows)), 200)
        assert (again["imported"], again["already_there"], again["refused"]) == (1, 1, 0)

    @pytest.mark.parametrize("rows", [1, 3])
    def test_while_another_import_brings_the_same_rows_is_harmless(
        self, client: TestClient, people: People, monkeypatch: pytest.MonkeyPatch, rows: int
    ) -> None:
        content = csv_of([request_row(n) for n in range(rows)])
        made(send(client, people.auth(), content), 200)
        looked: list[int] = []

        def too_early(access: Access, refs: Iterable[str]) -> set[str]:
            looked.append(1)
            return set() if len(looked) == 1 else known_home_refs(access, refs)

        monkeypatch.setattr(register, "known_home_refs", too_early)
        again = made(send(client, people.auth(), content), 200)
        assert (again["imported"], again["already_there"], again["refused"]) == (0, rows, 0)
        assert len(items(client, people)) == rows

    def test_in_another_order_and_format_changes_nothing(self, client: TestClient, people: People) -> None:
        rows = [request_row(n, enquirer_ref="E1") for n in range(1, 4)]
        made(send(client, people.auth(), csv_of(rows)), 200)
        again = made(send(client, people.auth(), workbook(rows[::-1]), media=XLSX), 200)
        assert (again["imported"], again["already_there"]) == (0, 3)

    def test_does_not_bring_back_who_withdrew(self, client: TestClient, people: People, gate: Gate) -> None:
        content = csv_of([sighting_row(1)])
        made(send(client, people.auth(), content, "sightings"), 200)
        (seen,) = items(client, people, "/sightings")
        with admitted(gate, people.token("caseworker"), Permission.CONSENTS_WRITE) as access:
            no = ConsentFact(Purpose.REGISTER, Decision.WITHDRAWN, LawfulBasis.CONSENT)
            consents.decide(access, UUID(seen["id"]), [no])
            access.note("consents.decide")
        assert items(client, people, "/sightings") == []
        again = made(send(client, people.auth(), content, "sightings"), 200)
        assert (again["imported"], again["already_there"]) == (0, 1)
        assert items(client, people, "/sightings") == []

    def test_the_same_number_of_another_list_sender_or_society_is_another_row(
        self, client: TestClient, people: People
    ) -> None:
        content = csv_of([request_row(1)])
        for auth, asked in (
            (people.auth(), {}),
            (people.auth(), {"source": "camp-7"}),
            (people.auth(society="UG"), {}),
        ):
            assert made(send(client, auth, content, **asked), 200)["imported"] == 1
        sightings = csv_of([sighting_row(1)])
        assert made(send(client, people.auth(), sightings, "sightings"), 200)["imported"] == 1


class TestDryRun:
    def test_reports_the_same_and_keeps_nothing(self, client: TestClient, people: People, gate: Gate) -> None:
        rows = [request_row(1), request_row(2, birth="1990-02-30"), request_row(3, sex="F"), request_row(4)]
        keys = gate.keys.count()
        tried = made(send(client, people.auth(), csv_of(rows), dry_run="true", start="true"), 200)
        assert items(client, people) == []
        assert gate.keys.count() == keys
        with admitted(gate, people.token("caseworker"), Permission.IMPORTS_WRITE) as access:
            access.note("imports.look")
            assert known_home_refs(access, ["requests||1"]) == set()
        done = made(send(client, people.auth(), csv_of(rows), start="true"), 200)
        assert done == tried | {"dry_run": False}
        assert done["imported"] == 2

    def test_is_on_the_trail(self, client: TestClient, people: People) -> None:
        made(send(client, people.auth(), csv_of([request_row(1)]), dry_run="true"), 200)
        acts = [e["act"] for e in made(client.get("/v1/trail?limit=200", headers=people.auth("auditor")), 200)["items"]]
        assert {"imports.begin", "imports.rehearse"} <= set(acts)
        assert "imports.requests" not in acts


class TestBatches:
    def test_each_is_a_transaction_of_its_own(
        self, client: TestClient, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "BATCH", 2)
        rows = [sighting_row(n, seen_date="2999" if n == 4 else "2026") for n in range(1, 8)]
        report = made(send(client, people.auth(), csv_of(rows), "sightings"), 200)
        assert (report["rows"], report["imported"], report["refused"]) == (7, 6, 1)
        acts = [e["act"] for e in made(client.get("/v1/trail?limit=200", headers=people.auth("auditor")), 200)["items"]]
        assert acts.count("imports.sightings") == 4

    def test_errors_are_capped_and_counts_are_not(self, client: TestClient, people: People) -> None:
        rows = [sighting_row(n, sex="F") for n in range(1, 231)] + [sighting_row(231)]
        report = made(send(client, people.auth(), csv_of(rows), "sightings"), 200)
        assert (report["rows"], report["imported"], report["refused"]) == (231, 1, 230)
        assert len(report["errors"]) == 200


class TestDoor:
    def test_the_order_of_answers(self, client: TestClient, people: People) -> None:
        assert send(client, {}, b"", "nothing", "image/png").status_code == 401
        assert send(client, people.auth("auditor"), b"", "nothing", "image/png").status_code == 403
        assert send(client, people.auth(), b"", "requests", "image/png").status_code == 415
        assert send(client, people.auth(), csv_of([request_row(1)]), "persons").status_code == 422

    def test_a_body_over_the_limit_is_refused(self, client: TestClient, people: People) -> None:
        headers = people.auth() | {"Content-Type": "text/csv", "Content-Length": str(1 << 40)}
        answer = client.post("/v1/imports?kind=requests", content=b"", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


class TestForm:
    @pytest.mark.parametrize(
        ("name", "media"), [("list.csv", "text/csv"), ("LIST.CSV", "application/vnd.ms-excel"), ("a.csv", "")]
    )
    def test_takes_one_file(self, client: TestClient, people: People, name: str, media: str) -> None:
        files = {"file": (name, csv_of([request_row(1)]), media)}
        answer = client.post("/v1/imports?kind=requests", files=files, headers=people.auth())
        assert made(answer, 200)["imported"] == 1

    def test_an_upload_never_touches_the_disk(
        self, client: TestClient, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def spilled(*_: object, **__: object) -> None:
            raise AssertionError("an upload was written to a temporary file")

        monkeypatch.setattr("tempfile.SpooledTemporaryFile.rollover", spilled)
        padding = ndjson_of([request_row(1)]) + b"\n" * (3 << 20)
        files = {"file": ("list.ndjson", padding, NDJSON)}
        answer = client.post("/v1/imports?kind=requests", files=files, headers=people.auth())
        assert made(answer, 200)["imported"] == 1

    @pytest.mark.parametrize(
        ("files", "status"),
        [
            ([("file", ("a.csv", b"x", "text/csv")), ("file", ("b.csv", b"x", "text/csv"))], 400),
            ([("note", (None, b"x"))], 400),
            ([("file", ("a.exe", b"x", "application/octet-stream"))], 415),
        ],
    )
    def test_refuses_none_two_and_other_kinds(
        self, client: TestClient, people: People, files: Any, status: int
    ) -> None:
        answer = client.post("/v1/imports?kind=requests", files=files, headers=people.auth())
        assert answer.status_code == status, answer.text


class TestTemplate:
    @pytest.mark.parametrize("kind", ["requests", "sightings"])
    @pytest.mark.parametrize(("form", "media"), [("csv", "text/csv"), ("xlsx", XLSX)])
    def test_is_a_list_without_rows(self, client: TestClient, people: People, kind: str, form: str, media: str) -> None:
        answer = client.get(f"/v1/imports/template?kind={kind}&format={form}", headers=people.auth())
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(media)
        report = made(send(client, people.auth(), answer.content, kind, media), 200)
        assert (report["rows"], report["errors"]) == (0, [])


class TestSamples:
    @pytest.mark.parametrize(
        ("name", "kind", "media"),
        [
            ("requests.csv", "requests", "text/csv"),
            ("sightings.ndjson", "sightings", NDJSON),
            ("sightings.xlsx", "sightings", XLSX),
        ],
    )
    def test_can_be_imported_as_they_are(
        self, client: TestClient, people: People, name: str, kind: str, media: str
    ) -> None:
        content = (Path(__file__).parents[2] / "docs" / "samples" / name).read_bytes()
        report = made(send(client, people.auth(), content, kind, media), 200)
        assert report["imported"] == report["rows"] > 3
