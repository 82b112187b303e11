"""Children at verification: what a result needs where a side is one, or may be one."""

from datetime import timedelta

import pytest

from tests.risk.desk import Pair, screen_draft
from tests.support import Json
from tests.verification.desk import (
    ADULT,
    CHILD,
    Desk,
    begin,
    born,
    hear,
    later,
    result,
)
from tracing.verification import service
from tracing.verification.errors import NotEstablished
from tracing.verification.states import State

SAFE: Json = {"own_wish": "yes", "guardian": "caregiver", "trained_worker": True}


@pytest.fixture(scope="module")
def pair(desk: Desk) -> Pair:
    return desk.pair()


class TestChildren:
    """Where a side is under 18, or may be one, a result needs more (domain.md §4.7)."""

    MISSING = frozenset({"childs-own-wish", "guardian", "trained-worker"})
    # (why, birth of the enquirer, of the registered, of the sought, the screen's answer, minors, what is missing)
    CASES: tuple[tuple[str, str | None, str | None, str | None, str, Json | None, frozenset[str]], ...] = (
        ("all are adults", ADULT, ADULT, ADULT, "unknown", None, frozenset()),
        ("all are adults, whatever was flagged", ADULT, ADULT, ADULT, "yes", None, frozenset()),
        ("the enquirer is a child", CHILD, ADULT, ADULT, "no", None, MISSING),
        ("the found person is a child", ADULT, CHILD, CHILD, "no", None, MISSING),
        ("a child by the search only", ADULT, None, CHILD, "no", None, MISSING),
        ("a child by one of two records", ADULT, CHILD, ADULT, "no", None, MISSING),
        ("of no known age, and not flagged", ADULT, None, None, "no", None, frozenset()),
        ("of no known age, and flagged", ADULT, None, None, "yes", None, MISSING),
        ("of no known age, and nobody asked", ADULT, None, None, "unknown", None, MISSING),
        ("the enquirer of no known age, flagged", None, ADULT, ADULT, "yes", None, MISSING),
        ("an adult by one record", ADULT, None, ADULT, "yes", None, frozenset()),
        ("a child whose rules are kept", ADULT, CHILD, CHILD, "no", SAFE, frozenset()),
        (
            "nobody stands in, and that is recorded",
            ADULT,
            CHILD,
            CHILD,
            "no",
            SAFE | {"guardian": "nobody"},
            frozenset(),
        ),
        ("not the child's wish", ADULT, CHILD, CHILD, "no", SAFE | {"own_wish": "no"}, frozenset({"childs-own-wish"})),
        (
            "the wish is not known",
            CHILD,
            ADULT,
            ADULT,
            "no",
            SAFE | {"own_wish": "unknown"},
            frozenset({"childs-own-wish"}),
        ),
        ("no guardian was asked for", ADULT, CHILD, CHILD, "no", SAFE | {"guardian": None}, frozenset({"guardian"})),
        (
            "no trained worker",
            ADULT,
            CHILD,
            CHILD,
            "no",
            SAFE | {"trained_worker": False},
            frozenset({"trained-worker"}),
        ),
    )

    @pytest.mark.parametrize(
        ("why", "asking", "seen", "sought", "flag", "minors", "missing"), CASES, ids=[case[0] for case in CASES]
    )
    def test_are_asked_for_their_wish(
        self,
        desk: Desk,
        pair: Pair,
        why: str,
        asking: str | None,
        seen: str | None,
        sought: str | None,
        flag: str,
        minors: Json | None,
        missing: frozenset[str],
    ) -> None:
        with desk.trial() as access:
            born(access, pair, asking, seen, sought)
            case = begin(access, pair, screen_draft(minor_involved=flag))
            hear(access, case.id)
            row = service.find(access, case.id)
            if not missing:
                assert service.give_result(access, row, result(minors=minors)).state in (
                    State.PASSED,
                    State.PROPOSED,
                ), why
                return
            with pytest.raises(NotEstablished) as caught:
                service.give_result(access, row, result(minors=minors))
            assert {flaw.code for flaw in caught.value.flaws} == missing

    def test_who_came_of_age_after_the_interview_was_heard_as_a_child(self, desk: Desk, pair: Pair) -> None:
        """Not yet eighteen on the day of the talk, and grown up after it: the day of the first talk counts."""
        with desk.trial() as access:
            almost = str((access.now - timedelta(days=18 * 365)).date())
            born(access, pair, ADULT, almost, almost)
            case = begin(access, pair)
            hear(access, case.id)
            later(access, days=400)
            with pytest.raises(NotEstablished):
                service.give_result(access, service.find(access, case.id), result())
