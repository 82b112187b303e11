"""What comes in: each message of a partner has its effects once, in the transaction that writes down that it came.

A partner's person is registered apart: marked as theirs, matched only after a worker accepted, never given on.
Nothing that comes in confirms, closes or tells anybody anything by itself; what a partner's found person lets the
enquirer learn asks the enquirer to come, no more.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.exchange import copies, outbox, store, traits
from tracing.exchange.envelope import (
    AnswerPayload,
    Envelope,
    ReceiptPayload,
    RevokePayload,
    SearchPayload,
    TransferPayload,
    WordsPayload,
)
from tracing.exchange.errors import BeyondScope, NotAgreed, NotForUs, NotYet, QuotaReached
from tracing.exchange.schemas import LONGEST_DAYS, SealedWords, TakenView, TokenView
from tracing.exchange.states import (
    ALWAYS,
    ENDED_THERE,
    OPENING,
    RECEIPTS,
    TALK,
    Event,
    Kind,
    Progress,
    Side,
    State,
    find,
)
from tracing.gate import consents, register
from tracing.gate.access import Access
from tracing.gate.ledger import What
from tracing.gate.partnering import bearers, partners
from tracing.gate.partnering.partner_tables import Channel
from tracing.gate.purposes import GivenBy, Obtained, Purpose
from tracing.gate.undoing import apart
from tracing.kit.errors import Flaw, Invalid, MissingConsent
from tracing.kit.ids import new_id
from tracing.outcome import service as outcome
from tracing.requests import opening
from tracing.requests.schemas import RequestDraft
from tracing.tasks import service as tasks
from tracing.tasks.states import TaskKind

if TYPE_CHECKING:
    from tracing.exchange.tables import ExchangeCase, ExchangeMessage
    from tracing.gate.partnering.partner_tables import Partner

DAY = timedelta(days=1)
GONE = (State.REVOKED, State.EXPIRED)
TAKEN_BACK, OVER = "taken-back", "over"
PAGE = 200


@dataclass(frozen=True, slots=True)
class Came:
    """A partner's message and its row, while its effects happen."""

    partner: "Partner"
    envelope: Envelope
    row: "ExchangeMessage"


def take(access: Access, envelope: Envelope, number: int = 0) -> TakenView:
    """Take a message of the partner as whom the access acts; one that came before has no effect again.

    Args:
        access: of the partner.
        envelope: what came; its signature was verified.
        number: its number in a bundle; 0 for one that came by itself.

    Raises:
        NotForUs: the envelope names another sender, or another recipient.
        NotAgreed: the kind is not agreed on.
        QuotaReached: more came than was agreed.
        NotYet: it is about a message that has not come.
        BeyondScope: it carries more than its scope names.
        Invalid: it is over, or its search cannot be registered.
    """
    partner = partners.of_account(access, access.caller.account_id)
    _require_ours(access, partner, envelope)
    known = store.came_before(access, partner.id, envelope.id)
    if known is not None:
        if number and not known.number:
            known.number = number  # it came online before, and the answer did not arrive: now it is acknowledged
            store.save_message(access, known)
        if not number and not partners.may_come_again(access, partner.id):  # each leaves a row on the trail
            raise QuotaReached("as many messages came again in a day as new ones were agreed")
        access.note("exchange.again", envelope.id)
        return TakenView(id=envelope.id, known=True)
    _require_agreed(access, partner, envelope, Channel.OFFLINE if number else Channel.ONLINE)
    row = store.add_message(
        access,
        partner,
        side=Side.RECEIVED,
        message_id=envelope.id,
        kind=envelope.kind,
        about=envelope.about,
        number=number,
        progress=Progress.DELIVERED,
    )
    _take_effect(access, Came(partner, envelope, row))
    store.save_message(access, row)
    access.note(f"exchange.take_{envelope.kind}", envelope.id)
    return TakenView(id=envelope.id, known=False)


def token_for(access: Access, key_id: str) -> TokenView:
    """Return a fresh access token for the partner as whom the access acts and the key that it signs with."""
    access.note("exchange.token", access.caller.account_id)
    return TokenView(access_token=bearers.issue(access, key_id), expires_in=int(bearers.LIFE.total_seconds()))


