"""Empty lists to fill in."""

import io

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from tracing.intake.parsers.columns import TEMPLATE
from tracing.intake.schemas import ListKind, TemplateFormat

TEXT = "@"
WIDTH = 22


def blank(kind: ListKind, form: TemplateFormat) -> bytes:
    """Return a list of `kind` with its header and no row."""
    if form is TemplateFormat.CSV:
        # With a byte order mark, without which Excel takes UTF-8 for something else.
        return ("\ufeff" + ",".join(TEMPLATE[kind]) + "\r\n").encode()
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = kind
    for place, name in enumerate(TEMPLATE[kind], 1):
        sheet.cell(1, place, name)
        # As text a date keeps its form, a telephone number its plus, an id its leading zeros.
        column = sheet.column_dimensions[get_column_letter(place)]
        column.number_format, column.width = TEXT, WIDTH
    sheet.freeze_panes = "A2"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
