"""Every row of the table of fate reports and every missing one, through the service."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

import pytest

from tests.fate.reports import propose
from tests.review.desk import Desk
from tracing.fate import service
from tracing.fate.errors import NoSuchStep
from tracing.fate.states import Event, State
from tracing.gate import foureyes
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.disclosing import Act
from tracing.gate.permissions import Permission
from tracing.kit.errors import Refused, TracingError
from tracing.requests import service as requests
from tracing.requests.states import State as SearchState

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)

# Written out once more: the table is compared with it. Then, where the search goes from which state.
WANTED = {
    ("proposed", "confirm"): ("under_review", "searching", "fate_review"),
    ("proposed", "refute"): ("refuted", "searching", "searching"),
    ("under_review", "establish"): ("established", "fate_review", "outcome_ready"),
    ("under_review", "refute"): ("refuted", "fate_review", "searching"),
}
CELLS = [(state, event) for state in State for event in Event]


class Undone(TracingError):
    """Ends a trial, so that the next one finds the report as it was."""


@contextmanager
def trial(desk: Desk, report_id: UUID, state: State, search: str) -> Iterator[Access]:
    """Yield the access of a supervisor before whom report and search lie in these states."""
    token = desk.people.token("supervisor")
    with suppress(Undone), admitted(desk.gate, token, Permission.FATES_WRITE) as access:
        row = service.find(access, report_id)
        sought = requests.find_sought(access, row.sought_id)
        row.state, sought.state = state, SearchState(search)
        access.session.add_all([row, sought])
        if state is not State.PROPOSED:
            foureyes.settle(access, row.id, Act.FATE, approve=True)
        access.session.flush()
        yield access
        raise Undone("undone")


class TestTable:
    def test_each_row_leads_where_it_says_with_its_rows_on_the_trail(self, desk: Desk) -> None:
        sought_id = desk.seek()
        report_id = UUID(propose(desk, sought_id)["id"])
        tried = set()
        for (state, event), (target, before, after) in WANTED.items():
            with trial(desk, report_id, State(state), before) as access:
                row = service.find(access, report_id)
                version = row.version
                view = service.happen(access, row, Event(event))
                assert (view.state, view.version) == (target, version + 1)
                assert requests.state_of(access, UUID(sought_id)) == after
                moved = [f"sought.{e}" for e in ("report_fate", "establish_fate", "refute_fate")]
                acts = [act.act for act in access.acts]
                assert acts[0] == f"fates.{event}"
                assert len(acts) == 1 + (before != after)
                assert set(acts[1:]) <= set(moved)
                tried.add((state, event))
        assert tried == set(WANTED)

    def test_no_other_step_is_possible(self, desk: Desk) -> None:
        report_id = UUID(propose(desk, desk.seek())["id"])
        missing = [cell for cell in CELLS if cell not in WANTED]
        assert len(missing) == len(CELLS) - len(WANTED)
        for state, event in missing:
            with trial(desk, report_id, state, "fate_review") as access:
                with pytest.raises(NoSuchStep):
                    service.happen(access, service.find(access, report_id), event)
                assert service.find(access, report_id).state is state
                assert access.acts == []

    def test_each_row_asks_for_its_permission(self, desk: Desk) -> None:
        report_id = UUID(propose(desk, desk.seek())["id"])
        for (state, event), (_, before, _) in WANTED.items():
            with trial(desk, report_id, State(state), before) as access:
                lacking = access.caller.permissions - {service.WHO[Event(event)]}
                object.__setattr__(access.caller, "permissions", lacking)
                with pytest.raises(Refused):
                    service.happen(access, service.find(access, report_id), Event(event))

    def test_a_refuted_proposal_is_turned_down_for_good(self, desk: Desk) -> None:
        report_id = UUID(propose(desk, desk.seek())["id"])
        with trial(desk, report_id, State.PROPOSED, "searching") as access:
            service.happen(access, service.find(access, report_id), Event.REFUTE)
            assert foureyes.standing(access, report_id, Act.FATE) == "turned_down"
