"""NDJSON: one object per line, read as strictly as a body: no key twice, no NaN, no half characters."""

from collections.abc import Iterator
from typing import Any

from tracing.intake.parsers.columns import KNOWN, unknown
from tracing.intake.parsers.lines import Line, Source, text_of
from tracing.intake.schemas import ListKind
from tracing.kit.errors import Flaw, Malformed
from tracing.kit.strict import strict_json

LONGEST = 1 << 20
"""Characters of one line."""


def lines(source: Source, kind: ListKind) -> Iterator[Line]:
    """Yield the objects of an NDJSON file.

    Raises:
        UnreadableFile: empty, or of another encoding.
    """
    text = text_of(source)
    number = 0
    try:
        while piece := text.readline(LONGEST):
            number += 1
            source.follow()
            if len(piece) == LONGEST and not piece.endswith("\n"):
                _skip_line(text)
                yield Line(number, None, (Flaw("", "line-too-long", f"a line has at most {LONGEST} characters"),))
            elif piece.strip():
                yield _line(number, piece, kind)
    finally:
        text.detach()


def _skip_line(text: Any) -> None:
    while (piece := text.readline(LONGEST)) and not piece.endswith("\n"):
        pass


def _line(number: int, piece: str, kind: ListKind) -> Line:
    try:
        value = strict_json(piece.strip().encode())
    except Malformed as error:
        return Line(number, None, (Flaw("", "not-json", error.detail.replace("the body", "the line")),))
    if not isinstance(value, dict):
        return Line(number, None, (Flaw("", "not-an-object", "each line is one JSON object"),))
    flaws = [unknown(key, place, kind) for place, key in enumerate(value, 1) if key not in KNOWN[kind]]
    return Line(number, {k: v for k, v in value.items() if k in KNOWN[kind] and v is not None}, tuple(flaws))
