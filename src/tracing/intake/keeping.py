"""How the rows of a file are kept: a batch to a transaction, for good or on trial, and one bad row by itself."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from tracing.gate.access import Access
from tracing.gate.glass import Withheld
from tracing.gate.rehearsal import Over, rehearsing
from tracing.kit.errors import Conflict, Invalid, TracingError

One = TypeVar("One")

Turn = Callable[[], AbstractContextManager[Access]]
"""Admits the caller anew; each batch is a transaction of its own, with its own row on the trail."""


@dataclass
class Batch:
    """What is done in one transaction: the records that it touched, and how many rows that kept."""

    access: Access
    ids: Iterable[UUID] = ()
    count: int = 0


@contextmanager
def written(turn: Turn, act: str, *, dry_run: bool) -> Iterator[Batch]:
    """Write a batch in one transaction, with its row on the trail; a dry run is undone, and leaves a count there."""
    try:
        with turn() as access:
            batch = Batch(rehearsing(access) if dry_run else access)
            yield batch
            if dry_run:
                raise Over
            access.note_page(act, batch.ids)
    except Over:
        with turn() as access:
            access.note("imports.rehearse", count=batch.count)


def keep(
    batch: Sequence[One],
    write: Callable[[Sequence[One]], None],
    refuse: Callable[[One, TracingError], None],
    *,
    again: bool = False,
) -> None:
    """Write a batch; when a rule refuses something in it, halve it until that is alone, and refuse that.

    What is alone and meets a conflict is tried again: another import may have brought the same just now.
    """
    try:
        write(batch)
    except (Invalid, Conflict, Withheld) as error:
        if len(batch) > 1:
            middle = len(batch) // 2
            keep(batch[:middle], write, refuse)
            keep(batch[middle:], write, refuse)
        elif isinstance(error, Conflict) and not again:
            keep(batch, write, refuse, again=True)
        else:
            refuse(batch[0], error)
