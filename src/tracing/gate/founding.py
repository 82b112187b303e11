"""The first account of a society: the operator's, made when nobody could hold a token yet."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func
from sqlmodel import Session, select

from tracing.gate import guard, trail
from tracing.gate.ledger import Line, What
from tracing.gate.opening import Gate
from tracing.gate.permissions import Role
from tracing.gate.purposes import Use
from tracing.gate.tables import Account, Society, Token
from tracing.gate.tokens import new_secret
from tracing.kit import clock
from tracing.kit.db import PASS, READ_ONLY, GuardedSession
from tracing.kit.errors import Conflict, NotFound
from tracing.kit.ids import new_id

OPERATOR = "operator"
DAYS = 366


def found(gate: Gate, society: str) -> str:
    """Create `society` with its operator (role administrator) and return the operator's token.

    Raises:
        Conflict: the society has been founded before.
    """
    now = clock.now()
    with GuardedSession(gate.engine) as session:
        connection = _enter(session, gate, society, now)
        known = connection.execute(select(Society.code).where(Society.code == society), execution_options=PASS)
        if known.first() is not None:
            raise Conflict("the society has been founded before")
        session.add(Society(code=society, created_at=now))
        session.flush()
        account = Account(
            society=society,
            id=new_id(),
            label=OPERATOR,
            role=Role.ADMINISTRATOR,
            team="operations",
            worker_id=new_id(),
            created_at=now,
        )
        session.add(account)
        text = _issue(session, account, now)
        actor = trail.Actor(society, account.id, account.worker_id)
        trail.begin(connection, gate.vault, actor, trail.Act("societies.found", account.id), now)
        session.commit()
    return text


def nobody_lives_here(gate: Gate) -> bool:
    """Return whether no society has been founded in this case base."""
    with gate.engine.connect().execution_options(**{READ_ONLY: True}) as connection:
        return connection.execute(select(Society.code).limit(1), execution_options=PASS).first() is None


def societies(gate: Gate) -> list[str]:
    """Return the code of every society of the case base."""
    with gate.engine.connect().execution_options(**{READ_ONLY: True}, **PASS) as connection:
        return codes(connection)


def codes(connection: Connection) -> list[str]:
    """Return the code of every society, in their order."""
    return list(connection.execute(select(Society.code).order_by(Society.code)).scalars())


def renew(gate: Gate, society: str) -> str:
    """Return another token for the operator of `society`; the operator's earlier ones stop at once.

    For a token that was lost or is over: nobody else can issue one then. Whoever calls this holds the
    master key and the database anyhow.

    Raises:
        NotFound: the society has not been founded.
    """
    now = clock.now()
    with GuardedSession(gate.engine) as session:
        connection = _enter(session, gate, society, now)
        operator = session.exec(select(Account).where(Account.label == OPERATOR)).one_or_none()
        if operator is None:
            raise NotFound("the society has not been founded")
        earlier = session.exec(select(Token).where(Token.account_id == operator.id)).all()
        for token in earlier:
            token.revoked_at = token.revoked_at or now
            session.add(token)
        operator.disabled_at = None
        session.add(operator)
        text = _issue(session, operator, now)
        actor = trail.Actor(society, operator.id, operator.worker_id)
        trail.append(connection, gate.vault, actor, [trail.Act("societies.renew", operator.id)], now)
        gate.keys.note([Line(token.id, now, None, society, what=What.TOKEN) for token in earlier])
        session.commit()
    return text


def _enter(session: GuardedSession, gate: Gate, society: str, now: datetime) -> Connection:
    guard.bind(session, guard.Bound(society, Use.REGISTER, now))
    connection = Session.connection(session)
    if not gate.embedded:
        connection.execute(select(func.set_config("tracing.society", society, True)), execution_options=PASS)
    return connection


def _issue(session: GuardedSession, account: Account, now: datetime) -> str:
    token_id, text, secret_hash = new_secret()
    session.add(
        Token(
            id=token_id,
            secret_hash=secret_hash,
            society=account.society,
            account_id=account.id,
            scope="*",
            created_at=now,
            expires_at=now + timedelta(days=DAYS),
        )
    )
    session.flush()
    return text


def keep_token(path: Path, text: str) -> None:
    """Write the operator's token to `path`, mode 0600, replacing an older one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
    draft.replace(path)
