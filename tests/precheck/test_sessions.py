"""Two societies find out blindly of whom both may know; nobody is named, and nothing follows by itself."""

import base64
import json
import sys
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from tests.precheck.pilot import AGREED, Pilot, tokens
from tests.support import granted, made, post, sought_draft
from tracing.exchange.errors import NotAgreed
from tracing.gate import consents, network
from tracing.gate.tables import Record
from tracing.kit import clock, psi
from tracing.kit.errors import NotFound
from tracing.kit.psi import NotInstalled
from tracing.precheck import jobs, service
from tracing.precheck.errors import NotAnswered
from tracing.precheck.service import ANSWERED_FROM, ASKED_ABOUT
from tracing.precheck.states import Standing
from tracing.precheck.traits import Token

AMINA = "Amina Yusuf Warsame"
OTHER: dict[str, Any] = {"birth": "1961-02", "father": ["Pekka Virtanen"], "mother": ["Aino Laine"]}


def test_only_who_is_known_on_both_sides_is_a_hit_and_each_side_has_it_on_its_trail(pilot: Pilot) -> None:
    both, ours = pilot.seek(AMINA), pilot.seek("Matti Virtanen", **OTHER)
    pilot.seek("Aamina Yuusuf Warsame", "UG")
    report = pilot.ask()
    assert (report.persons, report.hits, report.elements, report.left_out) == (2, 1, 1000, 0)
    (hit,) = pilot.hits(both)
    assert hit["partner"] == "UG"
    assert hit["shared_tokens"] >= 2
    assert UUID(hit["handle"]) not in {row.id for row in pilot.rows("UG", "record")}
    assert pilot.hits(ours) == []
    (asked,), (answered,) = pilot.rows("KE"), pilot.rows("UG")
    assert asked.standing == answered.standing == Standing.DONE
    assert asked.commitment == answered.commitment
    assert asked.request_digest == answered.request_digest
    assert (answered.opening, answered.hits) == (b"", None)
    assert pilot.acts("UG") == [f"pre_check.{act}" for act in ("call", "asked", "page", "read", "answer")]
    heard = ("prepare", "page", "read", "prepare", "ask", "heard", "hits", "show", "show")
    assert pilot.acts("KE") == [f"pre_check.{act}" for act in heard]
    assert pilot.rows("UG", "pre_check_hit") == []
    assert pilot.rows("KE", "exchange_message") == []
    for name in ("auditor", "intake"):
        assert pilot.pair.desk.get(f"/sought-persons/{both}/pre-checks", name).status_code == 403
    assert pilot.pair.desk.get(f"/sought-persons/{both}/pre-checks", "caseworker", "UG").status_code == 404


@pytest.mark.slow
def test_in_a_dispute_the_commitment_opens_until_somebody_has_changed(pilot: Pilot) -> None:
    sought = pilot.seek(AMINA)
    session, turn = pilot.ask().session, pilot.pair.turn("KE")
    assert jobs.opens(turn, session, pilot.settings)
    pilot.pair.desk.withdraw(sought, "match_in_network")
    assert not jobs.opens(turn, session, pilot.settings)
    with pytest.raises(NotFound):
        jobs.opens(pilot.pair.turn("UG"), session, pilot.settings)


def taking_part(pilot: Pilot, society: str = "KE", kinds: Any = ASKED_ABOUT) -> set[str]:
    partner = {"KE": "UG", "UG": "KE"}[society]
    return {str(record_id) for record_id in tokens(pilot, society, partner, kinds)}


