"""The one door into the data: identify, permit, bind, commit, and keep the trail."""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, exc, select
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session

from tracing.gate import guard, trail
from tracing.gate.access import Access, Caller
from tracing.gate.founding import OPERATOR
from tracing.gate.opening import Gate
from tracing.gate.partnering import bearers, partners, proofs, trust
from tracing.gate.partnering.proofs import Asserted, Proof, Signed, SignedBundle
from tracing.gate.permissions import GRANTS, Permission
from tracing.gate.purposes import Use
from tracing.gate.tables import Account, Token
from tracing.gate.tokens import PREFIX, hash_secret
from tracing.kit import clock
from tracing.kit.db import PASS, READ_ONLY, GuardedSession
from tracing.kit.errors import Busy, Conflict, NotFound, Refused, Stale, TooMany, TracingError, Unidentified
from tracing.kit.ids import new_id

USES = {Use.FORGET: Permission.NIGHT_RUN, Use.DATA_SUBJECT: Permission.DATA_SUBJECT_ACT}
TURN_S = 20.0


class Unrecorded(TracingError):
    """An access ended without a row on the trail. A bug; nothing is answered."""

    code = "unrecorded"


def identify(gate: Gate, token: str | None, now: datetime) -> Caller:
    """Return who holds `token`.

    Raises:
        Unidentified: absent, malformed, unknown, expired, revoked, or the account is disabled.
    """
    try:
        prefix, token_id, secret = (token or "").split("_", 2)
        key = UUID(hex=token_id)
    except ValueError:
        raise Unidentified("no valid token came with the call") from None
    with gate.engine.connect().execution_options(**{READ_ONLY: True}) as connection:
        found = _account_of(connection, key)
    if (
        found is None
        or prefix != PREFIX
        or not hmac.compare_digest(found.secret_hash, hash_secret(secret))
        or found.revoked_at is not None
        or found.disabled_at is not None
        or found.expires_at <= now
    ):
        raise Unidentified("no valid token came with the call")
    held = GRANTS[found.role]
    if found.scope != "*":
        named = frozenset(found.scope.split())
        held &= frozenset(permission for permission in Permission if permission in named)
    return Caller(found.account_id, found.worker_id, found.society, found.team, found.role, held)


def _account_of(connection: Connection, token_id: UUID):  # type: ignore[no-untyped-def]  # a row of named columns
    return connection.execute(_holder(), {"token_id": token_id}, execution_options=PASS).one_or_none()


@cache
def _holder() -> Select[Any]:
    """Return the question for a token and its account; made once, since every call asks it."""
    token, account = Token.__table__, Account.__table__  # type: ignore[attr-defined]  # SQLModel
    return (
        select(
            token.c.secret_hash,
            token.c.scope,
            token.c.expires_at,
            token.c.revoked_at,
            account.c.id.label("account_id"),
            account.c.society,
            account.c.worker_id,
            account.c.team,
            account.c.role,
            account.c.disabled_at,
        )
        .join(account, (account.c.society == token.c.society) & (account.c.id == token.c.account_id))
        .where(token.c.id == bindparam("token_id"))
    )


def require_held(gate: Gate, token: str | None, permission: Permission) -> None:
    """Refuse unless `token` holds `permission`, for an answer that tells of no person: nothing stands on the trail.

    Raises:
        Unidentified: nobody holds `token`.
        Refused: the role or the token's scope lacks `permission`.
        Busy: the database is at its limit or away.
    """
    with _storms():
        caller = identify(gate, token, clock.now())
    if permission not in caller.permissions:
        raise Refused(f"this needs the permission {permission}")


@contextmanager
def admitted(
    gate: Gate,
    token: str | None,
    permission: Permission,
    *,
    use: Use = Use.REGISTER,
    request_id: str = "",
) -> Iterator[Access]:
    """Yield an `Access` for one unit of work; commit on success, roll back on error.

    Raises:
        Unidentified: nobody holds `token`.
        Refused: the role or the token's scope lacks `permission`. The refusal is put on the trail in
            a transaction of its own, after the outer one was rolled back.
        Unrecorded: the work ended without a note on the trail.
        Busy: the database is at its limit or away.
        Conflict: a unique key was in use.
        Stale: somebody else changed a row at the same time.
    """
    now = clock.now()
    with _storms():
        caller = identify(gate, token, now)
    with _working(gate, caller, permission, use, request_id, now) as access:
        yield access


