"""Tell on a terminal what training changed: comparison, level, bits before, bits after, pairs seen."""

from typing import TextIO

from rich.console import Console
from rich.table import Table

from tracing.matching import Weights
from tracing.matching.training.pairs import SHAPES
from tracing.matching.training.weights import Trained

PIPE_WIDTH = 100
_TOLD = 0.05


def draw_table(before: Weights, after: Weights, trained: Trained, out: TextIO) -> None:
    """Write the table; bits are those that the engine counts, in order and without term frequency."""
    console = Console(file=out, highlight=False, markup=False, width=None if out.isatty() else PIPE_WIDTH)
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("comparison", no_wrap=True)
    table.add_column("level", no_wrap=True)
    for column in ("bits before", "bits after", "change", "pairs seen"):
        table.add_column(column, justify="right", no_wrap=True)
    for row, shape in enumerate(SHAPES):
        old = before.bits(shape.name, shape.levels, shape.agreeing)
        new = after.bits(shape.name, shape.levels, shape.agreeing)
        for place, level in enumerate(shape.levels):
            moved = new[place] - old[place]
            table.add_row(
                shape.name if place == 0 else "",
                level,
                f"{old[place]:+.1f}",
                f"{new[place]:+.1f}",
                f"{moved:+.1f}" if abs(moved) >= _TOLD else "",
                str(int(trained.seen[row, place])),
            )
    console.print(table)
