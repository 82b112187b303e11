"""What callers send and see of outcomes."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from tracing.contact.states import Channel
from tracing.fate.states import Finding
from tracing.gate.disclosing import Level
from tracing.kit.text import Prose
from tracing.outcome.states import Lack
from tracing.persons.consent import Moment
from tracing.persons.schemas import Shape
from tracing.persons.whereabouts import WORDS_WITHHELD
from tracing.requests.states import FindingReason, Outcome, State

EXAMPLE: dict[str, Any] = {
    "channel": "visit",
    "told_at": "2026-03-02T10:00:00Z",
    "language": "so",
    "support_offered": True,
}


class TellingDetails(Shape):
    """What is stored sealed of a telling."""

    note: Prose | None = None


class TellingDraft(TellingDetails):
    """How the enquirer was told: of a release, a fate, a message, or, without any, that there is no news."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    release_id: UUID | None = Field(None, description="The release that was told.")
    fate_id: UUID | None = Field(None, description="The established fate report that was told.")
    message_id: UUID | None = Field(None, description="The message that was delivered.")
    answer_id: UUID | None = Field(None, description="The partner society's answer that was told.")
    channel: Channel
    told_at: Moment
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$", description="ISO 639, in which they were told.")]
    support_offered: StrictBool = Field(description="Somebody to talk to, afterwards and at the time.")

    @model_validator(mode="after")
    def _of_one_thing(self) -> "TellingDraft":
        if [self.release_id, self.fate_id, self.message_id, self.answer_id].count(None) < 3:
            raise PydanticCustomError("of-one-thing", "a telling is of one release, fate, message or partner's answer")
        return self


class TellingView(TellingDetails):
    """A telling as a worker sees it."""

    id: UUID
    release_id: UUID | None
    fate_id: UUID | None
    message_id: UUID | None
    answer_id: UUID | None
    channel: Channel
    told_at: AwareDatetime
    language: str
    support_offered: bool
    recorded_at: AwareDatetime
    recorded_by: UUID
    words_withheld: bool = Field(description=WORDS_WITHHELD)


class ConclusionDraft(Shape):
    """Why the search ends."""

    reason: FindingReason = Field(examples=[FindingReason.RECONNECTED_CONTACT])


class TellableView(Shape):
    """One thing that the enquirer may be told; a message that was delivered is told as it is handed over."""

    kind: Literal["release", "fate", "message", "partner_answer"]
    id: UUID
    level: Level | None = Field(description="Of a release or a partner's answer: what the found person allowed.")
    finding: Finding | None = Field(description="Of a fate: what was established.")
    recorded: bool = Field(description="A telling of it is on record.")


class ReasonView(Shape):
    """Whether the search may be concluded for a reason, and why not."""

    reason: FindingReason
    allowed: bool
    missing: list[Lack]


class ClosureView(Shape):
    """One conclusion."""

    id: UUID
    reason: FindingReason
    telling_id: UUID | None
    closed_at: AwareDatetime
    closed_by: UUID


class OutcomeView(Shape):
    """What an enquirer may be told and was told, and what a conclusion would rest on."""

    sought_id: UUID
    state: State
    outcome: Outcome | None
    may_be_told: list[TellableView]
    people_to_tell: int = Field(description="How many enquirers a telling of what is not recorded yet would reach.")
    tellings: list[TellingView] = Field(description="Oldest first.")
    reasons: list[ReasonView]
    closures: list[ClosureView] = Field(description="Oldest first; a search may be reopened and closed again.")
