"""Files of a backup: one per table, NDJSON under gzip, and a manifest that proves them.

The first line of a file names columns and their kinds, each further one is a row as a list. Nothing depends on the
database that it came from: an archive of PostgreSQL is restored into an embedded database, and the other way round.
Rows stand in the order of society and primary key, so that equal rows make equal digests.
"""

import base64
import binascii
import gzip
import hashlib
import hmac
import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Float, Integer, LargeBinary, String, Table, Uuid
from sqlalchemy.types import TypeEngine

from tracing.gate.columns import Moment
from tracing.gate.vault import Vault
from tracing.kit.errors import TracingError

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 1 << 20
LEVEL = 3  # most of it is ciphertext, which no level makes smaller


class BadArchive(TracingError):
    """A backup is incomplete, altered, or not one of this service."""

    code = "bad-archive"
    title = "The backup cannot be used"


class Kind(StrEnum):
    """What a column holds."""

    UUID = "uuid"
    MOMENT = "moment"
    BYTES = "bytes"
    FLAG = "flag"
    NUMBER = "number"
    REAL = "real"
    TEXT = "text"


_WRITE: dict[Kind, Callable[[Any], Any]] = {
    Kind.UUID: lambda value: value.hex,
    Kind.MOMENT: lambda value: value.astimezone(UTC).isoformat(timespec="microseconds"),
    Kind.BYTES: lambda value: base64.b64encode(value).decode(),
    Kind.FLAG: bool,
    Kind.NUMBER: int,
    Kind.REAL: float,
    Kind.TEXT: str,
}
_READ: dict[Kind, Callable[[Any], Any]] = _WRITE | {
    Kind.UUID: UUID,
    Kind.MOMENT: datetime.fromisoformat,
    Kind.BYTES: lambda value: base64.b64decode(value, validate=True),
}
TYPES: dict[Kind, TypeEngine[Any]] = {
    Kind.UUID: Uuid(),
    Kind.MOMENT: Moment(),
    Kind.BYTES: LargeBinary(),
    Kind.FLAG: Boolean(),
    Kind.NUMBER: BigInteger(),
    Kind.REAL: Float(),
    Kind.TEXT: String(),
}

Columns = tuple[tuple[str, Kind], ...]


def columns_of(table: Table) -> Columns:
    """Return the columns of a table with what they hold."""
    return tuple((column.name, _kind(column.type)) for column in table.columns)


def _kind(known: TypeEngine[Any]) -> Kind:
    for kind, types in (
        (Kind.UUID, Uuid),
        (Kind.MOMENT, Moment),
        (Kind.BYTES, LargeBinary),
        (Kind.FLAG, Boolean),
        (Kind.NUMBER, Integer),
        (Kind.REAL, Float),
    ):
        if isinstance(known, types):
            return kind
    return Kind.TEXT


@dataclass(frozen=True, slots=True)
class Part:
    """One file: how many rows, the SHA-256 of the file, and that of its lines, which any copy of the rows has."""

    table: str
    rows: int
    sha256: str
    digest: str

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.table}.ndjson.gz"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds. `backup_id` is the same for the case base and the keys that were taken with it."""

    what: str
    backup_id: UUID
    at: datetime
    revision: str
    parts: tuple[Part, ...]

    def write(self, folder: Path, vault: Vault) -> None:
        """Write the manifest, proved by a keyed hash, into `folder`."""
        fields = self._plain()
        text = json.dumps(fields | {"mac": self._mac(vault, fields)}, indent=1, sort_keys=True)
        write_safely(folder / MANIFEST, [text.encode() + b"\n"])

    def _plain(self) -> dict[str, Any]:
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return asdict(self) | {"format": FORMAT, "backup_id": str(self.backup_id), "at": at}

    @staticmethod
    def _mac(vault: Vault, fields: dict[str, Any]) -> str:
        return vault.hash("backup manifest", json.dumps(fields, sort_keys=True, default=list))

    @classmethod
    def read(cls, folder: Path, vault: Vault) -> "Manifest":
        """Return the manifest of the archive in `folder`.

        Raises:
            BadArchive: there is none, it was altered, or it was made under another master key.
        """
        path = folder / MANIFEST
        try:
            known = json.loads(path.read_text("utf-8"))
            fields = {key: value for key, value in known.items() if key != "mac"}
            proved = hmac.compare_digest(str(known["mac"]).encode(), cls._mac(vault, fields).encode())
            made = cls(
                what=str(fields["what"]),
                backup_id=UUID(fields["backup_id"]),
                at=datetime.fromisoformat(fields["at"]),
                revision=str(fields["revision"]),
                parts=tuple(Part(**part) for part in fields["parts"]),
            )
        except FileNotFoundError:
            raise BadArchive(f"{path} is missing") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BadArchive(f"{path} cannot be read") from None
        if not proved:
            raise BadArchive(f"{path} was altered, or made under another master key")
        if fields["format"] != FORMAT:
            raise BadArchive(f"{path} is of a format that this version does not read")
        return made


