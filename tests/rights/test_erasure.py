"""Erasure: two humans, one order, nothing readable left."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import SQLModel, select

from tests.enquirer.desk import Enquirer, enquirer
from tests.review.desk import raw, tables
from tests.rights.desk import Officer
from tests.support import Json, sought_draft
from tracing.fate.schemas import FateDetails
from tracing.gate import audit, erasing, trail
from tracing.gate.admit import admitted
from tracing.gate.keystore import KeyStore
from tracing.gate.permissions import Permission
from tracing.gate.vault import Unreadable
from tracing.kit import clock
from tracing.rights import store

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

    def test_in_fate_reports_that_speak_of_them_is_no_word(self, desk: Officer) -> None:
        """Named as evidence in any search, or asked in this one; the trace of another person stays."""
        sought, elsewhere, seen, other = desk.seek(), desk.seek("Hodan Ali Nur"), desk.register(), desk.report()
        desk.night()
        desk.told(sought, seen)
        named, asked = desk.fate(elsewhere, "deceased", seen, other), desk.fate(sought, "partial_answer")
        kept = [desk.fate(sought, "deceased", other), desk.fate(elsewhere, "partial_answer", other)]
        before = [desk.opened("fate_report", one) for one in kept]
        desk.erase(seen)
        for one in (named, asked):
            plain = desk.opened("fate_report", one)
            assert b"well" not in plain
            FateDetails.model_validate_json(plain)
            assert desk.row("fate_report", str(one))["version"] == 2
        assert [desk.opened("fate_report", one) for one in kept] == before
        assert all(b"well" in plain for plain in before)

    def test_in_fate_reports_is_still_every_word_without_the_blanking_and_so_the_fault_is_seen(
        self, desk: Officer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(store, "blank_fates", lambda *_: None)
        seen = desk.register()
        report = desk.fate(desk.seek(), "deceased", seen)
        desk.erase(seen)
        assert b"well" in desk.opened("fate_report", report)

    def test_in_fate_reports_of_the_forgotten_is_no_word_after_the_night(self, desk: Officer) -> None:
        seen, sought = desk.register(), desk.seek()
        report = desk.fate(sought, "deceased", seen)
        desk.withdraw(seen, "register")
        desk.night(forget_after_days=0)
        assert b"well" not in desk.opened("fate_report", report)

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
