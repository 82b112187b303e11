"""Importing a list: good rows kept in batches, bad ones told, a rerun harmless. No HTTP, no SQL."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from tracing.gate import register
from tracing.gate.access import Access
from tracing.gate.permissions import Permission
from tracing.intake.errors import NothingImported
from tracing.intake.keeping import Turn as Turn
from tracing.intake.keeping import keep, written
from tracing.intake.parsers import read
from tracing.intake.parsers.blank import blank
from tracing.intake.parsers.drafts import request_column, sighting_column
from tracing.intake.parsers.lines import Source
from tracing.intake.parsers.units import Refusal, RequestUnit, SightingUnit, Unit
from tracing.intake.schemas import MOST_ERRORS, SOURCE, ListKind, Order, Report, RowError, TemplateFormat
from tracing.kit.errors import Flaw, TracingError
from tracing.kit.ids import new_id
from tracing.persons import erased
from tracing.requests import opening as requests
from tracing.requests.schemas import RequestDraft
from tracing.sightings import service as sightings

BATCH = 200  # rows; about two seconds of the embedded database's one writer, so that others get their turn

HELD_BACK = (Flaw("", "held-back", "it is held back: a worker asks the person before anybody is registered"),)
"""What a sender is told of a row that may name somebody who was erased; nothing of whom, and of which of them."""


@dataclass
class Tally:
    """What has become of the rows so far."""

    imported: int = 0
    already_there: int = 0
    refused: int = 0
    errors: list[RowError] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows have come to an end, one way or another."""
        return self.imported + self.already_there + self.refused

    def refuse(self, line: int, flaws: Sequence[Flaw]) -> None:
        """Count a refused row and list what is wrong with it, as long as the list is not full."""
        self.refused += 1
        for flaw in flaws[: MOST_ERRORS - len(self.errors)]:
            self.errors.append(RowError(line=line, field=flaw.pointer, code=flaw.code, detail=flaw.detail))

    def report(self, order: Order) -> Report:
        """Return the report as things stand; errors in the order of the file."""
        return Report(
            kind=order.kind,
            dry_run=order.dry_run,
            rows=self.rows,
            imported=self.imported,
            already_there=self.already_there,
            refused=self.refused,
            errors=sorted(self.errors, key=lambda error: error.line),
        )


def import_list(
    turn: Turn,
    order: Order,
    source: Source,
    tally: Tally | None = None,
    told: Callable[[], None] = lambda: None,
) -> Report:
    """Import the rows of `source` and return what became of them.

    Rows whose `home_ref` was imported before are passed over, also when their record is hidden by now: a
    rerun imports nothing twice, and after an interruption it goes on where the last batch ended. Rows that may
    bring back somebody who was erased are refused as held back: a worker looks into them. A rehearsal holds nobody
    back: it registers nobody either, and could be asked about any list of names.

    Args:
        turn: admits the caller to one transaction.
        order: what is imported, and whether it is only rehearsed.
        source: the file.
        tally: counts as the work goes on; what stands there after an interruption has happened.
        told: called after each batch.

    Raises:
        UnreadableFile, OverfullFile, WrongHeader: nothing of the file was imported.
        Refused: the caller may not import, or may not start searches and `order.start` asks for it.
    """
    tally = tally or Tally()
    for batch in _batches(read(order, source), tally):
        keep(batch, lambda part: _write(turn, order, part, tally), lambda unit, error: _refuse(unit, error, tally))
        told()
    return tally.report(order)


def is_source(code: str) -> bool:
    """Return whether `code` may name a sender."""
    return re.fullmatch(SOURCE, code) is not None


def empty_list(access: Access, kind: ListKind, form: TemplateFormat) -> bytes:
    """Return a list to fill in."""
    access.note("imports.template", count=0)
    return blank(kind, form)


def require_some(report: Report) -> None:
    """Refuse a report in which not a single row was good.

    Raises:
        NothingImported: with the errors of the report.
    """
    if report.refused and report.refused == report.rows:
        flaws = [Flaw(f"line {e.line}: {e.field}".rstrip(": "), e.code, e.detail) for e in report.errors]
        raise NothingImported(f"each of the {report.rows} rows breaks a rule", flaws)


