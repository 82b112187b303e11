"""Every statement of blind pre-checks."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, func, select

from tracing.exchange.states import Side
from tracing.gate.access import Access
from tracing.gate.partnering import partners
from tracing.gate.partnering.partner_tables import Partner
from tracing.gate.vault import Place, seal, unseal
from tracing.kit.ids import new_id
from tracing.precheck.states import Standing
from tracing.precheck.tables import PreCheck, PreCheckHit

SLICE = 400


def add_pre_check(
    access: Access,
    partner: Partner,
    *,
    side: Side,
    session: UUID,
    scheme: str,
    elements: int,
    commitment: str,
    request_digest: str,
    opening: bytes = b"",
) -> PreCheck:
    """Add and return a pre-check that begins; `opening` is sealed with a key of its own."""
    key_id, sealed = None, b""
    if opening:
        key_id, cipher = access.keys.fresh()
        sealed = seal(cipher, opening, _opening(access, session))
    row = PreCheck(
        society=access.society,
        id=session,
        partner_id=partner.id,
        side=side,
        standing=Standing.BEGUN,
        scheme=scheme,
        elements=elements,
        commitment=commitment,
        request_digest=request_digest,
        key_id=key_id,
        opening=sealed,
        at=access.now,
        by=access.caller.account_id,
    )
    access.session.add(row)
    access.session.flush()
    return row


def opening_of(access: Access, row: PreCheck) -> bytes:
    """Return seed and key of a pre-check of ours; empty for one of a partner's."""
    if row.key_id is None:
        return b""
    return unseal(access.keys.cipher(row.key_id), row.opening, _opening(access, row.id))


def _opening(access: Access, session: UUID) -> Place:
    return Place("pre_check", "opening", access.society, session)


def find_pre_check(access: Access, session: UUID) -> PreCheck | None:
    """Return a pre-check of either side; held until the access ends."""
    return access.session.exec(select(PreCheck).where(PreCheck.id == session).with_for_update()).one_or_none()


def save_pre_check(access: Access, row: PreCheck) -> None:
    """Save a changed pre-check."""
    access.session.add(row)
    access.session.flush()


def asked_since(access: Access, partner_id: UUID, since: datetime) -> tuple[int, int]:
    """Return how many pre-checks a partner began here since a moment and of how many elements in all.

    Nobody else begins one until the access ends.
    """
    partners.hold(access, partner_id)
    query = select(func.count(col(PreCheck.id)), func.coalesce(func.sum(PreCheck.elements), 0)).where(
        PreCheck.partner_id == partner_id, PreCheck.side == Side.RECEIVED, col(PreCheck.at) > since
    )
    sessions, elements = access.session.exec(query).one()
    return int(sessions), int(elements)


def replace_hits(access: Access, check: PreCheck, asked: Sequence[UUID], shared: dict[UUID, int]) -> None:
    """Put the hits of a pre-check in place of those that the partner's earlier ones had for the persons asked about."""
    for start in range(0, len(asked), SLICE):
        part = col(PreCheckHit.sought_id).in_(asked[start : start + SLICE])
        query = select(PreCheckHit).where(PreCheckHit.partner_id == check.partner_id, part)
        for known in access.session.exec(query).all():
            access.session.delete(known)
    access.session.flush()
    access.session.add_all(
        PreCheckHit(
            society=access.society,
            id=new_id(),
            pre_check_id=check.id,
            partner_id=check.partner_id,
            sought_id=sought_id,
            shared=count,
            at=access.now,
        )
        for sought_id, count in shared.items()
    )
    access.session.flush()


def hits_of(access: Access, sought_id: UUID) -> list[PreCheckHit]:
    """Return what pre-checks found for a sought person that the access can see, the latest first."""
    query = select(PreCheckHit).where(PreCheckHit.sought_id == sought_id)
    return list(access.session.exec(query.order_by(col(PreCheckHit.at).desc(), col(PreCheckHit.id))).all())