class TestWhoTakesPart:
    def test_whoever_agreed_to_the_network_and_nobody_else(self, pilot: Pilot) -> None:
        agreed = pilot.seek(AMINA)
        pilot.seek("Halima Nur Ali", purposes=AGREED[:2])
        withdrawn = pilot.seek("Hodan Ali Nur")
        pilot.pair.desk.withdraw(withdrawn, "match_in_network")
        hidden = pilot.seek("Sahra Ali Nur")
        pilot.pair.desk.withdraw(hidden, "register")
        for sensitivity in ("protected", "high_risk"):
            pilot.seek("Ifrah Ali Nur", sensitivity=sensitivity)
        resting = pilot.seek("Deqa Ali Nur")
        pilot.pair.desk.withdraw(resting, "match_within_society")
        assert taking_part(pilot) == taking_part(pilot, kinds=ANSWERED_FROM) == {agreed}

    def test_nobody_whose_agreement_has_ended_or_leaves_this_partner_out(
        self, pilot: Pilot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        later = clock.now() + timedelta(days=2)
        ending, only_ug = (pilot.seek(name, purposes=AGREED[:2]) for name in (AMINA, "Sahra Ali Nur"))
        refusing = pilot.seek("Hodan Ali Nur")
        ends = (later - timedelta(days=1)).isoformat()
        decide(pilot, ending, {"purpose": "match_in_network", "valid_until": ends})
        decide(pilot, refusing, {"purpose": "match_in_network", "recipient": "UG", "decision": "refused"})
        decide(pilot, only_ug, {"purpose": "match_in_network", "recipient": "UG"})
        assert taking_part(pilot) == {ending, only_ug}
        monkeypatch.setattr(clock, "now", lambda: later)
        assert taking_part(pilot) == {only_ug}

    def test_no_copy_of_a_partners_person(self, pilot: Pilot) -> None:
        share = {"purpose": "share_with_society", "lawful_basis": "public_interest", "recipient": "UG"}
        sought = pilot.seek(AMINA)
        decide(pilot, sought, share)
        pilot.pair.send(sought)
        pilot.pair.settle()
        (case,) = pilot.pair.cases("UG")
        pilot.pair.act("UG", case["id"], "events", {"event": "accept"})
        assert taking_part(pilot, "UG", ANSWERED_FROM) == set()
        auth = pilot.pair.desk.auth("caseworker", "UG")
        body = {"decisions": [{"purpose": "match_in_network"}]}
        answer = post(pilot.pair.desk.client, f"/records/{case['sought_id']}/consents", body, auth)
        assert answer.json()["code"] == "foreign-record"

    def test_nobody_of_a_family_in_which_somebody_is_protected(self, pilot: Pilot) -> None:
        basis = granted(*AGREED, lawful_basis="public_interest")
        pilot.pair.desk.open(sought_draft(AMINA, basis=basis), sought_draft("Hodan Nur", sensitivity="protected"))
        assert taking_part(pilot) == set()

    def test_a_self_registered_person_is_answered_from(self, pilot: Pilot) -> None:
        found = pilot.pair.desk.register(consents=granted(*AGREED))
        assert taking_part(pilot) == set()
        assert taking_part(pilot, kinds=ANSWERED_FROM) == {found}

    def test_a_set_built_without_asking_for_consent_would_be_seen(
        self, pilot: Pilot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        agreed, silent = pilot.seek(AMINA), pilot.seek("Halima Nur Ali", purposes=AGREED[:2])
        monkeypatch.setattr(consents, "sharing", lambda *_: object())
        monkeypatch.setattr(network, "_candidates", lambda access: select(Record))
        with pytest.raises(AssertionError):
            assert silent not in taking_part(pilot)
        assert agreed in taking_part(pilot)


def decide(pilot: Pilot, record: str, decision: dict[str, Any]) -> None:
    desk = pilot.pair.desk
    made(post(desk.client, f"/records/{record}/consents", {"decisions": [decision]}, desk.auth()))


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"scheme": "pre-check-1/engine-0"}, 409, "other-engine"),
    ({"elements": 11_000}, 422, "invalid"),
    ({"elements": 1_500}, 422, "invalid"),
    ({"sender": "TZ"}, 422, "not-for-us"),
    ({"recipient": "KE"}, 422, "not-for-us"),
    ({"request": "%%%"}, 422, "invalid"),
    ({"request": "AAA"}, 422, "invalid"),
    ({"request": base64.b64encode(b"\xff\xff").decode()}, 422, "invalid"),
    ({"request": base64.b64encode(b"\x10\x01").decode()}, 422, "invalid"),
    ({"names": ["Amina"]}, 422, "invalid"),
]


