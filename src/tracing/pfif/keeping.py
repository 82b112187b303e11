"""What is done with records and notes within transactions: opened, brought up to date, joined, ended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.gate import consents, register
from tracing.gate.access import Access
from tracing.gate.consents import ConsentFact
from tracing.gate.kinds import Kind
from tracing.gate.purposes import Decision, GivenBy, LawfulBasis, Obtained, Purpose
from tracing.gate.rehearsal import is_rehearsed
from tracing.intake.keeping import Turn, keep, written
from tracing.intake.service import HELD_BACK
from tracing.kit.errors import Flaw, TracingError
from tracing.kit.ids import new_id
from tracing.persons import erased
from tracing.pfif import store, traits
from tracing.pfif.notes import merged
from tracing.pfif.schemas import Note, Order, Person
from tracing.pfif.tally import Tally
from tracing.pfif.traits import Copy, Refusal
from tracing.requests import opening as searches
from tracing.requests import service as requests
from tracing.requests.schemas import RequestDraft, SoughtChange
from tracing.sightings import service as sightings
from tracing.sightings.schemas import SightingChange, SightingDraft

if TYPE_CHECKING:
    from tracing.gate.tables import Record
    from tracing.pfif.tables import PfifCopy

OVER = Flaw("expiry_date", "expired", "its home has set an end that is past")
FULL = Flaw("", "quota-reached", "as much came of this home in 24 hours, or waits for its persons, as is taken")
TOO_MANY = Flaw("", "record-too-large", "with its notes the record is too large, or one of them breaks a rule")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stray:
    """A note whose person is not in the file: by what the person is known here, and of which home they are."""

    ref: str
    home: str
    note: Note


def keep_copies(turn: Turn, order: Order, copies: Sequence[Copy], tally: Tally) -> None:
    """Open, bring up to date and remove copies, a batch of them in one transaction."""

    def write(part: Sequence[Copy]) -> None:
        made = Tally()
        with written(turn, "imports.pfif", dry_run=order.dry_run) as batch:
            batch.ids = _act(batch.access, part, made)
            batch.count = made.imported + made.updated
        tally.add(made)

    keep(copies, write, lambda copy, error: tally.refuse(Refusal(copy.line, _flaws_of(error))))


def keep_notes(turn: Turn, order: Order, strays: Sequence[Stray], tally: Tally) -> None:
    """Let notes join the copies of their persons, or wait for them; those of somebody who is hidden here are let go."""

    def write(part: Sequence[Stray]) -> None:
        made = Tally()
        with written(turn, "imports.pfif_notes", dry_run=order.dry_run) as batch:
            batch.ids = _attach(batch.access, part, made)
            batch.count = made.notes_attached + made.notes_waiting
        tally.add(made)

    keep(strays, write, lambda stray, error: tally.tell(stray.note.line, _flaws_of(error)))


def _flaws_of(error: TracingError) -> tuple[Flaw, ...]:
    found = [Flaw(traits.field_of(flaw.pointer.split("/")), flaw.code, flaw.detail) for flaw in error.flaws]
    return tuple(found) or (Flaw("", error.code, error.detail),)


def _act(access: Access, batch: Sequence[Copy], made: Tally) -> list[UUID]:
    """Open, bring up to date, and remove; return the records that were touched."""
    refs = {copy.ref for copy in batch}
    known, seen = register.known_home_refs(access, refs), register.under_home_refs(access, refs)
    rows = store.copies(access, list(seen.values()))
    batch, joined = _with_notes(access, batch, known)
    erased_at = erased.known(access, [forms for copy in batch for forms in copy.forms])
    owners = [copy.ref for copy in batch for _ in copy.forms]
    held = set[str]() if is_rehearsed(access) else {owners[place] for place in erased_at} - known
    room = _Room(access)
    fresh: list[Copy] = []
    touched: list[UUID] = []
    for copy in batch:
        row = rows.get(seen[copy.ref]) if copy.ref in seen else None
        if copy.ref in held:
            made.refuse(Refusal(copy.line, HELD_BACK))
        elif copy.draft is None:
            touched += _end(access, copy, row, made)
        elif copy.ref not in known:
            if room.take(copy.origin):
                fresh.append(copy)
            else:
                made.refuse(Refusal(copy.line, (FULL,)))
        elif row is None:
            made.already_there += 1
        else:
            touched += _renew(access, copy, row, room, made)
    made.imported += len(fresh)
    made.notes_attached += sum(joined.get(copy.ref, 0) for copy in fresh)
    over = [copy.ref for copy in batch if copy.draft is None or copy.ref in held]
    store.end_notes(access, [*(copy.ref for copy in fresh), *over])
    return [*touched, *_open(access, fresh)]


class _Room:
    """How much may still be taken of each home."""

    def __init__(self, access: Access) -> None:
        self._access, self._left = access, dict[str, int]()

    def take(self, origin: str) -> bool:
        """Return whether one more copy of a home may be made or brought up to date."""
        if origin not in self._left:
            count = store.count_of_home(self._access, home_of(origin), self._access.now - DAY)
            self._left[origin] = self._access.settings.pfif_records_a_day - count
        self._left[origin] -= 1
        return self._left[origin] >= 0


def home_of(origin: str) -> str:
    """Return the domain that copies of an origin are of."""
    return origin.partition(":")[2]


def _with_notes(access: Access, batch: Sequence[Copy], known: set[str]) -> tuple[list[Copy], dict[str, int]]:
    """Return records, new ones with the notes that waited for them, and how many; what they break is taken without."""
    waits = store.notes_of(access, [copy.ref for copy in batch if copy.ref not in known and copy.draft is not None])
    found, joined = [], dict[str, int]()
    for copy in batch:
        notes = merged(waits.get(copy.ref, ()), copy.person.notes)
        again = _again(access, replace(copy.person, notes=notes)) if copy.ref in waits else None
        if again is not None:
            joined[copy.ref] = len(notes) - len(copy.person.notes)
        found.append(again or copy)
    return found, joined


def _again(access: Access, person: Person) -> Copy | None:
    """Return what is registered of a person with other notes than those of the file; None where that breaks a rule."""
    copy = traits.copy_of(person, access.now, access.settings.pfif_domain)
    return None if isinstance(copy, Refusal) or copy.draft is None else copy


def _renew(access: Access, copy: Copy, row: "PfifCopy", room: "_Room", made: Tally) -> list[UUID]:
    """Bring a copy up to date where its person is newer or a note is new; no note that was known is lost."""
    is_newer = copy.source_at > row.source_at
    if not is_newer and not copy.person.notes:
        made.already_there += 1
        return []
    (held,) = store.opened(access, [row])
    notes = merged(held.notes, copy.person.notes)
    if not is_newer and notes == held.notes:
        made.already_there += 1
        return []
    whole = _again(access, replace(copy.person if is_newer else held, notes=notes))
    if whole is None or not room.take(copy.origin):
        made.refuse(Refusal(copy.line, (FULL if whole is not None else TOO_MANY,)))
        return []
    _update(access, whole, row)
    made.updated += 1
    return [row.record_id]


def _attach(access: Access, strays: Sequence[Stray], made: Tally) -> list[UUID]:
    refs = {stray.ref for stray in strays}
    known, seen = register.known_home_refs(access, refs), register.under_home_refs(access, refs)
    rows = store.copies(access, list(seen.values()))
    touched: list[UUID] = []
    for (ref, home), group in groupby(strays, key=lambda stray: (stray.ref, stray.home)):
        notes = [stray.note for stray in group]
        if ref not in known:
            _wait(access, ref, home, notes, made)
        elif ref in seen and (row := rows.get(seen[ref])) is not None:
            touched += _join(access, row, notes, made)
    return touched


def _wait(access: Access, ref: str, home: str, notes: Sequence[Note], made: Tally) -> None:
    if store.count_of_notes(access, home) + len(notes) > access.settings.pfif_records_a_day:
        for note in notes:
            made.tell(note.line, [FULL])
        return
    made.notes_waiting += store.keep_notes(access, ref, home, notes)


def _join(access: Access, row: "PfifCopy", notes: Sequence[Note], made: Tally) -> list[UUID]:
    (held,) = store.opened(access, [row])
    joined = merged(held.notes, notes)
    if joined == held.notes:
        return []
    whole = _again(access, replace(held, notes=joined))
    if whole is None:
        for note in notes:
            made.tell(note.line, [TOO_MANY])
        return []
    _update(access, whole, row)
    made.notes_attached += len(set(map(id, joined)) - set(map(id, held.notes)))
    return [row.record_id]


def _end(access: Access, copy: Copy, row: "PfifCopy | None", made: Tally) -> list[UUID]:
    """Hide the copy of a record that its home has removed, or that is over; the night erases it."""
    if row is None and copy.is_over:
        made.refuse(Refusal(copy.line, (OVER,)))
        return []
    if row is None or copy.source_at < row.source_at:
        made.already_there += 1
        return []
    made.removed += 1
    consents.withdraw(access, _whole(access, row.record_id), [Purpose.REGISTER], given_by=GivenBy.NOT_ASKED)
    return [row.record_id]


def _whole(access: Access, record_id: UUID) -> UUID:
    """Return the record that takes the copy along when it is hidden: of a search, its request."""
    parent = register.records(access, [record_id])[record_id].parent_id
    return record_id if parent is None else parent


def _open(access: Access, fresh: Sequence[Copy]) -> list[UUID]:
    """Register new copies by way of the features that they belong to, those of one home together."""
    made: list[UUID] = []
    for origin, group in groupby(sorted(fresh, key=lambda copy: copy.origin), key=lambda copy: copy.origin):
        copies = list(group)
        made += _open_searches(access, [copy for copy in copies if isinstance(copy.draft, RequestDraft)], origin)
        made += _open_sightings(access, [copy for copy in copies if isinstance(copy.draft, SightingDraft)], origin)
    return made


def _open_searches(access: Access, copies: Sequence[Copy], origin: str) -> list[UUID]:
    ids = [new_id() for _ in copies]
    drafts = []
    for sought_id, copy in zip(ids, copies, strict=True):
        if isinstance(copy.draft, RequestDraft):
            sought = [copy.draft.sought[0].model_copy(update={"id": sought_id})]
            drafts.append((copy.draft.model_copy(update={"sought": sought}), None))
    made = searches.open_requests(access, drafts, origin=origin)
    register.set_home_refs(access, dict(zip(ids, (copy.ref for copy in copies), strict=True)))
    _seal(access, ids, copies)
    return [*made, *ids]


def _open_sightings(access: Access, copies: Sequence[Copy], origin: str) -> list[UUID]:
    drafts = [(copy.draft, copy.ref) for copy in copies if isinstance(copy.draft, SightingDraft)]
    ids = sightings.open_sightings(access, drafts, origin=origin)
    _seal(access, ids, copies)
    return ids


def _seal(access: Access, ids: Sequence[UUID], copies: Sequence[Copy]) -> None:
    records = register.records(access, ids)
    for record_id, copy in zip(ids, copies, strict=True):
        store.add(access, record_id, records[record_id].key_id, copy.person, home_of(copy.origin), copy.source_at)
    store.flush(access)


def _update(access: Access, copy: Copy, row: "PfifCopy") -> None:
    """Bring a copy up to date. It stays a search or a sighting, whatever its home says now: a worker decides."""
    record = register.records(access, [row.record_id])[row.record_id]
    if record.kind is Kind.SOUGHT:
        person = _person(copy)
        requests.change_sought(access, requests.find_sought(access, record.id), SoughtChange(person=person))
    else:
        change = {"person": _person(copy)}
        if isinstance(copy.draft, SightingDraft):
            change |= {name: getattr(copy.draft, name) for name in ("sighting_place", "sighting_time", "narrative")}
        sightings.change_sighting(
            access, sightings.find_sighting(access, record.id), SightingChange.model_validate(change)
        )
    store.replace(access, row, copy.person, copy.source_at)
    _set_end(access, copy, record)
    if record.parent_id is not None:
        _set_end(access, copy, register.records(access, [record.parent_id])[record.parent_id])


def _person(copy: Copy) -> object:
    draft = copy.draft
    return draft.sought[0].person if isinstance(draft, RequestDraft) else draft and draft.person


def _set_end(access: Access, copy: Copy, record: "Record") -> None:
    """Let a copy end when its home says so; what somebody ended here is not begun anew."""
    facts = [
        ConsentFact(
            purpose,
            Decision.GRANTED,
            LawfulBasis.PUBLIC_INTEREST,
            GivenBy.NOT_ASKED,
            Obtained.NOT_ASKED,
            valid_until=copy.until,
        )
        for purpose in (Purpose.REGISTER, Purpose.MATCH_WITHIN_SOCIETY)
        if record.purposes & purpose.bit
    ]
    consents.decide(access, record.id, facts)