@contextmanager
def readmitted(
    gate: Gate, caller: Caller, permission: Permission, *, use: Use = Use.REGISTER, request_id: str = ""
) -> Iterator[Access]:
    """Yield a further `Access` of a caller whose one call is worked on in several transactions.

    Only for who was admitted by that call: whether they may still act is for the work to ask.

    Raises:
        Refused, Unrecorded, Busy, Conflict, Stale: as for `admitted`.
    """
    with _working(gate, caller, permission, use, request_id, clock.now()) as access:
        yield access


@contextmanager
def admitted_by_signature(
    gate: Gate, society: str, signed: Signed, permission: Permission, *, request_id: str = ""
) -> Iterator[Access]:
    """Yield an `Access` of the partner society whose key signed a request; otherwise as `admitted`.

    Raises:
        Unidentified: not signed as it must be, with no key that is trusted now, or the request came before; or no
            access token of that key came beside, where the settings ask for one.
        TooMany: as many messages of that society are being worked on as may be.
        Refused, Unrecorded, Busy, Conflict, Stale: as for `admitted`.
    """
    now = clock.now()
    with _storms(), gate.engine.connect().execution_options(**{READ_ONLY: True}) as connection:
        partners.tell_society(connection, society)
        proof = proofs.of_request(trust.finder(connection, society, now), society, signed)
    if gate.settings.exchange_bearer:
        bearers.require(gate.vault, society, proof.key_id, signed.headers.get("authorization", ""), now)
    with _once(gate, proof, permission, request_id, now) as access:
        yield access


@contextmanager
def admitted_by_assertion(
    gate: Gate, society: str, asserted: Asserted, permission: Permission, *, request_id: str = ""
) -> Iterator[tuple[Access, str]]:
    """Yield an `Access` of the partner society that asks for an access token, and the id of its key.

    Raises:
        Unidentified: the assertion is not as it must be, no key that is trusted now made it, or it came before.
        TooMany: the key got as many tokens as it may.
        Refused, Unrecorded, Busy, Conflict, Stale: as for `admitted`.
    """
    now = clock.now()
    with _storms(), gate.engine.connect().execution_options(**{READ_ONLY: True}) as connection:
        partners.tell_society(connection, society)
        found = proofs.of_assertion(trust.finder(connection, society, now), society, asserted, now)
    proof = replace(found, nonce=bearers.nonce_of(found.nonce))
    with _once(gate, proof, permission, request_id, now) as access:
        bearers.require_few(access, proof.key_id)
        yield access, proof.key_id


@contextmanager
def _once(gate: Gate, proof: Proof, permission: Permission, request_id: str, now: datetime) -> Iterator[Access]:
    """Yield the access of a partner for what comes once, while there is room for it and its key is trusted."""
    try:
        with (
            gate.rooms.entered(proof.caller.account_id),
            _working(gate, proof.caller, permission, Use.REGISTER, request_id, now) as access,
        ):
            trusted = trust.still_trusted(access, proof.key_id)
            if not trusted or not trust.use_nonce(access, proof.key_id, proof.nonce):
                raise Unidentified("no valid signature came with the call")
            yield access
    except TooMany:
        gate.rooms.shut(proof.key_id)
        raise


@contextmanager
def admitted_by_bundle(
    gate: Gate, society: str, bundle: SignedBundle, permission: Permission, *, request_id: str = ""
) -> Iterator[Access]:
    """Yield an `Access` of the partner society whose key signed a bundle; otherwise as `admitted`.

    That a bundle has effects once is for whoever takes its messages: each of them comes once.

    Raises:
        Unidentified: no key that is trusted now signed it.
        Refused, Unrecorded, Busy, Conflict, Stale: as for `admitted`.
    """
    now = clock.now()
    with _storms(), gate.engine.connect().execution_options(**{READ_ONLY: True}) as connection:
        partners.tell_society(connection, society)
        caller = proofs.of_bundle(trust.finder(connection, society, now), society, bundle)
    with _working(gate, caller, permission, Use.REGISTER, request_id, now) as access:
        yield access


@contextmanager
def entered_by_operator(
    gate: Gate, society: str, use: Use, permission: Permission = Permission.NIGHT_RUN
) -> Iterator[Access]:
    """Yield an `Access` of the operator of `society` without a token: backups, restores, webhooks, the courier.

    Whoever calls this holds the master key and the database anyhow; tokens are not kept, so none can be asked for.

    Raises:
        NotFound: the society has not been founded.
        Unrecorded, Busy: as for `admitted`.
    """
    now = clock.now()
    account: Any = Account.__table__  # type: ignore[attr-defined]  # SQLModel
    query = select(account).where(account.c.society == society, account.c.label == OPERATOR)
    with _storms(), gate.engine.connect().execution_options(**{READ_ONLY: True}) as connection:
        found = connection.execute(query, execution_options=PASS).one_or_none()
    if found is None:
        raise NotFound("the society has not been founded")
    caller = Caller(found.id, found.worker_id, society, found.team, found.role, GRANTS[found.role])
    with _working(gate, caller, permission, use, "", now) as access:
        yield access


