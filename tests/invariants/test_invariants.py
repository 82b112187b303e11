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
"""

from collections import Counter

import pytest

from tests.invariants.running import run

STEPS, PARTS = 100_000, 5
EXAMPLES, RULES = 20, 60
LEAST = {
    "tell": 20,
    "tell away": 20,
}
"""How often, in each part, an act must have succeeded at the least: where nothing succeeds, nothing is proved."""


def test_the_invariants_hold_in_a_short_run() -> None:
    tally = run(6, 50)
    assert tally.steps >= 300
    assert tally.done.total() >= 60
    assert tally.refused.total() >= 60


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_the_invariants_hold_for_a_hundred_thousand_steps(part: int) -> None:
    steps, done, number = 0, Counter[str](), 1_000 * part
    while steps < STEPS // PARTS:
        tally = run(EXAMPLES, RULES, number=number)
        assert tally.steps
        steps, done, number = steps + tally.steps, done + tally.done, number + 1
    assert {act: done[act] for act, least in LEAST.items() if done[act] < least} == {}
