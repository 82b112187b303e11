"""What an import is asked for and what it answers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from tracing.gate.purposes import LawfulBasis, Purpose
from tracing.kit.text import Line, Word
from tracing.persons.schemas import Shape

MOST_ERRORS = 200


class ListKind(StrEnum):
    """What the rows of a list are."""

    REQUESTS = "requests"
    SIGHTINGS = "sightings"


class ListFormat(StrEnum):
    """How a list is written down."""

    NDJSON = "ndjson"
    CSV = "csv"
    XLSX = "xlsx"


class TemplateFormat(StrEnum):
    """Formats with a header, of which an empty list can be had."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be imported, and how.

    Attributes:
        start: let what is imported take part in matching at once, instead of waiting for triage.
        source: short code of the sender; the same row id of two senders is two rows.
    """

    kind: ListKind
    format: ListFormat
    dry_run: bool = False
    start: bool = False
    source: str = ""


SOURCE = r"^[A-Za-z0-9_-]{0,40}$"
SourceCode = Annotated[str, Field(pattern=SOURCE)]


class RowError(Shape):
    """One thing wrong with one row."""

    line: int = Field(description="Line of the file, or row of the sheet, from 1; the header is line 1.")
    field: str = Field(description="Column; `column 3` when it is not known itself; empty when the whole row is meant.")
    code: str = Field(description="What is wrong, for programs.")
    detail: str = Field(description="What is wrong, in words; never the value.")


class Report(Shape):
    """What became of a list: `rows` = `imported` + `already_there` + `refused`."""

    kind: ListKind
    dry_run: bool
    rows: int = Field(description="Rows found; blank ones do not count.")
    imported: int = Field(description="Rows imported, or, with `dry_run`, rows that would be.")
    already_there: int = Field(description="Rows whose `home_ref` was imported before, visible or not.")
    refused: int = Field(description="Rows that break a rule or are held back, each listed in `errors`.")
    errors: list[RowError] = Field(
        max_length=MOST_ERRORS,
        description=f"The first {MOST_ERRORS} things wrong; the counts above are whole.",
    )


class RowKey(Shape):
    """What ties a row to its sender."""

    home_ref: Line
    enquirer_ref: Line | None = None


class Grounds(Shape):
    """On what a row's persons are registered, and for which purposes."""

    lawful_basis: LawfulBasis
    enquirer_basis: LawfulBasis | None = None
    purposes: list[Purpose] = Field(
        default=[Purpose.REGISTER, Purpose.MATCH_WITHIN_SOCIETY], min_length=1, max_length=len(Purpose)
    )
    information_notice_version: Annotated[Word, Field(max_length=40)] | None = None
