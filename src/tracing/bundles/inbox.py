"""Bundles that come: each is opened, verified, and its messages taken one by one, as if they had come online.

Nothing of a bundle has any effect before its signature was verified and every message found to be the one that was
signed for. A message that is refused keeps none of the others back.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from tracing.bundles import envelope, store, views
from tracing.bundles.envelope import PURPOSE, Bundle, Manifest, Record
from tracing.bundles.errors import BundleRefused
from tracing.bundles.outbox import require_offline
from tracing.exchange import delivering, inbox
from tracing.exchange.delivering import PAGE, Turn
from tracing.exchange.envelope import Envelope
from tracing.exchange.errors import NotAgreed, NotYet, QuotaReached
from tracing.exchange.states import Side
from tracing.gate.access import Access
from tracing.gate.partnering import own_keys, partners
from tracing.gate.partnering.partners import signed_by
from tracing.gate.purposes import Use
from tracing.kit.errors import Busy, Conflict, Invalid, Stale, TracingError, Unidentified
from tracing.kit.strict import strict_json

if TYPE_CHECKING:
    from tracing.bundles.tables import ExchangeBundle
    from tracing.gate.partnering.partner_tables import Partner

Entry = Callable[[str, Bundle], AbstractContextManager[Access]]
"""Admits the partner who signed a bundle to our society, for each transaction anew."""
PASSING = frozenset({NotYet.code, NotAgreed.code, QuotaReached.code, Conflict.code, Stale.code})
"""Refusals after which the same message may be taken another time; the sender is not told of them."""


@dataclass(slots=True)
class Taken:
    """What became of a bundle.

    Attributes:
        known: messages that had come before.
        refused: number and code of each message that was not taken.
        acknowledged: messages of ours that came there, as the bundle says.
        gaps: bundles of this partner that are missing, as (first, last) number.
        again: the bundle had come before, and a later one replaces it: nothing was looked at.
    """

    partner: str
    number: int
    count: int
    taken: int = 0
    known: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    acknowledged: int = 0
    gaps: list[tuple[int, int]] = field(default_factory=list)
    again: bool = False


def take_in(turn: Turn, entry: Entry, content: bytes, told: Callable[[int, int], None] = lambda *_: None) -> Taken:
    """Take a bundle; one that came before has no effect again.

    Args:
        turn: admits whoever imports, for each transaction.
        entry: admits the partner who signed it.
        content: of the file.
        told: hears of each message: (place, of how many).

    Raises:
        NoBundle: it cannot be opened with our keys.
        BundleRefused: not for us, not signed by a partner's key, altered, over, or replaced by a later one.
        NotAgreed: no bundles are exchanged with this partner.
        Busy, Unidentified: broken off; what was taken stays so, and the same bundle may be taken again.
    """
    with turn(Use.REGISTER) as access:
        society = access.society
        opened = envelope.unseal(content, own_keys.identities(access))
        partner = _require_valid(access, opened)
        records = opened.records()
        done = Taken(partner.code, opened.manifest.number, len(records))
        done.again = _is_replaced(access, partner, opened)
        access.note("exchange.open_bundle", partner.id)
    if done.again:
        return done
    done.acknowledged = _hear(turn, partner, opened.manifest)
    for place, record in enumerate(records, start=1):
        _take(lambda: entry(society, opened), record, done)
        told(place, len(records))
    with turn(Use.REGISTER) as access:
        row = _keep(access, partner, opened, done)
        done.gaps = views.gaps(store.bundles(access, partner.id, Side.RECEIVED))
        access.note("exchange.take_bundle", row.id, count=done.taken)
    return done


def _require_valid(access: Access, opened: Bundle) -> "Partner":
    manifest = opened.manifest
    found = partners.signed_with(access, manifest.key)
    if found is None or not signed_by(found[1], PURPOSE, opened.signed, opened.signature):
        raise BundleRefused("no key of a partner that is trusted signed the bundle")
    partner = found[0]
    if manifest.sender != partner.code:
        raise BundleRefused("the bundle names another sender than the one who signed")
    if manifest.recipient != access.society:
        raise BundleRefused("the bundle is for another society")
    require_offline(partner)
    if manifest.expires_at <= access.now:
        raise BundleRefused("the bundle is over: ask for another one")
    if manifest.made_at > access.now + timedelta(days=1):
        raise BundleRefused("the bundle is of the future: compare the clocks")
    return partner


def _is_replaced(access: Access, partner: "Partner", opened: Bundle) -> bool:
    """Return whether a bundle came before and need not be looked at any more.

    Raises:
        BundleRefused: it did not come before, and a later export replaces it; or another one had its number.
    """
    number = opened.manifest.number
    known = store.bundles(access, partner.id, Side.RECEIVED)
    same = next((row for row in known if row.number == number), None)
    if same is not None and same.digest != opened.digest:
        raise BundleRefused(f"another bundle came with the number {number}")
    replaced = number < max((row.begins for row in known), default=0)
    if replaced and same is None:
        raise BundleRefused(f"bundle {number} is replaced by a later one that came already: nothing of it is missing")
    return replaced


def _take(entry: Callable[[], AbstractContextManager[Access]], record: Record, done: Taken) -> None:
    """Take one message in a transaction of its own; refusals are counted, by code."""
    try:
        message = Envelope.model_validate(strict_json(record.line))
        with entry() as access:
            view = inbox.take(access, message, record.number)
    except (Busy, Unidentified):
        raise
    except ValidationError:
        done.refused.append((record.number, Invalid.code))
    except TracingError as error:
        done.refused.append((record.number, error.code))
    else:
        done.taken, done.known = done.taken + (not view.known), done.known + view.known


def _hear(turn: Turn, partner: "Partner", manifest: Manifest) -> int:
    """Take over what the bundle says of our messages: that they came, or were refused. Return how many came."""
    refused = {one.number: one.code for one in manifest.refused}
    heard, after, more = 0, 0, True
    while more:
        with turn(Use.REGISTER) as access:
            rows = delivering.waiting(access, partner.id, after=after)
            for row in rows:
                if not row.attempts:
                    continue  # it has not left: nobody can have it
                if any(first <= row.number <= last for first, last in manifest.came):
                    delivering.arrived(access, row.id)
                    heard += 1
                elif row.number in refused:
                    delivering.failed(access, row.id, refused[row.number], for_good=True)
            access.note_page("exchange.acknowledged", [row.id for row in rows])
        more = len(rows) == PAGE
        after = rows[-1].number if rows else after
    return heard


def _keep(access: Access, partner: "Partner", opened: Bundle, done: Taken) -> "ExchangeBundle":
    known = store.bundles(access, partner.id, Side.RECEIVED)
    number = opened.manifest.number
    row = next((one for one in known if one.number == number), None)
    if row is None:
        row = store.add_bundle(access, partner.id, Side.RECEIVED, opened.manifest, opened.digest)
    row.refused = " ".join(f"{number}:{code}" for number, code in done.refused if code not in PASSING)
    store.save_bundle(access, row)
    return row
