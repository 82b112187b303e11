"""Encryption of personal details and keyed hashes; all keys come from one master key outside the database."""

import base64
import hashlib
import hmac
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from tracing.kit.errors import TracingError, Unsafe
from tracing.kit.settings import Settings

VERSION = b"\x01"
NONCE = 12


class Unreadable(TracingError):
    """A sealed value was moved, altered, or its key is gone."""

    code = "unreadable"


def master_key(settings: Settings) -> bytes:
    """Return the 32 bytes of the master key; make the file, mode 0600, at the first start.

    Raises:
        Unsafe: the setting is no 32 bytes of base64, or others may read the file.
    """
    if settings.master_key is not None:
        return _decode(settings.master_key.get_secret_value())
    path = settings.master_key_path
    if not path.exists():
        _make(path)
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Unsafe("the master key's file may be read by others; set its mode to 0600")
    return _decode(path.read_text("ascii"))


def _decode(text: str) -> bytes:
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise Unsafe("the master key must be 32 bytes in base64")
    return raw


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}")  # in a container every start has the same pid
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(base64.b64encode(os.urandom(32)).decode())
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # never overwrites: a second process that starts at once reads the first's key
    except FileExistsError:
        pass
    finally:
        draft.unlink()


class Vault:
    """Seals and opens details, wraps record keys, and hashes under keys of their own."""

    def __init__(self, master: bytes) -> None:
        self._master = master
        self._wrap = AESGCM(self._derive("wrap record keys"))
        self._macs: dict[str, bytes] = {}

    def _derive(self, use: str) -> bytes:
        return HKDFExpand(SHA256(), 32, f"tracing/{use}".encode()).derive(self._master)

    def mac(self, use: str, data: bytes) -> bytes:
        """Return the 32-byte HMAC-SHA256 of `data` under the key for `use` (trail, blocking, cursor…)."""
        key = self._macs.get(use)
        if key is None:
            key = self._macs[use] = self._derive(use)
        return hmac.digest(key, data, hashlib.sha256)

    def hash(self, use: str, text: str) -> str:
        """Return `mac` of `text` in 64 hexadecimal digits."""
        return self.mac(use, text.encode()).hex()

    def new_record_key(self, key_id: UUID) -> bytes:
        """Return a fresh record key, wrapped and bound to `key_id`."""
        nonce = os.urandom(NONCE)
        return VERSION + nonce + self._wrap.encrypt(nonce, os.urandom(32), key_id.bytes)

    def unwrap(self, key_id: UUID, wrapped: bytes) -> AESGCM:
        """Return the cipher of a record key.

        Raises:
            Unreadable: the wrapped key was altered, or wrapped by another master key.
        """
        return AESGCM(_decrypt(self._wrap, wrapped, key_id.bytes))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value stands; it can be opened nowhere else."""

    table: str
    column: str
    society: str
    record_id: UUID

    def __bytes__(self) -> bytes:
        return f"{self.table}|{self.column}|{self.society}|{self.record_id}".encode()


def seal(cipher: AESGCM, plain: bytes, place: Place) -> bytes:
    """Return `plain` encrypted and bound to its place: version byte, nonce, ciphertext with tag."""
    nonce = os.urandom(NONCE)
    return VERSION + nonce + cipher.encrypt(nonce, plain, bytes(place))


def unseal(cipher: AESGCM, sealed: bytes, place: Place) -> bytes:
    """Return what `seal` was given.

    Raises:
        Unreadable: altered, or standing in another place than it was sealed for.
    """
    return _decrypt(cipher, sealed, bytes(place))


def _decrypt(cipher: AESGCM, sealed: bytes, place: bytes) -> bytes:
    if sealed[:1] != VERSION:
        raise Unreadable("a sealed value has an unknown version")
    try:
        return cipher.decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], place)
    except (InvalidTag, ValueError):  # the latter when it is shorter than a nonce
        raise Unreadable("a sealed value does not belong where it stands") from None
