"""Decisions of a person as callers send and see them (domain.md §5.7)."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError

from tracing.gate.purposes import Decision, GivenBy, LawfulBasis, Obtained, Purpose
from tracing.persons.consent import ConsentDraft
from tracing.persons.schemas import Shape


class DecisionsDraft(Shape):
    """Decisions to be added; nothing that was decided before is changed or lost."""

    decisions: list[ConsentDraft] = Field(
        min_length=1, max_length=30, examples=[[{"purpose": "match_within_society", "decision": "granted"}]]
    )


class WithdrawalDraft(Shape):
    """Purposes that end now, whatever else was decided about them up to now."""

    purposes: list[Purpose] = Field(min_length=1, max_length=len(Purpose), examples=[["match_within_society"]])
    given_by: GivenBy = GivenBy.SUBJECT
    obtained: Obtained = Obtained.VERBAL

    @field_validator("purposes")
    @classmethod
    def _each_once(cls, purposes: list[Purpose]) -> list[Purpose]:
        if len(set(purposes)) < len(purposes):
            raise PydanticCustomError("named-twice", "a purpose is named twice")
        return purposes


class ConsentView(BaseModel):
    """One decision as it was recorded."""

    id: UUID
    purpose: Purpose
    recipient: str | None
    decision: Decision
    lawful_basis: LawfulBasis
    given_by: GivenBy
    obtained: Obtained
    information_notice_version: str | None
    valid_until: datetime | None
    decided_at: datetime
    recorded_at: datetime
    recorded_by: UUID = Field(description="The account that recorded it.")


class ConsentsView(BaseModel):
    """All decisions about one record, and what they amount to now."""

    record_id: UUID
    in_force: list[Purpose] = Field(description="What the record may be used for now, bound to no recipient.")
    expires_at: datetime = Field(description="When the registration ends; the record is hidden from then on.")
    decisions: list[ConsentView] = Field(description="Oldest first; per purpose the latest counts.")
