"""The rules of the exchange for workers: no HTTP, no SQL. What partners do comes in through `inbox`."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.disclosure import telling
from tracing.disclosure.states import ReleaseState
from tracing.exchange import approving, copies, inbox, outbox, store, traits, views
from tracing.exchange.envelope import TransferPayload
from tracing.exchange.errors import NoSuchTransition, NotAgreed
from tracing.exchange.schemas import (
    BoxLine,
    ExchangeCaseView,
    ExchangeEventDraft,
    PartnerMessageDraft,
    SealedWords,
    SendDraft,
)
from tracing.exchange.states import (
    LASTING,
    TAKEN_UP,
    Event,
    Finding,
    Kind,
    Progress,
    RefusalReason,
    RevocationReason,
    Side,
    State,
    find,
)
from tracing.gate import foureyes, idempotency, register
from tracing.gate.access import Access
from tracing.gate.disclosing import Act, Standing
from tracing.gate.partnering import partners
from tracing.gate.permissions import Permission
from tracing.kit.errors import Conflict, NotFound
from tracing.kit.ids import new_id
from tracing.messages import service as messages
from tracing.requests import service as requests
from tracing.requests import states as searches
from tracing.tasks import service as tasks
from tracing.tasks.states import TaskKind

if TYPE_CHECKING:
    from tracing.exchange.tables import ExchangeCase
    from tracing.gate.partnering.partner_tables import Partner


def send(access: Access, sought_id: UUID, draft: SendDraft, key: str | None = None) -> ExchangeCaseView:
    """Begin a case with a partner about one of our sought persons; it leaves with the next delivery.

    Where somebody is protected it stays a draft until another worker approves it. A retry with the same
    Idempotency-Key returns the first case.

    Raises:
        NotFound: the sought person is absent, another society's, or hidden; or there is no such partner.
        ForeignRecord: it is a copy of somebody else's record.
        MissingConsent: nothing covers giving it to this partner.
        NotAgreed: messages of this kind are not agreed on.
        Conflict: the same stands open with this partner already.
    """
    print_of = f"exchange.send|{sought_id}|{draft.model_dump_json()}"
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        return show(access, made)
    request_id = requests.request_of(access, sought_id)
    partner = partners.find_open(access, draft.partner)
    register.require_own(access, sought_id, request_id)
    register.hold(access, sought_id)
    outbox.require_shared(access, sought_id, partner.code)
    if draft.kind is Kind.TRANSFER_CASE:
        access.require(Permission.REQUESTS_ASSIGN)
        outbox.require_shared(access, request_id, partner.code)
    if draft.kind not in partner.kinds.split():
        raise NotAgreed(f"`{draft.kind}` is not agreed on with this partner")
    for known in store.cases_of(access, sought_id):
        if known.partner_id == partner.id and known.kind is draft.kind and known.state in LASTING:
            raise Conflict("the same stands open with this partner already")
    case = store.add_case(
        access,
        partner,
        side=Side.SENT,
        kind=draft.kind,
        opened_by=new_id(),
        request_id=request_id,
        sought_id=sought_id,
        state=State.DRAFT,
        expires_at=access.now + timedelta(days=draft.days),
    )
    idempotency.remember(access, key, print_of, case.id)
    access.note("exchange.send", sought_id)
    tasks.end(access, TaskKind.PRE_CHECK_HIT, partner.id, [sought_id])
    if approving.is_protected(access, sought_id, request_id):
        approving.propose_opening(access, case, outbox.opening_of(access, partner, case))
    else:
        _leave(access, partner, case)
    return views.case_views(access, [case])[0]


def settle(access: Access, case: "ExchangeCase", *, approve: bool) -> ExchangeCaseView:
    """Approve or turn down the sending of a protected person's case; the caller has checked the version.

    Raises:
        NoSuchTransition: it was taken back meanwhile.
        NotFound: nothing was proposed, or the partnership has ended.
        AlreadySettled, SameWorker, SameTeam, Withheld, NotApproved: as the law of four eyes says.
    """
    if case.state is not State.DRAFT:
        raise NoSuchTransition(f"nothing leaves any more in the state `{case.state}`")
    partner = partners.find(access, case.partner_id)
    approving.settle_opening(access, case, outbox.opening_of(access, partner, case), approve=approve)
    access.note(f"exchange.{'approve' if approve else 'turn_down'}", case.id)
    if approve:
        _let_go(access, _standing(access, case), case)
    else:
        copies.take_back(access, partner, case, RevocationReason.SAFETY)
        case.state = State.REVOKED
    store.save_case(access, case)
    return views.case_views(access, [case])[0]


def _standing(access: Access, case: "ExchangeCase") -> "Partner":
    partner = partners.find(access, case.partner_id)
    if partner.revoked_at is not None:
        raise NotFound("the partnership has ended")
    return partner


def _propose(access: Access, partner: "Partner", case: "ExchangeCase") -> None:
    """Propose anew what begins a case: it was changed since, or somebody is protected by now."""
    if approving.is_protected(access, case.sought_id, case.request_id):
        approving.propose_opening(access, case, outbox.opening_of(access, partner, case))
    else:
        _let_go(access, partner, case)


def _let_go(access: Access, partner: "Partner", case: "ExchangeCase") -> None:
    """Let what begins a case leave with the next delivery."""
    known = outbox.opening(access, case)
    if known is None:
        _leave(access, partner, case)
    elif known.progress is Progress.WAITING:
        outbox.release(access, known)
    else:
        raise NoSuchTransition("it was given up: nothing leaves any more")


def _leave(access: Access, partner: "Partner", case: "ExchangeCase") -> None:
    """Put what begins a case into the outbox, and let the search wait for the partner."""
    outbox.queue(access, partner, Kind(case.kind), case=case)
    if case.kind is Kind.REQUEST_SEARCH and requests.state_of(access, case.sought_id) is searches.State.SEARCHING:
        row = requests.find_sought(access, case.sought_id)
        requests.happen(access, row, searches.Event.ASK_PARTNER, None)


def find_case(access: Access, case_id: UUID) -> "ExchangeCase":
    """Return the row of a case for changing it, held until the access ends.

    Raises:
        NotFound: absent, another society's, or its person is hidden.
    """
    return _require_seen(store.find_case(access, case_id, hold=True))


def _require_seen(row: "ExchangeCase | None") -> "ExchangeCase":
    if row is None:
        raise NotFound("no such case with a partner")
    return row


def show(access: Access, case_id: UUID) -> ExchangeCaseView:
    """Return a case with its messages.

    Raises:
        NotFound: absent, another society's, or its person is hidden.
    """
    row = _require_seen(store.find_case(access, case_id))
    access.note("exchange.read", row.sought_id)
    return views.case_views(access, [row])[0]


def page(
    access: Access, *, limit: int, after: tuple[datetime, UUID] | None, side: Side | None, states: list[State]
) -> list[ExchangeCaseView]:
    """Return at most `limit` cases that follow `after`, the oldest first."""
    rows = store.page(access, limit=limit, after=after, side=side, states=states)
    access.note_page("exchange.list", [row.id for row in rows])
    return views.case_views(access, rows)


def box(access: Access, side: Side, *, limit: int, after: tuple[datetime, UUID] | None) -> list[BoxLine]:
    """Return at most `limit` messages of the outbox or the inbox that follow `after`, the oldest first."""
    rows = store.page_of_messages(access, side=side, limit=limit, after=after)
    access.note_page("exchange.box", [row.id for row in rows])
    return views.box_lines(access, rows)


def send_again(access: Access, message_id: UUID) -> BoxLine:
    """Take back once more what a revocation that was given up did not; return the new line of the outbox.

    Args:
        access: of a worker; whether or not the person is still seen here.
        message_id: of the row of that revocation, which its task is about.

    Raises:
        NotFound: there is no such message, or the partnership has ended.
        NoSuchTransition: it is no revocation that was given up, or another one of the same is on its way or there.
    """
    row = store.find_message(access, message_id)
    if row is None:
        raise NotFound("no such message")
    return views.box_lines(access, [copies.send_again(access, row)])[0]


def happen(access: Access, case: "ExchangeCase", draft: ExchangeEventDraft) -> ExchangeCaseView:
    """Let a worker's act happen to a case; the caller has checked the version.

    Raises:
        NoSuchTransition: not in the table for this side and state.
        Refused: the caller may not accept or decline requests.
        MissingConsent, NotEligible: a search is not accepted under the rules of any request.
    """
    step = find(Side(case.side), State(case.state), draft.event)
    if step is None or not step.ours:
        raise NoSuchTransition(f"`{draft.event}` is not possible in the state `{case.state}`")
    partner = partners.find(access, case.partner_id)
    reason = draft.refusal or draft.revocation
    match draft.event:
        case Event.ACCEPT:
            access.require(Permission.SUGGESTIONS_READ)
            _accept(access, case)
            _tell(access, partner, case, State.ACCEPTED)
        case Event.REFUSE:
            access.require(Permission.SUGGESTIONS_READ)
            _tell(access, partner, case, State.REFUSED, draft.refusal)
        case Event.RETURN:
            _tell(access, partner, case, State.RETURNED)
        case Event.PROPOSE:
            _propose(access, _standing(access, case), case)
        case Event.REVOKE:
            assert draft.revocation is not None
            copies.take_back(access, partner, case, draft.revocation)
    case.state, case.reason = step.target, reason or ""
    store.save_case(access, case)
    if case.side is Side.RECEIVED:
        tasks.end(access, TaskKind.PARTNER_ASKS, case.id)
    access.note(f"exchange.{draft.event}", case.id)
    view = views.case_views(access, [case])[0]
    if draft.event in (Event.REFUSE, Event.RETURN):
        inbox.end(access, case)  # what is not needed is not kept
    return view


def _tell(
    access: Access, partner: "Partner", case: "ExchangeCase", status: State, reason: RefusalReason | None = None
) -> None:
    if partner.revoked_at is None:
        outbox.queue(access, partner, Kind.RECEIPT, case=case, about=case.opened_by, code=status, reason=reason or "")


def _accept(access: Access, case: "ExchangeCase") -> None:
    """Begin the search that a partner asked for; a transferred case becomes our own from now on."""
    if case.kind is Kind.TRANSFER_CASE:
        _take_over(access, case)
    elif case.kind is Kind.REQUEST_SEARCH:
        for event in (searches.Event.SUBMIT, searches.Event.ACCEPT, searches.Event.START):
            requests.happen(access, requests.find_sought(access, case.sought_id), event, None)


def _take_over(access: Access, case: "ExchangeCase") -> None:
    sought, asked = requests.details_of(access, case.sought_id)
    protected = approving.is_protected(access, case.sought_id, case.request_id)
    payload: TransferPayload = traits.transfer_payload(sought, asked, protected=protected)
    ends = register.records(access, [case.sought_id])[case.sought_id].expires_at
    view = requests.open_request(access, traits.own_draft(payload, ends))
    inbox.end(access, case)
    case.request_id, case.sought_id = view.id, view.sought[0].id


def write(access: Access, case: "ExchangeCase", draft: PartnerMessageDraft) -> ExchangeCaseView:
    """Write to the partner about a case; the caller has checked the version. Free words wait for another worker.

    Raises:
        NoSuchTransition: the case is not taken up, or not open any more.
        NotAgreed: messages of this kind are not agreed on.
        NotFound: the partnership has ended, or there is no such message to the enquirer.
        Conflict: no match was confirmed, or the release is of another search or not approved.
        Invalid: a side is protected, and the words seem to hold what must not leave.
        NotAllowedByThem, NotApproved: the Red Cross Message may not be carried on.
    """
    partner = _standing(access, case)
    open_states = TAKEN_UP if case.side is Side.RECEIVED else LASTING
    if case.state not in open_states or (draft.kind is not Kind.ASK_QUESTION and case.side is not Side.RECEIVED):
        raise NoSuchTransition(f"nothing of this kind is written in the state `{case.state}`")
    if draft.finding in (Finding.POSSIBLE_MATCH, Finding.TOLD):
        _require_match(access, case, draft)
        case.handle = case.handle or new_id()
    if draft.message_id is not None:
        messages.carried(access, draft.message_id, case.sought_id)
    if draft.text is not None:
        approving.require_plain(access, case, draft.text)
        register.hold(access, case.sought_id)  # before the partner's row, as the courier does
    row = outbox.queue(
        access,
        partner,
        draft.kind,
        case=case,
        finding=draft.finding or "",
        release_id=draft.release_id or draft.message_id,
        words=SealedWords(text=draft.text) if draft.text is not None else None,
    )
    if draft.text is not None:
        outbox.hold(access, row, case)
        approving.propose_words(access, case, row, draft.text)
    else:
        _answered(case, draft.finding)
    store.save_case(access, case)
    access.note(f"exchange.write_{draft.kind}", case.id)
    return views.case_views(access, [case])[0]


def _answered(case: "ExchangeCase", finding: Finding | None) -> None:
    """Let a finding move the case that it is about."""
    if finding is not None:
        event = Event.PROGRESS if finding is Finding.POSSIBLE_MATCH else Event.ANSWER
        step = find(Side.RECEIVED, State(case.state), event)
        case.state = step.target if step is not None else case.state


def settle_words(access: Access, case: "ExchangeCase", row_id: UUID, *, approve: bool) -> ExchangeCaseView:
    """Approve or turn down free words about a case; the caller has checked the version.

    Raises:
        NotFound: there are no such words of ours, or nothing was proposed.
        NoSuchTransition: they left, were turned down, or the case is over.
        Invalid: a side is protected by now, and they seem to hold what must not leave.
        AlreadySettled, SameWorker, SameTeam, Withheld, NotApproved: as the law of four eyes says.
    """
    row = store.find_message(access, row_id)
    if row is None or row.case_id != case.id or row.side is not Side.SENT or row.words_id is None:
        raise NotFound("no such words")
    if row.progress is not Progress.WAITING or case.state not in LASTING:
        raise NoSuchTransition("nothing waits to be approved")
    approving.settle_words(access, case, row, outbox.text_of(access, row), approve=approve)
    if approve:
        outbox.release(access, row)
        _answered(case, Finding(row.finding) if row.finding else None)
    else:
        row.progress, row.done_at, row.trouble = Progress.STOPPED, access.now, "turned-down"
        store.save_message(access, row)
    store.save_case(access, case)
    access.note(f"exchange.{'approve' if approve else 'turn_down'}_words", case.id)
    return views.case_views(access, [case])[0]


def _require_match(access: Access, case: "ExchangeCase", draft: PartnerMessageDraft) -> None:
    if draft.finding is Finding.POSSIBLE_MATCH:
        outbox.require_possible(access, case.sought_id)
        return
    assert draft.release_id is not None
    release = telling.find_release(access, draft.release_id)
    if release.sought_id != case.sought_id:
        raise Conflict("the release is about another search")
    if release.state is not ReleaseState.APPROVED:
        raise Conflict(f"the release is `{release.state}`")
    if foureyes.standing(access, release.id, Act.DISCLOSURE) is not Standing.APPROVED:
        raise Conflict("the release is not approved")
