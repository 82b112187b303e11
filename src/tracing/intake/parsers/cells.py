"""Cells of text become the neutral shape: lists parted by `|`, pairs as `relation=name`."""

from collections.abc import Sequence
from typing import Any

from tracing.intake.parsers.columns import LISTS, PAIRS, Header
from tracing.intake.parsers.lines import Line
from tracing.kit.errors import Flaw


def line_of(number: int, header: Header, cells: Sequence[str | Flaw]) -> Line | None:
    """Return a row of cells as a line; None for a blank one.

    Args:
        number: line of the file.
        header: the columns.
        cells: in the order of the columns; a Flaw (with any pointer) stands for a cell that is refused.
    """
    if not any(isinstance(cell, Flaw) or cell.strip() for cell in cells):
        return None
    if len(cells) != len(header.names):
        detail = f"the row has {len(cells)} cells, the header has {len(header.names)}"
        return Line(number, None, (Flaw("", "cell-count", detail),))
    record: dict[str, Any] = {}
    flaws: list[Flaw] = []
    for column, cell in zip(header.names, cells, strict=True):
        if isinstance(cell, Flaw):
            flaws.append(Flaw(column, cell.code, cell.detail))
        elif cell.strip():
            value = _value(column, cell)
            if isinstance(value, Flaw):
                flaws.append(value)
            else:
                record[column] = value
    return Line(number, record, tuple(flaws))


def _value(column: str, cell: str) -> Any:
    if column in LISTS:
        return [part for part in cell.split("|") if part.strip()]
    if column not in PAIRS:
        return cell
    first, second = PAIRS[column]
    found = []
    for part in cell.split("|"):
        if not part.strip():
            continue
        left, equals, right = part.partition("=")
        if not equals:
            return Flaw(column, "not-a-pair", f"each entry reads {first}={second}")
        found.append({first: left.strip(), second: right})
    return found
