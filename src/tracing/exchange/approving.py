"""Four eyes on what leaves: free words always, whatever begins a case where somebody is protected.

What is approved is what leaves, to the letter: it is asked for once more at the moment of leaving.
"""

import json
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.exchange.envelope import SearchPayload, TransferPayload
from tracing.exchange.errors import AwaitsApproval
from tracing.gate import disclosures, foureyes, register
from tracing.gate.access import Access
from tracing.gate.disclosing import Act, Standing
from tracing.gate.foureyes import NotApproved
from tracing.gate.kinds import Sensitivity
from tracing.kit.errors import Conflict, Flaw, Invalid
from tracing.messages.traits import flags_of
from tracing.requests import service as requests
from tracing.review import service as review
from tracing.review import suggest
from tracing.risk import service as risk
from tracing.risk.traits import names_of_kin, own_names
from tracing.tasks import service as tasks

if TYPE_CHECKING:
    from tracing.exchange.tables import ExchangeCase, ExchangeMessage


def is_protected(access: Access, *record_ids: UUID) -> bool:
    """Return whether one of some seen records is handled with more care than usual."""
    known = register.records(access, record_ids)
    return any(record.sensitivity is not Sensitivity.NORMAL for record in known.values())


def needs_opening(access: Access, case: "ExchangeCase", payload: SearchPayload | TransferPayload) -> bool:
    """Return whether another worker must approve what a case begins with, as it would leave now."""
    if not is_protected(access, case.sought_id, case.request_id):
        return False
    return not foureyes.stands(access, case.id, Act.EXCHANGE, _opening(case, payload))


def propose_opening(access: Access, case: "ExchangeCase", payload: SearchPayload | TransferPayload) -> None:
    """Propose that a case begins with just this."""
    foureyes.propose(access, Act.EXCHANGE, case.sought_id, case.id, _opening(case, payload))
    tasks.await_approval(access, case.sought_id, case.id, case.version)


def settle_opening(
    access: Access, case: "ExchangeCase", payload: SearchPayload | TransferPayload, *, approve: bool
) -> None:
    """Approve what a case begins with as it would leave now, or turn it down.

    Raises:
        NotFound, AlreadySettled, SameWorker, SameTeam, Withheld, NotApproved: as the law of four eyes says.
    """
    content, read = _opening(case, payload), (case.request_id, case.sought_id)
    foureyes.settle(access, case.id, Act.EXCHANGE, approve=approve, content=content, read=read)
    tasks.end_waiting(access, case.id)


def require_opening(access: Access, case: "ExchangeCase", payload: SearchPayload | TransferPayload) -> None:
    """Refuse what begins a case about somebody protected, unless another worker approved just this.

    Raises:
        AwaitsApproval: nobody did, or it was changed since.
    """
    if not is_protected(access, case.sought_id, case.request_id):
        return
    try:
        foureyes.require(access, case.id, Act.EXCHANGE, _opening(case, payload))
    except NotApproved as error:
        raise AwaitsApproval("another person has not approved this as it would leave") from error


def _opening(case: "ExchangeCase", payload: SearchPayload | TransferPayload) -> bytes:
    """Return the canonical form of what begins a case: to whom, until when, and every word of it."""
    said = {
        "partner": str(case.partner_id),
        "sought": str(case.sought_id),
        "expires_at": case.expires_at.isoformat(),
        "payload": payload.model_dump(mode="json"),
    }
    return json.dumps(said, sort_keys=True).encode()


def require_plain(access: Access, case: "ExchangeCase", text: str) -> None:
    """Refuse words that seem to hold what must not leave, where a side is protected; elsewhere the reader decides.

    Raises:
        Invalid: they do.
    """
    sides = _sides(access, case)
    persons = suggest.persons(access, sides).values()
    names = [name for person in persons for name in (*own_names(person), *names_of_kin(person))]
    flags = flags_of(text, names)
    if flags and is_protected(access, *sides):
        flaws = [Flaw("/text", f"holds-{flag}", f"it seems to hold: {flag}") for flag in flags]
        raise Invalid("a side is protected, and the text seems to hold what must not leave", flaws)


