"""Rows that are kept or refused together: a sighting alone, a tracing request with all its sought persons."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from tracing.intake.parsers.drafts import SightingRow, SoughtRow, distinct, sighting_row, sought_row
from tracing.intake.parsers.lines import Line
from tracing.intake.schemas import ListKind, Order
from tracing.kit.errors import Flaw
from tracing.persons.erased import forms_of, forms_of_enquirer
from tracing.requests.schemas import EnquirerDraft, RequestDraft
from tracing.sightings.schemas import SightingDraft

MOST_SOUGHT = 50


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is refused, and why."""

    line: int
    flaws: tuple[Flaw, ...]


@dataclass(frozen=True, slots=True)
class SightingUnit:
    """One sighting."""

    line: int
    row: SightingRow

    @property
    def rows(self) -> list[tuple[int, str]]:
        """(line, sender's reference) of each row."""
        return [(self.line, self.row.home_ref)]

    @property
    def people(self) -> list[tuple[tuple[str, ...], list[str]]]:
        """The forms of the person, and the reference of the row that stands or falls with them."""
        return [(forms_of(self.row.draft.person), [self.row.home_ref])]

    def without(self, known: Collection[str]) -> "SightingUnit | None":
        """Return the unit, or None when its row was imported before."""
        return None if self.row.home_ref in known else self

    def draft(self) -> SightingDraft:
        """Return what the API would take."""
        return self.row.draft


@dataclass(frozen=True, slots=True)
class RequestUnit:
    """One tracing request: an enquirer and the rows that name them."""

    enquirer: EnquirerDraft
    notice: str | None
    sought: tuple[tuple[int, SoughtRow], ...]
    start: bool

    @property
    def rows(self) -> list[tuple[int, str]]:
        """(line, sender's reference) of each row."""
        return [(line, row.home_ref) for line, row in self.sought]

    @property
    def people(self) -> list[tuple[tuple[str, ...], list[str]]]:
        """The forms of the enquirer and of each sought person, with the references that stand or fall with them."""
        refs = [row.home_ref for _, row in self.sought]
        sought = [row.sought.person for _, row in self.sought]
        asking = forms_of_enquirer(self.enquirer.person, self.enquirer.contacts, sought)
        return [(asking, refs), *((forms_of(person), [ref]) for person, ref in zip(sought, refs, strict=True))]

    def without(self, known: Collection[str]) -> "RequestUnit | None":
        """Return the unit without rows that were imported before; None when none is left."""
        left = tuple((line, row) for line, row in self.sought if row.home_ref not in known)
        return RequestUnit(self.enquirer, self.notice, left, self.start) if left else None

    def draft(self, ids: Sequence[UUID]) -> RequestDraft:
        """Return what the API would take; `ids` become those of the sought persons, row by row."""
        return RequestDraft(
            enquirer=self.enquirer,
            information_notice_version=self.notice,
            start=self.start,
            sought=[row.sought.model_copy(update={"id": i}) for i, (_, row) in zip(ids, self.sought, strict=True)],
        )


Unit = SightingUnit | RequestUnit


@dataclass
class References:
    """The sender's references seen so far in one file."""

    first: dict[str, int] = field(default_factory=dict)

    def flaw(self, line: int, reference: str) -> Flaw | None:
        """Note a reference; return a flaw when an earlier line has it."""
        known = self.first.setdefault(reference, line)
        return None if known == line else Flaw("home_ref", "duplicate-home-ref", f"line {known} has the same one")


def units(lines: Iterator[Line], order: Order) -> Iterator[Unit | Refusal]:
    """Yield the units of a file and its refused rows, in its order."""
    return _requests(lines, order.start) if order.kind is ListKind.REQUESTS else _sightings(lines)


def _sightings(lines: Iterator[Line]) -> Iterator[Unit | Refusal]:
    references = References()
    for line in lines:
        row = [] if line.record is None else sighting_row(line.record)
        flaws = _flaws(line, row if isinstance(row, list) else [])
        if isinstance(row, SightingRow) and (twice := references.flaw(line.number, row.home_ref)):
            flaws.append(twice)
        if flaws or isinstance(row, list):
            yield Refusal(line.number, tuple(distinct(flaws)))
        else:
            yield SightingUnit(line.number, row)


def _flaws(line: Line, further: Sequence[Flaw]) -> list[Flaw]:
    """Return the reader's flaws and those of the draft, without the draft's about a cell refused already."""
    refused = {flaw.pointer for flaw in line.flaws}
    return [*line.flaws, *(flaw for flaw in further if flaw.pointer not in refused)]


@dataclass
class Group:
    """Rows under one `enquirer_ref`, one below the other."""

    reference: str | None
    rows: list[tuple[int, SoughtRow]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def enquirer(self) -> EnquirerDraft | None:
        """The enquirer as the first row names them."""
        return next((row.enquirer for _, row in self.rows if row.enquirer is not None), None)

    def close(self, start: bool) -> Iterator[Unit | Refusal]:
        """Yield the request, or, when a row of it is refused, every row as refused: none is half-written."""
        enquirer = self.enquirer
        if not self.refusals and enquirer is not None:
            notice = next((row.notice for _, row in self.rows if row.notice is not None), None)
            yield RequestUnit(enquirer, notice, tuple(self.rows), start)
            return
        flaw = Flaw("enquirer_ref", "same-request", "another row of this request is refused")
        refusals = [*self.refusals, *(Refusal(line, (flaw,)) for line, _ in self.rows)]
        yield from sorted(refusals, key=lambda refusal: refusal.line)


def _requests(lines: Iterator[Line], start: bool) -> Iterator[Unit | Refusal]:
    references = References()
    closed: set[str] = set()
    group = Group(None)
    for line in lines:
        reference = _enquirer_ref(line)
        if reference is None or reference != group.reference:
            yield from group.close(start) if group.rows or group.refusals else ()
            if group.reference is not None:
                closed.add(group.reference)
            group = Group(reference)
        _take(group, line, references, apart=reference in closed)
    yield from group.close(start) if group.rows or group.refusals else ()


def _enquirer_ref(line: Line) -> str | None:
    given = line.record.get("enquirer_ref") if line.record is not None else None
    return given.strip() if isinstance(given, str) and given.strip() else None


def _take(group: Group, line: Line, references: References, *, apart: bool) -> None:
    """Put a row into its group, or among the group's refused ones."""
    follows = group.enquirer is not None
    row = [] if line.record is None else sought_row(line.record, follows=follows)
    flaws = _flaws(line, row if isinstance(row, list) else [])
    if isinstance(row, SoughtRow):
        if twice := references.flaw(line.number, row.home_ref):
            flaws.append(twice)
        if row.enquirer is not None and group.enquirer is not None and row.enquirer.person != group.enquirer.person:
            flaws.append(Flaw("enquirer_ref", "another-enquirer", "an earlier row with this reference says otherwise"))
    if apart:
        flaws.append(Flaw("enquirer_ref", "rows-apart", "rows of one request stand one below the other"))
    if len(group.rows) == MOST_SOUGHT:
        flaws.append(Flaw("enquirer_ref", "too-many", f"a request names at most {MOST_SOUGHT} sought persons"))
    if flaws or isinstance(row, list):
        group.refusals.append(Refusal(line.number, tuple(distinct(flaws))))
    else:
        group.rows.append((line.number, row))
