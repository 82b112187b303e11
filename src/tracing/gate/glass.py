"""What is withheld about protected persons, and the glass that a worker may break to see it for a while.

Where a protected person is, and how they are reached, is withheld from whoever is neither answerable for the
record nor of its team, supervisors included (`shut_to_strangers`). Beside a possible match it is withheld from
everybody (`shut`): a pair puts the whereabouts of one before whoever works for the other. Broken glass opens both
to the human who broke it, whichever of their accounts they use, and to nobody else. What of a record tells it is
said in `persons.whereabouts`. Free text may tell anything, so it is withheld whole (`unspoken`).
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, or_, select

from tracing.gate import register
from tracing.gate.access import Access
from tracing.gate.kinds import GlassReason, Sensitivity
from tracing.gate.sealing import open_details, seal_again
from tracing.gate.tables import BrokenGlass, Record
from tracing.kit.errors import NotFound, Refused
from tracing.kit.ids import new_id


class Withheld(Refused):
    """What the caller would replace or approve is withheld from them."""

    code = "withheld"
    title = "This is withheld from you"


def shut(access: Access, records: Iterable[Record]) -> set[UUID]:
    """Return the ids of those protected `records` whose glass the human behind the caller has not broken."""
    protected = {record.id for record in records if record.sensitivity is not Sensitivity.NORMAL}
    if not protected:
        return protected
    query = select(BrokenGlass.record_id).where(
        col(BrokenGlass.record_id).in_(protected),
        BrokenGlass.worker_id == access.caller.worker_id,
        col(BrokenGlass.until) > access.now,
    )
    return protected - set(access.session.exec(query).all())


def shut_to_strangers(access: Access, records: Iterable[Record]) -> set[UUID]:
    """Return the ids of those `records` that are shut to a caller neither answerable for them nor of their team."""
    return shut(access, [record for record in records if _strange(access, record)])


def is_own(access: Access, record_id: UUID) -> bool:
    """Return whether the caller is answerable for a record that the access sees, or of its team."""
    record = register.records(access, [record_id]).get(record_id)
    return record is not None and not _strange(access, record)


def _strange(access: Access, record: Record) -> bool:
    return record.team != access.caller.team and record.assignee_id != access.caller.account_id


def shut_among(access: Access, record_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of `record_ids` that are shut to the caller as to a stranger; hidden ones are passed over."""
    return shut_to_strangers(access, register.records(access, record_ids).values())


def unspoken(access: Access, groups: Sequence[Sequence[UUID]]) -> list[bool]:
    """Return for each group of records whether what was written about them in free text is withheld from the caller.

    It is where one of them is shut to the caller, or the request that a sought person stands under: words about
    one side of a pair tell of the other.
    """
    known = register.records(access, list({record_id for group in groups for record_id in group}))
    shut = _shut_with_above(access, known.values())
    hushed = {record.id for record in known.values() if record.id in shut or record.parent_id in shut}
    return [not hushed.isdisjoint(group) for group in groups]


def require_open(access: Access, record_ids: Sequence[UUID]) -> None:
    """Refuse whoever cannot read what was written about `record_ids`: nobody approves unread.

    Raises:
        Withheld: it is withheld from the caller, as `unspoken` says; which glass they have to break is named by ids.
    """
    shut = _shut_with_above(access, register.records(access, record_ids).values())
    if shut:
        named = ", ".join(sorted(map(str, shut)))
        raise Withheld(f"what you would approve is withheld from you; break the glass first, of {named}")


def _shut_with_above(access: Access, records: Collection[Record]) -> set[UUID]:
    """Return which of `records` are shut to the caller as to a stranger, and which of the requests they stand under."""
    above = {record.parent_id for record in records if record.parent_id is not None}
    return shut_to_strangers(access, records) | shut_among(access, list(above))


def break_glass(access: Access, record_id: UUID, reason: GlassReason, note: str) -> BrokenGlass:
    """Open what is withheld about a record to the human behind the caller, for `glass_minutes`.

    The note is sealed with the record's own key.

    Raises:
        NotFound: the record is absent, another society's, or hidden.
    """
    record = register.records(access, [record_id]).get(record_id)
    if record is None:
        raise NotFound("no such record")
    glass_id = new_id()
    row = BrokenGlass(
        society=access.society,
        id=glass_id,
        record_id=record_id,
        key_id=record.key_id,
        details=seal_again(access, BrokenGlass, glass_id, record.key_id, note.encode()),
        reason=reason,
        broken_at=access.now,
        until=access.now + timedelta(minutes=access.settings.glass_minutes),
        broken_by=access.caller.account_id,
        worker_id=access.caller.worker_id,
    )
    access.session.add(row)
    access.session.flush()
    return row


def find(access: Access, glass_id: UUID) -> BrokenGlass:
    """Return one breaking of the glass.

    Raises:
        NotFound: there is none of a record that the access sees.
    """
    row = access.session.exec(select(BrokenGlass).where(BrokenGlass.id == glass_id)).one_or_none()
    if row is None:
        raise NotFound("no such record")
    return row


def page(access: Access, *, limit: int, after: tuple[datetime, UUID] | None) -> list[BrokenGlass]:
    """Return at most `limit` times that the glass was broken, oldest first, that follow `after`."""
    query = select(BrokenGlass).order_by(col(BrokenGlass.broken_at), col(BrokenGlass.id)).limit(limit)
    if after is not None:
        at, glass_id = after
        same = (col(BrokenGlass.broken_at) == at) & (col(BrokenGlass.id) > glass_id)
        query = query.where(or_(col(BrokenGlass.broken_at) > at, same))
    return list(access.session.exec(query).all())


def notes(access: Access, rows: Sequence[BrokenGlass]) -> list[str]:
    """Return the notes of `rows`, opened, in their order."""
    return [plain.decode() for plain in open_details(access, rows)]
