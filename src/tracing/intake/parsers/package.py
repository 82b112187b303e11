"""An XLSX file as a package: what may be in it and how much, and its XML as a stream of tags.

Nothing is unpacked to disk, no tree is built, no document type is read, no link is followed.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Protocol
from xml.parsers import expat

from tracing.intake.errors import OverfullFile
from tracing.intake.parsers.lines import CHUNK, Source, unreadable
from tracing.kit.errors import Flaw, TracingError

MIB = 1 << 20
MOST_MEMBERS = 1_000
MOST_BYTES = 512 * MIB
MOST_RATIO = 200  # like rows pack about 1:30; deflate's limit, which bombs come near, is 1:1032
SMALL = MIB  # below this size a ratio says nothing
DEEPEST = 40  # tags in tags; a cell of a sheet stands at 5
TAG_MOST = 4 * CHUNK  # bytes of one tag with its attributes
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Excel before 2007, and every workbook with a password
DAMAGE = (
    expat.ExpatError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    LookupError,
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
)
PROGRAMS = ("vbaproject", "macrosheets/", "activex/", "dialogsheets/")


class Tags(Protocol):
    """What `walk` tells of a member's XML; names come without their namespace."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A tag is opened."""

    def end(self, name: str) -> None:
        """A tag is closed."""

    def text(self, text: str) -> None:
        """Characters between tags; may come in pieces."""


def open_package(source: Source) -> zipfile.ZipFile:
    """Return the package after checking its members: how many, how large, and that none is a program.

    Raises:
        UnreadableFile: no package, damaged, encrypted, or with macros.
        OverfullFile: too many members, too large, or packed beyond what a list can be.
    """
    if not source.content:
        raise unreadable("empty-file", "there is nothing in the file")
    if source.content.startswith(OLE):
        raise unreadable("encrypted", "the workbook has a password or is older than .xlsx; save it anew")
    try:
        package = zipfile.ZipFile(io.BytesIO(source.content))
    except DAMAGE:
        raise unreadable("not-a-workbook", "the file is no XLSX workbook") from None
    members = package.infolist()
    if any(member.flag_bits & 1 for member in members):
        raise unreadable("encrypted", "parts of the workbook are encrypted")
    if any(program in member.filename.lower() for member in members for program in PROGRAMS):
        raise unreadable("macros", "the workbook holds macros or controls; save it without them, as .xlsx")
    if len({member.filename for member in members}) < len(members):
        raise unreadable("not-a-workbook", "a part stands twice in the workbook")
    if any(m.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for m in members):
        raise unreadable("not-a-workbook", "the workbook is packed in a way that no spreadsheet uses")
    _refuse_bombs(members, len(source.content))
    return package


def _refuse_bombs(members: list[zipfile.ZipInfo], packed: int) -> None:
    """Sizes are as declared; reading stops at them, so a member that lies is cut off and fails its sum."""
    if len(members) > MOST_MEMBERS:
        raise _bomb(f"the workbook has more than {MOST_MEMBERS} parts")
    if sum(member.file_size for member in members) > MOST_BYTES:
        raise _bomb(f"the workbook unpacks to more than {MOST_BYTES // MIB} MiB")
    if sum(member.compress_size for member in members) > packed:
        raise _bomb("parts of the workbook lie over each other")
    if any(m.file_size > SMALL and m.file_size > MOST_RATIO * max(m.compress_size, 1) for m in members):
        raise _bomb(f"a part of the workbook unpacks to more than {MOST_RATIO} times its size")


def _bomb(detail: str) -> OverfullFile:
    return OverfullFile(detail, [Flaw("file", "zip-bomb", detail)])


def walk(package: zipfile.ZipFile, member: str, tags: Tags) -> Iterator[float]:
    """Tell `tags` of a member's XML, piece by piece; yield after each piece the part that is read, 0 to 1.

    Raises:
        UnreadableFile: absent, damaged, no XML, with a document type, or nested or tagged without end.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise unreadable("xml-too-deep", "the workbook's XML is nested without end")
        tags.start(local(name), attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        tags.end(local(name))

    def refuse(*_: object) -> None:
        raise unreadable("document-type", "the workbook's XML declares a document type")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = tags.text
    parser.StartDoctypeDeclHandler = refuse
    fed = 0
    try:
        size = max(package.getinfo(member).file_size, 1)
        with package.open(member) as stream:
            while chunk := stream.read(CHUNK):
                parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - parser.CurrentByteIndex > TAG_MOST:
                    raise unreadable("not-a-workbook", "a tag of the workbook's XML has no end")
                yield fed / size
            parser.Parse(b"", True)
        yield 1.0
    except TracingError:
        raise
    except DAMAGE:
        raise unreadable("not-a-workbook", "a part of the workbook is absent or damaged") from None


def local(name: str) -> str:
    """Return a tag's name without the prefix of its namespace."""
    return name.rpartition(":")[2]


def attribute(attributes: dict[str, str], name: str) -> str:
    """Return an attribute whatever prefix it stands under; "" without one."""
    return next((value for key, value in attributes.items() if local(key) == name), "")
