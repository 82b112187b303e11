"""Files of a backup: one per table, NDJSON under gzip, and a manifest that proves them.

The first line of a file names columns and their kinds, each further one is a row as a list. Nothing depends on the
database that it came from: an archive of PostgreSQL is restored into an embedded database, and the other way round.
Rows stand in the order of society and primary key, so that equal rows make equal digests.

Values go from the driver to the file and back without SQLAlchemy's types in between: millions of them do.
"""

import base64
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

from sqlalchemy import Boolean, Float, Integer, LargeBinary, Table, Uuid
from sqlalchemy.types import TypeEngine

from tracing.gate.columns import Moment
from tracing.gate.vault import Vault
from tracing.kit.errors import TracingError

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 1 << 20
LEVEL = 1  # most of it is ciphertext and hashes, which no level makes smaller
LINES = 1_000
"""Lines that are digested and packed at once."""


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


Turn = Callable[[Any], Any] | None
"""Turns a value that is not None; None where it stays as it is."""

_SAME: dict[Kind, Turn] = dict.fromkeys(Kind)
# From a driver's value to the file's, and back, by dialect. SQLite keeps ids as 32 digits and moments as UTC text;
# PostgreSQL reads ids and moments from text.
TO_FILE: dict[str, dict[Kind, Turn]] = {
    "sqlite": _SAME
    | {
        Kind.MOMENT: lambda value: f"{value[:10]}T{value[11:]}+00:00",
        Kind.BYTES: lambda value: base64.b64encode(value).decode(),
        Kind.FLAG: bool,
    },
    "postgresql": _SAME
    | {
        Kind.UUID: lambda value: value.hex,
        Kind.MOMENT: lambda value: value.astimezone(UTC).isoformat(timespec="microseconds"),
        Kind.BYTES: lambda value: base64.b64encode(value).decode(),
    },
}
FROM_FILE: dict[str, dict[Kind, Turn]] = {
    "sqlite": _SAME
    | {Kind.MOMENT: lambda value: f"{value[:10]} {value[11:26]}", Kind.BYTES: base64.b64decode, Kind.FLAG: int},
    "postgresql": _SAME | {Kind.BYTES: base64.b64decode},
    "python": _SAME | {Kind.UUID: UUID, Kind.MOMENT: datetime.fromisoformat, Kind.BYTES: base64.b64decode},
}
ARRAYS: dict[Kind, str] = {
    Kind.UUID: "uuid",
    Kind.MOMENT: "timestamptz",
    Kind.BYTES: "bytea",
    Kind.FLAG: "boolean",
    Kind.NUMBER: "bigint",
    Kind.REAL: "double precision",
    Kind.TEXT: "text",
}
"""What PostgreSQL takes a column's values as."""

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


def write_part(folder: Path, table: str, columns: Columns, rows: Iterable[Sequence[Any]], dialect: str) -> Part:
    """Write the rows of a table, as the driver of `dialect` gives them, and return what proves them."""
    counted, digest = 0, hashlib.sha256()

    def packed() -> Iterator[bytes]:
        nonlocal counted
        packer = zlib.compressobj(LEVEL, wbits=zlib.MAX_WBITS | 16)  # 16 asks for gzip's frame
        for lines, piece in _pieces(columns, rows, dialect):
            counted += lines
            digest.update(piece)
            yield packer.compress(piece)
        yield packer.flush()

    path = folder / f"{table}.ndjson.gz"
    write_safely(path, packed())
    return Part(table, counted, sha256_of(path), digest.hexdigest())


def digest_of(columns: Columns, rows: Iterable[Sequence[Any]], dialect: str) -> tuple[int, str]:
    """Return how many rows there are, and the digest that a part with the same rows has."""
    counted, digest = 0, hashlib.sha256()
    for lines, piece in _pieces(columns, rows, dialect):
        counted += lines
        digest.update(piece)
    return counted, digest.hexdigest()


def _pieces(columns: Columns, rows: Iterable[Sequence[Any]], dialect: str) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a table, many at once, with how many rows they are: first its columns alone."""
    write = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
    yield 0, f"{write([[name, kind] for name, kind in columns])}\n".encode()
    lines: list[str] = []
    for row in _turned(columns, rows, TO_FILE[dialect]):
        lines.append(write(row))
        if len(lines) == LINES:
            yield LINES, "\n".join([*lines, ""]).encode()
            lines.clear()
    if lines:
        yield len(lines), "\n".join([*lines, ""]).encode()


def _turned(columns: Columns, rows: Iterable[Sequence[Any]], turns: dict[Kind, Turn]) -> Iterator[list[Any]]:
    """Yield the rows with each value turned."""
    work = [(place, turn) for place, (_, kind) in enumerate(columns) if (turn := turns[kind]) is not None]
    for known in rows:
        row = list(known)
        for place, turn in work:
            if row[place] is not None:
                row[place] = turn(row[place])
        yield row


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


def read_part(folder: Path, part: Part, dialect: str = "python") -> tuple[Columns, Iterator[list[Any]]]:
    """Return the columns of a part and its rows as the driver of `dialect` takes them; the file has been checked.

    Raises:
        BadArchive: it cannot be read, here or while the rows are taken.
    """
    path = folder / part.name
    lines = _unpacked(path)
    with suppress(StopIteration, ValueError, TypeError):
        columns = tuple((str(name), Kind(kind)) for name, kind in json.loads(next(lines)))
        return columns, _rows(path, columns, lines, FROM_FILE[dialect])
    raise BadArchive(f"{path} cannot be read")


def _rows(path: Path, columns: Columns, lines: Iterator[bytes], turns: dict[Kind, Turn]) -> Iterator[list[Any]]:
    read, width = json.JSONDecoder().decode, len(columns)
    try:
        for row in _turned(columns, (read(line.decode()) for line in lines), turns):
            if len(row) != width:
                raise BadArchive(f"{path} cannot be read")
            yield row
    except (ValueError, TypeError, IndexError, AttributeError):
        raise BadArchive(f"{path} cannot be read") from None


def _unpacked(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as file:
            yield from file
    except (OSError, EOFError, zlib.error):
        raise BadArchive(f"{path} cannot be read") from None
