"""What a found person gave tells where they are: who reads it in lists, askings and releases; on both databases."""

import pytest
from fastapi.testclient import TestClient

from tests.disclosure.counter import GRANT, PHONE, SECRETS, Counter, refused
from tests.disclosure.desk import hire
from tests.support import People, made
from tracing.disclosure import views
from tracing.gate import glass, register
from tracing.gate.access import Access
from tracing.gate.kinds import Sensitivity
from tracing.gate.opening import Gate


@pytest.fixture
def counter(client: TestClient, gate: Gate, people: People) -> Counter:
    """A counter with a worker of a third team, who has nothing to do with the case."""
    counter = Counter(client, gate, people)
    hire(gate, people, "mombasa-1", team="mombasa")
    return counter


def protect(counter: Counter) -> None:
    counter.do(lambda access: register.set_sensitivity(access, counter.pair.found_id, Sensitivity.HIGH_RISK))


def ask(counter: Counter) -> None:
    """Ask a protected person by a worker of another team than the enquirer's."""
    made(counter.post(f"{counter.path}/outreach", of=counter.path), 200)
    made(counter.post(f"{counter.path}/outreach/approval", {"approve": True}, "kisumu-1", of=counter.path), 200)
    for event in ({"event": "reach_out"}, {"event": "inform", "named_as": "nobody"}, GRANT):
        made(counter.post(f"{counter.path}/events", event, "kisumu-1"), 200)


def break_glass(counter: Counter, label: str) -> None:
    body = {"reason": "approval", "note": "I am asked to approve a release."}
    made(counter.send("POST", f"/records/{counter.pair.found_id}/broken-glass", body, label))


def secrets_in(counter: Counter, path: str, label: str) -> list[str]:
    told = counter.get(path, label)
    assert told.status_code == 200
    return [secret for secret in SECRETS if secret in told.text]


class TestList:
    def test_holds_nothing_that_anybody_gave(self, counter: Counter) -> None:
        release = counter.ready()
        made(counter.tell(release), 200)
        (case,) = made(counter.get("/disclosure-cases", "caseworker"), 200)["items"]
        assert (case["id"], case["level"], case["shared"]) == (counter.case["id"], "share_location", None)
        assert [(r["state"], r["content"]) for r in case["releases"]] == [("told", None)]
        assert secrets_in(counter, counter.path, "caseworker") == list(SECRETS)

    def test_without_the_rule_tells_it_to_a_third_team(self, counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
        """The planted fault."""
        monkeypatch.setattr(views, "of_case_in_list", views.of_case)
        counter.grant()
        assert PHONE in secrets_in(counter, "/disclosure-cases", "mombasa-1")


class TestProtectedPerson:
    def test_is_read_of_by_those_who_asked_and_who_broke_the_glass_to_approve(self, counter: Counter) -> None:
        protect(counter)
        ask(counter)
        assert secrets_in(counter, counter.path, "kisumu-1") == list(SECRETS)
        hire(counter.gate, counter.people, "eldoret-1", team="eldoret")
        release = counter.propose(label="kisumu-1")
        assert secrets_in(counter, release, "kisumu-1") == list(SECRETS)
        for label in ("mombasa-1", "eldoret-1", "caseworker", "supervisor"):
            assert secrets_in(counter, counter.path, label) == []
            assert secrets_in(counter, release, label) == []
        break_glass(counter, "eldoret-1")
        assert made(counter.approve(release, "eldoret-1"), 200)["content"]["contact_to_share"] == PHONE
        assert secrets_in(counter, counter.path, "mombasa-1") == []
        assert made(counter.tell(release), 200)["content"]["contact_to_share"] == PHONE
        assert secrets_in(counter, release, "mombasa-1") == []
        assert secrets_in(counter, release, "eldoret-1") == list(SECRETS)
        assert secrets_in(counter, release, "caseworker") == list(SECRETS)  # her record is of their team

    def test_is_read_of_by_nobody_for_proposing_to_tell_it(self, counter: Counter) -> None:
        protect(counter)
        ask(counter)
        release = counter.propose(label="mombasa-1")
        assert secrets_in(counter, release, "mombasa-1") == []

    def test_is_told_on_no_approval_of_somebody_who_cannot_read_it(self, counter: Counter) -> None:
        protect(counter)
        ask(counter)
        release = counter.propose(label="kisumu-1")
        told = counter.approve(release, "mombasa-1")
        refused(told, 403, "withheld")
        assert str(counter.pair.found_id) in told.json()["detail"]  # whose glass is to be broken
        assert counter.state(release) == "proposed"
        refused(counter.approve(release, "caseworker-2"), 403, "same-team")  # no glass opens it to the enquirer's team
        break_glass(counter, "mombasa-1")
        made(counter.approve(release, "mombasa-1"), 200)

    def test_is_turned_down_unread(self, counter: Counter) -> None:
        protect(counter)
        ask(counter)
        release = counter.propose(label="kisumu-1")
        made(counter.approve(release, "mombasa-1", approve=False), 200)

    def test_is_approved_unread_where_the_law_forgets_it(
        self, counter: Counter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The planted fault."""
        protect(counter)
        ask(counter)
        release = counter.propose(label="kisumu-1")
        monkeypatch.setattr(glass, "require_open", lambda *_: None)
        made(counter.approve(release, "mombasa-1"), 200)

    def test_is_read_of_through_broken_glass(self, counter: Counter) -> None:
        protect(counter)
        ask(counter)
        release = counter.propose(label="kisumu-1")
        assert secrets_in(counter, release, "mombasa-1") == []
        body = {"reason": "danger_to_life", "note": "She is not at the shelter."}
        made(counter.send("POST", f"/records/{counter.pair.found_id}/broken-glass", body, "mombasa-1"))
        for path in (release, counter.path):
            assert secrets_in(counter, path, "mombasa-1") == list(SECRETS)
        assert secrets_in(counter, "/disclosure-cases", "mombasa-1") == []

    def test_is_read_of_by_anybody_where_the_glass_is_forgotten(
        self, counter: Counter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The planted fault."""

        def nothing(_access: Access, _records: object) -> set[object]:
            return set()

        protect(counter)
        ask(counter)
        monkeypatch.setattr(glass, "shut_to_strangers", nothing)  # what `unspoken` asks
        assert secrets_in(counter, counter.path, "mombasa-1") == list(SECRETS)
