"""The night run again: after a whole one, a stopped one, a crash; shared out among workers."""

import os
import signal
from random import Random
from typing import Any

import pytest

from tests.night.casebase import crash, stop, unmatched
from tests.review.desk import Desk, run_night, suggested, tables
from tracing.gate import bulk
from tracing.gate.opening import Gate
from tracing.kit.errors import Busy
from tracing.review import nights


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
