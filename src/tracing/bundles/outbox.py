"""Bundles that leave: what waits for a partner, in files that somebody carries there.

An export carries everything that the partner has not acknowledged, so nothing is lost with a bundle that is. A
message counts as delivered only when a bundle of theirs says that it came.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.bundles import envelope, store
from tracing.bundles.envelope import MOST_BYTES, MOST_RANGES, MOST_RECORD, MOST_RECORDS, Manifest, Record, RefusedNumber
from tracing.exchange import delivering
from tracing.exchange.delivering import MOST_TRIES, Turn
from tracing.exchange.envelope import body_of
from tracing.exchange.errors import NotAgreed
from tracing.exchange.states import Side
from tracing.gate.access import Access
from tracing.gate.partnering import own_keys, partners
from tracing.gate.partnering.partner_tables import Channel
from tracing.gate.purposes import Use
from tracing.kit.errors import Conflict

if TYPE_CHECKING:
    from tracing.exchange.tables import ExchangeMessage
    from tracing.gate.partnering.partner_tables import Partner

DAYS = 90
"""How long a bundle may be on its way."""
AT_ONCE = 50
NUMBERS = 20_000
"""Of so many of a partner's messages, the latest, each bundle says whether they came."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A bundle that is ready to leave: its number, the messages in it, and what is to be written into a file."""

    number: int
    count: int
    content: bytes


def require_offline(partner: "Partner") -> None:
    """Refuse a partner with whom no bundles are exchanged.

    Raises:
        NotAgreed: with this one.
    """
    if Channel.OFFLINE not in partner.channels.split():
        raise NotAgreed("bundles are not agreed on with this partner")


def pack(turn: Turn, code: str, most: int = MOST_BYTES) -> Iterator[Packed]:
    """Yield the bundles of one export, in order, each once it is written down that it was made; at least one.

    Each stands for itself. An export of nothing still says what came from the partner.

    Args:
        turn: admits whoever exports, for each transaction.
        code: of the partner.
        most: bytes of messages in one bundle; a single larger message has one of its own.

    Raises:
        NotFound: there is no such partner, or not any more.
        NotAgreed: no bundles are exchanged with them.
        Conflict: they have no key for bundles, or we have none to sign with.
    """
    with turn(Use.REGISTER) as access:
        partner = partners.find_open(access, code)
        require_offline(partner)
        if not partners.recipients(access, partner):
            raise Conflict("the partner has no bundle key that holds; `tracing partners trust` enters a new card")
        own_keys.signing(access)
        access.note("exchange.pack", partner.id)
    begins = 0
    for batch in _batches(_leaving(turn, partner.id), most):
        packed = _close(turn, partner.id, batch, begins)
        begins = begins or packed.number
        yield packed


def _batches(records: Iterator[Record], most: int) -> Iterator[list[Record]]:
    """Yield records in parts, each in the order of its numbers."""
    batch: list[Record] = []
    size = 0
    for record in records:
        if batch and (size + len(record.line) > most or len(batch) == MOST_RECORDS):
            yield sorted(batch, key=lambda one: one.number)
            batch, size = [], 0
        batch.append(record)
        size += len(record.line)
    yield sorted(batch, key=lambda one: one.number)


def _leaving(turn: Turn, partner_id: UUID) -> Iterator[Record]:
    """Yield what waits: revocations and receipts before the rest, so that they stand in the first bundle."""
    after = {True: 0, False: 0}
    for control in (True, False, True):  # once more: taking one out may have queued that another is taken back
        more = True
        while more:
            with turn(Use.REGISTER) as access:
                rows = delivering.waiting(access, partner_id, after=after[control], limit=AT_ONCE, control=control)
                taken = [found for row in rows if (found := _take(access, row)) is not None]
                access.note_page("exchange.pack", [row.id for row in rows])
            yield from taken
            more = len(rows) == AT_ONCE
            after[control] = rows[-1].number if rows else after[control]


def _take(access: Access, row: "ExchangeMessage") -> Record | None:
    leaving = delivering.take_out(access, row.id, early=True)
    if leaving is None:
        return None
    line = body_of(leaving.envelope)
    if (trouble := _trouble(row, line)) is not None:
        delivering.failed(access, row.id, trouble, for_good=True)
        return None
    return Record(leaving.number, line)


def _trouble(row: "ExchangeMessage", line: bytes) -> str | None:
    if len(line) > MOST_RECORD:
        return "too-large"
    return "not-acknowledged" if row.attempts > MOST_TRIES else None


def _close(turn: Turn, partner_id: UUID, batch: Sequence[Record], begins: int) -> Packed:
    with turn(Use.REGISTER) as access:
        partner = partners.find(access, partner_id)
        key_id, key = own_keys.signing(access)
        number = store.next_bundle(access, partner.id)
        manifest = Manifest(
            sender=access.society,
            recipient=partner.code,
            key=key_id,
            number=number,
            begins=begins or number,
            count=len(batch),
            first=batch[0].number if batch else None,
            last=batch[-1].number if batch else None,
            records=envelope.listed(batch),
            came=_ranges(store.numbers_received(access, partner.id, limit=NUMBERS)),
            refused=_refused(access, partner.id),
            made_at=access.now,
            expires_at=access.now + timedelta(days=DAYS),
        )
        content = envelope.seal(manifest, batch, key, partners.recipients(access, partner))
        row = store.add_bundle(access, partner.id, Side.SENT, manifest, envelope.digest(manifest))
        access.note("exchange.make_bundle", row.id, count=len(batch))
    return Packed(number, len(batch), content)


def _ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Return numbers, which come highest first, as ranges; at most as many of the highest as a bundle names."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][0] == number + 1:
            found[-1] = (number, found[-1][1])
        elif len(found) == MOST_RANGES:
            break
        else:
            found.append((number, number))
    return found[::-1]


def _refused(access: Access, partner_id: UUID) -> list[RefusedNumber]:
    """Return the partner's messages that were refused for good, of their latest bundles."""
    found: dict[int, str] = {}
    for row in reversed(store.bundles(access, partner_id, Side.RECEIVED)):
        for entry in row.refused.split():
            number, _, code = entry.partition(":")
            found.setdefault(int(number), code)
    latest = sorted(found)[-MOST_RECORDS:]
    return [RefusedNumber(number=number, code=found[number]) for number in latest]
