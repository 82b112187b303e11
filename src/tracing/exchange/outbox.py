"""What leaves: a message waits in the outbox from the business transaction on, and is written only when it leaves.

Nothing personal stands in a waiting message. What it carries is cut from the records at the moment of sending, to
what the consents in force then allow for this recipient; where they allow nothing any more, it stops.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.disclosure import service as asking
from tracing.disclosure import telling
from tracing.exchange import approving, store, traits
from tracing.exchange.envelope import (
    AnswerPayload,
    ConsentRef,
    Envelope,
    Payload,
    ReceiptPayload,
    RevokePayload,
    SearchPayload,
    TransferPayload,
    WordsPayload,
)
from tracing.exchange.errors import AwaitsApproval, NotAgreed
from tracing.exchange.schemas import SealedWords
from tracing.exchange.states import (
    ALWAYS,
    LASTING,
    OPENING,
    Finding,
    Kind,
    Progress,
    RefusalReason,
    RevocationReason,
    Side,
    State,
)
from tracing.gate import consents, disclosures
from tracing.gate.access import Access
from tracing.gate.disclosing import Level
from tracing.gate.purposes import LawfulBasis, Purpose
from tracing.kit.errors import Conflict, MissingConsent, NotFound
from tracing.kit.ids import new_id
from tracing.messages import service as messages
from tracing.requests import service as requests
from tracing.requests.states import State as searches
from tracing.review import service as review

if TYPE_CHECKING:
    from tracing.exchange.tables import ExchangeCase, ExchangeMessage
    from tracing.gate.partnering.partner_tables import Partner
    from tracing.gate.tables import Consent

CONTROL_DAYS = 90
"""Receipts and revocations carry nothing personal; they are worth sending for so long."""

MATCHED = frozenset({searches.LEAD_FOUND, searches.VERIFYING, searches.LOCATED_PENDING_CONSENT})
"""States of a search in which a worker has confirmed a match, and nobody has said no."""


def queue(
    access: Access,
    partner: "Partner",
    kind: Kind,
    *,
    case: "ExchangeCase | None" = None,
    about: UUID | None = None,
    code: str = "",
    reason: str = "",
    finding: str = "",
    release_id: UUID | None = None,
    words: SealedWords | None = None,
) -> "ExchangeMessage":
    """Put a message into the outbox, in the transaction of the act that it tells of.

    Raises:
        NotAgreed: messages of this kind are not agreed on with the partner.
    """
    if kind not in ALWAYS and kind not in partner.kinds.split():
        raise NotAgreed(f"`{kind}` is not agreed on with this partner")
    message_id = case.opened_by if case is not None and kind in OPENING else new_id()
    return store.add_message(
        access,
        partner,
        side=Side.SENT,
        message_id=message_id,
        kind=kind,
        case_id=case.id if case is not None else None,
        about=about if about is not None or case is None or kind in OPENING else case.opened_by,
        number=store.next_number(access, partner.id),
        progress=Progress.WAITING,
        code=code,
        reason=reason,
        finding=finding,
        release_id=release_id,
        words_id=store.add_words(access, case, words) if words is not None and case is not None else None,
    )


def write(access: Access, partner: "Partner", message: "ExchangeMessage") -> Envelope:
    """Return a message as it may leave at this moment; the caller puts the sending on the trail.

    Raises:
        NotFound: the person's record is hidden by now, or the partnership has ended.
        MissingConsent: nothing covers giving it to this recipient any more.
        AwaitsApproval: another worker must approve it first, as it stands now.
        Conflict: the found person's answer does not allow it any more.
    """
    if partner.revoked_at is not None:
        raise NotFound("the partnership has ended")
    if message.kind in ALWAYS:
        return _envelope(access, partner, message, _control(message), access.now + timedelta(days=CONTROL_DAYS))
    case = store.find_case(access, message.case_id) if message.case_id is not None else None
    if case is None or case.expires_at <= access.now or case.state not in LASTING:
        raise NotFound("the person's record is hidden, or the case is over")
    if message.kind in OPENING:
        return _opening(access, partner, message, case)
    payload = _talk(access, message, case)
    return _envelope(access, partner, message, payload, _until(access, message, case))


def _until(access: Access, message: "ExchangeMessage", case: "ExchangeCase") -> datetime:
    """Return until when what leaves may be used: what rests on a found person's yes, no longer than that holds."""
    if message.finding != Finding.TOLD and message.kind is not Kind.SEND_MESSAGE and not message.found:
        return case.expires_at  # to the rest, an end of its own would tell that somebody is found
    found = review.found_for(access, case.sought_id)
    held = [disclosures.standing(access, found_id, case.sought_id) for found_id in found]
    return min([case.expires_at, *(yes.valid_until for yes in held if yes is not None and yes.valid_until is not None)])


