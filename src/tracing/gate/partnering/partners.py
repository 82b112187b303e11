"""Partner societies, what was agreed with them, and the keys by which they are known."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection
from sqlmodel import col, func, select

from tracing.gate import people
from tracing.gate.access import Access
from tracing.gate.founding import societies
from tracing.gate.ledger import What
from tracing.gate.opening import Gate
from tracing.gate.partnering.partner_tables import Channel, KeyUse, Partner, PartnerKey
from tracing.gate.permissions import Role
from tracing.kit.db import PASS, READ_ONLY
from tracing.kit.errors import Conflict, Flaw, Invalid, NotFound
from tracing.kit.ids import new_id
from tracing.kit.signatures import content_holds

DAY = timedelta(days=1)
ID_DIGITS = 32
"""Hexadecimal digits of a fingerprint: 128 bits, which nobody can hit with a key of their own."""


@dataclass(frozen=True, slots=True)
class TokenTerms:
    """Where we get an access token for a partner, and as whom; see `Partner`."""

    endpoint: str = ""
    client_id: str = ""
    audience: str = ""
    scope: str = ""


NO_TOKEN = TokenTerms()


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed with a partner; see `Partner`."""

    origin: str
    channels: tuple[Channel, ...]
    kinds: tuple[str, ...]
    messages_a_day: int
    open_searches: int
    token: TokenTerms = NO_TOKEN


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key as societies hand it to each other.

    Attributes:
        public: 64 hexadecimal digits of an Ed25519 key, or an age recipient.
        fingerprint: as it was read out by the other side; must be that of `public`.
    """

    use: KeyUse
    public: str
    fingerprint: str
    not_after: datetime


def fingerprint(use: KeyUse, public: str) -> str:
    """Return what two people compare by voice, and by which a signature names its key: 32 hexadecimal digits."""
    return hashlib.sha256(f"{use}|{public}".encode()).hexdigest()[:ID_DIGITS]


def spoken(digits: str) -> str:
    """Return a fingerprint in groups of four, as it is read out."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def add(access: Access, code: str, team: str, terms: Terms, keys: Sequence[PublicKey]) -> Partner:
    """Enter a partner society with its keys, whose fingerprints were compared out of band.

    Raises:
        Conflict: the code is in use.
        Invalid: it is our own society, a fingerprint is not that of its key, or a key is none.
    """
    if code == access.society:
        raise Invalid("a society is no partner of its own", [Flaw("/code", "own-society", "it is our own")])
    if access.session.exec(select(Partner.id).where(Partner.code == code)).first() is not None:
        raise Conflict("the partner is known")
    label = f"partner-{code.lower()}"
    account = people.add_account(access, label=label, role=Role.PARTNER, team=team, worker_id=None)
    partner = Partner(
        society=access.society,
        id=new_id(),
        code=code,
        account_id=account.id,
        channels="",
        kinds="",
        messages_a_day=terms.messages_a_day,
        open_searches=terms.open_searches,
        created_at=access.now,
        updated_at=access.now,
    )
    _agree(partner, terms)
    access.session.add(partner)
    access.session.flush()
    access.note("partners.add", partner.id)
    for key in keys:
        add_key(access, partner, key)
    return partner


def change(access: Access, partner: Partner, terms: Terms) -> None:
    """Replace what was agreed with a partner; the caller has checked the version."""
    _agree(partner, terms)
    _save(access, partner)
    access.note("partners.change", partner.id)


def _agree(partner: Partner, terms: Terms) -> None:
    partner.origin, partner.channels, partner.kinds = terms.origin, " ".join(terms.channels), " ".join(terms.kinds)
    partner.messages_a_day, partner.open_searches = terms.messages_a_day, terms.open_searches
    partner.token_endpoint, partner.client_id = terms.token.endpoint, terms.token.client_id
    partner.token_audience, partner.token_scope = terms.token.audience, terms.token.scope


