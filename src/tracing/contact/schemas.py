"""What callers send and see of keeping contact."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from tracing.contact.states import Bar, Channel, Purpose, Result
from tracing.kit.text import Prose
from tracing.persons.schemas import Shape
from tracing.persons.whereabouts import WORDS_WITHHELD

Place = Annotated[int, Field(ge=0, le=19, strict=True)]


class UsableView(Shape):
    """A contact point that may be used now, and how."""

    contact: int = Field(description="Its place among the record's contact points, from 0.")
    kind: str
    value: str
    belongs_to: str
    channels: list[Channel]
    may_identify_as: Literal["red_cross", "neutral_name", "nobody"]
    may_leave_voicemail: bool = Field(description="Never on a device that others use as well.")
    hours: str | None
    code_word: str | None
    shared_device: bool | None = Field(description="null: nobody knows; take it for shared.")
    language: str | None


class BarredView(Shape):
    """A contact point that may not be used now, and why; what it is stands in the record."""

    contact: int = Field(description="Its place among the record's contact points, from 0.")
    kind: str
    why: list[Bar]


class PlanView(Shape):
    """How the person of a record may be contacted now for one purpose."""

    record_id: UUID
    purpose: Purpose
    usable: list[UsableView]
    not_usable: list[BarredView]
    no_safe_contact: bool = Field(description="The enquirer has said that there is none.")
    reconfirmed_at: AwareDatetime | None = Field(description="When the person was last reached.")
    due_at: AwareDatetime | None = Field(description="When to ask again whether they can be reached.")


class AttemptDetails(Shape):
    """What is stored sealed of a try."""

    contact: Place | None = Field(
        None,
        description="Its place among the record's contact points, from 0; null: none of them was used.",
    )
    note: Prose | None = Field(None, description="Stored sealed with the record's key.")


class AttemptDraft(AttemptDetails):
    """One try to reach the person of a record."""

    channel: Channel = Field(examples=[Channel.PHONE])
    purpose: Purpose = Field(examples=[Purpose.CASE_UPDATE])
    result: Result = Field(examples=[Result.REACHED])
    made_at: AwareDatetime | None = Field(None, description="Left out: now.")


class AttemptView(AttemptDetails):
    """A try as a worker sees it."""

    id: UUID
    record_id: UUID
    channel: Channel
    purpose: Purpose
    result: Result
    made_at: AwareDatetime
    recorded_at: AwareDatetime
    recorded_by: UUID
    words_withheld: bool = Field(description=WORDS_WITHHELD)
