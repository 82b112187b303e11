"""The register of person records and their blocking keys: features write both through here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, not_
from sqlalchemy import select as core_select
from sqlmodel import Session, and_, col, func, or_, select

from tracing.gate import consents, dues, guard, origins, retention, suppression
from tracing.gate.access import Access
from tracing.gate.consents import ConsentFact
from tracing.gate.dues import Bookmark, Due
from tracing.gate.kinds import Kind, Sensitivity
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Purpose, Use
from tracing.gate.tables import MatchKey, Record
from tracing.kit.db import PASS
from tracing.kit.errors import Conflict, MissingConsent, NotFound

EPOCH = 1
SHARDS = 64
KEY_BITS = 63
SLICE = 500

_match_key = MatchKey.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feature says of a person record when it saves one.

    Attributes:
        key_id: the record key that its details are sealed with.
        parent_id: the request that a sought person belongs to.
        keys: blocking keys, (family, text) each; hashed here, never stored as they are.
        fingerprint: canonical form of what the engine may see; tells whether a matchable field changed.
        home_ref: the sender's own id of the row, for imports; stored as a keyed hash.
        origin: where a copy of somebody else's record came from; "" for the society's own.
    """

    record_id: UUID
    kind: Kind
    key_id: UUID
    keys: Sequence[tuple[str, str]]
    fingerprint: bytes
    facts: Sequence[ConsentFact] = ()
    parent_id: UUID | None = None
    sensitivity: Sensitivity = Sensitivity.NORMAL
    assignee_id: UUID | None = None
    home_ref: str | None = None
    matchable: bool = True
    origin: str = ""


def enter(access: Access, entries: Sequence[Entry]) -> None:
    """Put new person records into the register, parents before children.

    Raises:
        MissingConsent: no decision grants `register`.
        ForeignRecord: a copy would be kept for more than matching within the society.
        Conflict: an id is in use, visible or not.
    """
    known: dict[UUID, Record] = {}
    for entry in entries:
        record = _record(access, entry)
        origins.require_grantable(record, entry.facts)
        rows = [consents.row(access, entry.record_id, fact) for fact in entry.facts]
        parent = known.get(entry.parent_id) if entry.parent_id else None
        if entry.parent_id and parent is None:
            parent = access.session.exec(select(Record).where(Record.id == entry.parent_id)).one_or_none()
        consents.apply(access, record, rows, parent)
        if not record.purposes & Purpose.REGISTER.bit:
            raise MissingConsent("no consent or other lawful basis covers registering this person")
        record.match_due = True
        known[record.id] = record
        access.session.add(record)
        access.session.flush()
        access.session.add_all(rows)
    access.session.flush()
    _insert_keys(access, [(entry.record_id, entry.keys) for entry in entries])


def _record(access: Access, entry: Entry) -> Record:
    retain_until = access.now + timedelta(days=retention.days(access.settings, entry.kind))
    return Record(
        society=access.society,
        id=entry.record_id,
        kind=entry.kind,
        parent_id=entry.parent_id,
        key_id=entry.key_id,
        team=access.caller.team,
        assignee_id=entry.assignee_id,
        sensitivity=entry.sensitivity,
        purposes=0,
        matchable=entry.matchable,
        expires_at=retain_until,
        match_until=retain_until,
        retain_until=retain_until,
        matched_as=access.vault.mac("matched as", entry.fingerprint).hex(),
        home_hash=home_hash(access, entry.home_ref) if entry.home_ref else None,
        origin=entry.origin,
        created_at=access.now,
        updated_at=access.now,
    )


def update(
    access: Access,
    record_id: UUID,
    *,
    keys: Sequence[tuple[str, str]],
    fingerprint: bytes,
) -> bool:
    """Bring a seen record's register row up to date; return whether a matchable field changed.

    The caller has read the record through this access already.
    """
    record = access.session.exec(select(Record).where(Record.id == record_id)).one()
    matched_as = access.vault.mac("matched as", fingerprint).hex()
    changed = matched_as != record.matched_as
    if changed:
        record.matched_as = matched_as
        consents.make_due(record)
        _delete_keys(access, [record_id])
        _insert_keys(access, [(record_id, keys)])
    record.updated_at = access.now
    access.session.add(record)
    retention.slide(access, record)
    return changed


