"""What workers see of bundles: those that were made, that came, and that are missing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tracing.bundles import store
from tracing.bundles.schemas import BundleLine
from tracing.exchange.states import Side
from tracing.gate.access import Access
from tracing.gate.partnering import partners

if TYPE_CHECKING:
    from tracing.bundles.tables import ExchangeBundle


def bundle_lines(access: Access) -> list[BundleLine]:
    """Return the bundles of every partner: made, come, and missing, in the order of their numbers."""
    found = []
    for partner in partners.all_of(access):
        for side in Side:
            rows = store.bundles(access, partner.id, side)
            lines = [_bundle_line(partner.code, row) for row in rows]
            if side is Side.RECEIVED:
                lines += [_missing_line(partner.code, first, last) for first, last in gaps(rows)]
            found += sorted(lines, key=lambda line: line.number)
    access.note("exchange.bundles", count=len(found))
    return found


def _bundle_line(code: str, row: "ExchangeBundle") -> BundleLine:
    return BundleLine(
        partner=code,
        side=row.side,
        number=row.number,
        last=row.number,
        became="made" if row.side is Side.SENT else "came",
        messages=row.count,
        refused=len(row.refused.split()),
        made_at=row.made_at,
        at=row.at,
    )


def _missing_line(code: str, first: int, last: int) -> BundleLine:
    return BundleLine(
        partner=code,
        side=Side.RECEIVED,
        number=first,
        last=last,
        became="missing",
        messages=None,
        refused=None,
        made_at=None,
        at=None,
    )


def gaps(rows: "Sequence[ExchangeBundle]") -> list[tuple[int, int]]:
    """Return the bundles that are missing among received ones, which come in order, as (first, last) number.

    Those before the latest export need not come any more.
    """
    begins = max((row.begins for row in rows), default=1)
    last, found = begins - 1, []
    for row in rows:
        if row.number > last + 1:
            found.append((last + 1, row.number - 1))
        last = max(last, row.number)
    return found
