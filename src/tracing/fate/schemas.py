"""What callers send and see of fate reports. Accounts and evidence are stored sealed with the sought person's key."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from tracing.fate.states import Event, Finding, Source, State
from tracing.kit.text import Line, Prose, Word
from tracing.persons.schemas import EdtfText, Shape
from tracing.persons.whereabouts import WORDS_WITHHELD, as_shown


class EvidenceKind(StrEnum):
    """What a piece of evidence is; the documents bear the names of the sources that they prove."""

    CIVIL_REGISTER = "civil_register"
    HOSPITAL_OR_MORGUE = "hospital_or_morgue"
    FORENSIC_IDENTIFICATION = "forensic_identification"
    AUTHORITY_NOTIFICATION = "authority_notification"
    COURT_DECLARATION = "court_declaration"
    CEMETERY_OR_GRAVE = "cemetery_or_grave"
    EYE_WITNESS = "eye_witness"
    FAMILY_STATEMENT = "family_statement"
    EVENT_LIST = "event_list"
    PARTNER_SOCIETY = "partner_society"
    SIGHTING = "sighting"


class Evidence(Shape):
    """One piece of evidence."""

    kind: EvidenceKind
    ref: Word = Field(description="Where it is kept: number of the document or of the witness's statement.")
    date: EdtfText | None = None
    place: Line | None = Field(None, description="Withheld like words.")
    statement: Prose | None = Field(None, description="In words; where words are withheld from you, null.")
    heard_apart: StrictBool = Field(False, description="An eye witness who was heard without any other witness.")
    sighting_id: UUID | None = Field(None, description="The sighting that it is; then it counts as no witness.")

    @model_validator(mode="after")
    def _a_sighting_is_named(self) -> "Evidence":
        if self.kind is EvidenceKind.SIGHTING and self.sighting_id is None:
            raise PydanticCustomError("sighting-not-named", "evidence of the kind `sighting` names its `sighting_id`")
        return self


class Reported(Shape):
    """What is known of a fate report, apart from the account."""

    evidence: list[Evidence] = Field(min_length=1, max_length=40)
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$", description="ISO 639, of the account.")]


class FateDetails(Reported):
    """What is stored sealed of a fate report."""

    account: Prose = Field(description="What is said to have happened.")


EXAMPLE: dict[str, Any] = {
    "finding": "deceased",
    "source": "hospital_or_morgue",
    "account": "She died in the district hospital and is buried there.",
    "evidence": [{"kind": "hospital_or_morgue", "ref": "register 4, no. 118", "date": "2022-03-11"}],
    "language": "en",
}


class FateDraft(FateDetails):
    """A report of what became of a sought person, for another worker to confirm."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    finding: Finding
    source: Source


class FateEventDraft(Shape):
    """What happened to the report."""

    event: Event = Field(examples=[Event.CONFIRM])


class FateView(Reported):
    """A fate report as a worker sees it."""

    account: str | None = Field(description="What is said to have happened; null where words are withheld from you.")
    words_withheld: bool = Field(description=WORDS_WITHHELD)

    id: UUID
    sought_id: UUID
    finding: Finding
    source: Source
    state: State
    reported_by: UUID
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @property
    def edition(self) -> str:
        """The version as it is shown; what is withheld from one caller is another edition."""
        return as_shown(self.version, self.words_withheld)


class FatesView(Shape):
    """The fate reports about one sought person, newest first."""

    items: list[FateView]