def set_matchable(access: Access, record_id: UUID, matchable: bool, *, kept_anew: bool = True) -> None:
    """Let a seen record take part in matching or not; what starts to take part is due for the night.

    Args:
        access: of the caller.
        record_id: the record.
        matchable: whether it takes part.
        kept_anew: whether it is kept from now on anew. Its end is published and told to its enquirer, so a step that
            they must not notice leaves the end as it is.
    """
    record = access.session.exec(select(Record).where(Record.id == record_id)).one()
    if matchable and not record.matchable:
        consents.make_due(record)
    record.matchable = matchable
    record.updated_at = access.now
    access.session.add(record)
    if kept_anew:
        retention.slide(access, record)


def set_sensitivity(access: Access, record_id: UUID, sensitivity: Sensitivity) -> None:
    """Set how carefully a seen record is handled. To lower it takes a supervisor: a second reader may fall away.

    Raises:
        Refused: it would be lowered, and the caller lacks `sensitivity:lower`.
    """
    record = access.session.exec(select(Record).where(Record.id == record_id)).one()
    order = list(Sensitivity)
    if order.index(sensitivity) < order.index(record.sensitivity):
        access.require(Permission.SENSITIVITY_LOWER)
    record.sensitivity, record.updated_at = sensitivity, access.now
    access.session.add(record)


def assign(access: Access, record_ids: Iterable[UUID], account_id: UUID) -> None:
    """Make an account answerable for seen records."""
    for record in records(access, record_ids).values():
        record.assignee_id, record.updated_at = account_id, access.now
        access.session.add(record)


def records(access: Access, ids: Iterable[UUID]) -> dict[UUID, Record]:
    """Return the register rows of `ids` that the access can see."""
    wanted = list(set(ids))
    found: dict[UUID, Record] = {}
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        found |= {r.id: r for r in access.session.exec(select(Record).where(col(Record.id).in_(part))).all()}
    return found


def keeps(access: Access, record_id: UUID) -> bool:
    """Return whether a record is in force, also for an access that sees hidden ones."""
    known = records(access, [record_id]).get(record_id)
    return known is not None and bool(known.purposes & Purpose.REGISTER.bit) and known.expires_at > access.now


def require_own(access: Access, *ids: UUID) -> None:
    """Refuse to give on a copy of somebody else's record; asked by whatever leaves the society.

    Raises:
        NotFound: one of `ids` is absent, another society's, or hidden.
        ForeignRecord: one of them is a copy.
    """
    found = records(access, ids)
    if len(found) < len(set(ids)):
        raise NotFound("no such record")
    origins.of_own(found.values())


def hold(access: Access, *ids: UUID) -> list[Record]:
    """Hold the register rows of seen records until the access ends, in the order given, and return them.

    Nobody withdraws, answers, proposes or approves anything about these persons meanwhile; who waited for
    somebody else sees what they did. A request comes before the sought persons under it, or two accesses may
    wait for each other.

    Raises:
        NotFound: one of them is absent, another society's, or hidden.
    """
    held = []
    for record_id in ids:
        query = select(Record).where(Record.id == record_id).with_for_update()
        record = access.session.exec(query, execution_options={"populate_existing": True}).one_or_none()
        if record is None:
            raise NotFound("no such record")
        held.append(record)
    return held


def expiring(access: Access, before: datetime, bookmark: Bookmark) -> list[Due]:
    """Return the next page of the society's own records whose registration or retention ends before a moment."""
    query = select(Record.expires_at, Record.id, Record.id).where(Record.expires_at <= before, Record.origin == "")
    return dues.page(access, query, Record.expires_at, Record.id, bookmark)


def ending_alone(access: Access, page: Sequence[Due]) -> list[Due]:
    """Return those of a page of ending records that do not end with the request which they belong to."""
    own = records(access, [due.record_id for due in page])
    above = records(access, [record.parent_id for record in own.values() if record.parent_id is not None])
    with_it = {i for i, r in own.items() if r.parent_id in above and above[r.parent_id].expires_at <= r.expires_at}
    return [due for due in page if due.record_id not in with_it]


