"""What happens while a night runs, and what it leaves on the trail."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import SQLModel

from tests.night.casebase import FAMILIES
from tests.review.desk import Desk, raw, run_night, suggested, tables
from tests.support import People, person
from tests.trails import acts, entries
from tracing.demo.casebase import build
from tracing.gate import bulk
from tracing.gate.opening import Gate
from tracing.kit import clock
from tracing.kit.db import PASS
from tracing.kit.errors import Refused
from tracing.review import nights
from tracing.review.executors import local


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
