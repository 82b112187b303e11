"""The night: repeated, stopped, killed, shared out, forgetting; what it does stands on the trail first."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import SQLModel, select

from tests.review.desk import Desk, raw, run_night, suggested, tables
from tests.support import People, made, person, post
from tests.trails import acts, entries
from tracing.cli.casebase import request_draft, sighting_draft
from tracing.demo.casebase import build
from tracing.gate import audit, bulk, erasing
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate, open_gate
from tracing.gate.permissions import Permission
from tracing.gate.vault import Unreadable
from tracing.kit import clock
from tracing.kit.db import PASS
from tracing.kit.errors import Busy, Refused
from tracing.kit.settings import Settings
from tracing.requests import opening
from tracing.review import nights
from tracing.review.executors import local
from tracing.sightings import service as sightings

FAMILIES = 8


@pytest.fixture
def desk(client: TestClient, people: People, gate: Gate) -> Desk:
    return Desk(client, people, gate)


@pytest.fixture
def token(people: People) -> str:
    return people.token("supervisor")


def fill(gate: Gate, people: People, families: int = FAMILIES, seed: int = 5) -> None:
    """Register a fictional case base."""
    base, token = build(seed, families), people.token("caseworker")
    with admitted(gate, token, Permission.REQUESTS_WRITE) as access:
        opened = opening.open_requests(access, [(request_draft(s), s.home_ref) for s in base.requests])
        access.note_page("requests.open", opened)
    with admitted(gate, token, Permission.SIGHTINGS_WRITE) as access:
        kept = sightings.open_sightings(access, [(sighting_draft(s), s.home_ref) for s in base.sightings])
        access.note_page("sightings.open", kept)


@pytest.fixture
def filled(gate: Gate, people: People) -> Gate:
    """A case base of some fictional families that no night has seen."""
    fill(gate, people)
    return gate


def unmatched(gate: Gate) -> None:
    """Take the case base back to before its first night."""
    names = ("decision", "suggestion", "match_shard", "match_run")
    with raw(gate) as connection:
        for name in names:
            connection.execute(SQLModel.metadata.tables[name].delete())
        connection.execute(SQLModel.metadata.tables["record"].update().values(match_due=True))


class TestAgain:
    def test_a_second_run_changes_nothing(self, filled: Gate, token: str) -> None:
        first = run_night(filled, token)
        assert first.run is not None
        assert first.run.suggested > 10
        before = tables(filled)
        assert run_night(filled, token).run is None
        assert tables(filled) == before

    @pytest.mark.slow
    def test_a_night_that_marks_nothing_is_seen(
        self, filled: Gate, token: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk, "matched", lambda *_: None)
        run_night(filled, token)
        before = tables(filled)
        assert run_night(filled, token).run is not None
        assert tables(filled) != before
        assert tables(filled)["suggestion"] == before["suggestion"]

    def test_only_what_is_new_or_changed_is_compared(self, desk: Desk, filled: Gate, token: str) -> None:
        first = run_night(filled, token).run
        assert first is not None
        desk.seek()
        desk.report()
        second = run_night(filled, token).run
        assert second is not None
        assert (second.due, second.pool) == (3, first.pool + 3)
        assert 1 <= second.pairs < first.pairs / 4
        assert run_night(filled, token).run is None

    @pytest.mark.slow
    def test_two_workers_find_what_one_finds(self, filled: Gate, token: str) -> None:
        one = run_night(filled, token, workers=1).run
        alone = suggested(filled)
        unmatched(filled)
        two = run_night(filled, token, workers=2).run
        assert one is not None
        assert two is not None
        assert (two.pairs, suggested(filled)) == (one.pairs, alone)


class TestStopped:
    @pytest.mark.slow
    def test_at_any_shard_and_run_again_finds_the_same(self, filled: Gate, token: str) -> None:
        run_night(filled, token)
        undisturbed = suggested(filled)
        for after in Random(3).sample(range(1, nights.SHARDS - 1), 2):
            unmatched(filled)

            def told(step: str, done: int, _: int, after: int = after) -> None:
                if step == "matching" and done == after:
                    stop(filled)

            stopped = run_night(filled, token, told=told).run
            assert stopped is not None
            assert (stopped.state, stopped.progress) == ("stopped", (after + 1) / nights.SHARDS)
            done = run_night(filled, token).run
            assert done is not None
            assert (done.id, done.state) == (stopped.id, "done")
            assert suggested(filled) == undisturbed

    def test_after_its_last_shard_it_is_finished_by_the_next_night(
        self, filled: Gate, token: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(nights, "end", crash)
            with pytest.raises(KeyboardInterrupt):
                run_night(filled, token)
        found = suggested(filled)
        done = run_night(filled, token).run
        assert done is not None
        assert (done.state, done.progress) == ("done", 1)
        assert suggested(filled) == found

    @pytest.mark.slow
    def test_a_run_cut_otherwise_is_begun_anew(self, filled: Gate, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
        run_night(filled, token)
        undisturbed, fewer = suggested(filled), nights.SHARDS
        unmatched(filled)

        def told(step: str, done: int, _: int) -> None:
            if step == "matching" and done == fewer - 1:
                stop(filled)

        with monkeypatch.context() as patch:
            patch.setattr(nights, "SHARDS", 2 * fewer)
            halted = run_night(filled, token, told=told).run
        assert halted is not None
        assert (halted.state, halted.progress) == ("stopped", 1 / 2)
        done = run_night(filled, token).run
        assert done is not None
        assert done.state == "done"
        assert suggested(filled) == undisturbed

    def test_a_shard_that_another_process_wrote_is_left_alone(self, filled: Gate, token: str) -> None:
        true, twice = nights.keep, []

        def keep(*args: Any, **kwargs: Any) -> Any:
            true(*args, **kwargs)
            twice.append(true(*args, **kwargs))
            return twice[-1]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(nights, "keep", keep)
            run = run_night(filled, token).run
        assert run is not None
        assert run.state == "done"
        assert {counts.suggested for counts in twice} == {0}


def stop(gate: Gate) -> None:
    with raw(gate) as connection:
        connection.execute(SQLModel.metadata.tables["match_run"].update().values(stop_asked=True))


class TestWorkers:
    @pytest.mark.slow
    def test_one_that_is_killed_ends_the_night_instead_of_hanging_it(
        self, filled: Gate, token: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        parent, true = os.getpid(), nights.score

        def deadly(*args: Any) -> Any:
            if os.getpid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)
            return true(*args)

        with monkeypatch.context() as patch:
            patch.setattr(nights, "score", deadly)
            with pytest.raises(Busy):
                run_night(filled, token, workers=2)
        again = run_night(filled, token, workers=2).run
        assert again is not None
        assert again.state == "done"


class TestMeanwhile:
    """What happens between reading, scoring and keeping."""

    @pytest.fixture
    def pair(self, desk: Desk) -> tuple[str, str]:
        return desk.seek(), desk.report()

    def disturbed(self, desk: Desk, act: Any, **changes: Any) -> Any:
        """Run a night in which `act` happens when every shard is scored and none is kept."""
        true = local.run

        def run(*args: Any, **kwargs: Any) -> Iterator[Any]:
            found = list(true(*args, **kwargs))
            act()
            yield from found

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(local, "run", run)
            return run_night(desk.gate, desk.people.token("supervisor"), **changes)

    @pytest.mark.parametrize("side", [0, 1], ids=["sought", "seen"])
    def test_a_consent_that_ends_is_heeded(self, desk: Desk, pair: tuple[str, str], side: int) -> None:
        self.disturbed(desk, lambda: desk.withdraw(pair[side]))
        assert suggested(desk.gate) == []
        desk.grant(pair[side])
        run_night(desk.gate, desk.people.token("supervisor"))
        assert desk.pairs() == {pair}

    def test_a_change_is_met_by_the_next_night_as_it_is_then(self, desk: Desk, pair: tuple[str, str]) -> None:
        other = person("Ngozi Adaeze Okafor", sex="male", birth="1941")
        self.disturbed(desk, lambda: desk.change(f"/sightings/{pair[1]}", person=other))
        assert desk.queue(state=["suggested", "stale"]) == []
        again = run_night(desk.gate, desk.people.token("supervisor")).run
        assert again is not None
        assert again.due == 1
        assert desk.queue(state=["suggested", "stale"]) == []

    def test_what_was_saved_before_but_came_in_after_is_met_by_the_next_night(
        self, desk: Desk, pair: tuple[str, str]
    ) -> None:
        def late() -> None:
            late_id = UUID(desk.report())
            table = SQLModel.metadata.tables["record"]
            with raw(desk.gate) as connection:  # saved in a transaction that was long under way
                before = clock.now() - timedelta(hours=1)
                connection.execute(table.update().where(table.c.id == late_id).values(updated_at=before))

        self.disturbed(desk, late)
        assert len(desk.queue()) == 1
        run_night(desk.gate, desk.people.token("supervisor"))
        assert len(desk.queue()) == 2

    def test_marking_by_the_clock_alone_is_seen(self, desk: Desk, pair: tuple[str, str]) -> None:
        table = SQLModel.metadata.tables["record"]

        def late() -> None:
            desk.report()

        def by_the_clock(access: Any, _: Any) -> None:
            everything = table.update().values(match_due=False)
            bulk._connection(access).execute(everything, execution_options=PASS)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bulk, "matched", by_the_clock)
            self.disturbed(desk, late)
        assert run_night(desk.gate, desk.people.token("supervisor")).run is None
        assert len(desk.queue()) == 1


class TestTrail:
    def test_each_shard_stands_on_it_before_a_worker_reads(
        self, filled: Gate, people: People, token: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        true, stood = local.run, []

        def run(*args: Any, **kwargs: Any) -> Iterator[Any]:
            stood.append(acts(filled, people).count(("night.shard", "done")))
            yield from true(*args, **kwargs)

        monkeypatch.setattr(local, "run", run)
        run_night(filled, token)
        assert stood == [nights.SHARDS]
        told = [act for act, _ in acts(filled, people)]
        order = ["night.forget", "night.begin", "night.read", "night.shard", "night.keep", "night.end"]
        assert sorted(order, key=told.index) == order
        assert told.count("night.keep") == nights.SHARDS

    def test_a_refused_night_is_on_it_and_does_nothing(self, filled: Gate, people: People) -> None:
        before = tables(filled)
        for label in ("auditor", "caseworker", "intake", "statistics"):
            with pytest.raises(Refused):
                run_night(filled, people.token(label))
        assert tables(filled) == before
        assert [e.act for e in entries(filled, people) if e.outcome == "refused"] == ["night:run"] * 4

    def test_it_holds_no_name_and_verifies(self, filled: Gate, people: People, token: str) -> None:
        run_night(filled, token)
        words = {word for name in NAMES for word in name.split() if len(word) > 3}
        told = repr(tables(filled, without=frozenset()))
        assert not [word for word in words if word in told]


NAMES = [
    str(name if isinstance(name, str) else name["full"])
    for spec in build(5, FAMILIES).requests
    for asked in spec.sought
    for name in asked["person"]["names"]
]


class TestCap:
    def test_a_block_that_too_many_share_is_passed_over_and_counted(self, desk: Desk) -> None:
        desk.seek()
        seen = [desk.report() for _ in range(3)]
        passed = desk.night(block_cap=2).run
        assert passed is not None
        assert passed.blocks_passed_over > 0
        assert desk.queue() == []
        with raw(desk.gate) as connection:
            connection.execute(SQLModel.metadata.tables["record"].update().values(match_due=True))
        met = desk.night().run
        assert met is not None
        assert (met.blocks_passed_over, len(desk.queue())) == (0, len(seen))

    def test_counts_nobody_who_takes_no_part(self, desk: Desk) -> None:
        desk.seek()
        for record_id in [desk.report() for _ in range(3)][1:]:
            desk.withdraw(record_id)
        run = desk.night(block_cap=3).run
        assert run is not None
        assert (run.blocks_passed_over, len(desk.queue())) == (0, 1)


class TestForgetting:
    @pytest.fixture
    def gone(self, desk: Desk) -> dict[str, UUID]:
        """A sighting whose registration was withdrawn longer ago than the undo window, and one that stays."""
        found = {"gone": UUID(desk.report()), "stays": UUID(desk.register()), "sought": UUID(desk.seek())}
        desk.night()
        desk.withdraw(str(found["gone"]), "register", "match_within_society")
        hidden_for(desk.gate, found["gone"], timedelta(days=31))
        return found

    def test_destroys_the_key_and_drops_what_finds_the_record(self, desk: Desk, gone: dict[str, UUID]) -> None:
        keys = key_ids(desk.gate)
        before = desk.gate.keys.count()
        assert desk.night().forgotten == 1
        assert desk.gate.keys.count() == before - 1
        with pytest.raises(Unreadable):
            desk.gate.keys.cipher(keys[gone["gone"]])
        with raw(desk.gate) as connection:
            held = connection.execute(select(SQLModel.metadata.tables["match_key"].c.record_id)).scalars().all()
        assert gone["gone"] not in held
        assert gone["stays"] in held
        assert desk.get(f"/sightings/{gone['gone']}").status_code == 404
        assert desk.get(f"/sightings/{gone['stays']}").status_code == 200
        door = f"/data-subject/records/{gone['gone']}/consents"
        assert desk.get(door, "supervisor").status_code == 404
        assert desk.night().forgotten == 0

    def test_waits_for_the_undo_window(self, desk: Desk, gone: dict[str, UUID]) -> None:
        hidden_for(desk.gate, gone["gone"], timedelta(days=29))
        assert desk.night().forgotten == 0
        decisions = {"decisions": [{"purpose": "register"}]}
        door = f"/data-subject/records/{gone['gone']}/consents"
        made(post(desk.client, door, decisions, desk.auth("supervisor")))
        assert desk.get(f"/sightings/{gone['gone']}").status_code == 200

    def test_stands_on_the_trail_before_the_first_key_is_destroyed(
        self, desk: Desk, gone: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(type(desk.gate.keys), "destroy", crash)
        told = len(acts(desk.gate, desk.people))
        with pytest.raises(KeyboardInterrupt):
            desk.night()
        assert [a for a, _ in acts(desk.gate, desk.people)[told:]] == ["trail.read", "night.forget"]

    def test_that_was_cut_off_is_finished_by_the_next_night(
        self, desk: Desk, gone: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(erasing, "forget", crash)
            with pytest.raises(KeyboardInterrupt):
                desk.night()
        assert forgotten_at(desk.gate, gone["gone"]) is None
        keys = desk.gate.keys.count()
        assert desk.night().forgotten == 1
        assert forgotten_at(desk.gate, gone["gone"]) is not None
        assert desk.gate.keys.count() == keys

    def test_takes_the_sought_with_their_request(self, desk: Desk) -> None:
        view = desk.open()
        ids = [UUID(view["id"]), UUID(view["sought"][0]["id"])]
        desk.withdraw(view["id"], "register", "match_within_society")
        for record_id in ids:
            hidden_for(desk.gate, record_id, timedelta(days=31))
        assert desk.night().forgotten == 2
        assert None not in [forgotten_at(desk.gate, record_id) for record_id in ids]

    @pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
    def test_reaches_older_copies_of_the_case_base(self, desk: Desk, settings: Settings, tmp_path: Path) -> None:
        gone, stays = desk.report(), desk.register()
        older = tmp_path / "older"
        backup(settings.data_dir / "tracing.db", older)
        assert restored(settings, older, desk, gone) == "readable"
        desk.withdraw(gone, "register", "match_within_society")
        hidden_for(desk.gate, UUID(gone), timedelta(days=31))
        assert desk.night().forgotten == 1
        assert restored(settings, older, desk, gone) == "unreadable"
        assert restored(settings, older, desk, stays) == "readable"


def crash(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


RECORD = SQLModel.metadata.tables["record"]


def hidden_for(gate: Gate, record_id: UUID, age: timedelta) -> None:
    with raw(gate) as connection:
        connection.execute(RECORD.update().where(RECORD.c.id == record_id).values(hidden_at=clock.now() - age))


def key_ids(gate: Gate) -> dict[UUID, UUID]:
    with raw(gate) as connection:
        return {row.id: row.key_id for row in connection.execute(select(RECORD.c.id, RECORD.c.key_id))}


def forgotten_at(gate: Gate, record_id: UUID) -> object:
    with raw(gate) as connection:
        return connection.execute(select(RECORD.c.forgotten_at).where(RECORD.c.id == record_id)).scalar_one()


def backup(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as two:
        one.backup(two)


def restored(settings: Settings, older: Path, desk: Desk, sighting_id: str) -> str:
    """Read a sighting from an older copy of the case base, with the key store as it is now."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        backup(older, folder / "tracing.db")
        backup(settings.data_dir / "keys.db", folder / "keys.db")
        shutil.copy(settings.data_dir / "master.key", folder)
        gate = open_gate(Settings(data_dir=folder))
        try:
            with admitted(gate, desk.people.token("caseworker"), Permission.SIGHTINGS_READ) as access:
                sightings.show_sighting(access, UUID(sighting_id))
        except Unreadable:
            return "unreadable"
        finally:
            gate.close()
        return "readable"