@contextmanager
def entered_for(gate: Gate, society: str, account_id: UUID, permission: Permission) -> Iterator[Access]:
    """Yield an `Access` of an account that is not there itself, for what it asked to be sent: it sees no more.

    Raises:
        NotFound: the account is absent or disabled.
        Refused: its role lacks `permission`.
        Unrecorded, Busy, Conflict, Stale: as for `admitted`.
    """
    now = clock.now()
    account: Any = Account.__table__  # type: ignore[attr-defined]  # SQLModel
    query = select(account).where(
        account.c.society == society, account.c.id == account_id, account.c.disabled_at.is_(None)
    )
    with _storms(), gate.engine.connect().execution_options(**{READ_ONLY: True}) as connection:
        found = connection.execute(query, execution_options=PASS).one_or_none()
    if found is None:
        raise NotFound("no such account, or it is disabled")
    caller = Caller(found.id, found.worker_id, society, found.team, found.role, GRANTS[found.role])
    with _working(gate, caller, permission, Use.REGISTER, f"for-{new_id()}", now) as access:
        yield access


@contextmanager
def _working(
    gate: Gate, caller: Caller, permission: Permission, use: Use, request_id: str, now: datetime
) -> Iterator[Access]:
    """Yield the access of a known caller; commit on success with its rows on the trail, roll back on error."""
    try:
        if permission not in caller.permissions or (use in USES and USES[use] not in caller.permissions):
            raise Refused(f"this needs the permission {permission}")
        with _storms(), _turn(gate), _session(gate) as session:
            guard.bind(session, guard.Bound(caller.society, use, now))
            _set_society(session, caller.society)
            access = Access(caller, permission, use, now, session, gate.vault, gate.keys, gate.settings, request_id)
            yield access
            session.flush()
            if not access.acts:
                raise Unrecorded(f"{permission}: no row in the trail, no answer")
            trail.append(Session.connection(session), gate.vault, _actor(access), access.acts, now)
            gate.keys.note(access.endings)  # before the commit: a crash in between ends too much, never too little
            session.commit()
    except Refused:
        _record_refusal(gate, caller, permission, request_id, now)
        raise


def _session(gate: Gate) -> GuardedSession:
    """Return a session that is over when it is closed: an access that got away reads nothing afterwards."""
    return GuardedSession(gate.engine, expire_on_commit=False, close_resets_only=False)


def _actor(access: Access) -> trail.Actor:
    return trail.Actor(access.society, access.caller.account_id, access.caller.worker_id, access.request_id)


def _record_refusal(gate: Gate, caller: Caller, permission: Permission, request_id: str, now: datetime) -> None:
    actor = trail.Actor(caller.society, caller.account_id, caller.worker_id, request_id)
    with _storms(), _turn(gate), GuardedSession(gate.engine) as session:
        guard.bind(session, guard.Bound(caller.society, Use.REGISTER, now))
        _set_society(session, caller.society)
        trail.append(Session.connection(session), gate.vault, actor, [trail.Act(permission, outcome="refused")], now)
        session.commit()


@contextmanager
def _turn(gate: Gate) -> Iterator[None]:
    """Wait for the embedded database's one writer; a wait past `TURN_S` seconds is Busy, never a hang.

    So is a wait beside too many others: see `opening.Gate.queue`.
    """
    if not gate.embedded:
        yield
        return
    if not gate.turn.acquire(blocking=False) and not _waited(gate):
        raise Busy("too many requests wait for the embedded database")
    try:
        yield
    finally:
        gate.turn.release()


def _waited(gate: Gate) -> bool:
    if not gate.queue.acquire(blocking=False):
        return False
    try:
        return gate.turn.acquire(timeout=TURN_S)
    finally:
        gate.queue.release()


def _set_society(session: Session, society: str) -> None:
    partners.tell_society(Session.connection(session), society)


@contextmanager
def _storms() -> Iterator[None]:
    """Turn the database's own troubles into errors that a caller can act on."""
    try:
        yield
    except StaleDataError:
        raise Stale("the record has changed since you read it; read it again") from None
    except exc.IntegrityError:
        raise Conflict("the id or reference is in use") from None
    except (exc.TimeoutError, exc.OperationalError, exc.InterfaceError):
        raise Busy("the database is at its limit or away") from None
