"""Children at acceptance (domain.md §4.3, §6.1): their own requests, and requests about them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import peopled
from tests.requests.test_states import Desk
from tests.support import Json, person, request_draft, sought_draft
from tracing.gate import register
from tracing.gate.admit import admitted
from tracing.gate.permissions import Permission
from tracing.kit import clock
from tracing.requests import service
from tracing.requests.errors import NotEligible
from tracing.requests.schemas import RequestChange, RequestDraft
from tracing.requests.states import Event, State

CHILD = str(clock.now().year - 10)
OWN_WISH, TRAINED = "childs-own-wish", "trained-worker"
THIRD_PARTY = "third-party-about-a-child"
SAFE: Json = {"own_wish": "yes", "trained_worker": True}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with peopled(tmp_path_factory.mktemp("desk")) as (gate, people):
        yield Desk(gate, people)


def asked_by(birth: str | None, capacity: str = "self", **fields: Any) -> Json:
    """Return a request of an enquirer who was born then, about an adult unless `sought` says otherwise."""
    enquirer = request_draft()["enquirer"] | {"person": person("Abdi Yusuf", birth=birth), "capacity": capacity}
    sought = fields.pop("sought", [sought_draft(relationship="mother")])
    return request_draft(*sought, enquirer=enquirer, **fields)


def about(birth: str, relationship: str, capacity: str = "self") -> Json:
    return asked_by("1980", capacity, sought=[sought_draft(birth=birth, relationship=relationship)])


# (why, request, who accepts, the rules that are not kept)
CASES: tuple[tuple[str, Json, str, set[str]], ...] = (
    ("an adult asks", asked_by("1980"), "caseworker", set()),
    ("a child asks, and nothing is recorded", asked_by(CHILD), "caseworker", {OWN_WISH, TRAINED}),
    ("a child asks of their own wish, of a trained worker", asked_by(CHILD, child=SAFE), "caseworker", set()),
    ("not the child's wish", asked_by(CHILD, child=SAFE | {"own_wish": "no"}), "caseworker", {OWN_WISH}),
    ("the wish is not known", asked_by(CHILD, child=SAFE | {"own_wish": "unknown"}), "caseworker", {OWN_WISH}),
    ("no trained worker", asked_by(CHILD, child=SAFE | {"trained_worker": False}), "caseworker", {TRAINED}),
    ("a supervisor is no child's wish", asked_by(CHILD), "supervisor", {OWN_WISH, TRAINED}),
    ("an enquirer of no known age", asked_by(None), "caseworker", set()),
    ("a parent about a child", about(CHILD, "daughter"), "caseworker", set()),
    ("a brother about a child", about(CHILD, "brother"), "caseworker", set()),
    ("half a sister about a child", about(CHILD, "half_sibling"), "caseworker", set()),
    ("an uncle about a child", about(CHILD, "niece_nephew"), "caseworker", {THIRD_PARTY}),
    ("a grandmother about a child", about(CHILD, "grandchild"), "caseworker", {THIRD_PARTY}),
    (
        "a representative about a child",
        about(CHILD, "cousin", "authorised_representative"),
        "caseworker",
        {THIRD_PARTY},
    ),
    ("a grandmother who cared for the child", about(CHILD, "grandchild", "caregiver"), "caseworker", set()),
    ("a guardian about a child", about(CHILD, "other_nonfamily", "guardian"), "caseworker", set()),
    ("an uncle, and a supervisor excepts it", about(CHILD, "niece_nephew"), "supervisor", set()),
    ("an uncle about an adult", about("1990", "niece_nephew"), "caseworker", set()),
)


@pytest.mark.parametrize(("why", "draft", "role", "broken"), CASES, ids=[case[0] for case in CASES])
def test_is_accepted_only_where_the_rules_are_kept(
    desk: Desk, why: str, draft: Json, role: str, broken: set[str]
) -> None:
    search = desk.open(draft)
    with desk.trial(State.ELIGIBILITY_REVIEW, role, search) as access:
        row = service.find_sought(access, search)
        if not broken:
            assert service.happen(access, row, Event.ACCEPT, None).state is State.OPEN, why
        else:
            with pytest.raises(NotEligible) as caught:
                service.happen(access, row, Event.ACCEPT, None)
            assert {flaw.code for flaw in caught.value.flaws} == broken
            assert desk.stands(access, search) == (State.ELIGIBILITY_REVIEW, False)


@pytest.mark.parametrize(("why", "draft", "role", "broken"), CASES, ids=[case[0] for case in CASES])
def test_is_started_at_once_only_where_the_rules_are_kept(
    desk: Desk, why: str, draft: Json, role: str, broken: set[str]
) -> None:
    with admitted(desk.gate, desk.people.token(role), Permission.REQUESTS_WRITE) as access:
        started = RequestDraft.model_validate(draft)
        if not broken:
            assert service.open_request(access, started).sought[0].state is State.SEARCHING, why
        else:
            before = register.count_for_matching(access)
            with pytest.raises(NotEligible) as caught:
                service.open_request(access, started)
            assert {flaw.code for flaw in caught.value.flaws} == broken
            assert register.count_for_matching(access) == before
            access.note("test")


def test_what_was_missing_can_be_added(desk: Desk) -> None:
    search = desk.open(asked_by(CHILD))
    with desk.trial(State.ELIGIBILITY_REVIEW, search=search) as access:
        row = service.find_sought(access, search)
        change = RequestChange.model_validate({"child": SAFE})
        service.change_request(access, service.find_request(access, row.request_id), change)
        assert service.happen(access, row, Event.ACCEPT, None).state is State.OPEN


def test_who_comes_of_age_meanwhile_was_a_child_when_the_request_was_taken(desk: Desk) -> None:
    """The day of registration counts: what was promised to the child is not forgotten at a birthday."""
    today = clock.now()
    search = desk.open(asked_by(f"{today.year - 10}"))
    with desk.trial(State.ELIGIBILITY_REVIEW, search=search) as access:
        row = service.find_sought(access, search)
        request = service.find_request(access, row.request_id)
        request.created_at = today.replace(year=today.year - 9, day=1)
        object.__setattr__(access, "now", today.replace(year=today.year + 20, day=1))
        with pytest.raises(NotEligible):
            service.happen(access, row, Event.ACCEPT, None)