@pytest.mark.slow
class TestKilled:
    """SIGKILL at random moments; what the last night finds is what an undisturbed one does."""

    @pytest.mark.parametrize(("settings", "kills"), [("sqlite", 24), ("postgresql", 5)], indirect=["settings"])
    def test_and_run_again_finds_the_same(self, gate: Gate, people: People, token: str, kills: int) -> None:
        fill(gate, people, families=60, seed=11)
        began = time.monotonic()
        night_process(gate.settings, token).wait(PATIENCE_S)
        whole = time.monotonic() - began
        undisturbed = suggested(gate)
        assert len(undisturbed) > 50
        rng, hits = Random(17), 0
        while hits < kills:
            unmatched(gate)
            for _ in range(4):  # several kills in a row before it may finish
                night = night_process(gate.settings, token)
                time.sleep(rng.uniform(0.45, 1.0) * whole)
                hits += night.poll() is None
                night.kill()
                night.wait(PATIENCE_S)
            assert night_process(gate.settings, token).wait(PATIENCE_S) == 0, f"after {hits} kills"
            assert suggested(gate) == undisturbed
        with admitted(gate, people.token("auditor"), Permission.TRAIL_VERIFY) as access:
            assert audit.verify(access, gate).reason == "whole"

    @pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
    def test_leaves_no_worker_behind(self, gate: Gate, people: People, token: str) -> None:
        fill(gate, people, families=150, seed=11)
        night = night_process(gate.settings, token)
        until = time.monotonic() + PATIENCE_S
        while not (workers := children(night.pid)) and time.monotonic() < until:
            time.sleep(0.005)
        night.kill()
        night.wait(PATIENCE_S)
        while any(alive(pid) for pid in workers) and time.monotonic() < until:
            time.sleep(0.05)
        assert workers
        assert not any(alive(pid) for pid in workers)


PATIENCE_S = 60.0


def night_process(settings: Settings, token: str) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        **settings.environment(),
        "TRACING_TOKEN": token,
        "TRACING_NIGHT_WORKERS": "2",
    }
    command = (sys.executable, "-m", "tracing", "night", "--json")
    return subprocess.Popen(
        command,
        env=environment | {"PYTHONPATH": str(Path("src").resolve())},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def children(pid: int) -> list[int]:
    return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