def with_hidden_below(access: Access, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of `ids`, at most some hundreds, under which a sought person is hidden or forgotten."""
    column = Record.__table__.c  # type: ignore[attr-defined]  # SQLModel does not declare __table__
    query = core_select(column.parent_id).where(
        column.society == access.society,
        column.parent_id.in_(ids),
        not_(guard.in_force(column, Use.REGISTER, access.now)),
    )
    return set(Session.connection(access.session).execute(query, execution_options=PASS).scalars())


def home_hash(access: Access, home_ref: str) -> str:
    """Return the keyed hash that a sender's row id is known by."""
    return access.vault.hash("home reference", f"{access.society}|{home_ref}")


def known_home_refs(access: Access, refs: Iterable[str]) -> set[str]:
    """Return those of a sender's row ids that are in use in this society, also by rows that are hidden or erased.

    Whoever withdrew or was erased stays so when their row is sent again.
    """
    by_hash = {home_hash(access, ref): ref for ref in refs}
    wanted, found = list(by_hash), set()
    column = Record.__table__.c  # type: ignore[attr-defined]  # SQLModel does not declare __table__
    for start in range(0, len(wanted), SLICE):
        part = wanted[start : start + SLICE]
        query = column.home_hash.table.select().where(column.society == access.society, column.home_hash.in_(part))
        rows = Session.connection(access.session).execute(query, execution_options=PASS)
        found |= {by_hash[row.home_hash] for row in rows}
    return found | {by_hash[known] for known in suppression.since(access, wanted)}


def under_home_refs(access: Access, refs: Iterable[str]) -> dict[str, UUID]:
    """Return the seen records of those of a sender's row ids that are in use."""
    by_hash = {home_hash(access, ref): ref for ref in refs}
    wanted, found = list(by_hash), dict[str, UUID]()
    for start in range(0, len(wanted), SLICE):
        query = select(Record.home_hash, Record.id).where(col(Record.home_hash).in_(wanted[start : start + SLICE]))
        found |= {by_hash[row[0]]: row[1] for row in access.session.exec(query).all() if row[0] is not None}
    return found


def set_home_refs(access: Access, refs: Mapping[UUID, str]) -> None:
    """Give seen records the sender's row ids that they came under; a reference in use is a Conflict at the flush."""
    for record_id, record in records(access, refs).items():
        record.home_hash = home_hash(access, refs[record_id])
        access.session.add(record)
    access.session.flush()


def refuse_known_ids(access: Access, ids: Sequence[UUID]) -> None:
    """Refuse client-supplied ids in use, with one answer whether their rows are visible or not.

    Raises:
        Conflict: one of `ids` is in use in this society.
    """
    table = Record.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__
    query = table.select().where(table.c.society == access.society, table.c.id.in_(list(ids)))
    if Session.connection(access.session).execute(query, execution_options=PASS).first() is not None:
        raise Conflict("the id is in use")


def key_number(access: Access, family: str, text: str) -> int:
    """Return the stored form of a blocking key: 63 bits of a keyed hash, bound to the society."""
    digest = access.vault.mac("blocking", f"{access.society}|{family}|{text}".encode())
    return int.from_bytes(digest[:8]) >> (64 - KEY_BITS)


def shard_of(record_id: UUID) -> int:
    """Return the night's shard of a record, in [0, SHARDS)."""
    return record_id.int % SHARDS


def _insert_keys(access: Access, keyed: Sequence[tuple[UUID, Sequence[tuple[str, str]]]]) -> None:
    rows = [
        {"society": access.society, "key": number, "record_id": record_id, "epoch": EPOCH, "shard": shard_of(record_id)}
        for record_id, keys in keyed
        for number in sorted({key_number(access, family, text) for family, text in keys})
    ]
    if rows:
        Session.connection(access.session).execute(insert(_match_key), rows, execution_options=PASS)


def _delete_keys(access: Access, ids: Sequence[UUID]) -> None:
    statement = delete(_match_key).where(_match_key.c.society == access.society, _match_key.c.record_id.in_(ids))
    Session.connection(access.session).execute(statement, execution_options=PASS)


def ids_for_matching(access: Access, *, most: int | None = None) -> list[UUID]:
    """Return the ids of the records that the access sees, in order of id, at most `most`. Ids are random."""
    query = select(Record.id).order_by(col(Record.id))
    return list(access.session.exec(query if most is None else query.limit(most)).all())


def count_for_matching(access: Access) -> int:
    """Return how many records the access sees: the pool, when it was opened for matching."""
    return access.session.exec(select(func.count(col(Record.id)))).one()


def hidden_since(access: Access, before: datetime) -> dict[UUID, UUID]:
    """Return id and key id of the records whose registration ended at or before `before` (for `Use.FORGET`)."""
    query = select(Record.id, Record.key_id).where(
        or_(and_(col(Record.hidden_at).is_not(None), col(Record.hidden_at) <= before), col(Record.expires_at) <= before)
    )
    rows = access.session.exec(query).all()
    return {row[0]: row[1] for row in rows}
