"""The steps of a delivery, each within one transaction; `jobs` calls the network between them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.exchange import copies, copy_store, outbox, store
from tracing.exchange.envelope import Envelope
from tracing.exchange.errors import AwaitsApproval
from tracing.exchange.states import OPENING, Event, Kind, Progress, RevocationReason, Side, State, find
from tracing.gate import feed
from tracing.gate.access import Access
from tracing.gate.partnering import partners
from tracing.gate.partnering.partner_tables import Channel
from tracing.gate.purposes import Use
from tracing.kit.errors import Conflict, Invalid, NotFound, Refused
from tracing.tasks import service as tasks
from tracing.tasks.states import TaskKind

if TYPE_CHECKING:
    from tracing.exchange.tables import ExchangeCase, ExchangeMessage
    from tracing.gate.partnering.partner_tables import Partner
    from tracing.gate.partnering.partners import TokenTerms

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=6)
MOST_TRIES = 40
"""With waits that double up to six hours: some nine days."""
PAGE = 200
ANSWERS = frozenset(
    {
        *(f"disclosures.{event}" for event in ("grant", "decline", "withdraw", "revise", "learn_of_death")),
        "suggestions.undo",
    }
)
"""Acts after which what a partner was told may not be known any more."""
WITHDRAWALS = ANSWERS | {
    "consents.decide",
    "consents.withdraw",
    "data-subject.decide",
    "data-subject.withdraw",
    "rights.carry_out",
}
"""Acts after which something may have to be taken back at once; whatever else ends a case is found by the sweep."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A message as it leaves."""

    row_id: UUID
    number: int
    origin: str
    code: str
    envelope: Envelope
    token: "TokenTerms | None"


@dataclass(frozen=True, slots=True)
class Due:
    """A message that may leave now, and to whom."""

    row_id: UUID
    number: int
    kind: Kind
    partner: str


def due(access: Access) -> list[Due]:
    """Return messages to partners online that are due, at most `PAGE` to each, in the order in which they leave."""
    online = {p.id: p.code for p in partners.all_of(access) if Channel.ONLINE in p.channels.split() and p.origin}
    rows = [row for one in online for row in store.due(access, one, access.now, limit=PAGE)]
    access.note_page("exchange.due", [row.id for row in rows])
    return [Due(row.id, row.number, Kind(row.kind), online[row.partner_id]) for row in rows]


def waiting(
    access: Access, partner_id: UUID, *, after: int, limit: int = PAGE, control: bool | None = None
) -> list["ExchangeMessage"]:
    """Return messages to a partner that wait, whenever they are due, in the order of their numbers from `after` on.

    Of them all, or with `control` revocations and receipts, or everything else.
    """
    return store.waiting(access, partner_id, limit=limit, after=after, control=control)


Turn = Callable[[Use], AbstractContextManager[Access]]
"""Admits whoever delivers anew, for each transaction."""


def take_out(access: Access, row_id: UUID, *, early: bool = False) -> Leaving | None:
    """Return a message as it may leave now, its try counted; None when it may not, or left meanwhile.

    With `early`, one whose next try is later leaves too: by another way than before.
    """
    row = store.find_message(access, row_id)
    if row is None or row.progress is not Progress.WAITING or (row.not_before > access.now and not early):
        access.note("exchange.passed_over", count=0)
        return None
    leaving = prepare(access, row)
    if leaving is not None:
        row.not_before = access.now + _wait(row.attempts)
        row.attempts += 1
        store.save_message(access, row)
    return leaving


def prepare(access: Access, row: "ExchangeMessage") -> Leaving | None:
    """Return a waiting message as it may leave now, or stop it; that it leaves stands on the trail first."""
    partner = partners.find(access, row.partner_id)
    try:
        envelope = outbox.write(access, partner, row)
    except AwaitsApproval:
        _await(access, row)
        return None
    except (NotFound, Invalid, Conflict, Refused) as error:
        _stop(access, partner, row, error.code)
        return None
    access.note(f"exchange.leave_{row.kind}", row.case_id or row.message_id)
    return Leaving(row.id, row.number, partner.origin, partner.code, envelope, partners.token_terms(partner))


