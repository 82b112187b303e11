"""What workers see of bundles. What is in one: see `envelope`."""

from typing import Literal

from pydantic import AwareDatetime, Field

from tracing.exchange.envelope import SocietyCode
from tracing.exchange.states import Side
from tracing.persons.schemas import Shape


class BundleLine(Shape):
    """A bundle that was made, that came, or that is missing: numbers only."""

    partner: SocietyCode
    side: Side
    number: int
    last: int = Field(description="The same number; of missing ones, the last.")
    became: Literal["made", "came", "missing"]
    messages: int | None
    refused: int | None
    made_at: AwareDatetime | None
    at: AwareDatetime | None