def terms(partner: Partner) -> Terms:
    """Return what was agreed with a partner."""
    return Terms(
        partner.origin,
        tuple(Channel(channel) for channel in partner.channels.split()),
        tuple(partner.kinds.split()),
        partner.messages_a_day,
        partner.open_searches,
        token_terms(partner) or NO_TOKEN,
    )


def token_terms(partner: Partner) -> TokenTerms | None:
    """Return where we get an access token for a partner; None where none is asked for."""
    known = TokenTerms(partner.token_endpoint, partner.client_id, partner.token_audience, partner.token_scope)
    return known if known.endpoint else None


def revoke(access: Access, partner: Partner) -> None:
    """End a partnership for good: none of their keys opens anything from now on, and nothing is sent to them.

    What they sent before stays as it is, marked as theirs; whoever is answerable ends it case by case.
    """
    partner.revoked_at = partner.revoked_at or access.now
    for key in keys(access, partner.id):
        _end_key(access, key)
    people.end_accounts(access, [partner.account_id])
    access.end(What.ACCOUNT, partner.account_id)
    access.end(What.PARTNER, partner.id)
    _save(access, partner)
    access.note("partners.revoke", partner.id)


def add_key(access: Access, partner: Partner, key: PublicKey) -> PartnerKey:
    """Trust a further key of a partner, beside those they have: that is how keys are rotated.

    Raises:
        Conflict: the key is known, or the partnership has ended.
        Invalid: the fingerprint is not that of the key, the key is none, or it is over.
    """
    if partner.revoked_at is not None:
        raise Conflict("the partnership has ended")
    _require_key(key, access.now)
    known = select(PartnerKey.id).where(PartnerKey.id == fingerprint(key.use, key.public))
    if access.session.exec(known).first() is not None:
        raise Conflict("the key is known")
    row = PartnerKey(
        society=access.society,
        id=fingerprint(key.use, key.public),
        partner_id=partner.id,
        use=key.use,
        public=key.public,
        not_after=key.not_after,
        added_at=access.now,
    )
    access.session.add(row)
    _save(access, partner)
    access.note("partners.add_key", partner.id)
    return row


def revoke_key(access: Access, partner: Partner, key_id: str) -> PartnerKey:
    """End the trust in one key at once.

    Raises:
        NotFound: the partner has no such key.
    """
    for row in keys(access, partner.id):
        if row.id == key_id:
            _end_key(access, row)
            _save(access, partner)
            access.note("partners.revoke_key", partner.id)
            return row
    raise NotFound("no such key")


def _end_key(access: Access, key: PartnerKey) -> None:
    """End the trust in a key, also in whatever backup is restored from now on."""
    key.revoked_at = key.revoked_at or access.now
    access.session.add(key)
    access.end(What.PARTNER_KEY, key.partner_id, about=key.id)


def _require_key(key: PublicKey, now: datetime) -> None:
    try:
        if key.use is KeyUse.SIGNING:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.public))
        else:
            pyrage.x25519.Recipient.from_str(key.public)
    except (ValueError, pyrage.RecipientError):
        told = "a signing key is 64 hexadecimal digits of Ed25519, a bundle key an age recipient"
        raise Invalid("this is no such key", [Flaw("/public", "no-key", told)]) from None
    if "".join(key.fingerprint.split()).lower() != fingerprint(key.use, key.public):
        told = "it is not that of the key: compare it by voice with the other society"
        raise Invalid("the fingerprint differs", [Flaw("/fingerprint", "fingerprint-differs", told)])
    if key.not_after <= now:
        raise Invalid("the key is over", [Flaw("/not_after", "in-the-past", "the key is over")])


def _save(access: Access, partner: Partner) -> None:
    partner.version += 1
    partner.updated_at = access.now
    access.session.add(partner)
    access.session.flush()