def _control(message: "ExchangeMessage") -> Payload:
    if message.kind is Kind.REVOKE:
        return RevokePayload(kind=Kind.REVOKE, reason=RevocationReason(message.reason))
    assert message.about is not None
    reason = RefusalReason(message.reason) if message.reason else None
    return ReceiptPayload(kind=Kind.RECEIPT, of=message.about, status=State(message.code), reason=reason)


def _opening(access: Access, partner: "Partner", message: "ExchangeMessage", case: "ExchangeCase") -> Envelope:
    shared = require_shared(access, case.sought_id, partner.code)
    transferred = case.kind is Kind.TRANSFER_CASE
    named = consents.share_with(access, case.request_id, partner.code)
    named = require_shared(access, case.request_id, partner.code) if transferred else named
    payload = opening_of(access, partner, case)
    approving.require_opening(access, case, payload)
    message.named = message.named or payload.enquirer is not None
    held = {"sought": shared} if named is None else {"sought": shared, "enquirer": named}
    ends = [row.valid_until for row in held.values() if row.valid_until is not None]
    return _envelope(
        access,
        partner,
        message,
        payload,
        min([case.expires_at, *ends]),
        legal_basis=LawfulBasis(shared.lawful_basis),
        consents=[_reference(access, about, row) for about, row in held.items()],
        scope=traits.scope_of(payload),
    )


def opening_of(access: Access, partner: "Partner", case: "ExchangeCase") -> SearchPayload | TransferPayload:
    """Return what a case of ours begins with, as it would leave at this moment."""
    sought, asked = requests.details_of(access, case.sought_id)
    protected = approving.is_protected(access, case.sought_id, case.request_id)
    if case.kind is Kind.TRANSFER_CASE:
        return traits.transfer_payload(sought, asked, protected=protected)
    named = consents.share_with(access, case.request_id, partner.code) is not None
    return traits.search_payload(Kind(case.kind), sought, asked, named=named, protected=protected)


def release(access: Access, message: "ExchangeMessage") -> None:
    """Let a message that waited for another worker leave with the next delivery."""
    message.not_before, message.trouble = access.now, ""
    store.save_message(access, message)


def require_shared(access: Access, record_id: UUID, recipient: str) -> "Consent":
    """Return the decision by which a society may be given a record now.

    Raises:
        MissingConsent: there is none.
    """
    held = consents.share_with(access, record_id, recipient)
    if held is None:
        raise MissingConsent("no consent or other lawful basis covers sharing this person with that society")
    return held


def _reference(access: Access, about: str, row: "Consent") -> ConsentRef:
    return ConsentRef(
        purpose=Purpose.SHARE_WITH_SOCIETY,
        about=about,
        lawful_basis=row.lawful_basis,
        valid_until=row.valid_until,
        ref=access.vault.hash("consent reference", str(row.id))[:32],
    )


