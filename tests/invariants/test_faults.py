"""Each planted fault is found: the invariants can fail, and fail for what they say."""

import pytest

from tests.invariants import faults
from tests.invariants.faults import Plant
from tests.invariants.guide import theatre
from tests.invariants.model import Violation
from tests.invariants.running import run

EXAMPLES, RULES = 60, 60
AT_ONCE: tuple[tuple[Plant, tuple[int, ...]], ...] = ((faults.release_without_answer, (1, 3)),)
"""Faults that a short run finds, and the invariant that they violate."""
FAULTS: tuple[tuple[Plant, tuple[int, ...]], ...] = (
    (faults.answer_expiry_ignored, (1, 3)),
    (faults.earlier_answer_counts, (1, 3)),
    (faults.level_ignored, (1, 3)),
    (faults.release_outlives_the_answer, (1, 3)),
    (faults.same_worker_allowed, (1, 2)),
    (faults.self_approval_by_second_account, (1, 2)),
    (faults.other_team_ignored, (1, 2)),
    (faults.one_reader_for_the_protected, (1, 2)),
    (faults.withdrawn_record_visible, (1, 3)),
    (faults.expired_record_visible, (1, 3)),
)
"""Found with more time."""


def name_of(value: object) -> str:
    return getattr(value, "__name__", "")


def run_often() -> None:
    for number in (None, 1, 2, 3, 4):
        run(EXAMPLES, RULES, number=number, shrink=False)


def require_found(plant: Plant, laws: tuple[int, ...], patch: pytest.MonkeyPatch) -> None:
    """Run until the fault is found; which of the laws that it breaks is met first is a matter of the ids drawn."""
    theatre()  # its stages are reached without the fault
    plant(patch)
    with pytest.raises(Violation) as found:
        run_often()
    assert found.value.number in laws, found.value


@pytest.mark.parametrize(("plant", "laws"), AT_ONCE, ids=name_of)
def test_a_planted_fault_is_found_at_once(plant: Plant, laws: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    require_found(plant, laws, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize(("plant", "laws"), FAULTS, ids=name_of)
def test_a_planted_fault_is_found(plant: Plant, laws: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    require_found(plant, laws, monkeypatch)