def propose_words(access: Access, case: "ExchangeCase", message: "ExchangeMessage", text: str) -> None:
    """Propose that words leave; they wait for another worker until the case is over."""
    content, away_from = _words(access, case, message, text), _away_from(access, case)
    foureyes.propose(access, Act.EXCHANGE, case.sought_id, message.id, content, away_from=away_from)
    tasks.await_approval(access, case.sought_id, message.id, case.version)


def settle_words(access: Access, case: "ExchangeCase", message: "ExchangeMessage", text: str, *, approve: bool) -> None:
    """Approve words, or turn them down.

    Raises:
        Invalid: they must not leave as things stand by now.
        NotFound, AlreadySettled, SameWorker, SameTeam, Withheld, NotApproved: as the law of four eyes says.
    """
    if approve:
        require_plain(access, case, text)
    content, read = _words(access, case, message, text), (case.request_id, case.sought_id)
    foureyes.settle(access, message.id, Act.EXCHANGE, approve=approve, content=content, read=read)
    tasks.end_waiting(access, message.id)


def require_words(access: Access, case: "ExchangeCase", message: "ExchangeMessage", text: str) -> None:
    """Refuse words that may not leave at this moment.

    Raises:
        Invalid: a side is protected by now, and they seem to hold what must not leave.
        AwaitsApproval: they were not settled yet.
        NotApproved: turned down, approved within the enquirer's own team, or another person is found since.
    """
    require_plain(access, case, text)
    if foureyes.standing(access, message.id, Act.EXCHANGE) is Standing.PROPOSED:
        raise AwaitsApproval("another person has not approved these words")
    away_from = _away_from(access, case)
    foureyes.require(access, message.id, Act.EXCHANGE, _words(access, case, message, text), away_from=away_from)


def rest_on(access: Access, case: "ExchangeCase", message: "ExchangeMessage") -> str:
    """Return on whom words rest that leave now: ids of who is confirmed to be found, parted by spaces.

    Raises:
        Conflict: one of them took an answer back, or gave another one, since the words were written.
    """
    found = {*message.found.split(), *(str(found_id) for found_id in review.found_for(access, case.sought_id))}
    if any(disclosures.changed_since(access, UUID(one), case.sought_id, message.at) for one in found):
        raise Conflict("a found person's answer has changed since the words were written")
    return " ".join(sorted(found))


def still_rest(access: Access, case: "ExchangeCase", message: "ExchangeMessage") -> bool:
    """Return whether words that left may still be known: whoever they rest on is found, here, and said nothing since.

    The access may see hidden records.
    """
    found = {str(found_id) for found_id in review.found_for(access, case.sought_id)}
    return all(
        one in found
        and register.keeps(access, UUID(one))
        and not disclosures.changed_since(access, UUID(one), case.sought_id, message.at)
        for one in message.found.split()
    )


def _words(access: Access, case: "ExchangeCase", message: "ExchangeMessage", text: str) -> bytes:
    """Return the canonical form of words: to whom, about what, as which kind of message, and who is found."""
    told = {
        "partner": str(message.partner_id),
        "about": str(message.about),
        "kind": message.kind,
        "finding": message.finding,
        "found": sorted(str(found_id) for found_id in review.found_of(access, case.sought_id)),
        "text": text,
    }
    return json.dumps(told, sort_keys=True).encode()


def _away_from(access: Access, case: "ExchangeCase") -> str:
    """Return the teams of which the approver must not be, as for a telling: all that have worked for the enquirer.

    Where a side is protected, contact was lost through trafficking or violence in the family, or the screen of
    somebody who is found asks for another team.
    """
    risky = risk.is_risky(access, _sides(access, case), case.sought_id, review.found_for(access, case.sought_id))
    return " ".join(sorted(requests.teams_of(access, case.request_id))) if risky else ""


def _sides(access: Access, case: "ExchangeCase") -> list[UUID]:
    return [case.sought_id, case.request_id, *review.found_of(access, case.sought_id)]
