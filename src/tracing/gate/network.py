"""Who takes part in matching with a partner society: own records with `match_in_network` in force for it.

Asked for with the decisions themselves, not by the register's mask: the mask holds no end of this purpose and no
decision about one society only.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, or_, select

from tracing.gate import consents, guard
from tracing.gate.access import Access
from tracing.gate.kinds import Kind, Sensitivity
from tracing.gate.purposes import Decision, Purpose, Use
from tracing.gate.tables import Consent, Record

SLICE = 400


def page(
    access: Access, recipient: str, kinds: Iterable[Kind], *, after: UUID | None, limit: int = SLICE
) -> tuple[list[UUID], UUID | None]:
    """Return who of the next `limit` candidates takes part, by id, and after whom to go on; None at the end.

    Args:
        access: for `Use.REGISTER`, so that a protected person whose search rests is seen as one of the family.
        recipient: code of the partner.
        kinds: of records that are wanted.
        after: the last candidate of the page before.
        limit: candidates of a page.
    """
    query = _candidates(access).where(col(Record.kind).in_(list(kinds))).order_by(col(Record.id)).limit(limit)
    if after is not None:
        query = query.where(col(Record.id) > after)
    found = list(access.session.exec(query).all())
    return _taking_part(access, recipient, found), found[-1].id if len(found) == limit else None


def still(access: Access, recipient: str, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of `ids` that take part at this moment."""
    known: set[UUID] = set()
    for start in range(0, len(ids), SLICE):
        query = _candidates(access).where(col(Record.id).in_(ids[start : start + SLICE]))
        known |= set(_taking_part(access, recipient, list(access.session.exec(query).all())))
    return known


def _candidates(access: Access) -> Any:
    """Return a select of own, unprotected records in force for matching that once agreed to the network."""
    agreed = select(Consent.record_id).where(
        Consent.purpose == Purpose.MATCH_IN_NETWORK, Consent.decision == Decision.GRANTED
    )
    return select(Record).where(
        guard.in_force(Record, Use.MATCH, access.now),
        Record.origin == "",
        Record.sensitivity == Sensitivity.NORMAL,
        col(Record.id).in_(agreed),
    )


def _taking_part(access: Access, recipient: str, found: Sequence[Record]) -> list[UUID]:
    """Return those of `found` whose decisions in force allow it, and with whose case nobody protected is."""
    ids = [record.id for record in found]
    decided: dict[UUID, list[Consent]] = {record_id: [] for record_id in ids}
    about = select(Consent).where(col(Consent.record_id).in_(ids), Consent.purpose == Purpose.MATCH_IN_NETWORK)
    for row in access.session.exec(about).all():
        decided[row.record_id].append(row)
    guarded = _guarded(access, {record.parent_id or record.id for record in found})
    return [
        record.id
        for record in found
        if consents.sharing(decided[record.id], recipient, access.now, Purpose.MATCH_IN_NETWORK) is not None
        and (record.parent_id or record.id) not in guarded
    ]


def _guarded(access: Access, roots: set[UUID]) -> set[UUID]:
    """Return the requests among `roots` of whose enquirer and sought persons somebody is protected."""
    query = select(Record).where(
        or_(col(Record.id).in_(roots), col(Record.parent_id).in_(roots)), Record.sensitivity != Sensitivity.NORMAL
    )
    return {record.parent_id or record.id for record in access.session.exec(query).all()}
