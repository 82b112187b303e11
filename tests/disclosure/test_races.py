"""Two workers at once on PostgreSQL: nothing is told twice, beside a no, or by waiting for each other."""

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.disclosure.counter import Counter
from tests.disclosure.desk import draft
from tests.gate.test_races import meanwhile
from tracing.disclosure import service, telling
from tracing.disclosure.errors import NoSuchTransition
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.disclosures import NotAllowedByThem
from tracing.gate.permissions import Permission
from tracing.kit.errors import Conflict, Stale
from tracing.requests import service as requests
from tracing.requests.states import Event as SearchEvent

# The embedded database has one writer at a time.
pytestmark = pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
Act = Callable[[Access], object]


def race(counter: Counter, first: Act, second: Act) -> BaseException | None:
    """Let `second` begin while `first` is written but not committed; return what stopped it."""

    def act() -> None:
        with admitted(counter.gate, counter.people.token("caseworker"), Permission.DISCLOSURES_WRITE) as access:
            access.note("test.second")
            second(access)

    return meanwhile(counter.gate, counter.people.token("caseworker"), first, act).exception()


def tell(release: str) -> Act:
    release_id = UUID(release.rpartition("/")[2])
    return lambda access: telling.tell(access, telling.find_release(access, release_id))


def happen(counter: Counter, event: str) -> Act:
    return lambda access: service.happen(access, service.find_case(access, UUID(counter.case["id"])), draft(event))


class TestATelling:
    def test_happens_once(self, counter: Counter) -> None:
        release = counter.ready()
        assert isinstance(race(counter, tell(release), tell(release)), Stale | Conflict)
        assert counter.state(release) == "told"

    @pytest.mark.parametrize("event", ["withdraw", "revise", "learn_of_death"])
    def test_does_not_slip_past_an_answer_that_is_being_taken_back(self, counter: Counter, event: str) -> None:
        release = counter.ready()
        ending = race(counter, happen(counter, event), tell(release))
        assert isinstance(ending, NotAllowedByThem | NoSuchTransition | Stale)
        assert counter.state(release) == "stopped"

    def test_does_not_slip_past_a_lead_that_is_being_undone(self, counter: Counter) -> None:
        release = counter.ready()

        def undo(access: Access) -> None:
            requests.bring(access, counter.pair.sought_id, SearchEvent.UNDO_LEAD)

        assert isinstance(race(counter, undo, tell(release)), NoSuchTransition)
        assert counter.state(release) == "approved"

    def test_that_comes_first_stands_and_the_withdrawal_is_heard_after_it(self, counter: Counter) -> None:
        release = counter.ready()
        assert race(counter, tell(release), happen(counter, "withdraw")) is None
        assert (counter.state(release), counter.get(counter.path).json()["state"]) == ("told", "withdrawn")


class TestAnAnswer:
    def test_of_yes_does_not_overtake_a_no(self, counter: Counter) -> None:
        counter.happen("reach_out")
        counter.happen("inform", named_as="nobody")
        assert isinstance(race(counter, happen(counter, "decline"), happen(counter, "grant")), Stale)
        assert counter.get(counter.path).json()["state"] == "declined"

    def test_and_a_suspension_of_the_search_do_not_wait_for_each_other(self, counter: Counter) -> None:
        counter.grant()

        def suspend(access: Access) -> None:
            requests.happen(access, requests.find_sought(access, counter.pair.sought_id), SearchEvent.SUSPEND, None)

        ending = race(counter, suspend, happen(counter, "withdraw"))
        assert ending is None or isinstance(ending, Stale)
        assert counter.search()[0] == "suspended"
