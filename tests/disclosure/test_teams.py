"""Who is of the enquirer's team: whoever registered the case, and all to whom it was ever assigned; both databases."""

import pytest
from fastapi.testclient import TestClient

from tests.disclosure.counter import GRANT, Counter, refused
from tests.disclosure.desk import hire
from tests.support import People, made
from tracing.gate import people as accounts
from tracing.gate.access import Access
from tracing.gate.opening import Gate
from tracing.requests import service as requests

MOMBASA = "m" + 39 * "o"  # a name as long as a team's may be


@pytest.fixture
def counter(client: TestClient, gate: Gate, people: People) -> Counter:
    """A case where another team must approve, with workers of three teams."""
    counter = Counter(client, gate, people)
    hire(gate, people, "mombasa-1", team=MOMBASA)
    hire(gate, people, "mombasa-2", team=MOMBASA)
    hire(gate, people, "eldoret-1", team="eldoret")
    counter.make_risky()
    return counter


def assign(counter: Counter, label: str) -> None:
    def to(access: Access) -> None:
        row = requests.find_request(access, counter.pair.request_id)
        requests.assign(access, row, accounts.find_account(access, label).id)

    counter.do(to)


def test_the_assignees_team_approves_no_outreach_and_reads_nothing(counter: Counter) -> None:
    assign(counter, "mombasa-1")
    made(counter.post(f"{counter.path}/outreach", label="mombasa-1", of=counter.path), 200)
    approval = f"{counter.path}/outreach/approval"
    for label in ("mombasa-2", "caseworker-2"):
        refused(counter.post(approval, {"approve": True}, label, of=counter.path), 403, "same-team")
    made(counter.post(approval, {"approve": True}, "kisumu-1", of=counter.path), 200)
    counter.happen("reach_out")
    counter.happen("inform", named_as="nobody")
    counter.happen(**GRANT)
    release = counter.propose(label="mombasa-1")
    for label in ("mombasa-1", "mombasa-2", "caseworker-2"):
        assert made(counter.get(counter.path, label), 200)["shared"] is None
        assert made(counter.get(release, label), 200)["content"] is None
    refused(counter.approve(release, "mombasa-2"), 403, "same-team")
    made(counter.approve(release, "kisumu-1"), 200)


def test_a_team_that_had_the_case_before_approves_nothing(counter: Counter) -> None:
    assign(counter, "mombasa-1")
    assign(counter, "kisumu-1")
    made(counter.post(f"{counter.path}/outreach", of=counter.path), 200)
    approval = f"{counter.path}/outreach/approval"
    for label in ("mombasa-2", "kisumu-1", "supervisor-2"):
        refused(counter.post(approval, {"approve": True}, label, of=counter.path), 403, "same-team")
    made(counter.post(approval, {"approve": True}, "eldoret-1", of=counter.path), 200)


def test_an_approval_is_worth_nothing_once_the_case_is_the_approvers(counter: Counter) -> None:
    made(counter.post(f"{counter.path}/outreach", of=counter.path), 200)
    made(counter.post(f"{counter.path}/outreach/approval", {"approve": True}, "mombasa-2", of=counter.path), 200)
    assign(counter, "mombasa-1")
    refused(counter.post(f"{counter.path}/events", {"event": "reach_out"}), 409, "not-approved")


def test_where_only_the_registering_team_counts_the_assignees_approves(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: what the tests above refuse goes through."""
    monkeypatch.setattr(requests, "teams_of", lambda *_: {"nairobi"})
    assign(counter, "mombasa-1")
    made(counter.post(f"{counter.path}/outreach", label="mombasa-1", of=counter.path), 200)
    made(counter.post(f"{counter.path}/outreach/approval", {"approve": True}, "mombasa-2", of=counter.path), 200)
