"""What can go wrong with a PFIF file as a whole; a bad record is no error but a line of the report."""

from tracing.intake.errors import OverfullFile, UnreadableFile
from tracing.kit.errors import Conflict, Flaw


class NoDomain(Conflict):
    """Nothing is exported while the service has no domain: a record id would name no home."""

    code = "no-domain"
    title = "The service has no PFIF domain"


def unreadable(code: str, detail: str) -> UnreadableFile:
    """Return the error of a file that cannot be read as a whole; nothing of it was imported."""
    return UnreadableFile(detail, [Flaw("file", code, detail)])


def overfull(code: str, detail: str) -> OverfullFile:
    """Return the error of a file in which something is larger than any honest file has it."""
    return OverfullFile(detail, [Flaw("file", code, detail)])
