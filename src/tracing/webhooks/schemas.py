"""Webhooks as callers send and see them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from tracing.persons.schemas import Shape
from tracing.webhooks.states import TABLE, DeliveryState, Disabled, EventType, Trouble

Events = Annotated[
    list[EventType],
    Field(min_length=1, max_length=len(EventType), description="What it is told of.", examples=[["request.opened"]]),
]


def _subscribable(events: list[EventType]) -> list[EventType]:
    if EventType.TEST in events:
        raise PydanticCustomError("no-subscription", "tests are sent by hand, nobody subscribes to them")
    return sorted(set(events), key=list(TABLE).index)


class WebhookDraft(Shape):
    """An endpoint that shall be told."""

    url: str = Field(
        min_length=9,
        max_length=2048,
        description="https, a public host by its name, in lower case; it cannot be changed later.",
        examples=["https://hooks.example.org/tracing"],
    )
    events: Events

    _events = field_validator("events")(_subscribable)


class WebhookChange(Shape):
    """Other events, from now on."""

    events: Events

    _events = field_validator("events")(_subscribable)


class SecretView(BaseModel):
    """A secret that signs; its text was shown once."""

    id: UUID
    created_at: AwareDatetime


class WebhookView(BaseModel):
    """An endpoint."""

    id: UUID
    owner_id: UUID
    origin: str = Field(description="Scheme, host and port.")
    url: str | None = Field(description="The whole address, for its owner alone.")
    events: list[EventType]
    secrets: list[SecretView] = Field(description="The active ones; each delivery carries a signature of each.")
    failures: int = Field(description="Attempts that failed in a row.")
    next_at: AwareDatetime | None = Field(description="While it fails: when it is tried again.")
    disabled_at: AwareDatetime | None
    disabled_for: Disabled | None
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


class NewSecretView(BaseModel):
    """An endpoint with a secret that was just made."""

    webhook: WebhookView
    secret: str | None = Field(
        description="`whsec_…`, shown this once; null when the call came again with its Idempotency-Key."
    )


class DeliveryView(BaseModel):
    """One event for one endpoint, without what it is about."""

    id: UUID
    webhook_id: str = Field(description="The header `webhook-id`, the same however often it is sent.")
    event: EventType
    happened_at: AwareDatetime
    state: DeliveryState
    attempts: int
    last_status: int | None
    last_trouble: Trouble | None
    created_at: AwareDatetime
    settled_at: AwareDatetime | None


class ReplayDraft(Shape):
    """What is to be sent again: one delivery, or every settled one of what happened since a moment."""

    delivery_id: UUID | None = None
    since: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one(self) -> "ReplayDraft":
        if (self.delivery_id is None) == (self.since is None):
            raise PydanticCustomError("one-of", "either delivery_id or since")
        return self


class ReplayView(BaseModel):
    """How many deliveries are to be sent again; the oldest `limit` at once."""

    replayed: int
    more: bool = Field(description="Whether there were more; ask again from the last one's time.")


class Payload(BaseModel):
    """What is sent: nothing of any person."""

    type: EventType
    timestamp: AwareDatetime
    data: dict[Literal["record_id", "suggestion_id", "run_id"], UUID]