def _require_ours(access: Access, partner: "Partner", envelope: Envelope) -> None:
    flaws = []
    if envelope.sender != partner.code:
        flaws.append(Flaw("/sender", NotForUs.code, "not the society whose key signed"))
    if envelope.recipient != access.society:
        flaws.append(Flaw("/recipient", NotForUs.code, "not this society"))
    if flaws:
        raise NotForUs("the envelope is of or for somebody else", flaws)


def _require_agreed(access: Access, partner: "Partner", envelope: Envelope, channel: Channel) -> None:
    if envelope.kind not in ALWAYS:
        if envelope.kind not in partner.kinds.split():
            raise NotAgreed(f"`{envelope.kind}` is not agreed on")
        if channel not in partner.channels.split():
            raise NotAgreed(f"messages do not travel `{channel}`")
    control = envelope.kind in ALWAYS  # counted apart: who has sent too much must still be able to take it back
    if store.count_received(access, partner.id, access.now - DAY, control=control) >= partner.messages_a_day:
        raise QuotaReached("as many messages came in a day as were agreed")
    if envelope.expires_at <= access.now:
        raise Invalid("the message is over", [Flaw("/expires_at", "in-the-past", "it is over")])
    if envelope.expires_at > access.now + timedelta(days=LONGEST_DAYS + 1):
        raise Invalid("the message lasts too long", [Flaw("/expires_at", "too-long", f"at most {LONGEST_DAYS} days")])
    if envelope.sent_at > access.now + DAY:
        raise Invalid("the message is of the future", [Flaw("/sent_at", "in-the-future", "it is to come")])


def _take_effect(access: Access, came: Came) -> None:
    payload = came.envelope.payload
    if came.envelope.kind in OPENING:
        _open(access, came)
    elif isinstance(payload, RevokePayload):
        _revoke(access, came, payload)
    elif isinstance(payload, ReceiptPayload):
        _acknowledge(access, came, payload)
    else:
        assert isinstance(payload, WordsPayload | AnswerPayload)
        _talk(access, came, payload)


def _open(access: Access, came: Came) -> None:
    """Register a partner's person apart, unless it was taken back before it came."""
    partner, envelope = came.partner, came.envelope
    if fields := traits.beyond(envelope):
        raise BeyondScope("the payload carries more than its scope", [_beyond(field) for field in fields])
    _require_covered(envelope)
    if store.sent(access, partner.id, envelope.id) is not None:  # nothing could tell any more which of the two is meant
        raise Invalid("the id is that of a message of ours", [Flaw("/id", "in-use", "a message of ours has it")])
    if store.revocation_of(access, partner.id, envelope.id) is not None:
        outbox.queue(access, partner, Kind.RECEIPT, about=envelope.id, code=State.REVOKED)
        return
    if store.count_open(access, partner.id) + store.count_held_back(access, partner.id) >= partner.open_searches:
        raise QuotaReached("as many searches stand open as were agreed")
    draft = traits.request_draft(envelope)
    ids = {"id": new_id(), "sought": [draft.sought[0].model_copy(update={"id": new_id()})]}
    draft = draft.model_copy(update=ids)
    decoy, held_back = traits.decoy(draft), opening.is_held_back(access, draft)
    with apart(access, kept=not held_back):  # to the sender it looks like any other search, and takes as long
        case_id = _register(access, came, decoy if held_back else draft)
    if held_back:
        came.row.trouble, came.row.not_before = store.HELD_BACK, envelope.expires_at
        access.note("exchange.hold_back", envelope.id)  # as many rows on the trail as otherwise
    else:
        came.row.case_id = case_id
    outbox.queue(access, partner, Kind.RECEIPT, about=envelope.id, code=State.RECEIVED)


def _register(access: Access, came: Came, draft: RequestDraft) -> UUID:
    """Register a partner's person, to be compared once a worker has accepted; return the case."""
    sought_id = draft.sought[0].id
    assert draft.id is not None
    assert sought_id is not None
    opening.open_requests(access, [(draft, None)], origin=origin_of(came.partner), waits=True)
    case = store.add_case(
        access,
        came.partner,
        side=Side.RECEIVED,
        kind=came.envelope.kind,
        opened_by=came.envelope.id,
        request_id=draft.id,
        sought_id=sought_id,
        state=State.RECEIVED,
        expires_at=came.envelope.expires_at,
    )
    _tell_team(access, TaskKind.PARTNER_ASKS, case, came.row)
    return case.id


