"""What a PFIF file holds, what an import of one answers, and what a worker sees of a copy."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, Field

from tracing.intake.schemas import MOST_ERRORS, RowError
from tracing.persons.schemas import Shape


class Status(StrEnum):
    """What a note's author says of the person (PFIF 1.2 to 1.4)."""

    INFORMATION_SOUGHT = "information_sought"
    IS_NOTE_AUTHOR = "is_note_author"
    BELIEVED_ALIVE = "believed_alive"
    BELIEVED_MISSING = "believed_missing"
    BELIEVED_DEAD = "believed_dead"


@dataclass(frozen=True, slots=True)
class Note:
    """One note as it stands in the file: fields under their names of PFIF 1.4, and its own bytes."""

    line: int
    fields: Mapping[str, str]
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Person:
    """One person as they stand in the file, with every note about them; `raw` holds the notes inside it, too."""

    line: int
    fields: Mapping[str, str]
    raw: bytes
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be imported, and how.

    Attributes:
        domain: home of the rows of a CSV file whose ids name none.
    """

    dry_run: bool = False
    domain: str = ""


class PfifReport(Shape):
    """What became of a file: `records` = `imported` + `updated` + `removed` + `already_there` + `refused`."""

    dry_run: bool
    records: int = Field(description="Person records found.")
    imported: int = Field(description="Records that were new.")
    updated: int = Field(description="Copies brought up to date, since their `source_date` is newer.")
    removed: int = Field(description="Copies hidden, since their home has removed the record or it has expired.")
    already_there: int = Field(description="Records that are here as new or newer, or that are hidden here.")
    refused: int = Field(description="Records that break a rule or are held back, each listed in `errors`.")
    ignored: int = Field(description="Elements and columns that PFIF does not know, and fields that stood twice.")
    errors: list[RowError] = Field(
        max_length=MOST_ERRORS,
        description=f"The first {MOST_ERRORS} things wrong, also with notes; the counts above are whole.",
    )


class Claim(Shape):
    """What one note claims. Nobody here has checked it."""

    status: Status | None
    source_date: AwareDatetime | None
    author_made_contact: bool | None = Field(description="Empty: not said.")


class CopyDetails(Shape):
    """What is stored sealed of a copy beside its original bytes."""

    person_record_id: str
    claims: list[Claim] = Field(default=[])
    linked: list[str] = Field(default=[])

    def beside(self, raw: bytes) -> bytes:
        """Return the details and the original bytes as they are sealed together."""
        return self.model_dump_json().encode() + b"\n" + raw

    @classmethod
    def parted(cls, plain: bytes) -> "tuple[CopyDetails, bytes]":
        """Return the details and the original bytes again."""
        head, _, raw = plain.partition(b"\n")
        return cls.model_validate_json(head), raw


class CopyView(CopyDetails):
    """A copy of a PFIF record as a worker sees it."""

    record_id: UUID
    origin: str
    source_date: AwareDatetime
    claims_death: bool = Field(
        description="A note says that the person is believed dead. It changes nothing here: a death needs two workers "
        "and evidence (`POST /v1/sought-persons/{id}/fate-reports`)."
    )
    linked: list[str] = Field(description="Records that a note calls the same person. Nothing is merged by it.")
