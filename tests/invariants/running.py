"""Runs of the machine, and what was done in them."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.invariants.machine import Machine


@dataclass(frozen=True)
class Tally:
    """How many acts were tried in some runs, and how often each kind of act succeeded and was refused."""

    steps: int
    done: Counter[str]
    refused: Counter[str]


def directed(rules: Collection[str], *depths: str) -> type[Machine]:
    """Return a machine that does only some things, from some stages: those on the way to a certain fault."""
    known = {rule.function.__name__ for rule in Machine.setup_state().rules}
    assert known.issuperset(rules)
    return type("Directed", (Machine,), {"depths": depths} | dict.fromkeys(known.difference(rules)))


def run(
    examples: int, rules: int, *, number: int | None = None, shrink: bool = True, machine: type[Machine] = Machine
) -> Tally:
    """Run the machine `examples` times with `rules` rules each, and return what was done.

    Args:
        examples: runs, each from a stage of its own.
        rules: per run.
        number: the seed; None for the runs that are the same each time.
        shrink: look for a shorter run when one fails.
        machine: all that may be done, or a part of it.

    Raises:
        Violation: an invariant does not hold; the failing run is printed.
    """
    Machine.steps = 0
    Machine.done, Machine.refused = Counter(), Counter()
    run_state_machine_as_test(
        machine if number is None else seed(number)(type("Seeded", (machine,), {})),
        settings=settings(
            max_examples=examples,
            stateful_step_count=rules,
            derandomize=number is None,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Tally(Machine.steps, Machine.done, Machine.refused)
