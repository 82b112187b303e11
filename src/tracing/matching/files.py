"""Files of persons and of pairs in the neutral shape: NDJSON or CSV, plain or gzip, line by line.

A line that cannot be used is refused alone, with its number and field; values never enter a message.
"""

import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from tracing.matching.person import Person, PersonError, PersonWarning, clean

_LISTS = frozenset({"names", "father", "mother", "nationalities"})
_PAIRED = {"relatives": ("relation", "name"), "identifiers": ("type", "value")}


class FileError(ValueError):
    """A file that cannot be read at all: absent, not UTF-8 in its header, a CSV column that no person has."""


class Row(NamedTuple):
    """One line: its number from 1, and either what it holds or why it is refused."""

    line: int
    record: dict[str, Any] | None
    error: str


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One line of a person file: `person`, or `error` with the reason why the line is refused."""

    line: int
    person: Person | None
    error: str
    warnings: tuple[PersonWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class PairLine:
    """One line of a pair file; `label` is None when the line has none."""

    line: int
    left: Person | None
    right: Person | None
    label: bool | None
    error: str
    warnings: tuple[PersonWarning, ...] = ()


def persons(path: str) -> Iterator[PersonLine]:
    """Read a person file; `-` is standard input. A repeated id is refused, the first one stands.

    Raises:
        FileError: nothing of it can be read.
    """
    seen: set[str] = set()
    for line, record, error in _rows(path):
        if record is None:
            yield PersonLine(line, None, error)
            continue
        warnings: list[PersonWarning] = []
        try:
            person = Person.from_neutral(record, warnings)
        except PersonError as refused:
            yield PersonLine(line, None, str(refused))
            continue
        if person.id in seen:
            yield PersonLine(line, None, "id: occurs before in this file")
            continue
        seen.add(person.id)
        yield PersonLine(line, person, "", tuple(warnings))


def pairs(path: str, labelled: bool = False) -> Iterator[PairLine]:
    """Read a file of `{"left": person, "right": person}`, with `"label"` when `labelled`.

    `-` is standard input.

    Raises:
        FileError: nothing of it can be read.
    """
    for line, record, error in _rows(path):
        if record is None:
            yield PairLine(line, None, None, None, error)
            continue
        warnings: list[PersonWarning] = []
        try:
            label = _pair_shape(record, labelled)
            sides = [_side(record[side], side, warnings) for side in ("left", "right")]
        except PersonError as refused:
            yield PairLine(line, None, None, None, str(refused))
            continue
        yield PairLine(line, sides[0], sides[1], label, "", tuple(warnings))


def _pair_shape(record: dict[str, Any], labelled: bool) -> bool | None:
    for key in record:
        if key not in ("left", "right", "label"):
            raise PersonError(repr(key[:40]).encode("ascii", "backslashreplace").decode()[1:-1], "unknown key")
    for side in ("left", "right"):
        if side not in record:
            raise PersonError(side, "is missing")
    label = record.get("label")
    if isinstance(label, bool) or label in (0, 1):
        return bool(label)
    if labelled or label is not None:
        raise PersonError("label", "must be true or false")
    return None


def _side(record: Any, side: str, warnings: list[PersonWarning]) -> Person:
    found: list[PersonWarning] = []
    try:
        person = Person.from_neutral(record, found)
    except PersonError as refused:
        raise PersonError(f"{side}.{refused.field}", refused.reason) from None
    warnings.extend(PersonWarning(f"{side}.{field}", reason) for field, reason in found)
    return person


def _rows(path: str) -> Iterator[Row]:
    with _opened(path) as stream:
        if path.removesuffix(".gz").endswith(".csv"):
            yield from _csv_rows(stream)
        else:
            yield from _json_rows(stream)


@contextmanager
def _opened(path: str) -> Iterator[IO[bytes]]:
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(path).open("rb") as plain:
            yield cast(IO[bytes], gzip.GzipFile(fileobj=plain)) if path.endswith(".gz") else plain
    except (OSError, EOFError, zlib.error) as error:
        raise FileError(f"{path}: {getattr(error, 'strerror', None) or 'cannot be read'}") from error


def _json_rows(stream: IO[bytes]) -> Iterator[Row]:
    for number, raw in enumerate(stream, 1):
        text = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        if not text.strip():
            continue
        try:
            record = json.loads(text.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_no_repeats)
        except UnicodeDecodeError:
            yield Row(number, None, "not UTF-8")
        except PersonError as refused:
            yield Row(number, None, str(refused))
        except (ValueError, RecursionError):
            yield Row(number, None, "not JSON")
        else:
            yield (Row(number, record, "") if isinstance(record, dict) else Row(number, None, "not a JSON object"))


def _no_constant(_name: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")


def _no_repeats(items: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(items)
    if len(record) < len(items):
        raise PersonError("object", "a key occurs twice")
    return record


def _csv_rows(stream: IO[bytes]) -> Iterator[Row]:
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        reader = csv.reader(text, strict=True)
        header = next(reader, None)
        if header is None:
            return
        if unknown := [column for column in header if column not in Person.__slots__]:
            shown = unknown[0][:40].encode("ascii", "backslashreplace").decode()
            raise FileError(f"line 1: {shown}: unknown key")
        if len(set(header)) < len(header):
            raise FileError("line 1: a column occurs twice")
        yield from _csv_lines(reader, header)
    finally:
        text.detach()


def _csv_lines(reader: Any, header: list[str]) -> Iterator[Row]:
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(number, None, "not CSV")
            continue
        if not cells:
            continue
        if len(cells) != len(header):
            yield Row(number, None, f"has {len(cells)} cells, the header has {len(header)}")
            continue
        try:
            record = {column: _cell(column, cell) for column, cell in zip(header, cells, strict=True) if cell.strip()}
        except PersonError as refused:
            yield Row(number, None, str(refused))
        else:
            yield Row(number, record, "")


def _cell(column: str, cell: str) -> Any:
    if column in _LISTS:
        return [part for part in cell.split("|") if part.strip()]
    if column not in _PAIRED:
        return cell
    keys = _PAIRED[column]
    found = []
    for part in cell.split("|"):
        if not part.strip():
            continue
        first, equals, second = clean(part, column).partition("=")
        if not equals:
            raise PersonError(column, f"must read {keys[0]}={keys[1]}")
        found.append({keys[0]: first, keys[1]: second})
    return found