def _batches(found: Iterator[Unit | Refusal], tally: Tally) -> Iterator[list[Unit]]:
    """Gather units up to `BATCH` rows; refused rows are counted as they come."""
    batch: list[Unit] = []
    size = 0
    for one in found:
        if isinstance(one, Refusal):
            tally.refuse(one.line, one.flaws)
            continue
        batch.append(one)
        size += len(one.rows)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _write(turn: Turn, order: Order, batch: Sequence[Unit], tally: Tally) -> None:
    """Keep the units of a batch that are neither known nor held back, and count what became of each row."""
    with written(turn, f"imports.{order.kind}", dry_run=order.dry_run) as made:
        fresh, known, held_back = _fresh(made.access, order, batch)
        made.ids, made.count = _open(made.access, order, fresh), sum(len(unit.rows) for unit in fresh)
    tally.imported += made.count
    tally.already_there += known
    for line in held_back:
        tally.refuse(line, HELD_BACK)


def _refuse(unit: Unit, error: TracingError, tally: Tally) -> None:
    for line, _ in unit.rows:
        tally.refuse(line, _flaws_of(error, unit))


def _fresh(access: Access, order: Order, batch: Sequence[Unit]) -> tuple[list[Unit], int, list[int]]:
    """Return the units without rows that are known or held back, how many are known, and the lines held back."""
    if order.start:
        access.require(Permission.REQUESTS_WRITE)
        access.require(Permission.SUGGESTIONS_READ)
    refs = {_reference(order, ref): ref for unit in batch for _, ref in unit.rows}
    known = {refs[found] for found in register.known_home_refs(access, refs)}
    held = set[str]() if order.dry_run else _erased(access, batch) - known
    fresh: list[Unit] = []
    for unit in batch:
        left = unit.without(known | held)
        if left is not None:
            fresh.append(left)
    return fresh, len(known), [line for unit in batch for line, ref in unit.rows if ref in held]


def _erased(access: Access, batch: Sequence[Unit]) -> set[str]:
    """Return the references of rows that may bring back somebody who was erased; of an enquirer's, every row."""
    people = [person for unit in batch for person in unit.people]
    gone = erased.known(access, [forms for forms, _ in people])
    return {ref for place in gone for ref in people[place][1]}


def _open(access: Access, order: Order, fresh: Sequence[Unit]) -> list[UUID]:
    """Open the units through the features that they belong to; return the ids of what was opened."""
    if order.kind is ListKind.SIGHTINGS:
        return sightings.open_sightings(
            access,
            [(u.draft(), _reference(order, u.row.home_ref)) for u in fresh if isinstance(u, SightingUnit)],
        )
    refs: dict[UUID, str] = {}
    drafts: list[tuple[RequestDraft, str | None]] = []
    for unit in fresh:
        if isinstance(unit, RequestUnit):
            ids = [new_id() for _ in unit.rows]
            refs |= {i: _reference(order, ref) for i, (_, ref) in zip(ids, unit.rows, strict=True)}
            drafts.append((unit.draft(ids), None))
    made = requests.open_requests(access, drafts)
    register.set_home_refs(access, refs)
    return [*made, *refs]


def _reference(order: Order, home_ref: str) -> str:
    """Return what a row is known by: two senders, or two lists of one sender, may number their rows alike."""
    return f"{order.kind}|{order.source}|{home_ref}"


def _flaws_of(error: TracingError, unit: Unit) -> list[Flaw]:
    """Return what a feature refused as flaws of a row, each with the column that the pointer came from."""
    column = request_column if isinstance(unit, RequestUnit) else sighting_column
    return [
        Flaw(column(flaw.pointer.strip("/").split("/"), flaw.code), flaw.code, flaw.detail) for flaw in error.flaws
    ] or [Flaw("", error.code, error.detail)]
