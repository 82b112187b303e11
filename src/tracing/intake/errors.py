"""What can go wrong with an imported list as a whole; a bad row is no error but a line of the report."""

from tracing.kit.errors import Invalid, Malformed, TooLarge


class UnreadableFile(Malformed):
    """The file is not of the form that was announced, or not one that is safe to open."""

    code = "unreadable-file"
    title = "The file cannot be read"


class OverfullFile(TooLarge):
    """Unpacked, the file is larger than any honest list."""

    title = "The file is too large when unpacked"


class WrongHeader(Invalid):
    """The first line does not name the columns that are needed; nothing was imported."""

    code = "wrong-header"
    title = "The header is not that of a list to import"


class NothingImported(Invalid):
    """Every single row breaks a rule."""

    code = "nothing-imported"
    title = "No row can be imported"
