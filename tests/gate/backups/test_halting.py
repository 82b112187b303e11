"""A restore forgets what was said against a telling since the backup: so it stops whatever was about to leave."""

import shutil
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import SQLModel, select

from tests.disclosure.conftest import counter as counter  # a fixture
from tests.disclosure.counter import PHONE, WORDS, Counter, refused
from tests.disclosure.desk import screen
from tests.review.desk import raw
from tests.support import Json, made
from tracing.app import create_app
from tracing.disclosure import states as disclosure
from tracing.exchange import states as exchange
from tracing.gate.backups import backup, halting, restoring
from tracing.gate.opening import open_gate
from tracing.gate.schema import upgrade
from tracing.kit.settings import Settings
from tracing.messages import states as messages
from tracing.risk.states import Verdict
from tracing.tasks.states import TaskKind, TaskState

ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
T = SQLModel.metadata.tables
STEPS = {"read": "caseworker-2", "send": "caseworker", "fail": "caseworker"}
NEWS = {"direction": "to_found", "text": "We are well.", "language": "en"}


def message(counter: Counter, *steps: str) -> str:
    """Return the path of a message that came so far."""
    at = f"/messages/{made(counter.send('POST', f'/sought-persons/{counter.pair.sought_id}/messages', NEWS))['id']}"
    for event in steps:
        reason = {"reason": "not_reached"} if event == "fail" else {}
        made(counter.post(f"{at}/events", {"event": event} | reason, STEPS[event]), 200)
    return at


def states_of(counter: Counter, *paths: str) -> list[str]:
    return [counter.state(path) for path in paths]


def restored(counter: Counter) -> int:
    """Do to the case base what a restore does, with nothing in the ledger."""
    return restoring.settle(counter.gate, []).stopped


class TestARestore:
    def test_stops_what_was_about_to_leave_and_leaves_what_was_told(self, counter: Counter) -> None:
        approved, told = counter.ready(), counter.propose("share_contact")
        made(counter.approve(told), 200)
        made(counter.tell(told), 200)
        proposed = counter.propose("say_alive_only")
        news = [message(counter), message(counter, "read"), message(counter, "read", "send")]
        unmet = message(counter, "read", "send", "fail")
        tags = {path: counter.get(path).headers["etag"] for path in (approved, *news)}
        assert restored(counter) == 5
        assert states_of(counter, approved, proposed, told) == ["stopped", "stopped", "told"]
        assert states_of(counter, *news, unmet) == ["stopped", "stopped", "stopped", "undeliverable"]
        assert all(counter.get(path).headers["etag"] != tag for path, tag in tags.items())
        refused(counter.tell(approved), 409, "no-such-transition")
        refused(counter.post(f"{unmet}/events", {"event": "send"}), 409, "not-approved")
        assert waiting(counter) == []
        assert restored(counter) == 0, "once is enough"

    def test_lets_everything_be_proposed_anew(self, counter: Counter) -> None:
        counter.ready()
        restored(counter)
        anew = counter.propose()
        refused(counter.tell(anew), 409, "no-such-transition")
        made(counter.approve(anew), 200)
        assert PHONE in made(counter.tell(anew), 200)["content"]["contact_to_share"]
        assert states_of(counter, message(counter, "read", "send")) == ["sent"]

    def test_takes_back_the_approval_to_reach_out(self, counter: Counter) -> None:
        counter.make_risky()
        made(counter.post(f"{counter.path}/outreach"), 200)
        made(counter.post(f"{counter.path}/outreach/approval", {"approve": True}, "kisumu-1", counter.path), 200)
        restored(counter)
        refused(counter.post(f"{counter.path}/events", {"event": "reach_out"}), 409, "not-approved")
        made(counter.post(f"{counter.path}/outreach"), 200)


def waiting(counter: Counter) -> list[Json]:
    """Return the open tasks of whatever waits for approval."""
    t = T["task"].c
    with raw(counter.gate) as connection:
        query = select(t.id).where(t.kind == TaskKind.APPROVAL_WAITS, t.state == TaskState.OPEN)
        return list(connection.execute(query).scalars())


@ONE_DATABASE
class TestAWholeRestore:
    def tell_after(self, counter: Counter, tmp_path: Path) -> Json:
        """Approve, back up, learn of the danger, lose everything, restore, and tell."""
        release = counter.ready()
        backup.back_up(counter.gate, tmp_path / "backup", lambda *_: None)
        counter.do(lambda access: screen(access, counter.pair.found_id, counter.pair.sought_id, Verdict.STOP))
        refused(counter.tell(release), 409, "not-screened")
        settings = Settings(data_dir=tmp_path / "new")
        settings.data_dir.mkdir(mode=0o700)
        for path in (counter.gate.settings.master_key_path, counter.gate.settings.ledger_path):
            shutil.copy(path, settings.data_dir)
        upgrade(settings)
        gate = open_gate(settings)
        held = restoring.check(tmp_path / "backup", gate.vault, lambda *_: None)
        lines = restoring.later_lines(gate, held, [], unknown=False)
        restoring.load(gate, held, lines, lambda *_: None)
        with TestClient(create_app(settings, gate)) as client:
            tag = {"If-Match": client.get(f"/v1{release}", headers=counter.people.auth("caseworker")).headers["etag"]}
            answer = client.post(f"/v1{release}/telling", headers=counter.people.auth("caseworker") | tag)
        gate.close()
        return dict(answer.json())

    def test_tells_nothing_that_was_approved_before(self, counter: Counter, tmp_path: Path) -> None:
        assert self.tell_after(counter, tmp_path)["code"] == "no-such-transition"

    def test_would_tell_it_without_the_halt_and_so_the_fault_is_seen(
        self, counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(halting, "halt", lambda *_: 0)
        assert self.tell_after(counter, tmp_path)["content"]["words_to_pass"] == WORDS


class TestTheWords:
    """The gate does not know of the rooms above it; it knows their tables by name, as they are."""

    def test_are_those_of_the_tables(self) -> None:
        for what in halting.HALTED:
            assert set(what.table.c.keys()) - {"version"} <= set(T[what.table.name].c.keys())
            assert ("version" in T[what.table.name].c) == ("updated_at" in what.table.c)
        assert set(halting._task.c.keys()) <= set(T["task"].c.keys())

    def test_are_those_of_the_states(self) -> None:
        releases, news, partners = halting.HALTED
        assert set(releases.where["state"]) == set(disclosure.UNTOLD)
        assert releases.stopped["state"] == disclosure.ReleaseState.STOPPED
        assert set(news.where["state"]) == set(messages.UNDER_WAY)
        assert news.stopped["state"] == messages.State.STOPPED
        assert (partners.where["side"], partners.where["progress"]) == (
            (exchange.Side.SENT,),
            (exchange.Progress.WAITING,),
        )
        assert partners.stopped["progress"] == exchange.Progress.STOPPED
        assert set(partners.but["kind"]) == set(exchange.ALWAYS)
        assert (TaskKind.APPROVAL_WAITS, TaskState.OPEN, TaskState.DONE) == ("approval_waits", "open", "done")
