"""Among what a rule of the machine chooses."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from tests.invariants.ending import Ending
from tests.invariants.model import Message, Pair, Release

Kind = TypeVar("Kind")


class Acting(Protocol):
    """A machine."""

    acts: Ending


def has(things: Callable[[Any], Sequence[Any]]) -> Callable[[Any], bool]:
    """Return a precondition: there is such a thing."""
    return lambda machine: bool(things(machine))


def releases(machine: Acting) -> list[Release]:
    return machine.acts.judge.releases


def messages(machine: Acting) -> list[Message]:
    return machine.acts.judge.messages


def verified(machine: Acting) -> list[Pair]:
    """Return the pairs of which a verification was opened."""
    return [pair for pair in machine.acts.judge.pairs if pair.verification is not None]


def asked(machine: Acting) -> list[Pair]:
    """Return the pairs of which an asking was opened."""
    return [pair for pair in machine.acts.judge.pairs if pair.case is not None]


def latest(things: Sequence[Kind], which: int) -> Kind:
    """Return one of `things`, a late one rather than an early one."""
    return things[-1 - which % min(len(things), 4)]
