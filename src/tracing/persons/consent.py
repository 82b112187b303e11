"""A consent, refusal or other lawful basis as callers send it (domain.md §5.7)."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from tracing.gate.consents import ConsentFact
from tracing.gate.purposes import Decision, GivenBy, LawfulBasis, Obtained, Purpose
from tracing.kit.text import Word
from tracing.persons.schemas import Shape


class ConsentDraft(Shape):
    """One decision about one purpose. A sought person usually rests on public or vital interest until reached."""

    purpose: Purpose
    decision: Decision = Decision.GRANTED
    lawful_basis: LawfulBasis = LawfulBasis.CONSENT
    given_by: GivenBy = GivenBy.SUBJECT
    obtained: Obtained = Obtained.VERBAL
    recipient: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")] | None = Field(
        None, description="Code of a society or third party; left out: not bound to one."
    )
    information_notice_version: Word | None = None
    valid_until: AwareDatetime | None = Field(None, description="End of the consent; left out: until withdrawn.")
    decided_at: AwareDatetime | None = Field(None, description="When it was decided; left out: now.")

    def fact(self) -> ConsentFact:
        """Return the decision as the gate keeps it."""
        return ConsentFact(
            purpose=self.purpose,
            decision=self.decision,
            lawful_basis=self.lawful_basis,
            given_by=self.given_by,
            obtained=self.obtained,
            recipient=self.recipient or "",
            notice_version=self.information_notice_version or "",
            valid_until=self.valid_until,
            decided_at=self.decided_at,
        )
