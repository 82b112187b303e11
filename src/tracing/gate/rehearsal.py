"""Do the very same work and leave nothing: for dry runs."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracing.gate.access import Access
from tracing.gate.keystore import KeyStore
from tracing.kit.ids import new_id


class PassingKeys(KeyStore):
    """Record keys that are never stored; they are gone with the rehearsal."""

    def __init__(self, keys: KeyStore) -> None:
        self._lasting = keys
        self._passing: dict[UUID, AESGCM] = {}

    def fresh(self) -> tuple[UUID, AESGCM]:
        """Return the id and the cipher of a key that stands nowhere."""
        key_id = new_id()
        self._passing[key_id] = AESGCM(os.urandom(32))
        return key_id, self._passing[key_id]

    def ciphers(self, key_ids: Iterable[UUID]) -> Mapping[UUID, AESGCM]:
        """Return the ciphers of passing and of lasting keys."""
        wanted = set(key_ids)
        passing = {key_id: self._passing[key_id] for key_id in wanted & self._passing.keys()}
        return passing | dict(self._lasting.ciphers(wanted - passing.keys()))


class Over(Exception):
    """The rehearsal is over; leave the admission without committing."""


def rehearsing(access: Access) -> Access:
    """Return `access` with keys that are never stored; raise `Over` at the end to undo its rows."""
    return replace(access, keys=PassingKeys(access.keys))


def is_rehearsed(access: Access) -> bool:
    """Return whether nothing of what the access does is kept."""
    return isinstance(access.keys, PassingKeys)
