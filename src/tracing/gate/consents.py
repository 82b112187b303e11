"""Consent: append-only decisions, and the mask of purposes in force that follows from them.

Withdrawal is a fact, not a command: a decision is written, the register's mask is recomputed in the
same transaction, and the guard's filter hides what it must from the next statement on.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import col, select

from tracing.gate import answers, origins
from tracing.gate.access import Access
from tracing.gate.ledger import What, shortened
from tracing.gate.purposes import DISCLOSED, Decision, GivenBy, LawfulBasis, Obtained, Purpose
from tracing.gate.tables import Consent, Record
from tracing.gate.vault import Vault
from tracing.kit.errors import Invalid, NotFound
from tracing.kit.ids import new_id

ALL = sum(purpose.bit for purpose in Purpose)
MATCHED = Purpose.REGISTER.bit | Purpose.MATCH_WITHIN_SOCIETY.bit
"""What a record needs in force to take part in matching."""


@dataclass(frozen=True, slots=True)
class ConsentFact:
    """One decision as it was given.

    Attributes:
        recipient: a society's code or a third party's; "" means not bound to one.
        valid_until: end of the consent; None means until withdrawn.
        decided_at: when the person decided; None means now.
    """

    purpose: Purpose
    decision: Decision
    lawful_basis: LawfulBasis
    given_by: GivenBy = GivenBy.SUBJECT
    obtained: Obtained = Obtained.VERBAL
    recipient: str = ""
    notice_version: str = ""
    valid_until: datetime | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """What decisions amount to at one moment: the mask, and when its two main purposes end."""

    purposes: int
    expires_at: datetime
    match_until: datetime


def in_force(decisions: Iterable[Consent], retain_until: datetime, now: datetime) -> InForce:
    """Return what holds at `now`: per purpose the latest decision counts, a no beats a yes at equal time."""
    latest: dict[Purpose, Consent] = {}
    for row in decisions:
        if row.recipient:
            continue
        known = latest.get(row.purpose)
        if known is None or _rank(row) > _rank(known):
            latest[row.purpose] = row
    granted = {p: row for p, row in latest.items() if row.decision is Decision.GRANTED and _holds(row, now)}
    return InForce(
        purposes=sum(p.bit for p in granted),
        expires_at=_end(granted.get(Purpose.REGISTER), retain_until),
        match_until=_end(granted.get(Purpose.MATCH_WITHIN_SOCIETY), retain_until),
    )


def consented(rows: Iterable[Consent], purpose: Purpose, now: datetime) -> Consent | None:
    """Return the consent on which `purpose` rests at `now`; None without one, also where another basis covers it."""
    about = [row for row in rows if row.purpose is purpose and not row.recipient]
    latest = max(about, key=_rank, default=None)
    if latest is None or latest.decision is not Decision.GRANTED or not _holds(latest, now):
        return None
    given = latest.lawful_basis is LawfulBasis.CONSENT and latest.given_by is not GivenBy.NOT_ASKED
    return latest if given else None


def _rank(row: Consent) -> tuple[datetime, bool, float]:
    """Order decisions on one purpose: the latest, then a no, then the consent that ends first."""
    end = row.valid_until.timestamp() if row.valid_until is not None else math.inf
    return row.decided_at, row.decision is not Decision.GRANTED, -end


def _holds(row: Consent, now: datetime) -> bool:
    return row.valid_until is None or row.valid_until > now


def _end(row: Consent | None, retain_until: datetime) -> datetime:
    return retain_until if row is None or row.valid_until is None else min(row.valid_until, retain_until)


def decide(access: Access, record_id: UUID, facts: Sequence[ConsentFact]) -> list[Consent]:
    """Write `facts` about a record that the access can see; they act from the next statement on.

    A yes that another process, whose clock runs ahead, has dated after now is outdone by a no: it takes that moment.
    What was refused long ago and is recorded late ends no yes that came after it.

    Raises:
        NotFound: the record is absent, another society's, or hidden for this use.
        ForeignRecord: a copy would be kept for more than its home sent it for.
        Invalid: a decision lies in the future or ends before it was given.
    """
    record = _held(access, record_id)
    origins.require_grantable(record, facts)
    known = decisions(access, record_id)
    if record.origin:
        origins.require_sent_along(record, facts, known)
    rows = [_outdoing(access, row(access, record_id, fact), known) for fact in facts]
    _write(access, record, rows)
    return rows


def _outdoing(access: Access, made: Consent, known: Iterable[Consent]) -> Consent:
    """Return a decision that, if it is a no, is dated no earlier than what was decided about the same after now."""
    about = (r.decided_at for r in known if r.purpose is made.purpose and r.recipient == made.recipient)
    if made.decision is not Decision.GRANTED:
        made.decided_at = max([made.decided_at, *(at for at in about if at > access.now)])
    return made


def withdraw(
    access: Access,
    record_id: UUID,
    purposes: Sequence[Purpose],
    *,
    given_by: GivenBy = GivenBy.SUBJECT,
    obtained: Obtained = Obtained.VERBAL,
) -> list[Consent]:
    """End `purposes` from the next statement on, whatever was decided about them up to now, for every recipient.

    A decision that another process, whose clock runs ahead, has dated after now is outdone as well: the
    withdrawal takes its moment, and a no beats a yes at equal time.

    Raises:
        NotFound: the record is absent, another society's, or hidden for this use.
    """
    record = _held(access, record_id)
    known = decisions(access, record_id)
    rows = []
    for purpose in purposes:
        for recipient in sorted({"", *(r.recipient for r in known if r.purpose is purpose)}):
            rows.append(_withdrawal(access, record_id, purpose, recipient, known, given_by, obtained))
    _write(access, record, rows)
    return rows


def _write(access: Access, record: Record, rows: Sequence[Consent]) -> None:
    """Write decisions, let them act, and put into the ledger what they end, or end sooner.

    What a found person lets relatives learn rests on the purposes of disclosing: it ends with any of them.
    """
    before = decisions(access, record.id)
    access.session.add_all(rows)
    access.session.flush()
    held = in_force(decisions(access, record.id), record.retain_until, access.now).purposes
    ending = (made for made in rows if made.decision is not Decision.GRANTED and not made.recipient)
    last = next((made for made in ending if made.purpose in DISCLOSED and not held & made.purpose.bit), None)
    if last is not None:
        answers.end(access, record.id, given_by=last.given_by, obtained=last.obtained)
    recompute(access, record)
    for made in rows:
        hashes = (recipient_hash(access.vault, made.recipient),) if made.recipient else ()
        if made.decision is not Decision.GRANTED:
            access.end(What.CONSENT, record.id, at=made.decided_at, about=made.purpose, hashes=hashes)
        elif (until := _sooner(before, rows, made, access.now)) is not None:
            about = shortened(made.purpose, until)
            access.end(What.SHORTENED, record.id, at=made.decided_at, about=about, hashes=hashes)


def _sooner(before: Sequence[Consent], rows: Sequence[Consent], made: Consent, now: datetime) -> datetime | None:
    """Return the end of a new yes when it is the word that counts and the yes of before would have lasted longer."""
    known = [row for row in before if row.purpose is made.purpose and row.recipient == made.recipient]
    about = [*known, *(row for row in rows if row.purpose is made.purpose and row.recipient == made.recipient)]
    latest = max(known, key=_rank, default=None)
    if latest is None or not _granted(latest, now) or made.valid_until is None or max(about, key=_rank) is not made:
        return None
    return made.valid_until if latest.valid_until is None or latest.valid_until > made.valid_until else None


def recipient_hash(vault: Vault, recipient: str) -> str:
    """Return the keyed hash by which the ledger knows to whom something may be given no more."""
    return vault.hash("consent recipient", recipient)


def _withdrawal(
    access: Access,
    record_id: UUID,
    purpose: Purpose,
    recipient: str,
    known: Sequence[Consent],
    given_by: GivenBy,
    obtained: Obtained,
) -> Consent:
    """Return the row that ends a purpose for one recipient, not yet added."""
    about = (r for r in known if r.purpose is purpose and r.recipient == recipient)
    latest = max(about, key=_rank, default=None)
    basis = latest.lawful_basis if latest is not None else LawfulBasis.CONSENT
    made = row(access, record_id, ConsentFact(purpose, Decision.WITHDRAWN, basis, given_by, obtained, recipient))
    return _outdoing(access, made, known)


def retain(access: Access, record_id: UUID, until: datetime) -> Record:
    """Set until when a record is kept, and return it; its consents may still end earlier.

    Raises:
        NotFound: the record is absent, another society's, or hidden for this use.
    """
    record = _held(access, record_id)
    record.retain_until = until
    recompute(access, record)
    return record


def _held(access: Access, record_id: UUID) -> Record:
    """Return a record whose mask nobody else recomputes until this access ends.

    Two decisions at once would each recompute from what it sees, and the later commit would bring back what the
    other one withdrew. The request above is held first, as it is when it is withdrawn with those under it.

    Raises:
        NotFound: the record is absent, another society's, or hidden for this use.
    """
    above = access.session.exec(select(Record.parent_id).where(Record.id == record_id)).first()
    held: dict[UUID, Record] = {}
    for wanted in (above, record_id):
        query = select(Record).where(Record.id == wanted).with_for_update()
        for found in access.session.exec(query, execution_options={"populate_existing": True}).all():
            held[found.id] = found
    if record_id not in held:
        raise NotFound("no such record")
    return held[record_id]


def row(access: Access, record_id: UUID, fact: ConsentFact) -> Consent:
    """Return the row of one decision, not yet added.

    Raises:
        Invalid: the decision lies in the future or ends before it was given.
    """
    decided_at = fact.decided_at or access.now
    if decided_at > access.now:
        raise Invalid("a decision cannot lie in the future")
    if fact.valid_until is not None and fact.valid_until <= decided_at:
        raise Invalid("a consent cannot end before it was given")
    return Consent(
        society=access.society,
        id=new_id(),
        record_id=record_id,
        purpose=fact.purpose,
        recipient=fact.recipient,
        decision=fact.decision,
        lawful_basis=fact.lawful_basis,
        given_by=fact.given_by,
        obtained=fact.obtained,
        notice_version=fact.notice_version,
        valid_until=fact.valid_until,
        decided_at=decided_at,
        recorded_at=access.now,
        recorded_by=access.caller.account_id,
    )


def of_record(access: Access, record_id: UUID) -> list[Consent]:
    """Return every decision about a record that the access can see, oldest first.

    Raises:
        NotFound: the record is absent, another society's, or hidden for this use.
    """
    if access.session.exec(select(Record.id).where(Record.id == record_id)).one_or_none() is None:
        raise NotFound("no such record")
    return decisions(access, record_id)


def decisions(access: Access, record_id: UUID) -> list[Consent]:
    """Return every decision about `record_id`, oldest first, whether or not the record is seen."""
    query = (
        select(Consent)
        .where(Consent.record_id == record_id)
        .order_by(col(Consent.decided_at), col(Consent.recorded_at), col(Consent.id))
    )
    return list(access.session.exec(query).all())


def shares(access: Access, record_id: UUID) -> bool:
    """Return whether any society, named or not, may be given the record now: the latest decision per recipient."""
    return any(_granted(row, access.now) for row in _latest(decisions(access, record_id)).values())


def share_with(access: Access, record_id: UUID, recipient: str) -> Consent | None:
    """Return the decision by which one society may be given the record now, or None."""
    return sharing(decisions(access, record_id), recipient, access.now)


def sharing(
    rows: Iterable[Consent], recipient: str, now: datetime, purpose: Purpose = Purpose.SHARE_WITH_SOCIETY
) -> Consent | None:
    """Return the decision among `rows` by which one society may be given the record at `now`, or None.

    With another `purpose`: by which the record may be used for that with this society.

    A decision about this recipient counts before one about nobody in particular, unless the latter is a no that
    came as late or later: who takes everything back need not name everybody.
    """
    latest = _latest(rows, purpose)
    own, general = latest.get(recipient), latest.get("")
    if own is None:
        return general if general is not None and _granted(general, now) else None
    over = general is not None and general.decision is not Decision.GRANTED and _rank(general) > _rank(own)
    return own if not over and _granted(own, now) else None


def _granted(row: Consent, now: datetime) -> bool:
    return row.decision is Decision.GRANTED and _holds(row, now)


def _latest(rows: Iterable[Consent], purpose: Purpose = Purpose.SHARE_WITH_SOCIETY) -> dict[str, Consent]:
    """Return the latest decision about a purpose, sharing with societies unless said otherwise, per recipient."""
    latest: dict[str, Consent] = {}
    for row in rows:
        if row.purpose is purpose:
            known = latest.get(row.recipient)
            latest[row.recipient] = row if known is None or _rank(row) > _rank(known) else known
    return latest


def recompute(access: Access, record: Record) -> None:
    """Set the record's mask from its decisions, and those of the sought persons under it."""
    children = access.session.exec(select(Record).where(Record.parent_id == record.id)).all()
    parent = (
        access.session.exec(select(Record).where(Record.id == record.parent_id)).one_or_none()
        if record.parent_id is not None
        else None
    )
    apply(access, record, decisions(access, record.id), parent)
    for child in children:
        apply(access, child, decisions(access, child.id), record)


def make_due(record: Record) -> None:
    """Let the next night match a record; written even when it was due already, since a night may end meanwhile."""
    record.match_due = True
    flag_modified(record, "match_due")


def apply(access: Access, record: Record, rows: Iterable[Consent], parent: Record | None) -> None:
    """Set the record's mask from `rows`; without the request that it belongs to, nothing is in force."""
    held = in_force(rows, record.retain_until, access.now)
    purposes, expires_at = held.purposes & (origins.MASK if record.origin else ALL), held.expires_at
    if record.parent_id is not None:
        stands = parent is not None and parent.purposes & Purpose.REGISTER.bit
        purposes = purposes if stands else 0
        expires_at = min(expires_at, parent.expires_at) if parent is not None else expires_at
    before = record.match_until if record.purposes & MATCHED == MATCHED else access.now
    if purposes & MATCHED == MATCHED and min(before, record.expires_at) <= access.now:
        make_due(record)  # newcomers of the time when it took no part have not met it
    record.purposes, record.expires_at, record.match_until = purposes, expires_at, held.match_until
    visible = bool(purposes & Purpose.REGISTER.bit)
    record.hidden_at = None if visible else (record.hidden_at or access.now)
    record.updated_at = access.now
    access.session.add(record)
