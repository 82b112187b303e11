"""What waits for somebody: proposals that nobody has settled, and what was approved and not yet carried out."""

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.invariants.ending import Ending

Step = Callable[[str], Any]
"""Something that is done by whoever is named."""


def to_approve(acts: Ending) -> list[Step]:
    """Return how each proposal that nobody has settled is approved."""
    judge = acts.judge
    verifications = [p for p in judge.pairs if p.verification and p.verification.eyes and not p.verification.passed]
    outreaches = [p for p in judge.pairs if p.outreach and p.outreach.approver is None]
    return [
        *(partial(acts.settle_verification, pair, approve=True) for pair in verifications),
        *(partial(acts.settle_outreach, pair, approve=True) for pair in outreaches),
        *(partial(acts.step_fate, fate, event="confirm") for fate in judge.fates if fate.state == "proposed"),
        *(partial(acts.step_message, m, event="read") for m in judge.messages if acts.state(m) == "written"),
        *(partial(acts.settle_release, r, approve=True) for r in judge.releases if acts.state(r) == "proposed"),
    ]


def to_carry_out(acts: Ending) -> list[Step]:
    """Return how each thing that was approved is carried out, or told once more."""
    judge = acts.judge
    return [
        *(partial(acts.step_message, m, event="send") for m in judge.messages if acts.state(m) == "read"),
        *(partial(acts.step_message, m, event="deliver") for m in judge.messages if acts.state(m) == "sent"),
        *(partial(acts.tell, r) for r in judge.releases if acts.state(r) in ("approved", "told")),
        *(partial(acts.step_fate, fate, event="establish") for fate in judge.fates if fate.state == "under_review"),
    ]
