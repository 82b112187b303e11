"""Evidence for the eye: a waterfall of bits on a terminal, from nothing to the sum."""

from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tracing.matching.evidence import Comparison, Evidence

_WIDTH = 30
"""Columns of the bar; one column is a `_WIDTH`th of the widest swing of the sum."""


def draw(comparison: Comparison, out: TextIO) -> None:
    """Write a pair's evidence as a waterfall: each bar starts where the one above it ended."""
    console = Console(file=out, highlight=False, markup=False, width=None if out.isatty() else 140)
    console.print(waterfall(comparison))


def waterfall(comparison: Comparison) -> Table:
    """The waterfall as a table: comparison, level, bits, bar, reason; the last row is the sum."""
    title = f"{comparison.left} and {comparison.right}"
    table = Table(title=Text(title), title_justify="left", box=None, pad_edge=False, show_edge=False)
    table.add_column("comparison", no_wrap=True)
    table.add_column("level", no_wrap=True)
    table.add_column("bits", justify="right", no_wrap=True)
    table.add_column("", width=_WIDTH, no_wrap=True)
    table.add_column("reason", overflow="fold")
    low, scale = _range(comparison.evidence)
    total = 0.0
    for one in comparison.evidence:
        bar = _bar(total, total + one.weight, low, scale)
        total += one.weight
        table.add_row(Text(one.comparison), Text(one.level), f"{one.weight:+.1f}", bar, Text(one.reason))
    verdict = f"{comparison.band}, probability {comparison.probability:.3f}"
    table.add_row(
        Text("sum"), Text(""), f"{comparison.weight:+.1f}", _bar(0.0, total, low, scale), Text(verdict)
    )
    return table


def _range(evidence: tuple[Evidence, ...]) -> tuple[float, float]:
    """Lowest point of the running sum and columns per bit."""
    sums = [0.0]
    for one in evidence:
        sums.append(sums[-1] + one.weight)
    return min(sums), _WIDTH / max(max(sums) - min(sums), 1e-9)


def _bar(start: float, end: float, low: float, scale: float) -> Text:
    first, last = sorted((round((start - low) * scale), round((end - low) * scale)))
    sign, style = ("█", "green") if end >= start else ("░", "red")
    return Text(" " * first + sign * max(last - first, 1), style=style)
