"""What becomes of the records and notes of a file, counted as the work goes on."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tracing.intake.schemas import MOST_ERRORS, RowError
from tracing.kit.errors import Flaw
from tracing.pfif.schemas import Order, PfifReport
from tracing.pfif.traits import Refusal


@dataclass
class Tally:
    """What has become of the records so far."""

    imported: int = 0
    updated: int = 0
    removed: int = 0
    already_there: int = 0
    refused: int = 0
    ignored: int = 0
    notes_attached: int = 0
    notes_waiting: int = 0
    errors: list[RowError] = field(default_factory=list)

    @property
    def records(self) -> int:
        """How many records have come to an end, one way or another."""
        return self.imported + self.updated + self.removed + self.already_there + self.refused

    def refuse(self, refusal: Refusal) -> None:
        """Count a refused record, and list what is wrong with it."""
        self.refused += 1
        self.tell(refusal.line, refusal.flaws)

    def tell(self, line: int, flaws: Sequence[Flaw]) -> None:
        """List what is wrong at a line, as long as the list is not full."""
        for flaw in flaws[: MOST_ERRORS - len(self.errors)]:
            self.errors.append(RowError(line=line, field=flaw.pointer, code=flaw.code, detail=flaw.detail))

    def add(self, other: "Tally") -> None:
        """Add what became of a batch."""
        self.imported += other.imported
        self.updated += other.updated
        self.removed += other.removed
        self.already_there += other.already_there
        self.refused += other.refused
        self.notes_attached += other.notes_attached
        self.notes_waiting += other.notes_waiting
        self.errors += other.errors[: MOST_ERRORS - len(self.errors)]

    def report(self, order: Order) -> PfifReport:
        """Return the report as things stand; errors in the order of the file."""
        return PfifReport(
            dry_run=order.dry_run,
            records=self.records,
            imported=self.imported,
            updated=self.updated,
            removed=self.removed,
            already_there=self.already_there,
            refused=self.refused,
            notes_attached=self.notes_attached,
            notes_waiting=self.notes_waiting,
            ignored=self.ignored,
            errors=sorted(self.errors, key=lambda error: error.line),
        )
