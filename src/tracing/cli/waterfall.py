"""Draw a pair's evidence on a terminal: a waterfall of bits, from nothing to the sum."""

from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tracing.matching import Comparison
from tracing.matching.explain import span, waterfall

WIDTH = 30
"""Columns of the bar; one column is a `WIDTH`th of the widest swing of the sum."""
PIPE_WIDTH = 140


def draw(comparison: Comparison, out: TextIO) -> None:
    """Write a pair's evidence as a waterfall: each bar starts where the one above it ended."""
    console = Console(file=out, highlight=False, markup=False, width=None if out.isatty() else PIPE_WIDTH)
    console.print(table(comparison))


def table(comparison: Comparison) -> Table:
    """Return the waterfall as a table: comparison, level, bits, bar, reason; the last row is the sum."""
    made = Table(
        title=Text(f"{comparison.left} and {comparison.right}"),
        title_justify="left",
        box=None,
        pad_edge=False,
        show_edge=False,
    )
    made.add_column("comparison", no_wrap=True)
    made.add_column("level", no_wrap=True)
    made.add_column("bits", justify="right", no_wrap=True)
    made.add_column("", width=WIDTH, no_wrap=True)
    made.add_column("reason", overflow="fold")
    steps = waterfall(comparison)
    low, high = span(steps)
    scale = WIDTH / max(high - low, 1e-9)
    for step in steps:
        bar = _bar(step.start, step.end, low, scale)
        made.add_row(Text(step.comparison), Text(step.level), f"{step.weight:+.1f}", bar, Text(step.reason))
    verdict = Text(f"{comparison.band}, probability {comparison.probability:.3f}")
    bar = _bar(0.0, comparison.weight, low, scale)
    made.add_row(Text("sum"), Text(""), f"{comparison.weight:+.1f}", bar, verdict)
    return made


def _bar(start: float, end: float, low: float, scale: float) -> Text:
    first, last = sorted((round((start - low) * scale), round((end - low) * scale)))
    sign, style = ("█", "green") if end >= start else ("░", "red")
    return Text(" " * first + sign * max(last - first, 1), style=style)