def _require_covered(envelope: Envelope) -> None:
    """Refuse persons whom none of the consents that came along covers, for as long as they are to be used."""
    payload = envelope.payload
    named = isinstance(payload, SearchPayload | TransferPayload) and payload.enquirer is not None
    flaws = []
    for about in ("sought", "enquirer") if named else ("sought",):
        ends = [ref.valid_until for ref in envelope.consents if ref.about == about]
        if not any(end is None or end >= envelope.expires_at for end in ends):
            flaws.append(Flaw("/consents", MissingConsent.code, f"none covers the {about} until it expires"))
    if flaws:
        raise MissingConsent("no consent that came along covers a person", flaws)


def origin_of(partner: "Partner") -> str:
    """Return how a record of a partner's is marked."""
    return f"exchange:{partner.code}"


def _beyond(field: str) -> Flaw:
    return Flaw(f"/payload/{field.replace('.', '/')}", BeyondScope.code, "not named in the scope")


def _revoke(access: Access, came: Came, payload: RevokePayload) -> None:
    """Let nobody see a partner's person any more from the next statement on, and say so."""
    assert came.envelope.about is not None
    case = store.case_opened_by(access, came.partner.id, came.envelope.about)
    if case is None:
        _drop(access, came, payload)
    elif case.side is Side.RECEIVED:
        came.row.case_id = case.id
        step = find(Side.RECEIVED, State(case.state), Event.REVOKE)
        if step is not None:
            case.state, case.reason = step.target, payload.reason
            case.acknowledged_at = access.now
            store.save_case(access, case)
            access.note("exchange.revoke", case.id)
        end(access, case, of=came.partner)
        if register.records(access, [case.sought_id]):
            _tell_team(access, TaskKind.PARTNER_WROTE, case, came.row)
    outbox.queue(access, came.partner, Kind.RECEIPT, about=came.envelope.about, code=State.REVOKED)


def _drop(access: Access, came: Came, payload: RevokePayload) -> None:
    """Forget what a partner told or wrote, with what it would have let us tell; the team learns that, and no more."""
    assert came.envelope.about is not None
    row = store.came_before(access, came.partner.id, came.envelope.about)
    if row is None or row.kind not in TALK or row.case_id is None or row.trouble == TAKEN_BACK:
        return
    came.row.case_id = row.case_id
    row.reason = payload.reason
    _forget_words(access, row, TAKEN_BACK)
    access.end(What.PARTNER_WORDS, row.id)
    case = store.find_case(access, row.case_id, hold=True)
    if case is not None:
        _tell_team(access, TaskKind.PARTNER_WROTE, case, came.row)


def _forget_words(access: Access, row: "ExchangeMessage", trouble: str) -> None:
    if row.words_id is not None:
        store.drop_words(access, row.words_id)
    row.words_id, row.trouble = None, trouble
    store.save_message(access, row)
    outcome.unhear(access, row.id)
    access.note("exchange.drop_words", row.case_id)


def sweep_over(access: Access) -> bool:
    """Forget some of what partners told or wrote only until now; return whether there may be more.

    The access sees hidden records (`Use.FORGET`).
    """
    rows = store.over(access, limit=PAGE)
    for row in rows:
        _forget_words(access, row, OVER)
    access.note_page("exchange.sweep_over", [row.id for row in rows])
    return len(rows) == PAGE


def end(access: Access, case: "ExchangeCase", *, of: "Partner | None" = None) -> None:
    """End every purpose of a partner's person here: hidden from now on, and forgotten by the night.

    With `of`, only of copies of that partner's: a case that was handed over is ours, and no partner ends it.
    """
    seen = register.records(access, [case.sought_id, case.request_id])
    for record_id in (case.sought_id, case.request_id):
        if of is not None and (record_id not in seen or seen[record_id].origin != origin_of(of)):
            continue
        consents.withdraw(
            access, record_id, [Purpose.REGISTER], given_by=GivenBy.NOT_ASKED, obtained=Obtained.NOT_ASKED
        )


