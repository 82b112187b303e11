"""What workers see of cases with partners, and of the boxes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.exchange import approving, outbox, store
from tracing.exchange.schemas import BoxLine, ExchangeCaseView, MessageLine, SealedWords
from tracing.exchange.states import Finding, Kind, Progress, Side, State
from tracing.gate import foureyes, glass, register
from tracing.gate.access import Access
from tracing.gate.disclosing import Act, Standing
from tracing.gate.partnering import partners

if TYPE_CHECKING:
    from tracing.exchange.tables import ExchangeCase, ExchangeMessage


def case_views(access: Access, rows: Sequence["ExchangeCase"]) -> list[ExchangeCaseView]:
    """Return cases with their messages; the caller notes the act."""
    codes = codes_of(access)
    hushed = glass.unspoken(access, [(row.request_id, row.sought_id) for row in rows])
    return [
        ExchangeCaseView(
            id=row.id,
            partner=codes[row.partner_id],
            side=row.side,
            kind=row.kind,
            opened_by=row.opened_by,
            request_id=row.request_id,
            sought_id=row.sought_id,
            state=row.state,
            reason=row.reason or None,
            handle=row.handle,
            approval_needed=approval_needed(access, row),
            expires_at=row.expires_at,
            acknowledged_at=row.acknowledged_at,
            messages=_lines(access, store.messages_of(access, row.id), withheld=withheld),
            words_withheld=withheld,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row, withheld in zip(rows, hushed, strict=True)
    ]


def approval_needed(access: Access, row: "ExchangeCase") -> bool:
    """Return whether a case of ours has to be approved by another worker before it leaves."""
    if row.side is not Side.SENT or row.state is not State.DRAFT:
        return False
    if row.request_id not in register.records(access, [row.request_id]):
        return True  # hidden: nothing of it leaves at all
    return approving.needs_opening(access, row, outbox.opening_of(access, partners.find(access, row.partner_id), row))


def codes_of(access: Access) -> dict[object, str]:
    """Return the code of every partner by id."""
    return {partner.id: partner.code for partner in partners.all_of(access)}


def _lines(access: Access, rows: Sequence["ExchangeMessage"], *, withheld: bool) -> list[MessageLine]:
    kept = [row.words_id for row in rows if row.words_id is not None and not store.is_over(access, row)]
    known = {} if withheld else store.words(access, kept)
    waiting = _waiting(access, rows)
    return [_line(row, known.get(row.words_id) if row.words_id else None, waits=row.id in waiting) for row in rows]


def _waiting(access: Access, rows: Sequence["ExchangeMessage"]) -> set[UUID]:
    """Return the messages of ours whose words wait for another worker."""
    ours = [
        row.id
        for row in rows
        if row.side is Side.SENT and row.progress is Progress.WAITING and row.words_id is not None
    ]
    approved = foureyes.standings(access, ours, Act.EXCHANGE)
    return {message_id for message_id in ours if approved.get(message_id) is not Standing.APPROVED}


def _line(row: "ExchangeMessage", words: SealedWords | None, *, waits: bool) -> MessageLine:
    told = words.told if words is not None else None
    return MessageLine(
        id=row.id,
        side=Side(row.side),
        message_id=row.message_id,
        kind=Kind(row.kind),
        number=row.number,
        progress=Progress(row.progress),
        status=row.code or None,
        reason=row.reason or None,
        finding=Finding(row.finding) if row.finding else None,
        text=words.text if words is not None else None,
        told=told,
        level=told.level if told is not None else None,
        approval_needed=waits,
        attempts=row.attempts,
        trouble=row.trouble or None,
        at=row.at,
        done_at=row.done_at,
    )


def box_lines(access: Access, rows: Sequence["ExchangeMessage"]) -> list[BoxLine]:
    """Return messages of a box: ids and codes; the caller notes the act."""
    codes = codes_of(access)
    return [
        BoxLine(
            id=row.id,
            partner=codes[row.partner_id],
            message_id=row.message_id,
            kind=Kind(row.kind),
            case_id=row.case_id,
            number=row.number,
            progress=Progress(row.progress),
            attempts=row.attempts,
            trouble=row.trouble or None,
            at=row.at,
            done_at=row.done_at,
        )
        for row in rows
    ]
