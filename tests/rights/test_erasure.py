"""Erasure: two humans, one order, nothing readable left, and no way back by a feed."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import SQLModel, select

from tests.enquirer.desk import Enquirer, enquirer
from tests.intake.lists import csv_of, request_row, sighting_row
from tests.review.desk import raw, tables
from tests.rights.desk import Officer
from tests.sightings.reports import registration, report
from tests.support import Json, granted, made, person, post, request_draft, sought_draft
from tracing.gate import audit, erasing, trail
from tracing.gate.admit import admitted
from tracing.gate.keystore import KeyStore
from tracing.gate.permissions import Permission
from tracing.gate.vault import Unreadable
from tracing.kit import clock
from tracing.persons import erased

T = SQLModel.metadata.tables


def crash(*_: object, **__: object) -> None:
    raise RuntimeError("the machine went down")


def proposed(desk: Officer, record_id: str) -> str:
    request_id = desk.identified(record_id, "erasure")
    desk.stepped(request_id, "propose")
    return request_id


def is_erased(desk: Officer, record_id: str) -> bool:
    """Return whether the key is destroyed, the rows blanked and the record forgotten."""
    row = desk.row("record", record_id)
    try:
        desk.gate.keys.cipher(row["key_id"])
    except Unreadable:
        return row["forgotten_at"] is not None
    return False


def whole(desk: Officer) -> bool:
    with admitted(desk.gate, desk.people.token("auditor"), Permission.TRAIL_VERIFY) as access:
        return audit.verify(access, desk.gate).reason == "whole"


class TestFourEyes:
    def test_nobody_carries_out_what_they_proposed(self, desk: Officer) -> None:
        seen = desk.register()
        request_id = proposed(desk, seen)
        answer = desk.step(request_id, "carry_out")
        assert (answer.status_code, answer.json()["code"]) == (403, "same-worker")
        assert not is_erased(desk, seen)
        assert desk.stepped(request_id, "carry_out", label="supervisor-2")["state"] == "done"
        assert is_erased(desk, seen)

    def test_two_accounts_of_one_human_are_one_pair_of_eyes(self, desk: Officer) -> None:
        seen = desk.register()
        request_id = proposed(desk, seen)
        desk.hire_again("supervisor-at-night", known="supervisor")
        with raw(desk.gate) as connection:
            account = T["account"]
            connection.execute(
                account.update().where(account.c.label == "supervisor-at-night").values(role="supervisor")
            )
        answer = desk.step(request_id, "carry_out", label="supervisor-at-night")
        assert (answer.status_code, answer.json()["code"]) == (403, "same-worker")
        assert not is_erased(desk, seen)

    def test_what_was_turned_down_is_proposed_anew(self, desk: Officer) -> None:
        seen = desk.register()
        request_id = proposed(desk, seen)
        desk.stepped(request_id, "turn_down", label="supervisor-2")
        assert desk.step(request_id, "carry_out", label="supervisor-2").status_code == 409
        desk.stepped(request_id, "propose")
        desk.stepped(request_id, "carry_out", label="supervisor-2")
        assert is_erased(desk, seen)

    @pytest.mark.parametrize(("event", "fields"), [("withdraw", {}), ("refuse", {"reason": "harm_to_others"})])
    def test_what_was_withdrawn_or_refused_is_approved_by_nobody(self, desk: Officer, event: str, fields: Json) -> None:
        seen = desk.register()
        request_id = proposed(desk, seen)
        desk.stepped(request_id, event, label="supervisor-2", **fields)
        with raw(desk.gate) as connection:
            assert connection.execute(select(T["proposal"].c.standing)).scalars().all() == ["turned_down"]
        assert desk.step(request_id, "carry_out", label="supervisor-2").status_code == 409
        assert not is_erased(desk, seen)

    def test_exactly_what_was_proposed_is_erased(self, desk: Officer) -> None:
        """A sought person under the request was forgotten in between: it is another act than was approved."""
        view = desk.open(sought_draft(), sought_draft("Hodan Yusuf Warsame"))
        request_id = proposed(desk, view["id"])
        desk.withdraw(view["sought"][1]["id"], "register")
        hide_long_ago(desk, view["sought"][1]["id"])
        assert desk.night().forgotten == 1
        answer = desk.step(request_id, "carry_out", label="supervisor-2")
        assert (answer.status_code, answer.json()["code"]) == (409, "not-approved")


def hide_long_ago(desk: Officer, record_id: str) -> None:
    with raw(desk.gate) as connection:
        record = T["record"]
        long_ago = clock.now() - timedelta(days=31)
        connection.execute(record.update().where(record.c.id == UUID(record_id)).values(hidden_at=long_ago))


class TestWhoAsks:
    @pytest.mark.parametrize("claimant", ["parent", "guardian", "representative", "court"])
    def test_a_sought_person_is_erased_for_themselves_alone(self, desk: Officer, claimant: str) -> None:
        """Whoever says that a search is false must not be able to delete somebody who is looked for."""
        sought = desk.seek()
        answer = desk.step(desk.identified(sought, "erasure", claimant=claimant), "propose")
        assert (answer.status_code, answer.json()["code"]) == (409, "not-the-subject")
        desk.erase(sought)
        assert is_erased(desk, sought)

    @pytest.mark.parametrize("make", ["register", "report"])
    def test_another_record_may_be_by_a_guardian(self, desk: Officer, make: str) -> None:
        record_id = getattr(desk, make)()
        request_id = desk.identified(record_id, "erasure", claimant="guardian")
        desk.stepped(request_id, "propose")
        desk.stepped(request_id, "carry_out", label="supervisor-2")
        assert is_erased(desk, record_id)

    def test_a_request_of_another_kind_is_never_proposed(self, desk: Officer) -> None:
        request_id = desk.identified(desk.register(), "access")
        assert desk.step(request_id, "propose").status_code == 409
        erasure = desk.identified(desk.register(), "erasure")
        assert desk.step(erasure, "carry_out").status_code == 409


class TestOrder:
    def test_is_trail_then_ledger_and_key_then_rows(self, desk: Officer, monkeypatch: pytest.MonkeyPatch) -> None:
        seen = desk.register()
        request_id, told, true = proposed(desk, seen), [], KeyStore.destroy

        def destroy(self: KeyStore, lines: Any) -> int:
            told.append(desk.acts_on(seen)[-1])
            told.append(desk.row("record", seen)["forgotten_at"])
            return true(self, lines)

        monkeypatch.setattr(KeyStore, "destroy", destroy)
        desk.stepped(request_id, "carry_out", label="supervisor-2")
        assert told == ["rights.carry_out", None]
        (line,) = desk.lines()
        assert (str(line.subject_id), line.society) == (seen, "KE")
        assert is_erased(desk, seen)
        assert whole(desk)

    STOPS: tuple[tuple[str, Any, str], ...] = (
        ("before the keys", KeyStore, "destroy"),
        ("after the keys", erasing, "forget"),
    )

    @pytest.mark.parametrize(("when", "where", "what"), STOPS, ids=[row[0] for row in STOPS])
    @pytest.mark.parametrize("by", ["the night", "the same call again"])
    def test_cut_off_is_finished_by(
        self, desk: Officer, monkeypatch: pytest.MonkeyPatch, when: str, where: Any, what: str, by: str
    ) -> None:
        seen = desk.register()
        request_id = proposed(desk, seen)
        with monkeypatch.context() as patch:
            patch.setattr(where, what, crash)
            assert desk.step(request_id, "carry_out", label="supervisor-2").status_code == 500
        assert not is_erased(desk, seen)
        assert desk.get(f"/sightings/{seen}").status_code == 404
        assert [item["id"] for item in desk.get("/data-subject/requests", "supervisor", state="done").json()["items"]]
        if by == "the night":
            assert desk.night().forgotten == 1
        else:
            assert desk.stepped(request_id, "carry_out", label="supervisor-2")["state"] == "done"
        assert is_erased(desk, seen)
        (line,) = desk.lines()
        assert len(line.hashes) >= 1
        assert whole(desk)

    def test_of_a_refused_commit_destroys_nothing(self, desk: Officer, monkeypatch: pytest.MonkeyPatch) -> None:
        seen = desk.register()
        request_id = proposed(desk, seen)
        true = trail.append

        def append(connection: Any, vault: Any, actor: Any, acts: Any, at: Any) -> None:
            if any(act.act == "rights.carry_out" for act in acts):
                crash()
            true(connection, vault, actor, acts, at)

        with monkeypatch.context() as patch:
            patch.setattr(trail, "append", append)
            assert desk.step(request_id, "carry_out", label="supervisor-2").status_code == 500
        assert desk.lines() == []
        assert desk.get(f"/sightings/{seen}").status_code == 200


class TestWhatIsLeft:
    def test_of_a_sought_person_is_nothing_with_their_enquirer(self, desk: Officer) -> None:
        view = desk.open(sought_draft(), sought_draft("Hodan Yusuf Warsame"))
        desk.erase(view["sought"][0]["id"])
        assert [s["id"] for s in desk.get(f"/tracing-requests/{view['id']}").json()["sought"]] == [
            view["sought"][1]["id"]
        ]
        kin = json.loads(desk.opened("tracing_request", view["id"]))["kin"]
        assert [known["name"] for known in kin] == ["Hodan Yusuf Warsame"]

    def test_of_a_request_is_nothing_of_those_under_it_either(self, desk: Officer) -> None:
        view = desk.open(sought_draft(), sought_draft("Hodan Yusuf Warsame"))
        desk.erase(view["id"])
        for record_id in (view["id"], *(s["id"] for s in view["sought"])):
            assert is_erased(desk, record_id)
        assert len(desk.lines()) == 3

    def test_of_the_person_is_one_answer_everywhere(self, desk: Officer) -> None:
        seen = desk.register()
        request_id = desk.identified(seen, "access")
        desk.erase(seen)
        for path, label in (
            (f"/sightings/{seen}", "caseworker"),
            (f"/records/{seen}/consents", "caseworker"),
            (f"/data-subject/records/{seen}/consents", "supervisor"),
            (f"/data-subject/records/{seen}/retention", "supervisor"),
            (f"/data-subject/requests/{request_id}", "supervisor"),
            (f"/data-subject/requests/{request_id}/bundle", "supervisor"),
        ):
            assert desk.get(path, label).status_code == 404, path

    def test_in_the_case_base_is_no_detail_of_theirs(self, desk: Officer) -> None:
        sought, seen = desk.seek(), desk.register()
        desk.night()
        desk.decided(desk.only()["id"], "needs_information", reason="insufficient_data")
        desk.ask(seen, "access", words="What is held?")
        key_id = str(desk.row("record", seen)["key_id"])
        desk.erase(seen)
        rows = [row for name, found in tables(desk.gate).items() if name != "record" for row in found]
        assert [row for row in rows if key_id in row and "b''" not in row] == []
        assert desk.state_of(sought) == "searching"

    def test_in_tellings_of_what_they_let_a_relative_learn_is_no_note(self, desk: Officer) -> None:
        sought, seen = desk.seek(), desk.register()
        desk.night()
        told = desk.telling(sought, b'{"note":"She lives by the well."}', release_id=desk.told(sought, seen))
        message = desk.message(sought, seen, "to_enquirer", "I am well.")
        handed = desk.telling(sought, b'{"note":"She writes from the well."}', message_id=message)
        other = desk.telling(sought, b'{"note":"No news."}')
        desk.erase(seen)
        assert [desk.opened("telling", one) for one in (told, handed, other)] == [b"{}", b"{}", b'{"note":"No news."}']


class TestCaseCodes:
    """What an enquirer was handed ends with their record, in the transaction that settles it."""

    @pytest.fixture
    def asking(self, desk: Officer) -> Enquirer:
        return enquirer(desk, [], [])

    def ends(self, desk: Officer, asking: Enquirer) -> list[bool]:
        """Return whether the code, its account and its secret have ended."""
        with raw(desk.gate) as connection:
            code = connection.execute(T["case_code"].select().where(T["case_code"].c.code == asking.code)).one()
            account = connection.execute(T["account"].select().where(T["account"].c.id == code.account_id)).one()
            token = connection.execute(T["token"].select().where(T["token"].c.account_id == code.account_id)).one()
        return [moment is not None for moment in (code.revoked_at, account.disabled_at, token.revoked_at)]

    def test_end_before_the_first_key_goes(
        self, desk: Officer, asking: Enquirer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        request_id = proposed(desk, asking.request_id)
        with monkeypatch.context() as patch:
            patch.setattr(KeyStore, "destroy", crash)
            assert desk.step(request_id, "carry_out", label="supervisor-2").status_code == 500
        assert self.ends(desk, asking) == [True, True, True]

    def test_answer_as_a_secret_that_never_was(self, desk: Officer, asking: Enquirer) -> None:
        other = enquirer(desk)
        desk.erase(asking.request_id)
        never = replace(asking, secret=asking.secret[:-4] + "none")
        told = [answer.json() | {"request_id": ""} for answer in (asking.look(), never.look())]
        assert told[0] == told[1]
        assert told[0]["status"] == 401
        assert other.look().status_code == 200
        assert self.ends(desk, other) == [False, False, False]

    def test_end_when_the_night_forgets(self, desk: Officer, asking: Enquirer) -> None:
        desk.withdraw(asking.request_id, "register")
        assert self.ends(desk, asking) == [False, False, False], "a withdrawal may be undone"
        hide_long_ago(desk, asking.request_id)
        assert desk.night().forgotten == 1
        assert self.ends(desk, asking) == [True, True, True]

    def test_of_others_stay_when_a_sought_person_is_erased(self, desk: Officer, asking: Enquirer) -> None:
        desk.erase(asking.sought_ids[0])
        assert asking.statuses() == ["search_under_way", "search_under_way"]
        assert self.ends(desk, asking) == [False, False, False]


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
