"""The trail as auditors see it: ids and keyed hashes, never names."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field


class TrailView(BaseModel):
    """One act."""

    seq: int = Field(description="Its number in the society's chain, without gaps.")
    at: datetime
    account_id: UUID
    worker_id: UUID = Field(description="The human behind the account.")
    act: str = Field(examples=["requests.read"])
    outcome: str = Field(description="`done` or `refused`.")
    subject_id: UUID | None = Field(description="The one record that it was about; null for a page or a run.")
    digest: str = Field(description="Of a page: keyed hash of its ids.")
    count: int = Field(description="How many records it was about.")
    request_id: str
    link: str = Field(description="Keyed hash over this row and the one before it.")
