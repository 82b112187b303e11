"""Free words to a partner: another worker approves just these, and a protected person's place is in none of them."""

import pytest

from tests.exchange.found import PHONE, left, matched
from tests.exchange.pair import Pair
from tests.exchange.test_way import ask
from tests.stories.family import Family
from tests.support import Json
from tracing.exchange import approving
from tracing.gate import people as register_of_people
from tracing.gate.admit import admitted
from tracing.gate.permissions import Permission, Role

QUESTION = {"kind": "ask_question", "text": "Did she ever work as a nurse?"}
FACTS = {"kind": "provide_answer", "finding": "facts", "text": "We asked; she is not known there."}
NEWS = "I am well. Greet mother."


def line(pair: Pair, case_id: str, society: str = "UG") -> Json:
    found: Json = pair.case(society, case_id)["messages"][-1]
    return found


def hired(pair: Pair, label: str, team: str) -> str:
    """Hire somebody at UG, and return their account's id."""
    people = pair.desk.people
    with admitted(pair.desk.gate, people.token("operator", "UG"), Permission.ACCOUNTS_WRITE) as access:
        account = register_of_people.add_account(access, label=label, role=Role.CASEWORKER, team=team, worker_id=None)
        people.tokens["UG", label] = register_of_people.issue_token(access, account)[1]
        return str(account.id)


def accepted(pair: Pair) -> str:
    """Return UG's case of a search that it has taken up."""
    ask(pair)
    pair.settle()
    (case,) = pair.cases("UG", side="received")
    pair.act("UG", case["id"], "events", {"event": "accept"})
    pair.settle()
    return str(case["id"])


