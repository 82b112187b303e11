"""Read lists of persons: NDJSON, CSV and XLSX, any bytes, row by row, in memory."""

from collections.abc import Iterator

from tracing.intake.parsers import delimited, ndjson, workbook
from tracing.intake.parsers.lines import Source
from tracing.intake.parsers.units import Refusal, Unit, units
from tracing.intake.schemas import ListFormat, Order

READERS = {ListFormat.NDJSON: ndjson.lines, ListFormat.CSV: delimited.lines, ListFormat.XLSX: workbook.lines}


def read(order: Order, source: Source) -> Iterator[Unit | Refusal]:
    """Yield what is to be kept together, and what is refused, in the order of the file.

    Raises:
        UnreadableFile: not of the announced form, or not safe to open.
        OverfullFile: an XLSX file that unpacks beyond every measure.
        WrongHeader: CSV or XLSX without the columns that are needed.
    """
    return units(READERS[order.format](source, order.kind), order)
