"""Access tokens of partners (RFC 6749): good for minutes, and for the one key that proved itself for it.

A token is asked for beside a message's signature and holds only where the same key made that: whoever gets hold of
one, at a gateway or in a log, can do nothing with it, and it ends with its key. So nothing of it is stored.
"""

import hashlib
import hmac
import re
from datetime import datetime, timedelta

from sqlmodel import col, func, select

from tracing.gate.access import Access
from tracing.gate.partnering.partner_tables import SeenNonce
from tracing.gate.vault import Vault
from tracing.kit.errors import TooMany, Unidentified

LIFE = timedelta(minutes=10)
MOST = 60
"""Tokens that one key gets in that time: each leaves a row on the trail."""
FORM = re.compile(r"(?i:Bearer) ([0-9]{10,12})\.([0-9a-f]{64})", re.ASCII)
ASSERTED = "jwt "
"""Begins what is remembered of an assertion, among the nonces of signatures."""


def issue(access: Access, key_id: str) -> str:
    """Return a token by which a key is let in to the society of the access for `LIFE`."""
    until = int((access.now + LIFE).timestamp())
    return f"{until}.{_seal(access.vault, access.society, key_id, until)}"


def require(vault: Vault, society: str, key_id: str, header: str, now: datetime) -> None:
    """Refuse a call whose Authorization header carries no token of the key that signed it.

    Raises:
        Unidentified: none, another key's or society's, or one that is over.
    """
    found = FORM.fullmatch(header)
    until = int(found[1]) if found is not None else 0
    if found is None or until <= now.timestamp() or not _is_of(vault, society, key_id, until, found[2]):
        raise Unidentified("no access token of the key that signed came with the call")


def _is_of(vault: Vault, society: str, key_id: str, until: int, seal: str) -> bool:
    return hmac.compare_digest(seal, _seal(vault, society, key_id, until))


def _seal(vault: Vault, society: str, key_id: str, until: int) -> str:
    return vault.hash("partner's access token", f"{society}|{key_id}|{until}")


def nonce_of(jti: str) -> str:
    """Return how the id of an assertion is remembered among the nonces."""
    return f"{ASSERTED}{hashlib.sha256(jti.encode()).hexdigest()[:48]}"


def require_few(access: Access, key_id: str) -> None:
    """Refuse a key that gets tokens without end; its present assertion counts.

    Raises:
        TooMany: it got `MOST` of them lately.
    """
    query = select(func.count(col(SeenNonce.nonce))).where(
        SeenNonce.key_id == key_id,
        col(SeenNonce.nonce).startswith(ASSERTED),
        col(SeenNonce.at) > access.now - LIFE,
    )
    if access.session.exec(query).one() > MOST:
        raise TooMany("as many access tokens as one key may get; use the one that you have")