class TestRefused:
    def test_what_is_none_or_too_much(self, pilot: Pilot) -> None:
        pilot.switch(pre_check_sessions_a_day=100)
        for changes, status, code in REFUSED:
            answer = pilot.send(json.dumps(pilot.draft(**changes)).encode())
            assert (answer.status_code, answer.json()["code"]) == (status, code), changes
        assert Standing.DONE not in {row.standing for row in pilot.rows("UG")}
        assert "pre_check.answer" not in pilot.acts("UG")

    def test_points_that_are_none(self, pilot: Pilot) -> None:
        request = psi.library().Request()
        request.reveal_intersection = True
        request.encrypted_elements.extend(b"\x02" + number.to_bytes(32) for number in range(1000))
        body = pilot.draft(request=base64.b64encode(request.SerializeToString()).decode())
        answer = pilot.send(json.dumps(body).encode())
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "garbled")
        (row,) = pilot.rows("UG")
        assert (row.standing, row.trouble) == (Standing.FAILED, "garbled")

    def test_what_is_not_signed_so_changed_since_or_comes_again(self, pilot: Pilot) -> None:
        pilot.seek(AMINA)
        pilot.ask()
        _, body, headers = pilot.pair.loop.sent[-1]
        assert pilot.send(body, headers).status_code == 401
        assert pilot.send(body.replace(b'"KE"', b'"TZ"'), headers).status_code == 401
        assert pilot.send(body, {}).status_code == 401
        again = pilot.send(body)
        assert (again.status_code, again.json()["code"]) == (409, "conflict")
        assert len(pilot.rows("UG")) == 1

    @pytest.mark.parametrize("what", ["switched off", "not agreed"])
    def test_while_it_is_not_wanted(self, pilot: Pilot, what: str) -> None:
        pilot.seek(AMINA)
        if what == "switched off":
            pilot.switch(pre_check=False)
        else:
            pilot.agree(("request_search",))
        with pytest.raises(NotAgreed):
            pilot.ask()
        answer = pilot.send(json.dumps(pilot.draft()).encode())
        assert (answer.status_code, answer.json()["code"]) == (409, "not-agreed")
        assert pilot.rows("UG") == pilot.rows("KE") == []

    def test_without_the_extra(self, pilot: Pilot, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "private_set_intersection.python", None)
        with pytest.raises(NotInstalled, match=r"tracing\[psi\]"):
            pilot.ask()
        answer = pilot.send(json.dumps(pilot.draft()).encode())
        assert (answer.status_code, answer.json()["code"]) == (409, "not-installed")


class TestCaps:
    def test_a_day_has_so_many_sessions_and_thirty_days_so_many_elements(self, pilot: Pilot) -> None:
        def codes(count: int) -> list[str]:
            return [pilot.send(json.dumps(pilot.draft()).encode()).json()["code"] for _ in range(count)]

        assert codes(3) == ["invalid", "invalid", "quota-reached"]  # what cannot be read counts as well
        pilot.switch(pre_check_sessions_a_day=100, pre_check_elements_30_days=3000)
        assert codes(2) == ["invalid", "quota-reached"]

    def test_the_asker_keeps_to_the_size_of_one_session(self) -> None:
        held = {uuid4(): tuple(Token(f"{n} {k}", f"{k}") for k in range(10)) for n in range(150)}
        chosen = jobs.choose(held, 1000)
        assert (len(chosen.tokens), chosen.left_out) == (100, 50)


class TestBrokenOff:
    def test_a_partner_who_does_not_answer_leaves_no_hit(self, pilot: Pilot) -> None:
        sought = pilot.seek(AMINA)
        pilot.pair.loop.down = True
        with pytest.raises(NotAnswered):
            pilot.ask()
        (row,) = pilot.rows("KE")
        assert (row.standing, row.trouble, row.hits) == (Standing.FAILED, "http-503", None)
        assert pilot.hits(sought) == []
        assert pilot.acts("KE")[-2:] == ["pre_check.fail", "pre_check.show"]

    @pytest.mark.slow
    @pytest.mark.parametrize("step", ["answered", "finish"])
    def test_killed_in_between_nothing_is_half_done(
        self, pilot: Pilot, monkeypatch: pytest.MonkeyPatch, step: str
    ) -> None:
        def die(*_: Any) -> None:
            raise RuntimeError("killed")

        sought = pilot.seek(AMINA)
        pilot.seek(AMINA, "UG")
        with monkeypatch.context() as patch:
            patch.setattr(service, step, die)
            with pytest.raises((RuntimeError, NotAnswered)):
                pilot.ask()
        assert pilot.hits(sought) == []
        assert {row.standing for row in pilot.rows("KE" if step == "finish" else "UG")} == {Standing.BEGUN}
        assert pilot.ask().hits == 1

    @pytest.mark.slow
    def test_a_consent_that_ends_while_sets_are_compared_ends_the_answer(
        self, pilot: Pilot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pilot.seek(AMINA)
        theirs = pilot.seek(AMINA, "UG")
        compare = psi.answer

        def slow(*args: Any) -> psi.Answered:
            desk = pilot.pair.desk
            body = {"purposes": ["match_in_network"]}
            auth = desk.auth("caseworker", "UG")
            assert post(desk.client, f"/records/{theirs}/consents/withdrawal", body, auth).status_code == 204
            return compare(*args)

        monkeypatch.setattr(psi, "answer", slow)
        with pytest.raises(NotAnswered, match="http-409"):
            pilot.ask()
        (row,) = pilot.rows("UG")
        assert (row.standing, row.trouble) == (Standing.FAILED, "consent-changed")
