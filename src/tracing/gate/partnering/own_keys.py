"""Our own keys for the exchange: one signs what we send, one opens bundles. Private halves stand sealed."""

from datetime import timedelta
from uuid import UUID

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import col, select

from tracing.gate.access import Access
from tracing.gate.ledger import What
from tracing.gate.partnering.partner_tables import KeyUse, OwnKey
from tracing.gate.partnering.partners import fingerprint
from tracing.gate.vault import Place, seal, unseal
from tracing.kit.errors import Conflict, NotFound

KEY_DAYS = 366


def make(access: Access, use: KeyUse, days: int = KEY_DAYS) -> OwnKey:
    """Make a key pair of our own. The one before stays, and signs, until it is retired: partners can change over."""
    if use is KeyUse.SIGNING:
        private = Ed25519PrivateKey.generate()
        public, secret = private.public_key().public_bytes_raw().hex(), private.private_bytes_raw()
    else:
        identity = pyrage.x25519.Identity.generate()
        public, secret = str(identity.to_public()), str(identity).encode()
    key_id, cipher = access.keys.fresh()
    row = OwnKey(
        society=access.society,
        id=fingerprint(use, public),
        use=use,
        public=public,
        key_id=key_id,
        secret=seal(cipher, secret, _place(access, key_id)),
        not_after=access.now + timedelta(days=days),
        made_at=access.now,
    )
    access.session.add(row)
    access.session.flush()
    access.note("own_keys.make")
    return row


def retire(access: Access, key_id: str) -> OwnKey:
    """Sign with a key no more, and open no bundle with it.

    Raises:
        NotFound: there is no such key.
    """
    row = access.session.exec(select(OwnKey).where(OwnKey.id == key_id)).one_or_none()
    if row is None:
        raise NotFound("no such key")
    row.retired_at = row.retired_at or access.now
    access.session.add(row)
    access.end(What.OWN_KEY, row.key_id, about=row.id)
    access.note("own_keys.retire")
    return row


def in_use(access: Access, use: KeyUse | None = None) -> list[OwnKey]:
    """Return our keys that are in use, the newest first."""
    query = select(OwnKey).where(col(OwnKey.retired_at).is_(None), col(OwnKey.not_after) > access.now)
    if use is not None:
        query = query.where(OwnKey.use == use)
    return list(access.session.exec(query.order_by(col(OwnKey.made_at).desc(), col(OwnKey.id))).all())


def signing(access: Access) -> tuple[str, Ed25519PrivateKey]:
    """Return id and private half of the key that we sign with now: the oldest in use.

    A newer one takes over once that is retired or over; until then, not every partner may trust it.

    Raises:
        Conflict: there is none.
    """
    held = in_use(access, KeyUse.SIGNING)
    if not held:
        raise Conflict("there is no signing key; `tracing partners keys make` makes one")
    return held[-1].id, Ed25519PrivateKey.from_private_bytes(_secret(access, held[-1]))


def identities(access: Access) -> "list[pyrage.x25519.Identity]":
    """Return the private halves of our bundle keys, with which bundles are opened."""
    held = in_use(access, KeyUse.BUNDLE)
    return [pyrage.x25519.Identity.from_str(_secret(access, row).decode()) for row in held]


def _secret(access: Access, row: OwnKey) -> bytes:
    return unseal(access.keys.cipher(row.key_id), row.secret, _place(access, row.key_id))


def _place(access: Access, key_id: UUID) -> Place:
    return Place("own_key", "secret", access.society, key_id)