def _talk(access: Access, message: "ExchangeMessage", case: "ExchangeCase") -> Payload:
    if message.kind is Kind.SEND_MESSAGE:
        if message.release_id is None:
            raise Conflict("no message was sent on")
        text = messages.carried(access, message.release_id, case.sought_id)
        return WordsPayload(kind=Kind.SEND_MESSAGE, text=text, handle=_handle(access, case))
    if message.words_id is not None:
        return _words(access, message, case)
    finding = Finding(message.finding)
    if finding is not Finding.TOLD:
        possible = finding is Finding.POSSIBLE_MATCH
        if possible:
            require_possible(access, case.sought_id)
        handle = case.handle if possible else None
        return AnswerPayload(kind=Kind.PROVIDE_ANSWER, finding=finding, handle=handle)
    if message.release_id is None or case.handle is None:
        raise Conflict("nothing was released")
    told = telling.tell_partner(access, message.release_id)
    return AnswerPayload(kind=Kind.PROVIDE_ANSWER, finding=finding, handle=case.handle, level=told.level, told=told)


def _words(access: Access, message: "ExchangeMessage", case: "ExchangeCase") -> Payload:
    """Return free words, once another worker has approved just these."""
    text = text_of(access, message)
    approving.require_words(access, case, message, text)
    message.found = approving.rest_on(access, case, message)
    if message.kind is Kind.PROVIDE_ANSWER:
        return AnswerPayload(kind=Kind.PROVIDE_ANSWER, finding=Finding(message.finding), text=text)
    return WordsPayload(kind=Kind(message.kind), text=text, handle=_handle(access, case))


def _handle(access: Access, case: "ExchangeCase") -> UUID | None:
    """Return the handle that both sides know: one of ours that never left would tell that somebody is found."""
    if case.side is Side.SENT:
        return case.handle
    matched = (Finding.POSSIBLE_MATCH, Finding.TOLD)
    left = any(row.finding in matched and row.attempts for row in store.messages_of(access, case.id))
    return case.handle if left else None


def require_possible(access: Access, sought_id: UUID) -> None:
    """Refuse to speak of a match that is not confirmed, or of which nothing may be told: both alike.

    Raises:
        Conflict: there is none to speak of at this moment.
    """
    state = requests.state_of(access, sought_id)
    found_id = asking.found_of(access, sought_id) if state is searches.OUTCOME_READY else None
    level = Level.NOTHING if found_id is None else disclosures.level(access, found_id, sought_id)
    if state not in MATCHED and not level.covers(Level.SAY_ALIVE_ONLY):
        raise Conflict("no match of this search is confirmed")


def text_of(access: Access, message: "ExchangeMessage") -> str:
    """Return the free words of a message of ours.

    Raises:
        NotFound: it has none, or they are hidden.
    """
    known = store.words(access, [message.words_id]) if message.words_id is not None else {}
    words = known.get(message.words_id) if message.words_id is not None else None
    if words is None or words.text is None:
        raise NotFound("the words are hidden")
    return words.text


def _envelope(
    access: Access,
    partner: "Partner",
    message: "ExchangeMessage",
    payload: Payload,
    expires_at: datetime,
    *,
    legal_basis: LawfulBasis = LawfulBasis.PUBLIC_INTEREST,
    consents: "list[ConsentRef] | None" = None,
    scope: list[str] | None = None,
) -> Envelope:
    return Envelope(
        id=message.message_id,
        sender=access.society,
        recipient=partner.code,
        about=None if message.kind in OPENING else message.about,
        sent_at=message.at,
        expires_at=expires_at,
        legal_basis=legal_basis,
        consents=consents or [],
        scope=scope or [],
        payload=payload,
    )


def opening(access: Access, case: "ExchangeCase") -> "ExchangeMessage | None":
    """Return the message of ours that begins a case; None before it was put into the outbox."""
    return store.sent(access, case.partner_id, case.opened_by)


def hold(access: Access, message: "ExchangeMessage", case: "ExchangeCase") -> None:
    """Let a message wait for another worker's approval, for as long as the case lasts."""
    message.not_before, message.trouble = case.expires_at, AwaitsApproval.code
    store.save_message(access, message)


def stop(access: Access, case: "ExchangeCase") -> None:
    """Let nothing leave any more of what waits about a case."""
    for row in store.messages_of(access, case.id):
        if row.side is Side.SENT and row.progress is Progress.WAITING and row.kind not in ALWAYS:
            row.progress, row.done_at, row.trouble = Progress.STOPPED, access.now, "taken-back"
            store.save_message(access, row)