def write_safely(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file, mode 0600, and return when the disk has it."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())


def write_part(folder: Path, table: str, columns: Columns, rows: Iterable[Sequence[Any]]) -> Part:
    """Write the rows of a table into `folder` and return what proves them."""
    count, lines, digest = 0, lines_of(columns, rows), hashlib.sha256()

    def packed() -> Iterator[bytes]:
        nonlocal count
        packer = zlib.compressobj(LEVEL, wbits=zlib.MAX_WBITS | 16)  # 16 asks for gzip's frame
        for line in lines:
            count += 1
            digest.update(line)
            if piece := packer.compress(line):
                yield piece
        yield packer.flush()

    path = folder / f"{table}.ndjson.gz"
    write_safely(path, packed())
    return Part(table, count - 1, sha256_of(path), digest.hexdigest())


def lines_of(columns: Columns, rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield the lines of a table: its columns, then its rows."""
    yield _line([[name, kind] for name, kind in columns])
    writers = [_WRITE[kind] for _, kind in columns]
    for row in rows:
        yield _line([None if value is None else write(value) for write, value in zip(writers, row, strict=True)])


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def digest_of(columns: Columns, rows: Iterable[Sequence[Any]]) -> tuple[int, str]:
    """Return how many rows there are, and the digest that a part with the same rows has."""
    count, digest = -1, hashlib.sha256()
    for line in lines_of(columns, rows):
        count += 1
        digest.update(line)
    return count, digest.hexdigest()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def check_part(folder: Path, part: Part) -> None:
    """Refuse a file that is not the one that was written.

    Raises:
        BadArchive: it is missing, cut off or altered.
    """
    path = folder / part.name
    if not path.is_file():
        raise BadArchive(f"{path} is missing")
    if sha256_of(path) != part.sha256:
        raise BadArchive(f"{path} was cut off or altered")


def read_part(folder: Path, part: Part) -> tuple[Columns, Iterator[list[Any]]]:
    """Return the columns of a part and its rows, as they were; the file has been checked.

    Raises:
        BadArchive: it cannot be read, here or while the rows are taken.
    """
    lines = _unpacked(folder / part.name)
    with suppress(StopIteration, ValueError, TypeError):
        columns = tuple((str(name), Kind(kind)) for name, kind in json.loads(next(lines)))
        return columns, _rows(folder / part.name, columns, lines)
    raise BadArchive(f"{folder / part.name} cannot be read")


def _rows(path: Path, columns: Columns, lines: Iterator[bytes]) -> Iterator[list[Any]]:
    readers = [_READ[kind] for _, kind in columns]
    try:
        for line in lines:
            values = json.loads(line)
            yield [None if value is None else read(value) for read, value in zip(readers, values, strict=True)]
    except (ValueError, TypeError, binascii.Error):
        raise BadArchive(f"{path} cannot be read") from None


def _unpacked(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as file:
            yield from file
    except (OSError, EOFError, zlib.error):
        raise BadArchive(f"{path} cannot be read") from None
