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

import pytest

from tests.invariants.running import run

PARTS, STEPS = 2, 12_500
"""So many runs, each of so many steps; eight parts are 100,000, and take half an hour of one core."""
EXAMPLES, RULES = 20, 60


def test_the_invariants_hold_in_a_short_run() -> None:
    tally = run(6, 50)
    assert tally.steps >= 100
    assert tally.done.total() >= 20
    assert tally.refused.total() >= 20


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_the_invariants_hold_in_a_long_run(part: int) -> None:
    steps, done, number = 0, Counter[str](), 1_000 * (part + 1)
    while steps < STEPS:
        tally = run(EXAMPLES, RULES, number=number)
        assert tally.steps
        steps, done, number = steps + tally.steps, done + tally.done, number + 1
    assert done.total() > STEPS // 4
