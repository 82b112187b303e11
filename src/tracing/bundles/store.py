"""Every statement about bundles."""

from uuid import UUID

from sqlmodel import col, func, select

from tracing.bundles.envelope import Manifest
from tracing.bundles.tables import ExchangeBundle
from tracing.exchange.states import Side
from tracing.exchange.tables import ExchangeMessage
from tracing.gate.access import Access
from tracing.gate.partnering import partners
from tracing.kit.ids import new_id


def next_bundle(access: Access, partner_id: UUID) -> int:
    """Return the number of the next bundle to a partner; nobody else takes one until the access ends."""
    partners.hold(access, partner_id)
    query = select(func.max(ExchangeBundle.number)).where(
        ExchangeBundle.partner_id == partner_id, ExchangeBundle.side == Side.SENT
    )
    return (access.session.exec(query).one() or 0) + 1


def add_bundle(
    access: Access,
    partner_id: UUID,
    side: Side,
    manifest: Manifest,
    digest: str,
) -> ExchangeBundle:
    """Add and return a bundle, which was made or came."""
    row = ExchangeBundle(
        society=access.society,
        id=new_id(),
        partner_id=partner_id,
        side=side,
        number=manifest.number,
        begins=manifest.begins,
        count=manifest.count,
        digest=digest,
        made_at=manifest.made_at,
        at=access.now,
        by=access.caller.account_id,
    )
    access.session.add(row)
    access.session.flush()
    return row


def save_bundle(access: Access, row: ExchangeBundle) -> None:
    """Save a changed bundle."""
    access.session.add(row)
    access.session.flush()


def bundles(access: Access, partner_id: UUID, side: Side) -> list[ExchangeBundle]:
    """Return every bundle for or from a partner, in the order of their numbers."""
    query = select(ExchangeBundle).where(ExchangeBundle.partner_id == partner_id, ExchangeBundle.side == side)
    return list(access.session.exec(query.order_by(col(ExchangeBundle.number))).all())


def numbers_received(access: Access, partner_id: UUID, *, limit: int) -> list[int]:
    """Return the numbers of a partner's messages that came in bundles: the `limit` highest, highest first."""
    query = select(ExchangeMessage.number).where(
        ExchangeMessage.partner_id == partner_id,
        ExchangeMessage.side == Side.RECEIVED,
        col(ExchangeMessage.number) > 0,
    )
    return list(access.session.exec(query.order_by(col(ExchangeMessage.number).desc()).limit(limit)).all())