def _await(access: Access, row: "ExchangeMessage") -> None:
    """Let a message wait for another worker, whom a task tells."""
    case = store.find_case(access, row.case_id, hold=True) if row.case_id is not None else None
    assert case is not None, "nothing without a case waits for anybody"
    outbox.hold(access, row, case)
    about = case.id if row.kind in OPENING else row.id
    tasks.await_approval(access, case.sought_id, about, case.version)
    access.note("exchange.await_approval", case.id)


def still_waits(access: Access, row_id: UUID) -> bool:
    """Return whether a message that did not leave waits for somebody's approval."""
    row = store.find_message(access, row_id)
    return row is not None and row.progress is Progress.WAITING


def _wait(attempts: int) -> timedelta:
    doubled: timedelta = FIRST_WAIT * 2 ** min(attempts, 20)
    return min(doubled, LONGEST_WAIT)


def _stop(access: Access, partner: "Partner", row: "ExchangeMessage", trouble: str) -> None:
    """Let a message not leave. What may have arrived on an earlier try is taken back."""
    if row.kind is Kind.REVOKE:
        copies.give_up(access, row, copies.PARTNER_ENDED)
        return
    row.progress, row.trouble, row.done_at = Progress.STOPPED, trouble, access.now
    store.save_message(access, row)
    access.note("exchange.stop", row.case_id or row.message_id)
    if row.kind in OPENING and row.attempts:
        copies.revoke(access, partner, row.message_id, RevocationReason.CONSENT_WITHDRAWN)
    case = store.find_case(access, row.case_id, hold=True) if row.case_id is not None else None
    if case is not None and row.kind in OPENING:
        case.state = State.REVOKED
        store.save_case(access, case)
    if case is not None:
        _raise(access, case, row)


def inbox_url(origin: str, code: str) -> str:
    """Return where a partner takes messages."""
    return f"{origin}/v1/exchange/{code}/inbox"


def arrived(access: Access, row_id: UUID) -> None:
    """Write down that a message was taken by the partner."""
    row = store.find_message(access, row_id)
    if row is None or row.progress is not Progress.WAITING:
        access.note("exchange.passed_over", count=0)
        return
    row.progress, row.done_at, row.trouble = Progress.DELIVERED, access.now, ""
    store.save_message(access, row)
    access.note("exchange.arrived", row.case_id or row.message_id)
    case = store.find_case(access, row.case_id, hold=True) if row.case_id is not None else None
    if case is not None and row.kind in OPENING:
        step = find(Side.SENT, State(case.state), Event.DELIVER)
        if step is not None:
            case.state = step.target
            store.save_case(access, case)


def failed(access: Access, row_id: UUID, trouble: str, *, for_good: bool) -> None:
    """Write down that a try failed; after the last one the message is given up and its team told."""
    row = store.find_message(access, row_id)
    if row is None or row.progress is not Progress.WAITING:
        access.note("exchange.passed_over", count=0)
        return
    row.trouble = trouble
    access.note("exchange.try_failed", row.case_id or row.message_id)
    if (for_good or row.attempts >= MOST_TRIES) and row.kind is Kind.REVOKE:
        copies.give_up(access, row, trouble)
    elif for_good or row.attempts >= MOST_TRIES:
        row.progress, row.done_at = Progress.FAILED, access.now
        case = store.find_case(access, row.case_id, hold=True) if row.case_id is not None else None
        if case is not None:
            _raise(access, case, row)
    store.save_message(access, row)


def _raise(access: Access, case: "ExchangeCase", row: "ExchangeMessage") -> None:
    tasks.raise_task(
        access,
        TaskKind.PARTNER_NOT_REACHED,
        case.sought_id,
        occasion=row.id.hex,
        due_at=access.now,
        about_id=case.id,
    )


