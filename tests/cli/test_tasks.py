"""`tasks digest` prints counts, for a token that may read tasks."""

from datetime import timedelta

import pytest

from tests.cli.calls import done, listed, refused
from tests.support import People, request_draft
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.kit import clock
from tracing.kit.settings import Settings
from tracing.requests import service as requests
from tracing.requests.schemas import RequestDraft
from tracing.tasks import service
from tracing.tasks.states import TaskKind


@pytest.fixture
def request_id(settings: Settings, gate: Gate, people: People, monkeypatch: pytest.MonkeyPatch) -> str:
    """A request with two open tasks, in a case base that the commands find by themselves."""
    monkeypatch.setenv("TRACING_DATA_DIR", str(settings.data_dir))
    if settings.database_url is not None:
        monkeypatch.setenv("TRACING_DATABASE_URL", settings.database_url.get_secret_value())
    with admitted(gate, people.token("caseworker"), Permission.REQUESTS_WRITE) as access:
        view = requests.open_request(access, RequestDraft.model_validate(request_draft()))
        for kind in (TaskKind.ASK_AGAIN, TaskKind.RETENTION_REVIEW):
            service.raise_task(access, kind, view.id, occasion="once", due_at=clock.now() + timedelta(days=1))
    return str(view.id)


class TestDigest:
    def test_prints_counts_and_names_no_case(self, request_id: str, people: People) -> None:
        token = people.token("supervisor")
        assert listed("tasks", "digest", token=token) == [
            {"team": "nairobi", "kind": "ask_again", "open": 1},
            {"team": "nairobi", "kind": "retention_review", "open": 1},
        ]
        table = done("tasks", "digest", token=token)
        assert [line.split() for line in table.splitlines()] == [
            ["team", "kind", "open"],
            ["nairobi", "ask_again", "1"],
            ["nairobi", "retention_review", "1"],
        ]
        assert request_id not in table

    def test_is_not_for_whoever_may_not_read_tasks(self, request_id: str, people: People) -> None:
        assert "tasks:read" in refused("tasks", "digest", token=people.token("intake"))
