"""A PFIF file staged in memory: plain or the one member of a zip, opened anew for each reading.

Nothing is unpacked to disk or into memory as a whole, and no name in a zip is taken for a path.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from tracing.intake.errors import OverfullFile, UnreadableFile
from tracing.kit.errors import TracingError
from tracing.pfif.errors import overfull, unreadable

MIB = 1 << 20
MOST_RATIO = 100  # XML of records packs about 1:10; deflate's limit, which bombs come near, is 1:1032
SMALL = MIB  # below this size a ratio says nothing
MOST_DIRECTORY = 1 << 12  # bytes of a directory with one member
END = struct.Struct("<4s4H2LH")  # end of the central directory, without a comment
LOCATOR = 20  # bytes of a zip64 locator, in front of the end
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    LookupError,
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    ValueError,
)


@dataclass
class Staged:
    """The bytes of a file, and how far they have been read.

    Attributes:
        most: bytes that the file may have when unpacked.
        share: part of the file that has been read, 0 to 1.
    """

    content: bytes
    most: int = 64 * MIB
    share: float = 0.0
    member: str = field(init=False, default="")

    def __post_init__(self) -> None:
        if not self.content.strip():
            raise unreadable("empty-file", "there is nothing in the file")
        if len(self.content) > self.most:
            raise overfull("too-large", f"the file has more than {self.most} bytes")
        if self.content.startswith(b"PK"):
            self.member = _only_member(self.content, self.most)

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Lend the bytes from the beginning.

        Raises:
            UnreadableFile: here or while they are read, the zip is damaged.
        """
        if not self.member:
            yield io.BytesIO(self.content)
            return
        try:
            with zipfile.ZipFile(io.BytesIO(self.content)) as package, package.open(self.member) as stream:
                yield stream
        except TracingError:
            raise
        except DAMAGE:
            raise _damaged() from None


def _only_member(content: bytes, most: int) -> str:
    """Return the name of the one member of a zip, after checking what it says of itself.

    Sizes are as declared; reading stops at them, so a member that lies is cut off and fails its sum.

    Raises:
        UnreadableFile: damaged, encrypted, not just one member, or one that is neither XML nor CSV.
        OverfullFile: it unpacks beyond every measure.
    """
    _check_directory(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = package.infolist()
    except DAMAGE:
        raise _damaged() from None
    if len(members) != 1:
        raise _several()
    member = members[0]
    if member.flag_bits & 1:
        raise unreadable("encrypted", "the zip has a password")
    name = member.filename
    if any(mark in member.orig_filename for mark in ("/", "\\", "\0", "..", ":")) or name != member.orig_filename:
        raise unreadable("path-in-zip", "the name in the zip is a path")
    if not name.lower().endswith((".xml", ".csv")):
        raise unreadable("other-member", "the file in the zip ends neither in .xml nor in .csv")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise unreadable("packing", "the zip is packed in an unusual way")
    _refuse_bomb(member, len(content), most)
    return name


def _check_directory(content: bytes) -> None:
    """Read the end of the directory before anything else does: a million members are refused unread."""
    if len(content) < END.size or content[-END.size :][:4] != b"PK\5\6":
        raise _damaged()
    _, disk, first, here, members, size, at, comment = END.unpack(content[-END.size :])
    if content[-END.size - LOCATOR :][:4] == b"PK\6\7" or (disk, first, comment) != (0, 0, 0) or here != members:
        raise unreadable("packing", "the zip is packed in an unusual way")
    if members != 1 or size > MOST_DIRECTORY:
        raise _several()
    if at + size + END.size != len(content):
        raise _damaged()


def _refuse_bomb(member: zipfile.ZipInfo, packed: int, most: int) -> None:
    if member.file_size > most:
        raise _bomb(f"the zip unpacks to more than {most} bytes")
    if member.file_size > SMALL and member.file_size > MOST_RATIO * max(member.compress_size, 1):
        raise _bomb(f"the zip unpacks to more than {MOST_RATIO} times its size")
    if member.compress_size + member.header_offset > packed:
        raise _damaged()


def _bomb(detail: str) -> OverfullFile:
    return overfull("zip-bomb", detail)


def _several() -> UnreadableFile:
    return unreadable("several-members", "a zip holds exactly one file")


def _damaged() -> UnreadableFile:
    return unreadable("not-a-zip", "the zip is damaged")