def sweep(access: Access, after: UUID | None) -> UUID | None:
    """End the next page of cases that are over or whose consent has ended, and return where to go on; None at the end.

    The access sees hidden records (`Use.FORGET`): what the person took back here must be taken back there. Whoever was
    forgotten is seen by nobody any more; see `sweep_forgotten`.
    """
    rows = copy_store.held(access, limit=PAGE, after=after)
    ended = [row.id for row in rows if _end_if_over(access, row)]
    access.note_page("exchange.sweep", ended)
    return rows[-1].id if len(rows) == PAGE else None


def withdrawn(access: Access, since: int) -> tuple[int, bool]:
    """End the cases of whoever withdrew something behind row `since` of the trail, as `sweep` would.

    Returns up to which row it looked, and whether there are more.
    """
    head = feed.head(access)
    acts = feed.acts_after(access, since, WITHDRAWALS, limit=PAGE)
    about = {act.subject_id for act in acts if act.subject_id is not None}
    ended = [row.id for row in copy_store.held_about(access, about) if _end_if_over(access, row)]
    access.note_page("exchange.withdrawn", ended)
    more = len(acts) == PAGE
    return (acts[-1].seq if more else head), more


def sweep_forgotten(access: Access) -> bool:
    """Take back some of what was sent of whom nobody here sees any more; return whether there may be more.

    Erased or over, they are known by the message alone.
    """
    rows = copy_store.sent_of_forgotten(access, limit=PAGE)
    for row in rows:
        copies.revoke(access, partners.find(access, row.partner_id), row.message_id, RevocationReason.CONSENT_WITHDRAWN)
    access.note_page("exchange.sweep_forgotten", [row.message_id for row in rows])
    return len(rows) == PAGE


def sweep_told(access: Access, after: UUID | None) -> UUID | None:
    """Take back what a partner was told and may not know any more, of the next page of it.

    The access sees hidden records (`Use.FORGET`). Returns where to go on; None at the end.
    """
    rows = copy_store.told(access, limit=PAGE, after=after)
    ended = [row for row in rows if not copies.may_be_known(access, row)]
    for row in ended:
        case = store.find_case(access, row.case_id) if row.case_id is not None else None
        partner = partners.find(access, row.partner_id)
        copies.revoke(access, partner, row.message_id, RevocationReason.CONSENT_WITHDRAWN, case=case)
    access.note_page("exchange.sweep_told", [row.id for row in ended])
    return rows[-1].id if len(rows) == PAGE else None


def give_up_ended(access: Access) -> None:
    """Give up revocations that wait for partners with whom nothing is exchanged any more: somebody must tell them."""
    for partner in partners.all_of(access):
        rows = store.waiting(access, partner.id, limit=PAGE, control=True) if partner.revoked_at is not None else []
        for row in rows:
            if row.kind is Kind.REVOKE:
                copies.give_up(access, row, copies.PARTNER_ENDED)


def _end_if_over(access: Access, case: "ExchangeCase") -> bool:
    partner = partners.find(access, case.partner_id)
    event = _ending(access, partner, case)
    step = find(Side(case.side), State(case.state), event) if event is not None else None
    if step is None:
        return False
    if event is Event.REVOKE:
        copies.take_back(access, partner, case, RevocationReason.CONSENT_WITHDRAWN)
    else:
        outbox.stop(access, case)
    case.state, case.reason = step.target, RevocationReason.CONSENT_WITHDRAWN if event is Event.REVOKE else ""
    store.save_case(access, case)
    access.note(f"exchange.{event}", case.id)
    return True


def _ending(access: Access, partner: "Partner", case: "ExchangeCase") -> Event | None:
    """Return what ends a case at this moment, if anything does."""
    if case.side is Side.SENT and not copies.may_be_held(access, case, partner.code):
        return Event.REVOKE
    over = case.expires_at <= access.now or (case.side is Side.RECEIVED and not copies.in_force(access, case))
    return Event.EXPIRE if over else None
