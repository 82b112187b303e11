"""Print lists: a table for people, one JSON object per line for programs."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

PIPE_WIDTH = 160


def listing(rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print `rows`, which share their keys, to standard output."""
    if as_json:
        for row in rows:
            sys.stdout.write(line(row))
        return
    table = Table(box=None, pad_edge=False)
    for name in rows[0] if rows else ():
        table.add_column(name, no_wrap=name.endswith("id"))
    for row in rows:
        table.add_row(*("" if value is None else _word(value) for value in row.values()))
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    console = Console(file=sys.stdout, highlight=False, markup=False, width=width)
    if rows:
        console.print(table)


def line(row: Mapping[str, Any]) -> str:
    """Return `row` as one line of JSON."""
    return json.dumps(row, ensure_ascii=False, default=_word) + "\n"


def _word(value: Any) -> str:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)
