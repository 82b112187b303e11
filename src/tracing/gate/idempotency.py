"""Idempotency keys: what a retried call made the first time. Holds ids, never stored answers."""

from uuid import UUID

from sqlmodel import select

from tracing.gate.access import Access
from tracing.gate.tables import IdempotencyKey
from tracing.kit.errors import Invalid


class KeyReused(Invalid):
    """The Idempotency-Key came before, with another body."""

    code = "idempotency-key-reused"
    title = "This Idempotency-Key belongs to another request"


def made_before(access: Access, key: str | None, fingerprint: str) -> UUID | None:
    """Return the id that this very call made earlier, or None on its first time.

    Args:
        access: of the caller; keys of different accounts never meet.
        key: the header's value, or None without one.
        fingerprint: canonical text of route and body.

    Raises:
        KeyReused: the key came before with another body.
    """
    if key is None:
        return None
    query = select(IdempotencyKey).where(
        IdempotencyKey.account_id == access.caller.account_id, IdempotencyKey.key_hash == _key(access, key)
    )
    known = access.session.exec(query).one_or_none()
    if known is None:
        return None
    if known.fingerprint != access.vault.hash("fingerprint", fingerprint):
        raise KeyReused("the Idempotency-Key came before with another body")
    return known.made_id


def remember(access: Access, key: str | None, fingerprint: str, made_id: UUID) -> None:
    """Keep what this call made, in its own transaction. A call that races with itself gets Conflict."""
    if key is None:
        return
    access.session.add(
        IdempotencyKey(
            society=access.society,
            account_id=access.caller.account_id,
            key_hash=_key(access, key),
            fingerprint=access.vault.hash("fingerprint", fingerprint),
            made_id=made_id,
            created_at=access.now,
        )
    )


def _key(access: Access, key: str) -> str:
    return access.vault.hash("idempotency key", key)
