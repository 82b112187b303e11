"""The invariants of disclosure, held against any order of acts by anybody.

1. No identity, contact or whereabouts reaches an enquirer without the found person's answer in force at that
   moment, and another human's approval of exactly that, of another team where somebody is protected.
2. Nobody approves their own proposal, also not by a second account.
3. What was withdrawn, or is over, is not used from that moment on, at whichever step the clock passes it.
4. Nothing confirms, closes, merges, answers or notifies by itself: an act changes its own rows and no others, a
   refused one none, and the night hardly any.
5. Every change has its one row on the trail, in the transaction of the change; the chain holds at the end.
6. The enquirer sees nothing but the projection of the states, at the dates of the cadence.

`judge` and `laws` hold every act that succeeds against a model of their own, and `faults` shows that they can fail.
A step is an act that was tried, a move of the clock or a night; a rule that found nothing to do is none.
"""

from collections import Counter
from collections.abc import Callable, Mapping

import pytest

from tests.invariants.guide import WAITING
from tests.invariants.running import directed, run

PARTS, STEPS = 8, 12_500
"""So many runs, each of so many steps: together 100,000, each part from seeds of its own."""
EXAMPLES, RULES = 20, 60
APPROVING = ("approve_what_waits", "look", "wait")
"""What each part does first, from the stages at which something waits for another worker."""
CARRYING = ("write", "approve_what_waits", "carry_out_what_is_approved")
"""What each part does next, where an answer allows messages: by chance some parts hand over none."""
DONE: Mapping[str, int] = {
    "decide confirm_same_person": 40,
    "decide undo": 25,
    "screen": 60,
    "open_verification": 8,
    "interview": 10,
    "give result established": 4,
    "approve verification": 1,
    "open_case": 1,
    "propose_outreach": 2,
    "approve outreach": 1,
    "reach_out": 4,
    "inform": 2,
    "grant": 8,
    "revise": 5,
    "withdraw": 5,
    "propose_release": 12,
    "approve release": 3,
    "tell": 2,
    "tell away": 2,
    "write to_enquirer": 5,
    "write to_found": 2,
    "send message": 3,
    "deliver message": 2,
    "report_fate": 30,
    "confirm fate": 1,
    "record_telling": 25,
    "withdraw register": 10,
    "withdraw match_within_society": 10,
    "renew register": 10,
    "carry_out erasure": 2,
    "break_glass": 3,
    "name_never": 30,
    "alter": 8,
    "look": 25,
    "night": 15,
    "wait": 100,
    "run out": 80,
}
"""How often each act is done at least in a part; a third of the length gave as much and more."""
REFUSED: Mapping[str, int] = {
    "decide confirm_same_person": 50,
    "open_verification": 60,
    "approve verification": 30,
    "approve outreach": 10,
    "approve release": 30,
    "reach_out": 25,
    "inform": 8,
    "grant": 20,
    "propose_release": 50,
    "tell": 25,
    "tell away": 20,
    "write to_enquirer": 10,
    "send message": 5,
    "deliver message": 2,
    "confirm fate": 5,
    "conclude reunified": 2,
    "conclude found_not_disclosed": 5,
}
"""How often each is refused at least in a part."""


def rare(counted: Counter[str], least: Mapping[str, int]) -> dict[str, int]:
    """Return what happened less often than it must, with how often it did."""
    return {kind: counted[kind] for kind, times in least.items() if counted[kind] < times}


@pytest.mark.slow
def test_the_invariants_hold_in_a_short_run() -> None:
    tally = run(6, 50)
    assert tally.steps >= 100
    assert tally.done.total() >= 20
    assert tally.refused.total() >= 20


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_the_invariants_hold_in_a_long_run(part: int, record_property: Callable[[str, object], None]) -> None:
    steps, done, refused, number = 0, Counter[str](), Counter[str](), 1_000 * (part + 1)
    directions = [*((APPROVING, (depth,)) for depth in WAITING), (CARRYING, ("answered", "approved"))]
    for rules, depths in directions:
        tally = run(EXAMPLES, RULES, number=number, machine=directed(rules, *depths))
        steps, done, refused = steps + tally.steps, done + tally.done, refused + tally.refused
    while steps < STEPS:
        tally = run(EXAMPLES, RULES, number=number)
        assert tally.steps
        steps, done, refused, number = steps + tally.steps, done + tally.done, refused + tally.refused, number + 1
    record_property("steps", steps)
    record_property("done", dict(done))
    record_property("refused", dict(refused))
    assert rare(done, DONE) == {}
    assert rare(refused, REFUSED) == {}


def test_the_long_run_is_long_enough() -> None:
    assert PARTS * STEPS >= 100_000
