"""What partners hold of ours, and how it is taken back: of whatever left, or may have, they are told that it is over.

A partner with whom nothing is exchanged any more is told by nobody here: then a task says that somebody must.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from tracing.disclosure import telling
from tracing.exchange import approving, copy_store, outbox, store
from tracing.exchange.errors import NoSuchTransition
from tracing.exchange.states import Kind, Progress, RevocationReason, Side
from tracing.gate import consents, people, register
from tracing.gate.access import Access
from tracing.gate.partnering import partners
from tracing.gate.purposes import Purpose
from tracing.kit.errors import NotFound
from tracing.messages import service as messages
from tracing.tasks import service as tasks
from tracing.tasks.states import TaskKind

if TYPE_CHECKING:
    from tracing.exchange.tables import ExchangeCase, ExchangeMessage
    from tracing.gate.partnering.partner_tables import Partner

PARTNER_ENDED = "partnership-ended"


def take_back(access: Access, partner: "Partner", case: "ExchangeCase", reason: RevocationReason) -> None:
    """Let nothing more leave about a case of ours, and take back what left, or may have on a try that failed."""
    first = outbox.opening(access, case)
    outbox.stop(access, case)
    if first is not None and (first.progress is Progress.DELIVERED or first.attempts):
        revoke(access, partner, case.opened_by, reason, case=case)


def revoke(
    access: Access, partner: "Partner", about: UUID, reason: RevocationReason, *, case: "ExchangeCase | None" = None
) -> None:
    """Take back one message, also of a case that nobody here sees any more."""
    row = outbox.queue(access, partner, Kind.REVOKE, case=case, about=about, reason=reason)
    if partner.revoked_at is not None:
        give_up(access, row, PARTNER_ENDED)


def give_up(access: Access, row: "ExchangeMessage", trouble: str) -> None:
    """Give up a revocation and tell the partner's team, unless it knows: the other side must be told by voice.

    Whether or not the person is still seen here.
    """
    row.progress, row.trouble, row.done_at = Progress.FAILED, trouble, access.now
    store.save_message(access, row)
    access.note("exchange.give_up", row.about or row.message_id)
    assert row.about is not None, "a revocation is about something"
    known = copy_store.revocations(access, row.partner_id, row.about)
    if not any(tasks.is_open(access, TaskKind.NOT_TAKEN_BACK, one.id) for one in known):
        team = people.find_account(access, str(partners.find(access, row.partner_id).account_id)).team
        tasks.raise_alone(access, TaskKind.NOT_TAKEN_BACK, row.id, team)


def send_again(access: Access, row: "ExchangeMessage") -> "ExchangeMessage":
    """Take the same back once more, in a message of its own: the partner says anew that it is gone.

    Raises:
        NotFound: the partnership has ended.
        NoSuchTransition: it is no revocation that was given up, or another one of the same is on its way or there.
    """
    if row.kind is not Kind.REVOKE or row.side is not Side.SENT or row.about is None:
        raise NoSuchTransition("only a revocation of ours is sent again")
    partner = partners.find(access, row.partner_id)
    if partner.revoked_at is not None:
        raise NotFound("the partnership has ended: they must be told by voice")
    known = copy_store.revocations(access, partner.id, row.about)
    if any(one.progress is not Progress.FAILED for one in known):
        raise NoSuchTransition("it is on its way, or has arrived")
    case = store.find_case(access, row.case_id) if row.case_id is not None else None
    again = outbox.queue(access, partner, Kind.REVOKE, case=case, about=row.about, reason=RevocationReason(row.reason))
    access.note("exchange.send_again", row.about)
    return again


def acknowledged(access: Access, partner: "Partner", about: UUID) -> None:
    """Settle what was to be done about revocations that were given up: the partner says that it is gone."""
    for row in copy_store.revocations(access, partner.id, about):
        tasks.end(access, TaskKind.NOT_TAKEN_BACK, row.id)


def was_taken_back(access: Access, partner: "Partner", about: UUID) -> bool:
    """Return whether we take a message of ours back."""
    return bool(copy_store.revocations(access, partner.id, about))


def may_be_held(access: Access, case: "ExchangeCase", code: str) -> bool:
    """Return whether what began a case of ours may still be held by the partner of this code."""
    return in_force(access, case) and all(
        consents.share_with(access, record_id, code) is not None for record_id in _given(access, case)
    )


def _given(access: Access, case: "ExchangeCase") -> list[UUID]:
    """Return whose records a case gave, or will give, to the partner."""
    named = case.kind is Kind.TRANSFER_CASE or copy_store.named(access, case)
    return [case.sought_id, case.request_id] if named else [case.sought_id]


def in_force(access: Access, case: "ExchangeCase") -> bool:
    """Return whether both records behind a case are in force; the access may see hidden ones."""
    known = register.records(access, [case.sought_id, case.request_id])
    return len(known) == len({case.sought_id, case.request_id}) and all(
        record.purposes & Purpose.REGISTER.bit and record.expires_at > access.now for record in known.values()
    )


def may_be_known(access: Access, row: "ExchangeMessage") -> bool:
    """Return whether what a message told of a found person may still be known; the access may see hidden records.

    Not once the search that it was told for is forgotten here: nobody could take the answer back any more.
    """
    case = store.find_case(access, row.case_id) if row.case_id is not None else None
    if case is None:
        return False
    if row.words_id is not None:
        return approving.still_rest(access, case, row)
    if row.release_id is None:
        return False
    if row.kind is Kind.SEND_MESSAGE:
        return messages.still_stands(access, row.release_id)
    return telling.still_stands(access, row.release_id)