class TestFourEyes:
    @pytest.mark.parametrize("body", [QUESTION, FACTS])
    def test_nothing_leaves_before_another_worker_approved_it(self, pair: Pair, body: Json) -> None:
        case = accepted(pair)
        waits = pair.act("UG", case, "messages", body)["messages"][-1]
        assert (waits["approval_needed"], waits["trouble"]) == (True, "not-approved")
        pair.settle()
        assert not left(pair, body["text"])
        tasks = pair.desk.get("/tasks", "caseworker", "UG", kind="approval_waits").json()["items"]
        assert [task["about_id"] for task in tasks] == [waits["id"]]
        approval = {"approve": True, "line_id": waits["id"]}
        assert pair.act("UG", case, "approval", approval, status=403)["code"] == "same-worker"
        pair.act("UG", case, "approval", approval, label="caseworker-2")
        pair.settle()
        assert left(pair, body["text"])
        assert pair.act("UG", case, "approval", approval, label="caseworker-2", status=409)

    def test_what_is_turned_down_never_leaves(self, pair: Pair) -> None:
        case = accepted(pair)
        waits = pair.act("UG", case, "messages", FACTS)["messages"][-1]
        view = pair.act("UG", case, "approval", {"approve": False, "line_id": waits["id"]}, label="caseworker-2")
        assert (view["state"], view["messages"][-1]["trouble"]) == ("accepted", "turned-down")
        pair.settle()
        assert not left(pair, FACTS["text"])

    def test_a_line_of_another_case_is_not_found(self, pair: Pair) -> None:
        case = accepted(pair)
        waits = pair.act("UG", case, "messages", FACTS)["messages"][0]
        body = {"approve": True, "line_id": waits["id"]}  # a receipt: no words of ours
        assert pair.act("UG", case, "approval", body, label="caseworker-2", status=404)["code"] == "not-found"

    def test_a_courier_that_does_not_ask_lets_them_go(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        """The planted fault: without the guard at the moment of leaving, what nobody approved is on its way."""
        case = accepted(pair)
        monkeypatch.setattr(approving, "require_words", lambda *_: None)
        monkeypatch.setattr("tracing.exchange.outbox.hold", lambda *_: None)
        pair.act("UG", case, "messages", FACTS)
        pair.settle()
        assert left(pair, FACTS["text"])


class TestProtected:
    @pytest.fixture
    def family(self, pair: Pair) -> Family:
        return matched(pair, sensitivity="high_risk")

    @pytest.mark.parametrize("words", [f"Call her on {PHONE}.", "She lives in the shelter in Kampala."])
    def test_place_and_telephone_are_refused(self, pair: Pair, family: Family, words: str) -> None:
        for body in (FACTS | {"text": words}, QUESTION | {"text": words}):
            refused = pair.act("UG", family.theirs, "messages", body, status=422)
            assert refused["code"] == "invalid"
            assert words not in str(refused)
        pair.settle()
        assert not left(pair, words)

    def test_only_another_team_approves(self, pair: Pair, family: Family) -> None:
        waits = pair.act("UG", family.theirs, "messages", QUESTION)["messages"][-1]
        body = {"approve": True, "line_id": waits["id"]}
        refused = pair.act("UG", family.theirs, "approval", body, label="caseworker-2", status=403)
        assert refused["code"] == "same-team"

    def test_the_team_that_the_case_was_given_to_approves_as_little(self, pair: Pair, family: Family) -> None:
        accounts = {label: hired(pair, label, "kisumu") for label in ("kisumu-1", "kisumu-2")}
        hired(pair, "mombasa-1", "mombasa")
        at = f"/tracing-requests/{family.request}"
        family.step(at, f"{at}/assignee", {"account_id": accounts["kisumu-1"]}, label="supervisor")
        waits = pair.act("UG", family.theirs, "messages", QUESTION, label="kisumu-1")["messages"][-1]
        body = {"approve": True, "line_id": waits["id"]}
        for label in ("kisumu-2", "caseworker"):
            refused = pair.act("UG", family.theirs, "approval", body, label=label, status=403)
            assert refused["code"] == "same-team"
        pair.act("UG", family.theirs, "approval", body, label="mombasa-1")

    @pytest.mark.parametrize("flag", ["trafficking", "family_violence"])
    def test_another_team_approves_where_the_screen_asks_for_it(self, pair: Pair, flag: str) -> None:
        family = matched(pair).screened(**{flag: {"answer": "yes"}})
        hired(pair, "kisumu-1", "kisumu")
        waits = pair.act("UG", family.theirs, "messages", FACTS)["messages"][-1]
        body = {"approve": True, "line_id": waits["id"]}
        refused = pair.act("UG", family.theirs, "approval", body, label="caseworker-2", status=403)
        assert refused["code"] == "same-team"
        pair.act("UG", family.theirs, "approval", body, label="kisumu-1")

    def test_a_risk_seen_after_the_approval_is_asked_for_when_it_leaves(self, pair: Pair) -> None:
        family = matched(pair)
        pair.say("UG", family.theirs, FACTS)
        family.screened(trafficking={"answer": "yes"})
        pair.settle()
        assert not left(pair, FACTS["text"])

    def test_whoever_is_found_counts_as_a_side(self, pair: Pair) -> None:
        family = matched(pair)
        pair.act("UG", family.theirs, "messages", QUESTION | {"text": f"Whose is {PHONE}?"})
        tag = {"If-Match": pair.desk.get(f"/sightings/{family.found}", "caseworker", "UG").headers["etag"]}
        auth = pair.desk.auth("caseworker", "UG")
        changed = {"sensitivity": "high_risk"}
        answer = pair.desk.client.patch(f"/v1/sightings/{family.found}", json=changed, headers=auth | tag)
        assert answer.status_code == 200
        body = {"approve": True, "line_id": line(pair, family.theirs)["id"]}
        assert pair.act("UG", family.theirs, "approval", body, label="caseworker-2", status=422)["code"] == "invalid"
        pair.settle()
        assert not left(pair, PHONE)

    def test_is_asked_again_when_it_leaves(self, pair: Pair) -> None:
        family = matched(pair)
        pair.say("UG", family.theirs, QUESTION | {"text": f"Whose is {PHONE}?"})
        tag = {"If-Match": pair.desk.get(f"/sought-persons/{family.sought}", "caseworker", "UG").headers["etag"]}
        auth = pair.desk.auth("caseworker", "UG")
        at = f"/v1/sought-persons/{family.sought}"
        changed = pair.desk.client.patch(at, json={"sensitivity": "protected"}, headers=auth | tag)
        assert changed.status_code == 200
        pair.settle()
        assert not left(pair, PHONE)
        assert line(pair, family.theirs)["progress"] == "stopped"


class TestRedCrossMessage:
    @pytest.fixture
    def family(self, pair: Pair) -> Family:
        family = matched(pair)
        family.screened().verified().asked().granted("pass_message", words_to_pass=NEWS)
        at = f"/sought-persons/{family.sought}/messages"
        draft = {"direction": "to_enquirer", "text": NEWS, "language": "so"}
        family.ids["message"] = family.post(at, draft)["id"]
        return family

    def carried(self, family: Family) -> Json:
        at = f"/messages/{family.message}"
        family.step(at, f"{at}/events", {"event": "read"}, label="caseworker-2")
        family.step(at, f"{at}/events", {"event": "send"})
        return {"kind": "send_message", "message_id": family.message}

    def test_is_carried_on_once_it_was_read_and_sent(self, pair: Pair, family: Family) -> None:
        body = {"kind": "send_message", "message_id": family.message}
        assert pair.act("UG", family.theirs, "messages", body, status=409)["code"] == "no-such-transition"
        pair.act("UG", family.theirs, "messages", self.carried(family))
        pair.settle()
        assert line(pair, family.ours, "KE")["text"] == NEWS

    def test_is_never_free_words(self, pair: Pair, family: Family) -> None:
        for body in ({"kind": "send_message", "text": NEWS}, self.carried(family) | {"text": NEWS}):
            pair.act("UG", family.theirs, "messages", body, status=422)
        other = {"kind": "send_message", "message_id": family.found}
        assert pair.act("UG", family.theirs, "messages", other, status=404)["code"] == "not-found"

    def test_does_not_leave_once_she_withdrew(self, pair: Pair, family: Family) -> None:
        pair.act("UG", family.theirs, "messages", self.carried(family))
        family.answered("withdraw")
        pair.settle()
        assert not left(pair, NEWS)
        assert line(pair, family.theirs)["progress"] == "stopped"
