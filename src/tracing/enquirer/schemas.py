"""What a case code shows: to the worker who issues it, and to the enquirer who holds it."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from tracing.requests.schemas import Relationship
from tracing.requests.states import PublicStatus


class CaseCodeView(BaseModel):
    """A case code as a worker sees it."""

    id: UUID
    code: str = Field(description="16 letters and digits in fours; without vowels, and without look-alikes.")
    secret: str | None = Field(description="The enquirer's bearer token; shown once, when the code is issued.")
    issued_at: AwareDatetime
    issued_by: UUID
    ends_at: AwareDatetime = Field(description="The secret ends then; issue a new code before.")
    revoked_at: AwareDatetime | None


class CaseCodesView(BaseModel):
    """The case codes of a request, newest first; at most one of them is valid."""

    items: list[CaseCodeView]


class SearchStatusView(BaseModel):
    """What an enquirer may know of one search. No name, no id, no date of anything that happened."""

    position: int = Field(description="1 for the first person whom the enquirer named.")
    relationship: Relationship | None = Field(description="What the person is to the enquirer, as they said.")
    status: PublicStatus
    sentence: str = Field(description="The status in plain words.")


class CaseStatusView(BaseModel):
    """What an enquirer may know of their request."""

    as_of: date = Field(description="A date of the fixed cadence, never that of a change.")
    next_date: date = Field(description="The next date of the cadence.")
    sought: list[SearchStatusView]
    emergency: str = Field(description="That this is no emergency service, in plain words.")
