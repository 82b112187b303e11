"""Seal and open the `details` column of protected rows."""

from collections.abc import Sequence
from uuid import UUID

from tracing.gate.access import Access
from tracing.gate.tables import Sealed
from tracing.gate.vault import Place, Unreadable, seal, unseal

COLUMN = "details"


def seal_new(access: Access, kind: type[Sealed], record_id: UUID, plain: bytes) -> tuple[UUID, bytes]:
    """Return the id of a fresh record key, and `plain` sealed with it for the row `record_id` of `kind`."""
    key_id, cipher = access.keys.fresh()
    return key_id, seal(cipher, plain, _place(access, kind, record_id))


def seal_again(access: Access, kind: type[Sealed], record_id: UUID, key_id: UUID, plain: bytes) -> bytes:
    """Return `plain` sealed with the record's own key `key_id`.

    Raises:
        Unreadable: the key was destroyed.
    """
    return seal(access.keys.cipher(key_id), plain, _place(access, kind, record_id))


def open_details(access: Access, rows: Sequence[Sealed]) -> list[bytes]:
    """Return the details of `rows`, in their order.

    Raises:
        Unreadable: a key was destroyed, or a value does not belong where it stands.
    """
    ciphers = access.keys.ciphers(row.key_id for row in rows)
    opened = []
    for row in rows:
        if row.key_id not in ciphers:
            raise Unreadable("the key of this record was destroyed")
        record_id: UUID = row.id  # type: ignore[attr-defined]  # every sealed table has one
        opened.append(unseal(ciphers[row.key_id], row.details, _place(access, type(row), record_id)))
    return opened


def _place(access: Access, kind: type[Sealed], record_id: UUID) -> Place:
    return Place(str(kind.__tablename__), COLUMN, access.society, record_id)