def find(access: Access, reference: UUID | str) -> Partner:
    """Return the partner with this id, or of this code.

    Raises:
        NotFound: there is none.
    """
    named = Partner.id == reference if isinstance(reference, UUID) else Partner.code == reference
    row = access.session.exec(select(Partner).where(named)).one_or_none()
    if row is None:
        raise NotFound("no such partner")
    return row


def find_open(access: Access, code: str) -> Partner:
    """Return the partner of this code, with whom the partnership stands.

    Raises:
        NotFound: there is none, or not any more.
    """
    row = find(access, code)
    if row.revoked_at is not None:
        raise NotFound("the partnership has ended")
    return row


def of_account(access: Access, account_id: UUID) -> Partner:
    """Return the partner whose messages act as an account.

    Raises:
        NotFound: there is none.
    """
    row = access.session.exec(select(Partner).where(Partner.account_id == account_id)).one_or_none()
    if row is None:
        raise NotFound("no such partner")
    return row


def all_of(access: Access) -> list[Partner]:
    """Return every partner, by code."""
    return list(access.session.exec(select(Partner).order_by(Partner.code)).all())


def keys(access: Access, partner_id: UUID) -> list[PartnerKey]:
    """Return every key of a partner, the oldest first."""
    query = select(PartnerKey).where(PartnerKey.partner_id == partner_id)
    return list(access.session.exec(query.order_by(col(PartnerKey.added_at), col(PartnerKey.id))).all())


def signed_with(access: Access, key_id: str) -> tuple[Partner, str] | None:
    """Return the partner whose signing key this is, and its public half, while both are trusted."""
    query = select(PartnerKey).where(PartnerKey.id == key_id, PartnerKey.use == KeyUse.SIGNING)
    key = access.session.exec(query).one_or_none()
    if key is None or key.revoked_at is not None or key.not_after <= access.now:
        return None
    partner = find(access, key.partner_id)
    return None if partner.revoked_at is not None else (partner, key.public)


def recipients(access: Access, partner: Partner) -> list[str]:
    """Return the age recipients to which bundles for a partner are encrypted."""
    held = (key for key in keys(access, partner.id) if key.use is KeyUse.BUNDLE)
    return [key.public for key in held if key.revoked_at is None and key.not_after > access.now]


def hold(access: Access, partner_id: UUID) -> Partner:
    """Return a partner as it stands now; nobody else holds it until the access ends, so that counts and numbers hold.

    Not FOR UPDATE: each row about a partner holds its key already, and two at once would wait for each other.
    """
    query = select(Partner).where(Partner.id == partner_id).with_for_update(key_share=True)
    return access.session.exec(query, execution_options={"populate_existing": True}).one()


def may_come_again(access: Access, partner_id: UUID) -> bool:
    """Count a message that came before, and return whether so many may come in 24 hours: as many as new ones.

    The row is held until the access ends; who refuses ends the access, and the count stays as it was.
    """
    row = hold(access, partner_id)
    if row.again_since is None or access.now - row.again_since >= DAY:
        row.again_since, row.again = access.now, 0
    row.again += 1
    access.session.add(row)
    access.session.flush()
    return row.again <= row.messages_a_day


def exchanging(gate: Gate) -> list[str]:
    """Return the code of every society of the case base that has a partner, in their order."""
    partner: Any = Partner.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__
    found = []
    for society in societies(gate):
        with gate.engine.connect().execution_options(**{READ_ONLY: True}) as connection:
            tell_society(connection, society)
            query = select(partner.c.id).where(partner.c.society == society, partner.c.revoked_at.is_(None)).limit(1)
            if connection.execute(query, execution_options=PASS).first() is not None:
                found.append(society)
    return found


def tell_society(connection: Connection, society: str) -> None:
    """Tell PostgreSQL's row-level security whose rows this transaction may touch."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.set_config("tracing.society", society, True)), execution_options=PASS)


def signed_by(public: str, purpose: str, content: bytes, signature: bytes) -> bool:
    """Return whether a signing key, as it stands in the register, signed `content` for this purpose."""
    return content_holds(Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)), purpose, content, signature)
