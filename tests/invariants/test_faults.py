"""Each planted fault is found: the invariants can fail, and fail for what they say.

A fault is looked for on the way that leads to it: from some stages, by a machine that does only some things. So each
is found within some hundred steps; the whole machine, which may do anything from any stage, takes some thousand.
"""

from dataclasses import dataclass

import pytest

from tests.invariants import faults
from tests.invariants.faults import Plant
from tests.invariants.guide import theatre
from tests.invariants.model import Violation
from tests.invariants.running import directed, run

EXAMPLES, RULES = 20, 40
NUMBERS = range(1, 6)
TELLING = "approve_what_waits carry_out_what_is_approved tell"
"""Approves, sends and hands over, tells."""


@dataclass(frozen=True)
class Fault:
    """A fault, and where it shows.

    Attributes:
        laws: the invariants that it violates; which one is met first is a matter of the ids drawn.
        rules: what leads to it.
        depths: from which stages.
    """

    plant: Plant
    laws: frozenset[int]
    rules: frozenset[str]
    depths: tuple[str, ...]


def _fault(plant: Plant, laws: str, rules: str, depths: str) -> Fault:
    return Fault(plant, frozenset(map(int, laws.split())), frozenset(rules.split()), tuple(depths.split()))


AT_ONCE = (
    _fault(faults.release_without_answer, "1 3", f"propose_release write {TELLING}", "informed"),
    _fault(faults.same_worker_allowed, "1 2", "approve_what_waits", "proposed"),
    _fault(faults.release_outlives_the_answer, "1 3", "take_back", "approved"),
    _fault(faults.night_confirms, "4", "night", "matched"),
    _fault(faults.trail_row_missing, "5", TELLING, "approved"),
    _fault(faults.enquirer_sees_todays_date, "6", "look wait", "matched"),
)
"""One of each invariant, met within a few steps."""
FAULTS = (
    # Nothing is told without an answer in force, another human's approval of exactly that, and its row of the trail.
    _fault(faults.answer_expiry_ignored, "1 3", f"wait_for_an_end {TELLING}", "approved"),
    _fault(faults.earlier_answer_counts, "1 3", f"take_back look {TELLING}", "approved"),
    _fault(faults.level_ignored, "1 3", "propose_release", "answered"),
    _fault(faults.told_unapproved, "1", TELLING, "proposed"),
    _fault(faults.told_before_the_trail, "5", TELLING, "approved"),
    _fault(faults.told_twice, "1", TELLING, "approved"),
    _fault(faults.other_content_approved, "1", "propose_release write alter_release alter_message", "answered"),
    _fault(faults.screen_ignored, "1", "go_on_in_spite_of_a_screen", "proposed approved"),
    _fault(faults.never_disclose_ignored, "1", "go_on_in_spite_of_a_name", "proposed approved"),
    _fault(faults.undone_match_tells, "1", "go_on_with_what_was_undone", "proposed approved"),
    _fault(faults.message_to_anybody, "1", "write", "answered"),
    _fault(faults.message_sent_without_recheck, "1 3 5", f"step_message take_back {TELLING}", "approved"),
    _fault(faults.sighting_proves_a_death, "1", f"report_fate step_fate {TELLING}", "matched"),
    # Nobody approves their own proposal, also not by a second account, nor within the team that must not.
    _fault(faults.self_approval_by_second_account, "1 2", "approve_what_waits", "proposed"),
    _fault(faults.other_team_ignored, "1 2", "go_on approve_what_waits", "answered"),
    _fault(faults.team_of_the_account_only, "1", "approve_what_waits propose_release", "proposed"),
    _fault(faults.one_reader_for_the_protected, "1 2", "decide", "matched"),
    # What was withdrawn, or is over, is not used.
    _fault(faults.withdrawn_record_visible, "1 3", "withdraw look decide", "matched"),
    _fault(faults.expired_record_visible, "1 3", "wait_for_an_end look decide", "matched"),
    # Nothing confirms, closes, sends or ends by itself, and what is refused changes nothing.
    _fault(faults.night_closes, "4", "night", "answered"),
    _fault(faults.night_sends, "4", "night", "approved"),
    _fault(faults.night_stops_what_is_allowed, "4", "night", "approved"),
    _fault(faults.grant_concludes, "4", "grant", "informed"),
    _fault(faults.concluded_without_telling, "4", "conclude", "answered"),
    _fault(faults.refusal_leaves_a_change, "4 5", "wait_for_an_end tell", "approved"),
    # Every change has its one row on the trail.
    _fault(faults.trail_row_twice, "5", "grant ask", "informed"),
    _fault(faults.trail_row_of_nobody, "5", "decide", "informed"),
    # The enquirer sees nothing but the projection.
    _fault(faults.enquirer_sees_a_no, "6", "look ask", "informed"),
    _fault(faults.enquirer_sees_at_once, "6", "step_search look", "matched answered"),
)


def name_of(fault: Fault) -> str:
    return fault.plant.__name__


def run_on_the_way_to(fault: Fault) -> None:
    machine = directed(fault.rules, *fault.depths)
    for number in NUMBERS:
        run(EXAMPLES, RULES, number=number, shrink=False, machine=machine)


def require_found(fault: Fault, patch: pytest.MonkeyPatch) -> None:
    theatre()  # its stages are reached without the fault
    fault.plant(patch)
    with pytest.raises(Violation) as found:
        run_on_the_way_to(fault)
    assert found.value.number in fault.laws, found.value


@pytest.mark.parametrize("fault", AT_ONCE, ids=name_of)
def test_a_planted_fault_is_found_at_once(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    require_found(fault, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
def test_a_planted_fault_is_found(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    require_found(fault, monkeypatch)


def test_every_fault_is_planted() -> None:
    known = {plant for name, plant in vars(faults).items() if getattr(plant, "__module__", "") == faults.__name__}
    planted = {fault.plant for fault in (*AT_ONCE, *FAULTS)}
    assert {plant.__name__ for plant in known - planted if not plant.__name__.startswith("_")} == set()