def _acknowledge(access: Access, came: Came, payload: ReceiptPayload) -> None:
    """Take over where something stands on the other side; what is older than what is known changes nothing."""
    if payload.status in GONE:
        copies.acknowledged(access, came.partner, payload.of)
    case = store.case_opened_by(access, came.partner.id, payload.of)
    if case is None:
        _acknowledge_drop(access, came, payload)
    if case is None or case.side is not Side.SENT:
        return  # of a case whose person is hidden by now: there is nothing to bring up to date
    came.row.case_id, came.row.code = case.id, payload.status
    if payload.status in GONE:
        if case.state not in GONE:
            return  # nothing was taken back, so nothing of it can be gone
        case.acknowledged_at = case.acknowledged_at or access.now
        store.save_case(access, case)
        return
    if payload.status not in RECEIPTS:
        return
    moved = _move(access, case, RECEIPTS[payload.status], came, payload.reason or "")
    if moved and payload.status in ENDED_THERE:  # nobody searches there any more: the team must know today
        _tell_team(access, TaskKind.PARTNER_WROTE, case, came.row)


def _acknowledge_drop(access: Access, came: Came, payload: ReceiptPayload) -> None:
    """Write down that words of ours are gone there, once we took them back."""
    row = store.sent(access, came.partner.id, payload.of)
    if row is None or row.kind not in TALK or payload.status not in GONE:
        return
    if copies.was_taken_back(access, came.partner, payload.of):
        came.row.case_id, came.row.code, row.code = row.case_id, payload.status, payload.status
        store.save_message(access, row)


def _talk(access: Access, came: Came, payload: WordsPayload | AnswerPayload) -> None:
    """Keep words or an answer with the case that they are about, and let its team know."""
    assert came.envelope.about is not None
    case = store.case_opened_by(access, came.partner.id, came.envelope.about)
    if case is None and not store.began(access, came.partner.id, came.envelope.about):
        raise NotYet("what this is about has not come")
    revoked = store.revocation_of(access, came.partner.id, came.envelope.id) is not None
    if case is None or case.state in GONE or revoked:  # nothing of it is kept, and the sender does not learn why
        access.note("exchange.pass_over", came.envelope.id)
        return
    came.row.case_id = case.id
    if isinstance(payload, WordsPayload):
        came.row.words_id = store.add_words(access, case, SealedWords(text=payload.text))
    else:
        came.row.finding = payload.finding
        if payload.text is not None or payload.told is not None:
            words = SealedWords(text=payload.text, told=payload.told)
            came.row.words_id = store.add_words(access, case, words)
        if case.side is Side.SENT and payload.level is not None:
            outcome.hear(access, case.sought_id, came.row.id, payload.level)
        if case.side is Side.SENT:
            case.handle = payload.handle or case.handle
            possible = payload.handle is not None and payload.told is None
            _move(access, case, Event.PROGRESS if possible else Event.ANSWER, came)
    if came.row.words_id is not None:
        came.row.not_before = came.envelope.expires_at
    _tell_team(access, TaskKind.PARTNER_WROTE, case, came.row)


def _move(access: Access, case: "ExchangeCase", event: Event, came: Came, reason: str = "") -> bool:
    """Let a case of ours stand where it stands there; return False for what is older, or not possible."""
    sent_at = min(came.envelope.sent_at, access.now)  # a clock that was fast once outdoes nothing that comes later
    state = State.SENT if case.state is State.DRAFT else State(case.state)  # heard of before its delivery was
    step = find(Side.SENT, state, event)
    if step is None or (case.heard_at is not None and sent_at < case.heard_at):
        return False
    case.state, case.reason, case.heard_at = step.target, reason, sent_at
    store.save_case(access, case)
    access.note(f"exchange.heard_{event}", case.id)
    return True


def _tell_team(access: Access, kind: TaskKind, case: "ExchangeCase", row: "ExchangeMessage") -> None:
    tasks.raise_task(access, kind, case.sought_id, occasion=row.id.hex, due_at=access.now, about_id=case.id)
