"""What callers send and see of verifications and interviews (domain.md §4.7)."""

from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StrictBool

from tracing.kit.text import Prose
from tracing.persons.consent import Moment
from tracing.persons.schemas import Shape
from tracing.persons.whereabouts import WORDS_WITHHELD, as_shown
from tracing.verification.states import Side, State

EXAMPLE: dict[str, Any] = {
    "side": "found",
    "apart": True,
    "held_at": "2026-01-31T12:00:00Z",
    "language": "so",
    "facts": [
        {
            "topic": "childhood_home",
            "statement": "A well stood behind the house, and a blue gate before it.",
            "supplied_by_interviewer": False,
            "agrees": "yes",
        }
    ],
}


class Topic(StrEnum):
    """What a fact is about."""

    PARENTS = "parents"
    SIBLINGS = "siblings"
    OTHER_KIN = "other_kin"
    CHILDHOOD_HOME = "childhood_home"
    SCHOOL_OR_TEACHER = "school_or_teacher"
    SHARED_EVENT = "shared_event"
    SEPARATION = "separation"
    NAMES_USED_AT_HOME = "names_used_at_home"
    DISTINGUISHING_MARK = "distinguishing_mark"
    CLOTHING_OR_BELONGINGS = "clothing_or_belongings"
    PHOTO_LINE_UP = "photo_line_up"
    COMMUNITY = "community"  # somebody of the community bears it out
    OTHER = "other"


class Finding(StrEnum):
    """What a worker came to."""

    ESTABLISHED = "established"
    REFUTED = "refuted"
    OPEN = "open"


class Guardian(StrEnum):
    """Who stands in for a child."""

    PARENT = "parent"
    LEGAL_GUARDIAN = "legal_guardian"
    CAREGIVER = "caregiver"
    AUTHORITY = "authority"
    NOBODY = "nobody"  # recorded that there is none, which is not the same as not asked


class Heard(Shape):
    """What is known of one thing that was said, apart from the words."""

    topic: Topic
    supplied_by_interviewer: StrictBool = Field(description="True when the question already held the answer.")
    agrees: Literal["yes", "no", "unknown"] = "unknown"

    @property
    def counts(self) -> bool:
        """Whether it speaks for the pair: it agrees, and the person came up with it."""
        return self.agrees == "yes" and not self.supplied_by_interviewer


class Fact(Heard):
    """One thing that was said, held against what the other side or the record says."""

    statement: Prose


class FactView(Heard):
    """One thing that was said, as a worker sees it."""

    statement: str | None = Field(description="Null where words are withheld from you.")


class Talk(Shape):
    """What is known of a talk, apart from what was said."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$", description="ISO 639")]
    interpreter: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")] | None = Field(
        None, description="Code of the interpreter, never a name; left out: none."
    )


class InterviewDetails(Talk):
    """What is stored sealed of an interview, with the key of the side that spoke."""

    facts: list[Fact] = Field(min_length=1, max_length=60)


class InterviewDraft(InterviewDetails):
    """One talk with one side."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    side: Side
    apart: StrictBool = Field(description="Nobody of the other side was there; only then the interview counts.")
    held_at: Moment


class InterviewView(Talk):
    """An interview as a worker sees it."""

    facts: list[FactView]

    id: UUID
    side: Side
    apart: bool
    held_at: AwareDatetime
    recorded_by: UUID
    recorded_at: AwareDatetime


class Minors(Shape):
    """What must be known where a side is a child, or may be one."""

    own_wish: Literal["yes", "no", "unknown"] = Field("unknown", description="Whether the child wishes the contact.")
    guardian: Guardian | None = Field(None, description="Who stands in for the child; `nobody` is an answer, too.")
    trained_worker: StrictBool = Field(False, description="A worker trained for children led the interviews.")


class ResultDraft(Shape):
    """What a worker came to."""

    identity: Finding = Field(examples=[Finding.ESTABLISHED])
    relationship: Finding = Field(examples=[Finding.ESTABLISHED])
    note: Prose | None = Field(None, description="For colleagues; stored sealed.")
    minors: Minors | None = None


class Result(ResultDraft):
    """A result with who came to it."""

    given_by: UUID
    given_at: AwareDatetime


class VerificationDetails(Shape):
    """What is stored sealed of a verification, with the found person's key."""

    result: Result | None = None


class ApprovalDraft(Shape):
    """What another worker says of a proposed result."""

    approve: StrictBool = Field(examples=[True])


class VerificationView(VerificationDetails):
    """A verification as a worker sees it; with `proposed`, another worker must approve the result."""

    words_withheld: bool = Field(description=WORDS_WITHHELD)

    id: UUID
    suggestion_id: UUID
    sought_id: UUID
    found_id: UUID
    state: State
    opened_by: UUID
    settled_by: UUID | None
    settled_at: AwareDatetime | None
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


class VerificationCase(VerificationView):
    """A verification with its interviews, oldest first."""

    interviews: list[InterviewView]

    @property
    def edition(self) -> str:
        """The version as it is shown; what is withheld from one caller is another edition."""
        return as_shown(self.version, self.words_withheld)
