"""Foreign records: copies of what somebody else keeps. They are compared here, and given on nowhere.

`Record.origin` is "" for what the society registered itself, else where the copy came from: `exchange:UG`,
`pfif:example.org`.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tracing.gate.purposes import Decision, Purpose
from tracing.kit.errors import Conflict

if TYPE_CHECKING:
    from tracing.gate.consents import ConsentFact
    from tracing.gate.tables import Consent, Record

LONGEST = 80
PURPOSES = frozenset({Purpose.REGISTER, Purpose.MATCH_WITHIN_SOCIETY})
"""All that a copy is kept for, whatever anybody decides about it here."""
MASK = sum(purpose.bit for purpose in PURPOSES)


class ForeignRecord(Conflict):
    """The record is a copy of somebody else's; who keeps the original decides what is given on."""

    code = "foreign-record"
    title = "The record is a copy of somebody else's"


def of_own(records: Iterable["Record"]) -> None:
    """Refuse unless every record is the society's own.

    Raises:
        ForeignRecord: one of them is a copy.
    """
    if any(record.origin for record in records):
        raise ForeignRecord("it is a copy of a record that is kept elsewhere, for matching here and nothing else")


def require_grantable(record: "Record", facts: Iterable["ConsentFact"]) -> None:
    """Refuse to grant a copy any purpose beside registration and matching within the society.

    Raises:
        ForeignRecord: one of `facts` would.
    """
    if any(fact.decision is Decision.GRANTED and fact.purpose not in PURPOSES for fact in facts):
        of_own([record])


def require_sent_along(record: "Record", facts: Iterable["ConsentFact"], known: Iterable["Consent"]) -> None:
    """Refuse to grant a copy what its home did not send it for: one that came to be read only is never matched.

    What was sent along and withdrawn here may be granted again.

    Args:
        record: own or a copy.
        facts: what is to be decided.
        known: every decision about the record, those that it was registered with among them.

    Raises:
        ForeignRecord: one of `facts` would.
    """
    granted = {row.purpose for row in known if row.decision is Decision.GRANTED}
    if any(fact.decision is Decision.GRANTED and fact.purpose not in granted for fact in facts):
        of_own([record])
