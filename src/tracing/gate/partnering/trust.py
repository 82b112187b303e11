"""Which partners' keys open the door at this moment, and what came through it before."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy import select as core_select
from sqlmodel import col, select

from tracing.gate.access import Access
from tracing.gate.partnering.partner_tables import KeyUse, Partner, PartnerKey, SeenNonce
from tracing.gate.tables import Account
from tracing.kit.db import PASS
from tracing.kit.signatures import MAX_AGE

OLD_NONCES = 20


@dataclass(frozen=True, slots=True)
class Known:
    """Whose key it is: the account as which the partner acts, and the public half."""

    account_id: UUID
    worker_id: UUID
    team: str
    public: str
    code: str


def finder(connection: Connection, society: str, now: datetime) -> Callable[[str], Known | None]:
    """Return a function from the id of a signing key that is trusted now to whose it is.

    It reads past the guard, as every way to find out who calls must; the connection knows the society.
    """
    key: Any = PartnerKey.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__
    partner: Any = Partner.__table__  # type: ignore[attr-defined]  # the same
    account: Any = Account.__table__  # type: ignore[attr-defined]  # the same

    def found(key_id: str) -> Known | None:
        query = (
            core_select(account.c.id, account.c.worker_id, account.c.team, key.c.public, partner.c.code)
            .join(partner, (partner.c.society == account.c.society) & (partner.c.account_id == account.c.id))
            .join(key, (key.c.society == partner.c.society) & (key.c.partner_id == partner.c.id))
            .where(
                key.c.society == society,
                key.c.id == key_id,
                key.c.use == KeyUse.SIGNING,
                key.c.revoked_at.is_(None),
                key.c.not_after > now,
                partner.c.revoked_at.is_(None),
                account.c.disabled_at.is_(None),
            )
        )
        row = connection.execute(query, execution_options=PASS).one_or_none()
        return None if row is None else Known(*row)

    return found


def still_trusted(access: Access, key_id: str) -> bool:
    """Return whether a signing key still opens the door: it may have been revoked while its message waited its turn."""
    query = (
        select(PartnerKey.id)
        .join(Partner, (col(Partner.society) == PartnerKey.society) & (col(Partner.id) == PartnerKey.partner_id))
        .where(
            PartnerKey.id == key_id,
            PartnerKey.use == KeyUse.SIGNING,
            col(PartnerKey.revoked_at).is_(None),
            col(Partner.revoked_at).is_(None),
        )
    )
    return access.session.exec(query).first() is not None


def use_nonce(access: Access, key_id: str, nonce: str) -> bool:
    """Take a nonce, and return whether it is new; those of requests that are too old by now are let go."""
    old = select(SeenNonce).where(col(SeenNonce.at) < access.now - 2 * MAX_AGE).limit(OLD_NONCES)
    old = old.with_for_update(skip_locked=True)  # whoever lets the same ones go need not be waited for
    for row in access.session.exec(old).all():
        access.session.delete(row)
    seen = select(SeenNonce.at).where(SeenNonce.key_id == key_id, SeenNonce.nonce == nonce)
    if access.session.exec(seen).first() is not None:
        return False
    access.session.add(SeenNonce(society=access.society, key_id=key_id, nonce=nonce, at=access.now))
    access.session.flush()
    return True
