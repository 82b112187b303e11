"""Bearer tokens: `trc_<id>_<256 random bits>`; only a hash of the random part is kept."""

import hashlib
import secrets
from uuid import UUID

PREFIX = "trc"


def new_secret() -> tuple[UUID, str, str]:
    """Return a token's id, its text (256 random bits) and the hash to keep."""
    token_id = UUID(bytes=secrets.token_bytes(16), version=4)
    secret = secrets.token_urlsafe(32)
    return token_id, f"{PREFIX}_{token_id.hex}_{secret}", hash_secret(secret)


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a token's random part; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
