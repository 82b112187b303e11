"""A row as every reader hands it on, and the bytes that it came from."""

import codecs
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracing.intake.errors import UnreadableFile
from tracing.kit.errors import Flaw

CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number in the file from 1, and what it holds in the neutral shape, or what is wrong.

    The pointer of a flaw is the column's name, or `column 3` when the column is not known.
    """

    number: int
    record: Mapping[str, Any] | None
    flaws: tuple[Flaw, ...] = ()


@dataclass
class Source:
    """A file staged in memory, and how far it has been read.

    Attributes:
        share: part of the file that has been read, 0 to 1.
    """

    content: bytes
    share: float = 0.0
    stream: io.BytesIO = field(init=False)

    def __post_init__(self) -> None:
        self.stream = io.BytesIO(self.content)

    def follow(self) -> None:
        """Take note of how far the stream has been read."""
        self.share = self.stream.tell() / max(len(self.content), 1)


def unreadable(code: str, detail: str) -> UnreadableFile:
    """Return the error of a file that cannot be read as a whole."""
    return UnreadableFile(detail, [Flaw("file", code, detail)])


def text_of(source: Source) -> io.TextIOWrapper:
    """Return the file as text: UTF-8 with or without a byte order mark, or UTF-16 with one.

    Raises:
        UnreadableFile: another encoding, found before the first row is read.
    """
    start = source.content[:4]
    if not source.content.strip():
        raise unreadable("empty-file", "there is nothing in the file")
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise unreadable("encoding", "the file is UTF-32; save it as UTF-8")
    wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if wide else "utf-8-sig"
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    try:
        for chunk in _chunks(source.content):
            line += decoder.decode(chunk).count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        name = "UTF-16" if wide else "UTF-8"
        raise unreadable("encoding", f"the file is not {name} from about line {line} on; save it as UTF-8") from None
    return io.TextIOWrapper(source.stream, encoding=encoding, newline="")


def _chunks(content: bytes) -> Iterator[memoryview]:
    view = memoryview(content)
    for start in range(0, len(content), CHUNK):
        yield view[start : start + CHUNK]
