"""The life of a verification: one table, read top to bottom. A confirmed match is not a verified one."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OPEN = "open"
    PROPOSED = "proposed"  # a result that another worker must approve
    PASSED = "passed"
    REFUTED = "refuted"
    ABANDONED = "abandoned"


class Event(StrEnum):
    PROPOSE = "propose"
    PASS = "pass"  # noqa: S105  # no password
    REFUTE = "refute"
    TURN_DOWN = "turn_down"
    ABANDON = "abandon"


class Guard(StrEnum):
    """What must hold."""

    NONE = "none"
    ESTABLISHED = "established"  # both sides interviewed apart, unprompted facts agree, minors' rules kept
    ESTABLISHED_AND_RISKY = "established_and_risky"  # the same, and a side is protected or the screen asks for two
    ANOTHER_WORKER = "another_worker"  # not the human who proposed the result


class Side(StrEnum):
    """Who is interviewed; each apart from the other."""

    ENQUIRER = "enquirer"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: in `source`, `event` leads to `target` if `guard` holds."""

    source: State
    event: Event
    target: State
    guard: Guard


_S, _E, _G = State, Event, Guard

TABLE: tuple[Row, ...] = (
    Row(_S.OPEN, _E.PASS, _S.PASSED, _G.ESTABLISHED),
    Row(_S.OPEN, _E.PROPOSE, _S.PROPOSED, _G.ESTABLISHED_AND_RISKY),
    Row(_S.PROPOSED, _E.PASS, _S.PASSED, _G.ANOTHER_WORKER),
    Row(_S.PROPOSED, _E.TURN_DOWN, _S.OPEN, _G.NONE),
    *(Row(state, _E.REFUTE, _S.REFUTED, _G.NONE) for state in (_S.OPEN, _S.PROPOSED)),
    *(Row(state, _E.ABANDON, _S.ABANDONED, _G.NONE) for state in (_S.OPEN, _S.PROPOSED)),
)
BY_KEY = {(row.source, row.event): row for row in TABLE}


def find(source: State, event: Event) -> Row | None:
    """Return the row for `event` in `source`, or None: what is not in the table is not possible."""
    return BY_KEY.get((source, event))
