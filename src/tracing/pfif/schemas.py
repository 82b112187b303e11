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
    """One note as it stands in the file: fields under their names of PFIF 1.4, and its own bytes, inside or apart."""

    line: int
    fields: Mapping[str, str]
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Person:
    """One person as they stand in the file, with every note about them; `raw` holds those inside it, too."""

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
    notes_attached: int = Field(description="Notes that came apart from their person and joined a copy.")
    notes_waiting: int = Field(description="Notes whose person has not come, now kept apart for 30 days at most.")
    ignored: int = Field(description="Elements and columns that PFIF does not know, and fields that stood twice.")
    errors: list[RowError] = Field(
        max_length=MOST_ERRORS,
        description=f"The first {MOST_ERRORS} things wrong, also with notes; the counts above are whole.",
    )


class Claim(Shape):
    """What one note claims. Nobody here has checked it. Ways to reach somebody that it names stay sealed."""

    note_record_id: str
    status: Status | None
    source_date: AwareDatetime | None
    author_made_contact: bool | None = Field(description="Empty: not said.")
    author_name: str
    last_known_location: str
    text: str
    photo_url: str


class SealedNote(Shape):
    """A note as it is stored: its fields under their names of PFIF 1.4, and its bytes as text."""

    fields: dict[str, str]
    raw: str

    @classmethod
    def of(cls, note: Note) -> "SealedNote":
        """Return a note as it is stored."""
        return cls(fields=dict(note.fields), raw=note.raw.decode())

    @property
    def note(self) -> Note:
        """The note again; its line is of another file."""
        return Note(0, self.fields, self.raw.encode())


class CopyDetails(Shape):
    """What is stored sealed of a copy beside the bytes of its person: what the file said, under its names of 1.4."""

    fields: dict[str, str]
    notes: list[SealedNote] = Field(default=[])

    @classmethod
    def of(cls, person: Person) -> "CopyDetails":
        """Return what is stored of a person with their notes."""
        return cls(fields=dict(person.fields), notes=[SealedNote.of(note) for note in person.notes])

    def person(self, raw: bytes) -> Person:
        """Return the person again; the line is of another file."""
        return Person(0, self.fields, raw, tuple(kept.note for kept in self.notes))

    def beside(self, raw: bytes) -> bytes:
        """Return the details and the original bytes as they are sealed together."""
        return self.model_dump_json().encode() + b"\n" + raw

    @classmethod
    def parted(cls, plain: bytes) -> "tuple[CopyDetails, bytes]":
        """Return the details and the original bytes again."""
        head, _, raw = plain.partition(b"\n")
        return cls.model_validate_json(head), raw


class CopyView(Shape):
    """A copy of a PFIF record as a worker sees it."""

    record_id: UUID
    origin: str
    person_record_id: str
    source_date: AwareDatetime | None = Field(description="Empty: the file gave none.")
    source_name: str
    source_url: str
    author_name: str
    photo_url: str = Field(description="A link that nobody here has followed; photos are not kept.")
    profile_urls: list[str]
    claims: list[Claim]
    claims_death: bool = Field(
        description="A note says that the person is believed dead. It changes nothing here: a death needs two workers "
        "and evidence (`POST /v1/sought-persons/{id}/fate-reports`)."
    )
    linked: list[str] = Field(description="Records that a note calls the same person. Nothing is merged by it.")
