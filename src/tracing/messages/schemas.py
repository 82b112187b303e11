"""What callers send and see of Red Cross Messages. No shape has room for an address or a contact point."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field

from tracing.kit.text import prose
from tracing.messages.states import Direction, Event, Flag, Reason, State
from tracing.persons.schemas import Shape
from tracing.persons.whereabouts import WORDS_WITHHELD, as_shown

News = Annotated[str, Field(min_length=1, max_length=2_000, strict=True), AfterValidator(prose)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$", description="ISO 639")]


class MessageDetails(Shape):
    """What is stored sealed of a message."""

    text: News = Field(
        description="Family news only: no address, place, telephone number or money.",
        examples=["I am well and think of you all."],
    )
    language: Language = Field(examples=["so"])


class MessageDraft(MessageDetails):
    """A message to carry between a found person and the enquirer who seeks them."""

    direction: Direction = Field(examples=[Direction.TO_ENQUIRER])
    found_id: UUID | None = Field(
        None, description="The found person's record; by default whoever was asked last about this search."
    )


class MessageChange(MessageDetails):
    """The text anew; another worker reads it again."""


class StepDraft(Shape):
    """What happened to a message."""

    event: Literal[Event.READ, Event.RETURN, Event.SEND, Event.DELIVER, Event.FAIL, Event.REFUSE, Event.STOP] = Field(
        examples=[Event.READ]
    )
    reason: Reason | None = Field(None, description="Needed to return and to fail; a code of that step.")


class MessageView(Shape):
    """A message as a worker sees it."""

    id: UUID
    sought_id: UUID
    found_id: UUID
    direction: Direction
    state: State
    reason: Reason | None
    language: str | None
    text: str | None = Field(
        description="null while the found person's answer does not allow this direction, or where words are withheld."
    )
    words_withheld: bool = Field(description=WORDS_WITHHELD)
    flags: list[Flag] = Field(description="What the text seems to hold that must not leave; the reader decides.")
    entered_by: UUID
    sent_at: AwareDatetime | None
    settled_at: AwareDatetime | None
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @property
    def edition(self) -> str:
        """The version as it is shown; what is withheld from one caller is another edition."""
        return as_shown(self.version, self.words_withheld)
