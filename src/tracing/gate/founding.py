"""The first account of a society: the operator's, made once, when nobody could hold a token yet."""

import os
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, select

from tracing.gate import guard, trail
from tracing.gate.opening import Gate
from tracing.gate.permissions import Role
from tracing.gate.purposes import Use
from tracing.gate.tables import Account, Society, Token
from tracing.gate.tokens import new_secret
from tracing.kit import clock
from tracing.kit.db import PASS, GuardedSession
from tracing.kit.errors import Conflict
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
        guard.bind(session, guard.Bound(society, Use.REGISTER, now))
        connection = Session.connection(session)
        if gate.engine.dialect.name == "postgresql":
            connection.execute(select(func.set_config("tracing.society", society, True)), execution_options=PASS)
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
        token_id, text, secret_hash = new_secret()
        session.add(
            Token(
                id=token_id,
                secret_hash=secret_hash,
                society=society,
                account_id=account.id,
                scope="*",
                created_at=now,
                expires_at=now + timedelta(days=DAYS),
            )
        )
        session.flush()
        actor = trail.Actor(society, account.id, account.worker_id)
        trail.append(connection, gate.vault, actor, [trail.Act("societies.found", account.id)], now)
        session.commit()
    return text


def keep_token(path: Path, text: str) -> None:
    """Write the operator's token to `path`, mode 0600, replacing an older one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
    draft.replace(path)
